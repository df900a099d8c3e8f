"""Size limits for settings. They stop a file that somebody else wrote from keeping the server busy.

Each limit is far above what a person writes. TOML is checked before it is parsed, because the
standard parser's time grows with the square of a key's dots.
"""

import re

MOST_BYTES = 65_536
"""Bytes of a settings file."""
MOST_KEYS = 2_000
"""Keys and tables in a settings file."""
MOST_DOTS = 8
"""Dots in one key or table name."""
MOST_DEPTH = 40
"""How deep arrays and tables may be nested."""
MOST_ENTRIES = 5_000
"""Keys and list elements in one layer of settings."""
MOST_TEXT = 262_144
"""Code points in the settings that an editor sends, including keys."""
MOST_PROBLEMS = 100
"""Problems reported about one set of settings. The last one says how many more there are."""
MOST_NAME = 60
"""Code points of a name that a message repeats."""
READ_S = 5.0
"""Seconds that reading all settings may take, also from a network disk."""

# Strings and comments. Each is matched to its end in one step: an unclosed one ends with its line,
# as it does for the parser, and the pattern never backtracks. `(?>`: Python 3.11.2 does not find
# the end of a string by `(?:` (`tests/support/patterns.py`).
_OPAQUE = re.compile(
    r'"""(?>[^"\\]|\\.|"(?!""))*+(?:"{3,5})?'
    r"|'''(?>[^']|'(?!''))*+(?:'{3,5})?"
    r'|"(?:[^"\\\n]|\\[^\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+",
    re.DOTALL,
)
_PARTS = re.compile(r"[=\n,{}\[\]]")


def toml_fault(content: str) -> str | None:
    """Which limit a TOML text exceeds, worded to follow its name; `None` if none."""
    bare = _OPAQUE.sub("_", content)
    if bare.count("=") + bare.count("[") + bare.count("{") > MOST_KEYS:
        depth = 0
        for sign in re.findall(r"[\[\]{}]", bare):
            depth += 1 if sign in "[{" else -1
            if depth > MOST_DEPTH:
                return "is nested too deeply"
        return f"has more than {MOST_KEYS} keys and tables"
    if any(part.count(".") > MOST_DOTS for part in _PARTS.split(bare)):
        return f"has a key with more than {MOST_DOTS} dots"
    return None


def values_fault(value: object) -> str | None:
    """Which limit the parsed settings exceed, worded to follow their name; `None` if none."""
    entries = text = 0
    todo: list[tuple[object, int]] = [(value, 0)]
    while todo:
        item, depth = todo.pop()
        if isinstance(item, str):
            text += len(item)
        elif isinstance(item, dict | list):
            entries += len(item)
            if entries > MOST_ENTRIES:
                return f"must not have more than {MOST_ENTRIES} entries"
            if depth >= MOST_DEPTH:
                return f"must not be nested more than {MOST_DEPTH} deep"
            inner = item.values() if isinstance(item, dict) else item
            todo += [(value, depth + 1) for value in inner]
            if isinstance(item, dict):
                text += sum(len(str(key)) for key in item)
        if text > MOST_TEXT:
            return f"must not have more than {MOST_TEXT} characters"
    return None


def shown(name: object) -> str:
    """A name for use in a message: shortened, on one line, with every character visible."""
    text = str(name)
    text = text if len(text) <= MOST_NAME else text[: MOST_NAME - 1] + "…"
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text)
