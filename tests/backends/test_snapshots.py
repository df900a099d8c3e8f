"""Items of an answer that repeat earlier text are passed on once, however they are split."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.backends.snapshots import Snapshots


def passed(*items: list[str]) -> str:
    snapshots = Snapshots()
    came = [snapshots.push(number, text) for number, item in enumerate(items) for text in item]
    return "".join(came) + snapshots.finish()


def test_an_item_that_goes_on_from_the_last_is_new_text() -> None:
    assert passed(["one ", "two"], ["three"]) == "one twothree"
    assert passed(["one ", "two"], ["one", " four"]) == "one twoone four"
    assert passed(["one two"], ["one"]) == "one twoone", "No snapshot: it is shorter."


@given(st.text(max_size=30), st.lists(st.integers(0, 30)), st.integers(1, 5))
def test_snapshots_come_to_the_whole_text(text: str, ends: list[int], size: int) -> None:
    grown = [text[:end] for end in sorted(ends)] + [text]
    cut = [[one[at : at + size] for at in range(0, len(one), size)] for one in grown]
    assert passed(*cut) == text


@given(st.lists(st.text(max_size=5), max_size=9))
def test_one_item_is_passed_on_as_it_is(texts: list[str]) -> None:
    assert passed(texts) == "".join(texts)
