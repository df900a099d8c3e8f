"""Conflicts that git wrote into a file: both versions of some lines, between lines of marks.

Every grammar reads the marks as errors, or as operators that join the text around them. So the gate
compares a candidate for a conflict with one of its versions.
"""

import re

__all__ = ["holds_mark", "one_side"]

_MARK = re.compile(r"^(?:<{7}|>{7}|={7}|\|{7})(?:[ \r]|$)", re.MULTILINE)


def holds_mark(text: str) -> bool:
    """Whether the text holds a line of marks."""
    return ("<<<<<<<" in text or ">>>>>>>" in text or "=======" in text) and (
        _MARK.search(text) is not None
    )


def one_side(text: str) -> str:
    """The text with the first version of each conflict in its place; unchanged if one is open."""
    if "<<<<<<<" not in text or ">>>>>>>" not in text:
        return text
    kept: list[str] = []
    side = ""  # The mark above the line; "" outside of a conflict.
    for line in text.splitlines(keepends=True):
        mark = line[:7] if _MARK.match(line) else ""
        if (mark == "<<<<<<<" and not side) or (mark and side):
            side = "" if mark == ">>>>>>>" else mark
        elif side in ("", "<<<<<<<"):
            kept.append(line)
    return text if side else "".join(kept)
