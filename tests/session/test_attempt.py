"""One stream: from its chunks to the states that could be shown."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.choices import Publish
from lsp_server.session.attempt import MOST_TRIES, MOST_WAIT_MS, MOST_WORDS_MS, START, Attempt
from lsp_server.session.events import Moment
from lsp_server.session.request import EditRequest
from tests.support.strategies import chunkings

LINES = "".join(f"line {number}\n" for number in range(8))[:-1]
ANSWER = "```\n" + LINES.replace("line 1", "new 1").replace("line 6", "new 6") + "\n```\n"


def attempt(publish: Publish = Publish.SYNTAX, current: str = LINES) -> Attempt:
    request = EditRequest("change it", current, current, "practice")
    return Attempt(1, request, publish, Moment(0.0))


@given(chunkings(ANSWER))
def test_the_states_do_not_depend_on_the_chunks(chunks: list[str]) -> None:
    one, other = attempt(), attempt()
    one.push(ANSWER, 0.0, None)
    for chunk in chunks:
        other.push(chunk, 0.0, None)
    for each in (one, other):
        each.finish(True, 0.0)
    assert one.states_at_line_ends() == other.states_at_line_ends()
    assert one.proven
    assert one.text_of(one.newest) == one.answer == ANSWER[4:-5]


@given(st.integers(0, len(ANSWER)))
def test_a_cut_anywhere_keeps_the_rest_of_the_original(cut: int) -> None:
    one = attempt()
    one.push(ANSWER[:cut], 0.0, None)
    one.finish(False, 0.0)
    for state in one.states_at_line_ends():
        assert one.text_of(state).count("\n") == LINES.count("\n")


def test_every_state_is_tried_once_and_again_after_a_change() -> None:
    one = attempt()
    one.push(ANSWER[:40], 0.0, None)
    tried = list(one.untried())
    assert tried
    assert list(one.untried()) == []
    one.retry()
    assert list(one.untried()) == tried
    assert len(tried) <= MOST_TRIES


def test_a_line_waits_for_those_behind_it_only_so_long() -> None:
    one = attempt()
    one.decide_by_time(MOST_WAIT_MS)  # Nothing has come yet.
    assert one.newest == START
    one.push("```\nline 0\n", 0.0, None)
    one.push("line 12 34 56\nmo", 100.0, None)
    before = one.newest
    one.decide_by_time(100.0 + MOST_WAIT_MS - 1)
    assert one.newest == before
    one.decide_by_time(100.0 + MOST_WAIT_MS)
    assert one.newest.answer > before.answer
    assert "line 12 34 56\n" in one.text_of(one.newest)


def test_the_words_of_a_new_line_are_shown_before_its_end_by_a_slow_model_only() -> None:
    fast, slow = attempt(), attempt()
    for number, piece in enumerate(["```\nline 0\n", "something", " quite", " new", " here"]):
        fast.push(piece, number * 1.0, None)
        slow.push(piece, number * (MOST_WORDS_MS / 2 + 1), None)
    assert not fast.newest.inside
    assert slow.text_of(slow.newest).startswith("line 0\nsomething quite\nline 1\n")
    new = slow.newest
    assert slow.raw_text().startswith("line 0\nsomething quite new here\nline 1\n")
    slow.shown = new
    assert slow.held_text() == " new here"
    for one in (fast, slow):
        one.push("\nline 1\n", 1000.0, None)
        one.finish(False, 1000.0)
    assert fast.answer == slow.answer


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
