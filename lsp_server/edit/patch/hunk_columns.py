"""Finds the rule that turns a hunk's indentation into that of the code.

Models send hunks from column 0, shifted by a column, or with blanks for tabs. A rule counts only if
it explains all lines that can be compared. Then it is applied to the added lines.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsp_server.edit.reply.reply_context import indent_of, is_blank

# Blanks for one tab, most likely first.
_WIDTHS = (4, 2, 8, 3)


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """Converts blanks to tabs or tabs to blanks, then adds or removes indentation."""

    tabs: int = 0
    """The number of blanks that become one tab; 0: none do."""
    blanks: int = 0
    """The number of blanks that one tab becomes; 0: tabs stay."""
    more: str = ""
    """The indentation to add. `more` or `less` is empty."""
    less: str = ""
    """The indentation to remove."""

    def apply(self, line: str) -> str:
        """`line` with converted indentation. Adds none to blank lines; stops at column 0."""
        indent = self._restyled(indent_of(line)).removeprefix(self.less)
        return ("" if is_blank(line) else self.more) + indent + line.lstrip(" \t")

    def _restyled(self, indent: str) -> str:
        if self.tabs:
            return indent.replace(" " * self.tabs, "\t")
        return indent.replace("\t", " " * self.blanks) if self.blanks else indent

    def fits(self, pairs: Iterable[tuple[str, str]]) -> bool:
        """Whether the rule turns the first line of each pair into the second, but for its end."""
        return all(
            self._restyled(indent_of(came)).startswith(self.less)
            and self.apply(came).rstrip() == stands.rstrip()
            for came, stands in pairs
        )


KEEP = ColumnRule()


def find_rule(pairs: Sequence[tuple[str, str]]) -> ColumnRule | None:
    """The first rule that turns each received line into the line of the code, if there is one.

    The two lines of a pair differ only in indentation and trailing white space.
    """
    written = [pair for pair in pairs if not is_blank(pair[0])]
    if not written:
        return KEEP
    came, stands = (indent_of(line) for line in written[0])
    styles = [
        KEEP,
        *(ColumnRule(tabs=n) for n in _WIDTHS),
        *(ColumnRule(blanks=n) for n in _WIDTHS),
    ]
    for style in styles:
        indent = indent_of(style.apply(f"{came}x"))
        if stands.endswith(indent):
            more, less = stands[: len(stands) - len(indent)], ""
        elif indent.endswith(stands):
            more, less = "", indent[: len(indent) - len(stands)]
        else:
            continue
        rule = ColumnRule(style.tabs, style.blanks, more, less)
        if rule.fits(written):
            return rule
    return None
