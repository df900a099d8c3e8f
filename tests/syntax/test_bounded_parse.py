"""Parses that end when they have taken long enough, and what is known without them."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from benchmarks.shapes import text_of
from lsp_server.errors import TooCostly
from lsp_server.lsp.timing import PARSE_MS, TURN_MS, Timing
from lsp_server.syntax.bounded_parse import MOST_BYTES
from lsp_server.syntax.definitions import definitions
from lsp_server.syntax.gate import make_gate
from lsp_server.syntax.instruction_comments import InstructionComment, instruction_comment
from lsp_server.syntax.languages import Language, all_languages, language_for
from lsp_server.syntax.outline import enclosing, imports, outline
from lsp_server.syntax.scope import find_scope, scopes_by_level
from lsp_server.syntax.tree import DocumentTree, encode
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span
from tests.syntax.gate_sources import SOURCES

DEADLINE_S = 2.0
"""Far above the bound of a parse."""
CODE = "def f(a):\n    return a\n"
COMMENTS = CODE + "".join(f"    # line {number}\n" for number in range(8000))


def bounded(name: str) -> Language:
    language = language_for(name)
    assert language is not None
    return language.bounded(Timing().parsing)


class Watch:
    """Counts how often it is put up; each time it may be asked so many questions.

    A parse that can be halted has two: one says where it halts, one where it ends.
    """

    def __init__(self, questions: int) -> None:
        self.times = 0
        self.questions = questions

    def __call__(self) -> Callable[[], bool]:
        self.times += 1
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
        ("kotlin", "/*" * 3_000),
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


@pytest.mark.parametrize("name", SOURCES)
def test_a_parse_that_is_halted_again_and_again_makes_the_same_tree(name: str) -> None:
    language, text = language_for(name), encode(SOURCES[name].document)
    assert language is not None
    parse, tree, times = language.begin(text), None, 0
    while tree is None:
        tree, times = parse.go_on(lambda: True, lambda: False), times + 1
    assert times > 1 or len(text) < 400
    assert str(tree.root_node) == str(language.parse(text).root_node)


def halted(text: str) -> tuple[DocumentTree, Watch]:
    """A tree whose first look at each text does not suffice, and the watch that sees to it."""
    python, watch = language_for("python"), Watch(1)
    assert python is not None
    tree = DocumentTree(python.bounded(watch), text)
    assert not tree.readable and tree.halted and not tree.too_costly
    watch.questions = 10**9
    return tree, watch


def test_a_text_that_takes_more_than_a_look_is_readable_once_it_was_gone_on_with() -> None:
    tree, _ = halted(CODE * 400)
    slices = 0
    while tree.halted:
        assert not tree.readable
        tree.go_on(lambda: True)
        slices += 1
    assert slices > 1 and tree.readable
    assert str(tree.root) == str(DocumentTree(tree.language, CODE * 400).root)


def test_what_changes_while_a_parse_is_halted_is_parsed_from_its_tree_on() -> None:
    tree, _ = halted(CODE * 400)
    for new in (f"x = 1\n{CODE * 400}", f"x = 1\n{CODE * 400}y = 2\n"):
        tree.update(new, ChangeSet.replace(tree.text, new))
    tree.go_on(lambda: False)
    assert not tree.halted and tree.known
    stand_in = tree.stand_in()
    assert stand_in is not None and stand_in.text == tree.text
    place = tree.text.index("return a", 900)
    assert [n.type for n in stand_in.path(Span(place, place + 8))][-1] == "return_statement"
    assert tree.readable
    assert str(tree.root) == str(DocumentTree(tree.language, tree.text).root)


def test_a_text_that_is_given_up_is_not_gone_on_with() -> None:
    tree, watch = halted(CODE * 400)
    tree.give_up()
    assert not tree.halted and tree.too_costly and tree.stand_in() is None
    before = watch.times
    tree.go_on(lambda: False)
    assert not tree.readable and watch.times == before


def test_a_text_beyond_the_size_is_not_begun() -> None:
    watch, text = Watch(10**9), "x = 1\n" * (MOST_BYTES // 6 + 1)
    python = language_for("python")
    assert python is not None
    tree = DocumentTree(python.bounded(watch), text)
    assert not tree.readable and tree.too_costly and not tree.halted


@pytest.mark.parametrize("typed", ["# a comment\n", "x = (\n", "def g():\n    pass\n\n\n"])
def test_a_gate_of_a_tree_that_stands_in_refuses_what_does_not_parse(typed: str) -> None:
    """What was typed at the top, sound or not, was not parsed yet."""
    piece = "def f{0}(a):\n    return a + {0}\n\n\n"
    text = "".join(piece.format(number) for number in range(2000))
    tree, watch = halted(text)
    tree.go_on(lambda: False)
    new = typed + text
    tree.update(new, ChangeSet.replace(text, new))
    watch.questions = 1
    assert not tree.readable
    watch.questions = 10**9
    stand_in = tree.stand_in()
    start = new.index("def f1000")
    scope = Span(start, new.index("\n\n", start))
    gate = make_gate(new, scope, tree.language, stand_in)
    assert gate.admits("def f1000(a):\n    b = a + 1000\n    return b")
    assert not gate.admits("def f1000(a):\n    return (a + 1000")


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
    assert watch.times == 2
    for number in range(60):
        text = f"{CODE}# {number}\n"
        tree.update(text, ChangeSet.replace(tree.text, text))
        assert not tree.readable
    assert watch.times == 2 * 5  # After 1, 3, 7 and 15 texts that were passed over.
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
    assert found.kind == "lines"
    assert outline(COMMENTS, language) == ()
    assert make_gate(COMMENTS, found.span, language).admits("def g(:\n")
    comment = instruction_comment(f"# ms: rename\n{COMMENTS}", Span(0, 0), language)
    assert isinstance(comment, InstructionComment) and comment.instruction == "rename"


def test_an_answer_that_takes_the_grammar_too_long_is_not_admitted() -> None:
    gate = make_gate(CODE, Span(0, len(CODE)), bounded("python"))
    assert gate.admits(CODE.replace("a", "b"))
    assert not gate.admits(COMMENTS)
    assert not gate.settled(COMMENTS)


EVERY_QUESTION = """
import faulthandler
import sys

from lsp_server.errors import TooCostly
from lsp_server.syntax import bounded_parse
from lsp_server.syntax.languages import language_for

faulthandler.enable()
bounded_parse._AHEAD = 1
language = language_for(sys.argv[1])
for size in (5, 7, 4096):
    bounded_parse._SLICE = size
    for fill in ("漢", "é", "😀", "a漢é😀", "\\udcff"):
        for shape in ("# {0}\\n{0} = {0}\\n", "<!-- {0} ", "'{0}", "{0}: |\\n  {0}", "<<{0}\\n{0}"):
            text = shape.format(fill * (7 if size < 10 else 4000))
            source = text.encode("utf-8", "surrogateescape")
            asked = 10**9
            limit = 0
            while asked > limit:
                limit += 1 if size < 10 or limit < 40 else 97
                asked = 0
                def over():
                    global asked
                    asked += 1
                    return asked > limit
                try:
                    language.bounded(lambda: over).parse(source)
                except TooCostly:
                    pass
print("all parsed")
"""
"""Whatever is asked, and whenever the time is up; also for bytes that are no UTF-8."""


@pytest.mark.parametrize(
    "language", ["python", "html", "markdown", "yaml", "ruby", "shellscript", "javascript"]
)
def test_no_character_ends_the_process_whenever_the_time_is_up(language: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", EVERY_QUESTION, language],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, "all parsed"), ran.stderr[-500:]


CARRIERS = [
    ("javascript", "x = " * 5000 + "1;\n"),
    ("javascript", "export default " + "a=" * 2000 + "1\n"),
    ("typescriptreact", "x = " * 5000 + "1;\n"),
    ("cpp", "template<class T> " * 1000 + "class A;\n"),
    ("ruby", "x = " * 5000 + "1\n"),
    ("php", "<?php " + "$x = " * 5000 + "1;\n"),
    ("lua", "x = " + "function() x = " * 1000 + "1" + " end" * 1000),
    ("go", "package a\nvar x = " + "func() { var y = " * 1000 + "1" + " }" * 1000),
]
"""Statements that carry what is declared, thousands deep."""


@pytest.mark.parametrize(("language", "text"), CARRIERS)
def test_what_carries_thousands_deep_is_read_within_the_time(language: str, text: str) -> None:
    near = bounded(language)
    tree = DocumentTree(near, text)
    middle = len(text) // 2
    begun = time.thread_time()
    entries = outline(text, near, tree)
    enclosing(text, middle, near, tree)
    imports(text, near, tree)
    scopes_by_level(text, Span(middle, middle), near, tree)
    definitions(tree, entries, frozenset({"x"}))
    assert time.thread_time() - begun < DEADLINE_S


def test_definitions_that_take_too_long_to_find_are_left_out() -> None:
    language = language_for("python")
    assert language is not None
    text = "x = 1\n" * 50
    watch = Watch(10**9)
    tree = DocumentTree(language.bounded(watch), text)
    assert tree.readable and definitions(tree, (), frozenset({"x"}))
    watch.questions = 20
    assert definitions(tree, (), frozenset({"x"})) == ()


def test_the_parts_of_one_command_share_their_time() -> None:
    def spend() -> float:
        begun = time.thread_time()
        over = timing.parsing()
        while not over():
            pass
        return (time.thread_time() - begun) * 1000

    async def turns() -> None:
        first = [spend() for _ in range(6)]
        assert sum(first) < 6 * PARSE_MS / 2 and sum(first) >= TURN_MS
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert spend() >= PARSE_MS  # The next turn has its own.

    timing = Timing()
    asyncio.run(turns())


def test_nothing_but_empty_lines_is_read_within_the_time() -> None:
    for end in ("\n", "\r"):
        text = CODE + end * 500_000
        near = bounded("python")
        tree = DocumentTree(near, text)
        begun = time.thread_time()
        for _ in range(10):  # As one command asks for many things.
            find_scope(text, Span(10, 10), near, tree=tree)
        assert time.thread_time() - begun < DEADLINE_S
