"""By which rule a hunk's indentation becomes that of the code.

Models send hunks from column 0, a column too far to the left or right, and with blanks for tabs.
A rule is found only if one and the same explains all lines that are compared; it is then applied
to the lines that are added. Knows nothing of where in the code the lines stand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsp_server.edit.reply.reply_context import indent_of, is_blank

# Blanks for one tab, likeliest first.
_WIDTHS = (4, 2, 8, 3)


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """First tabs for blanks or the other way round, then so much more or less indentation.

    `tabs` and `blanks` are blanks for one tab, 0 for none; of `more` and `less` one is empty.
    """

    tabs: int = 0
    blanks: int = 0
    more: str = ""
    less: str = ""

    def apply(self, line: str) -> str:
        """`line` with its indentation changed; blank ones get no more, none goes past column 0."""
        indent = self._restyled(indent_of(line)).removeprefix(self.less)
        return ("" if is_blank(line) else self.more) + indent + line.lstrip(" \t")

    def _restyled(self, indent: str) -> str:
        if self.tabs:
            return indent.replace(" " * self.tabs, "\t")
        return indent.replace("\t", " " * self.blanks) if self.blanks else indent

    def fits(self, pairs: Iterable[tuple[str, str]]) -> bool:
        """Whether every first line of a pair becomes the second, but for white space at its end."""
        return all(
            self._restyled(indent_of(came)).startswith(self.less)
            and self.apply(came).rstrip() == stands.rstrip()
            for came, stands in pairs
        )


KEEP = ColumnRule()


def find_rule(pairs: Sequence[tuple[str, str]]) -> ColumnRule | None:
    """The first rule that makes every line that came the line that stands in the code.

    The lines of a pair are equal but for their indentation and white space at their ends.
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
