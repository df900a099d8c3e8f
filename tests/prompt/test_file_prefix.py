"""The file at the beginning of a prompt keeps its bytes over as many edits as possible."""

import pytest

from lsp_server.edit.diff import diff
from lsp_server.prompt.budget import tokens_of
from lsp_server.prompt.compose import Prompt, PromptPlace, compose
from lsp_server.prompt.file_prefix import SentFile
from lsp_server.prompt.parse import parse
from lsp_server.session.request import EditRequest
from lsp_server.text.changes import common_prefix
from lsp_server.text.span import Span

_FILE = "".join(f"def area_{n}(a, b):\n    return a * {n} + b\n\n\n" for n in range(60))


def _asked(
    document: str, function: str, before: Prompt | None = None, context_tokens: int = 32_000
) -> Prompt:
    """The prompt for an edit of one function, after another prompt about the file."""
    start = document.index(f"def {function}(")
    end = document.index("\n\n", start)
    code = document[start:end]
    told = (
        SentFile(before.sent_document, diff(before.sent_document, document))
        if before and before.sent_document
        else None
    )
    place = PromptPlace("areas.py", "python", document, Span(start, end), sent_file=told)
    prompt = compose(EditRequest("add types", code, code, "p"), place, context_tokens)
    parsed = parse(prompt.input)
    assert parsed is not None
    assert parsed.original == code
    if prompt.sent_document:
        assert parsed.before + code + parsed.after == document
    return prompt


def _new(prompt: Prompt, before: Prompt) -> int:
    """How many tokens a server has not cached from the previous prompt."""
    assert prompt.instructions == before.instructions
    return tokens_of(prompt.input[common_prefix(prompt.input, before.input) :])


def test_another_function_costs_no_more_than_itself() -> None:
    first = _asked(_FILE, "area_7")
    for function in ("area_50", "area_1"):
        assert _new(_asked(_FILE, function, first), first) < 80


def test_so_does_one_below_what_has_changed() -> None:
    """An accepted edit above, another below, added and removed lines take a few lines."""
    first = _asked(_FILE, "area_7")
    now = _FILE.replace("def area_7(a, b):", "def area_7(a: int, b: int) -> int:")
    now = now.replace("def area_9(a, b):", '@cache\ndef area_9(a, b):\n    """Nine."""')
    now = now.replace("def area_30(a, b):\n    return a * 30 + b\n\n\n", "")
    second = _asked(now, "area_50", first)
    assert second.sent_document == first.sent_document
    assert _new(second, first) < 250
    third = _asked(now, "area_51", second)
    assert _new(third, second) < 80


def test_a_file_that_has_changed_much_is_sent_again() -> None:
    first = _asked(_FILE, "area_7")
    now = _FILE.replace("return a * ", "return b * ")
    second = _asked(now, "area_7", first)
    assert second.sent_document == now
    assert "Changed since then" not in second.input


def test_windows_around_places_near_each_other_begin_alike() -> None:
    file = "".join(_FILE.replace("area", name) for name in ("one", "two", "area", "three"))
    first = _asked(file, "area_30", context_tokens=3_000)
    second = _asked(file, "area_33", first, context_tokens=3_000)
    assert not first.sent_document
    assert "from line " in first.input
    assert _new(second, first) < tokens_of(first.input) / 2


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        (_FILE.rstrip("\n"), "import math\n\n\n", "\n\n\nprint(area_1(1, 2))\n"),
        ("def area_7(a, b):\n    return a * b", "", "\n"),
        ("def area_7(a, b):\n    return a * b", "\n", "\n\n"),
    ],
    ids=["large, most of it", "small, all of it", "small, all but line ends"],
)
def test_a_scope_that_is_most_of_its_file_is_sent_once(code: str, before: str, after: str) -> None:
    document = before + code + after
    start = document.index(code)
    place = PromptPlace("areas.py", "python", document, Span(start, start + len(code)))
    prompt = compose(EditRequest("add types", code, code, "p"), place, 32_000)
    assert prompt.input.count("def area_7(") == 1
    parsed = parse(prompt.input)
    assert parsed is not None
    assert (parsed.before + parsed.original + parsed.after).strip() == document.strip()
