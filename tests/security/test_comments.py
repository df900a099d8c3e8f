"""No comment in a repository makes the server slow: `ms:` in all comment syntaxes, at any length.

The deadline is far above what it takes: some ten milliseconds, where it took minutes.
"""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.syntax.instruction_comments import (
    LONGEST,
    InstructionComment,
    InstructionTooLong,
    instruction_comment,
)
from lsp_server.syntax.languages import Language, all_languages, language_for
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.span import Span

_DEADLINE_S = 5.0
_SIZE = 100_000
_SYNTAXES = [
    (language, opener, closer)
    for language in all_languages()
    for opener, closer in [
        *((mark, "") for mark in language.line_comments),
        *language.block_comments,
    ]
]
_PLAIN = [("#", ""), ("//", ""), ("--", ""), (";", ""), ("%", ""), ("/*", "*/"), ("<!--", "-->"),
          ("(*", "*)"), ("{-", "-}"), ("--[[", "]]"), ("rem", ""), ("'", "")]  # fmt: skip
_ALL = [*_SYNTAXES, *((None, opener, closer) for opener, closer in _PLAIN)]
_BODIES = {
    "blanks": "ms: a" + " " * _SIZE + "b",
    "blanks before": " " * _SIZE + "ms: a",
    "strange blanks": "ms: a" + "\u2003\u00a0\t" * (_SIZE // 3) + "b",
    "stars": "ms: a " + "*" * _SIZE + "b",
    "dashes": "ms: " + "-" * _SIZE + "x",
    "brackets": "ms: ]" + "=" * _SIZE,
    "closers": "ms: " + "* / - - > ] " * (_SIZE // 12),
    "marks": "ms: " * (_SIZE // 4),
    "marks in words": "x ms: " * (_SIZE // 6),
    "openers": "# // -- /* ' rem " * (_SIZE // 17) + "ms: a",
    "a word": "ms: " + "w" * _SIZE,
}


def _read(language: Language | None, text: str) -> InstructionComment | InstructionTooLong | None:
    """What is found, within the deadline; the parse is not what is measured here."""
    tree = DocumentTree(language, text) if language is not None else None
    if tree is not None:
        instruction_comment("# ms: a", Span(0, 0), language)
        tree.steps(Span(0, 1))
    begun = time.perf_counter()
    found = instruction_comment(text, Span(0, 3), language, tree)
    assert time.perf_counter() - begun < _DEADLINE_S
    return found


@pytest.mark.parametrize("body", _BODIES)
@pytest.mark.parametrize(("opener", "closer"), _PLAIN)
def test_one_long_line_without_a_grammar(opener: str, closer: str, body: str) -> None:
    _read(None, f"{opener} {_BODIES[body]} {closer}\nx = 1\n")


@pytest.mark.parametrize("body", _BODIES)
@pytest.mark.parametrize("language_id", ["python", "javascript", "lua", "html"])
def test_one_long_line_with_a_grammar(language_id: str, body: str) -> None:
    language = language_for(language_id)
    assert language is not None
    for opener, closer in [*((m, "") for m in language.line_comments), *language.block_comments]:
        _read(language, f"{opener} {_BODIES[body]} {closer}\nx = 1\n")


@pytest.mark.parametrize("line", ["# ms: a\n", "# y\n", "#   more words\n", "# ms:\n", "\n"])
def test_very_many_lines(line: str) -> None:
    for language in (None, language_for("python")):
        _read(language, f"# ms: a\n{line * 30_000}x = 1\n")


def test_very_many_attributes() -> None:
    found = _read(language_for("rust"), "// ms: a\n" + "#[x]\n" * 5_000 + "fn f() {}\n")
    assert isinstance(found, InstructionComment)


@pytest.mark.parametrize(("language", "opener", "closer"), _ALL)
def test_the_bound(language: Language | None, opener: str, closer: str) -> None:
    """Up to it all of a comment is read, behind it a sentence says so."""
    if opener == "=begin":
        return  # Ruby's must stand alone on its line, so no `ms:` can follow it.
    start = "<?php\n" if language is language_for("php") else ""
    for length, kind in ((LONGEST - 60, InstructionComment), (LONGEST + 60, InstructionTooLong)):
        words = "w" * length
        text = f"{start}{opener} ms: {words} {closer}\nx = 1\n"
        found = instruction_comment(text, Span(len(start), len(start) + 3), language)
        assert isinstance(found, kind)
        if isinstance(found, InstructionComment):
            assert found.instruction == words


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(_ALL),
    st.lists(
        st.sampled_from(["ms:", "ms: ", "a", " ", "\t", "\n", "*", "/", "-", ">", "#", "]", "=",
                         "[", "'", "<!--", "(*", "*)", "-}", "\u00a0", "\r", "x\n# "]),
        max_size=60,
    ),
)  # fmt: skip
def test_drawn_comments(syntax: tuple[Language | None, str, str], pieces: list[str]) -> None:
    language, opener, closer = syntax
    text = f"{opener} ms:{''.join(pieces)}{closer}\nx = 1\n"
    found = instruction_comment(text, Span(0, 3), language)
    if isinstance(found, InstructionComment):
        assert found.instruction
        assert "\n" not in found.instruction
        assert 0 <= found.comment.start < found.comment.end <= len(text)
        assert found.scope.span.end <= len(text)


@pytest.mark.parametrize(
    ("text", "instruction"),
    [
        ("# ms: read a[b[0]]\n", "read a[b[0]]"),
        ("# ms: a --> b */ and more\n", "a --> b */ and more"),
        ("/* ms: twice * 2 **/ x\n", "twice * 2"),
        ("<!-- ms: a */ b --> c\n", "a */ b"),
        ("--[==[ ms: t[u[1]] ]==] x\n", "t[u[1]]"),
    ],
)
def test_only_what_ends_this_comment_ends_the_instruction(text: str, instruction: str) -> None:
    """What stands behind a false end would be hidden from the title and not be sent."""
    found = instruction_comment(text, Span(0, 3), None)
    assert isinstance(found, InstructionComment)
    assert found.instruction == instruction
