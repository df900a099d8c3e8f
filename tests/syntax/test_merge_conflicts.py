"""Conflicts of git: one version of them, and what the gate says of an answer in their place."""

import pytest

from lsp_server.syntax.gate import make_gate
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.merge_conflicts import holds_mark, one_side
from lsp_server.text.span import Span

CONFLICT = "<<<<<<< ours\n  b()\n=======\n  c()\n>>>>>>> theirs\n"
THREE_SIDES = CONFLICT.replace("=======", "||||||| base\n  a()\n=======")


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("a\n" + CONFLICT + "d\n", "a\n  b()\nd\n"),
        (THREE_SIDES + "d\n" + CONFLICT, "  b()\nd\n  b()\n"),
        (CONFLICT.replace("\n", "\r\n"), "  b()\r\n"),
        ("A\n=======\n", "A\n=======\n"),
        ("<<<<<<< ours\nb\n=======\n", "<<<<<<< ours\nb\n=======\n"),
        ("", ""),
    ],
)
def test_one_side(text: str, side: str) -> None:
    assert one_side(text) == side


def test_a_mark_is_a_line_of_its_own() -> None:
    assert holds_mark(CONFLICT) and holds_mark(">>>>>>> theirs")
    assert not holds_mark("a <<<<<<< b") and not holds_mark("<<<<<<<<")


def test_what_resolves_a_conflict_is_admitted() -> None:
    """Its marks join the lines around them to one expression, which goes with them."""
    before, after = "function f() {\n  a()\n", "  d()\n}\ng()\n"
    scope = Span(len(before), len(before) + len(CONFLICT) - 1)
    gate = make_gate(before + CONFLICT + after, scope, language_for("javascript"))
    assert gate.settled("  b()\n  c()") and gate.admits("  b()")
    assert not gate.settled("  b(")
    assert not gate.admits("<<<<<<< ours\n  b()")
