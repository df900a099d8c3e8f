"""Units by lines and indentation; the cases a person reads are in `fixtures/scopes/plaintext`."""

import pytest

from lsp_server.syntax.indentation import IndentedLines
from lsp_server.text.span import Span

CODE = """\
class Room {
\tdoor = 1

\tfun open() {
\t\tif (door) {
\t\t\tturn()
\t\t} else {
\t\t\tstop()
\t\t}

\t\tenter()
\t}
}
other
"""


def _at(piece: str) -> Span:
    return Span(CODE.index(piece), CODE.index(piece) + 1)


@pytest.mark.parametrize(
    ("piece", "start", "end"),
    [
        ("turn()", "turn()", "turn()"),
        ("if (door)", "if (door)", "stop()\n\t\t}"),
        ("} else", "if (door)", "stop()\n\t\t}"),
        ("fun open", "fun open", "enter()\n\t}"),
        ("}\nother", "class Room", "\n}"),
        ("other", "other", "other"),
    ],
)
def test_a_line_owns_what_it_opens(piece: str, start: str, end: str) -> None:
    span = IndentedLines(CODE).statement(_at(piece))
    assert span == Span(CODE.index(start), CODE.index(end) + len(end))


def test_from_line_to_margin() -> None:
    lines = IndentedLines(CODE)
    assert lines.selected(_at("turn()")).text(CODE) == "turn()"
    assert lines.block(_at("enter()")).text(CODE).startswith("if (door)")
    enclosing = lines.enclosing(_at("enter()"))
    outermost = lines.outermost(_at("enter()"))
    assert enclosing is not None
    assert enclosing.text(CODE).startswith("fun open")
    assert outermost is not None
    assert outermost.text(CODE).endswith("\n}")
    assert lines.enclosing(_at("other")) is None
    assert lines.outermost(_at("other")) is None


def test_a_tab_is_as_wide_as_eight_blanks() -> None:
    lines = IndentedLines("a\n\tb\n        c\n")
    assert lines.indent_at(2) == lines.indent_at(6) == 8
    assert lines.block(Span(3, 4)) == Span(3, 14)
