"""No document and no answer takes long to be looked through for what hides in it.

The time is that of the processor, at least twenty times what it takes.
"""

import time
from collections.abc import Callable

import pytest

from lsp_server.guard.answer_filter import AnswerFilter
from lsp_server.guard.invisible_filter import invisible_in
from lsp_server.guard.lookalikes import LookalikeNames
from lsp_server.guard.masks import Masks, Unmasker
from lsp_server.syntax.scope import ScopeLevel, find_scope
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

_MB = 1_000_000
_LETTERS = "\u0430\u0431\u0432\u0433\u0434\u0435\u0436\u0437\u0438\u0439"


def seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


@pytest.mark.parametrize(
    ("document", "held"),
    [
        ("\u202e" * _MB, {"\u202e"}),
        ("\0" * _MB, {"\0"}),
        ("a\u00a0b," * (_MB // 4), {"\u00a0"}),
        ("1\u00a0000," * (_MB // 6), set()),
        ("\r" * 3 * _MB, {"\r"}),
        ("\U0001f468\u200d\U0001f469 " * (_MB // 4), set()),
        ("\u0645\u180b\u180b\u180b\u200c\u0646" * (_MB // 6), {"\u180b"}),
        ("".join(map(chr, range(0xE0000, 0xE1000))) * 244, None),
    ],
    ids=["bidi", "nul", "blanks", "numbers", "returns", "emoji", "joiners", "tags"],
)
def test_hidden_characters_of_a_document(document: str, held: set[str] | None) -> None:
    assert seconds(lambda: invisible_in(document)) < 1.5
    if held is not None:
        assert invisible_in(document) == held


def test_names_of_a_document_in_another_script() -> None:
    words = ("".join(_LETTERS[int(digit)] for digit in str(n)) for n in range(_MB, 2 * _MB))
    names = LookalikeNames(" ".join(words))
    assert seconds(lambda: names.push("x = \u0441\u043e\u0440 + \u0430dmin\n")) < 2.5
    assert list(names.alike) == ["\u0430dmin"]


def test_placeholders_that_a_model_makes_up() -> None:
    masks = Masks(lambda text: [Span(0, len(text))])
    masks.learn("hunter2-hunter2")
    unmasker = Unmasker(masks)
    unmasker.push("".join(f"midstream_secret_{n} " for n in range(50_000)))
    unmasker.finish()
    assert len(unmasker.garbled) == 3


def test_an_answer_of_many_kinds_of_hidden_characters() -> None:
    inlet = AnswerFilter(Masks(lambda text: ()))
    inlet.push("".join(map(chr, range(0xE0000, 0xE1000))))
    assert seconds(lambda: [inlet.sentences for _ in range(5_000)]) < 2
    assert inlet.sentences["invisible"].endswith("U+E0000, U+E0001 LANGUAGE TAG and others.")


def test_the_lines_of_a_document_of_nothing_but_lines() -> None:
    document = "\n" * (_MB // 2)
    assert seconds(lambda: [Text(document).line_of(_MB // 4) for _ in range(40)]) < 2


def test_a_selection_in_a_line_without_end() -> None:
    line = "ab " * (_MB // 3)
    picked = Span(100, _MB - 102)
    assert (
        seconds(lambda: [find_scope(line, picked, None, ScopeLevel.SELECTION) for _ in range(12)])
        < 2
    )
    assert find_scope(line, picked, None, ScopeLevel.SELECTION).span == Span(99, _MB - 101)
