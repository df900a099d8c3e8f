"""One stream: from its chunks to the states that could be shown."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.align import Publish
from lsp_server.session.attempt import MOST_TRIES, STALL_MS, START, Attempt
from lsp_server.session.request import EditRequest
from tests.support.strategies import chunkings

LINES = "".join(f"line {number}\n" for number in range(8))[:-1]
ANSWER = "```\n" + LINES.replace("line 1", "new 1").replace("line 6", "new 6") + "\n```\n"


def attempt(publish: Publish = Publish.SYNTAX, current: str = LINES) -> Attempt:
    request = EditRequest("change it", current, current, "practice")
    return Attempt(1, request, publish, before="", after="", line_end="\n")


@given(chunkings(ANSWER))
def test_the_states_do_not_depend_on_the_chunks(chunks: list[str]) -> None:
    one, other = attempt(), attempt()
    one.push(ANSWER, 0.0, None)
    for chunk in chunks:
        other.push(chunk, 0.0, None)
    for each in (one, other):
        each.finish(True, 0.0)
    assert one.whole_states() == other.whole_states()
    assert one.proven
    assert one.state(one.newest) == one.answer == ANSWER[4:-5]


@given(st.integers(0, len(ANSWER)))
def test_a_cut_anywhere_keeps_the_rest_of_the_original(cut: int) -> None:
    one = attempt()
    one.push(ANSWER[:cut], 0.0, None)
    one.finish(False, 0.0)
    for state in one.whole_states():
        assert one.state(state).count("\n") == LINES.count("\n")


def test_every_state_is_tried_once_and_again_after_a_change() -> None:
    one = attempt()
    one.push(ANSWER[:40], 0.0, None)
    tried = list(one.untried())
    assert tried
    assert list(one.untried()) == []
    one.retry()
    assert list(one.untried()) == tried
    assert len(tried) <= MOST_TRIES


def test_a_pause_is_told_to_the_aligner_once() -> None:
    one = attempt()
    assert not one.stall(STALL_MS)  # Nothing has come yet.
    one.push("```\nline 0\nline 12\nmore than that\nmo", 0.0, None)
    before = one.newest
    assert before >= START
    assert not one.stall(STALL_MS - 1)
    assert one.newest == before
    assert one.stall(STALL_MS) == (one.newest > before)
    assert not one.stall(2 * STALL_MS)


def test_what_is_held_is_not_what_stands_there_anyway() -> None:
    one = attempt()
    one.push("```\nline 0\nli", 0.0, None)
    assert one.held_text() == ""
    one.push("ttle", 0.0, None)
    assert "little" in one.held_text()


def test_how_long_the_first_new_character_was_held() -> None:
    one = attempt()
    one.push("```\nline 0\nnew 1\n", 100.0, None)
    one.push("line 2\nline 3\nline 4\n", 130.0, None)
    assert one.held_for(one.newest, 150.0) == 50.0
    assert one.tokens_since_shown == 2


def test_a_refusal_is_kept_for_the_user() -> None:
    one = attempt()
    one.push("I cannot do that.", 0.0, None)
    one.finish(True, 0.0)
    assert one.refusal == "I cannot do that."
