"""Code or chat."""

import pytest

from lsp_server.edit.reply.place import Place
from lsp_server.edit.reply.prose import Likeness, is_sentence

LIKENESS = Likeness(Place.of("def total(items):\n    return sum(items)", "", "", ""))


@pytest.mark.parametrize(
    "line",
    [
        "Here is the updated code:",
        "I'm sorry, I cannot do that.",
        "- The loop is gone now.",
        "`total` now returns a number.",
        "This is the practice model: it knows rename and docstrings; for anything else see docs",
    ],
)
def test_sentences(line: str) -> None:
    assert is_sentence(line)
    assert not LIKENESS.is_code(line)


@pytest.mark.parametrize(
    "line",
    ["SELECT name, id FROM items", "for item in items:", "return x if y else z", "If x Then", "}"],
)
def test_no_sentences(line: str) -> None:
    assert not is_sentence(line)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("    return sum(items)", True),
        ("def total(items: list[int]) -> int:", True),
        ("for item in items:", False),
        ("}", False),
        ("x = other(y)", False),
        ("see total (it sums items)", False),
    ],
)
def test_certain_code(line: str, code: bool) -> None:
    assert LIKENESS.is_code(line) is code


def test_an_insertion_point_is_like_its_neighbours() -> None:
    likeness = Likeness(Place.of("", "import shop\n\n", "\n\nshop.open()\n", ""))
    assert likeness.is_code("shop.close()")
