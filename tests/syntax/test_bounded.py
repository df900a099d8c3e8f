"""Parses that end when they have taken long enough, and what is known without them."""

import time
from collections.abc import Callable

import pytest

from benchmarks.shapes import text_of
from lsp_server.errors import TooCostly
from lsp_server.lsp.timing import Timing
from lsp_server.syntax.gate import make_gate
from lsp_server.syntax.instruction import InstructionComment, instruction_comment
from lsp_server.syntax.languages import Language, all_languages, language_for
from lsp_server.syntax.outline import outline
from lsp_server.syntax.scope import find_scope
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span

DEADLINE_S = 2.0
"""Far above the bound of a parse."""
CODE = "def f(a):\n    return a\n"
COMMENTS = CODE + "".join(f"    # line {number}\n" for number in range(8000))


def bounded(name: str) -> Language:
    language = language_for(name)
    assert language is not None
    return language.bounded(Timing().parsing)


class Watch:
    """Counts parses; each may be asked about so many times."""

    def __init__(self, questions: int) -> None:
        self.parses = 0
        self.questions = questions

    def __call__(self) -> Callable[[], bool]:
        self.parses += 1
        left = iter(range(self.questions))
        return lambda: next(left, None) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", COMMENTS),
        ("python", text_of("", "def f(x:\n  if (\n    return [\n", 740_000)),
        ("html", text_of("", "<!-- c\n", 400_000)),
        ("java", text_of("x = ", "a<b", 48_000)),
        ("csharp", text_of("", "<div ", 12_000)),
        ("rust", text_of("", "%w(", 3_000)),
        ("javascript", "[" * 200_000 + "]" * 200_000),
    ],
)
def test_what_takes_a_grammar_seconds_is_given_up(language: str, text: str) -> None:
    begun = time.thread_time()
    with pytest.raises(TooCostly):
        bounded(language).parse(text.encode())
    assert time.thread_time() - begun < DEADLINE_S


@pytest.mark.parametrize("language", all_languages(), ids=lambda language: language.id)
def test_a_bounded_parse_makes_the_same_tree(language: Language) -> None:
    near = language.bounded(Watch(10**9))
    for text in (CODE * 400, "a {\n  b: [1, 2];\n}\n" * 400, "<p>é漢😀</p>\n" * 400):
        assert str(near.parse(text.encode()).root_node) == str(
            language.parse(text.encode()).root_node
        )


def test_it_goes_on_from_an_old_tree() -> None:
    free = language_for("python")
    assert free is not None
    text = f"x = 1\n{CODE * 400}"
    trees = [DocumentTree(language, CODE * 400) for language in (free, bounded("python"))]
    for tree in trees:
        assert tree.readable
        tree.update(text, ChangeSet.replace(tree.text, text))
    assert str(trees[0].root) == str(trees[1].root) == str(DocumentTree(free, text).root)


def test_of_a_text_that_was_given_up_no_more_is_tried_and_then_less_and_less() -> None:
    watch = Watch(0)
    language = language_for("python")
    assert language is not None
    tree = DocumentTree(language.bounded(watch), CODE)
    for _ in range(5):
        assert not tree.readable
    assert watch.parses == 1
    for number in range(60):
        text = f"{CODE}# {number}\n"
        tree.update(text, ChangeSet.replace(tree.text, text))
        assert not tree.readable
    assert watch.parses == 5  # After 1, 3, 7 and 15 texts that were passed over.
    watch.questions = 10**9
    for number in range(64):
        text = f"{CODE}## {number}\n"
        tree.update(text, ChangeSet.replace(tree.text, text))
        if tree.readable:
            break
    assert tree.readable and not tree.too_costly


def test_where_the_grammar_gives_up_lines_and_indentation_decide() -> None:
    language = bounded("python")
    found = find_scope(COMMENTS, Span(0, 3), language)
    assert found.language == "plaintext"
    assert outline(COMMENTS, language) == ()
    assert make_gate(COMMENTS, found.span, language).admits("def g(:\n")
    comment = instruction_comment(f"# ms: rename\n{COMMENTS}", Span(0, 0), language)
    assert isinstance(comment, InstructionComment) and comment.instruction == "rename"


def test_an_answer_that_takes_the_grammar_too_long_is_not_admitted() -> None:
    gate = make_gate(CODE, Span(0, len(CODE)), bounded("python"))
    assert gate.admits(CODE.replace("a", "b"))
    assert not gate.admits(COMMENTS)
    assert not gate.settled(COMMENTS)
