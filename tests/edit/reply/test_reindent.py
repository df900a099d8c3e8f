"""Moving an answer to the document's columns."""

import pytest

from lsp_server.edit.reply.indent_style import IndentKind, IndentStyle
from lsp_server.edit.reply.reindent import Indenter
from lsp_server.edit.reply.reply_context import ReplyContext


def indented(original: str, answer: str, indent: str = "    ", shows: bool = False) -> str:
    """The answer in the document's columns."""
    indenter = Indenter(ReplyContext.of(original, "", "", indent))
    if shows:
        indenter.first_line_shows_its_column()
    return indenter.push(answer) + indenter.end(sure=True, line_ended=True)


FUNCTION = "def f():\n        return 1"


@pytest.mark.parametrize(
    "answer",
    [
        "def f():\n        return 2",
        "    def f():\n        return 2",
        "def f():\n    return 2",
        "  def f():\n      return 2",
        "        def f():\n            return 2",
        "def f():\n\treturn 2",
        "\tdef f():\n\t\treturn 2",
    ],
)
def test_every_indentation_gives_the_same_text(answer: str) -> None:
    assert indented(FUNCTION, answer) == "def f():\n        return 2"


def test_the_first_line_passes_at_once() -> None:
    indenter = Indenter(ReplyContext.of(FUNCTION, "", "", "    "))
    assert indenter.push("  ") == ""
    assert indenter.push("  de") == "de"


def test_blank_lines_are_left_alone() -> None:
    assert indented(FUNCTION, "def f():\n\n  \n    return 2") == "def f():\n\n  \n        return 2"


def test_lines_left_of_the_first_stay_left_of_the_scope() -> None:
    assert indented("a()\n    b()", "      a()\n    x()\n  y()") == "a()\n  x()\ny()"


def test_after_repeated_lines_the_first_line_shows_its_column() -> None:
    assert indented("a()\n    b()", "a()\n    c()", shows=True) == "a()\n        c()"


def test_an_insertion_point_at_column_zero_keeps_the_answer() -> None:
    assert indented("", "    a()\n        b()", indent="") == "    a()\n        b()"


def test_a_file_of_both_kinds_is_not_converted() -> None:
    assert indented("a\n  b\n\tc", "a\n    b\n\t\tc", indent="") == "a\n    b\n\t\tc"


def test_style() -> None:
    assert IndentStyle.of(ReplyContext.of("a {\n\tb\n}", "\tx\n", "", "")).kind is IndentKind.TABS
    assert IndentStyle.of(ReplyContext.of("a {\n\tb\n}", "", "", "")).kind is IndentKind.TABS
    assert (
        IndentStyle.of(ReplyContext.of("a {\n\tb\n}", "c {\n  d\n}\n", "", "")).kind
        is IndentKind.NONE
    )
    assert IndentStyle.of(ReplyContext.of("a", "b\n", "", "")).kind is IndentKind.NONE
    assert IndentStyle.of(ReplyContext.of("a", "b\n", "", ""), "go").kind is IndentKind.TABS
    assert IndentStyle.of(ReplyContext.of("a\n  b", "", "", ""), "go").kind is IndentKind.BLANKS
    assert (
        IndentStyle.of(ReplyContext.of("\t  a\n\t  b", "  {\n    if\n\t{\n", "", "")).kind
        is IndentKind.MIXED
    )
    blanks = IndentStyle.of(ReplyContext.of("a {\n  b {\n    c\n  }\n}", "  x\n", "", ""))
    assert (blanks.kind, blanks.unit) == (IndentKind.BLANKS, 2)
    assert IndentStyle.of(ReplyContext.of("a", "if x:\n    b\n", "", "")).unit == 4
    assert IndentStyle.of(ReplyContext.of("/**\n * a\n */", "", "", "")).kind is IndentKind.NONE
