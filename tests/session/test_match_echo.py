"""Our echo is never taken for a foreign change, nor the other way round."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.session.match_echo import EchoMatch, match_echo
from lsp_server.text.changes import Change, ChangeSet
from tests.support.strategies import changes_of, texts

BEFORE = "one\ntwo\nthree\n"
OURS = ChangeSet.of(len(BEFORE), [Change(4, 7, "zwei")])
WANTED = OURS.apply(BEFORE)


def typing(text: str, place: int, key: str) -> ChangeSet:
    return ChangeSet.of(len(text), [Change(place, place, key)])


def test_nothing_has_come_yet() -> None:
    assert match_echo(BEFORE, OURS, []) is None


@given(st.data())
def test_ours_and_what_follows_it_is_distinguished_to_the_letter(data: st.DataObject) -> None:
    before = data.draw(texts())
    ours = data.draw(changes_of(len(before)))
    after = data.draw(changes_of(ours.length_after))
    judged = match_echo(before, ours, [ours, after])
    assert judged is not None
    assert judged.landed
    text = ours.apply(before)
    for foreign in judged.foreign:
        text = foreign.apply(text)
    assert text == after.apply(ours.apply(before))


@given(st.data())
def test_the_text_is_right_whatever_is_judged(data: st.DataObject) -> None:
    before = data.draw(texts())
    ours = data.draw(changes_of(len(before)))
    came = data.draw(changes_of(len(before)))
    judged = match_echo(before, ours, [came])
    assert judged is not None
    text = ours.apply(before) if judged.landed else before
    for foreign in judged.foreign:
        text = foreign.apply(text)
    assert text == came.apply(before)


def test_an_edit_that_was_dropped_is_not_believed() -> None:
    came = typing(BEFORE, 0, "x")
    assert match_echo(BEFORE, OURS, [came]) == EchoMatch(False, (came,))


def test_an_editor_that_sends_both_in_one_is_understood() -> None:
    both = ChangeSet.replace(BEFORE, "x" + WANTED)
    assert match_echo(BEFORE, OURS, [both]) == EchoMatch(True, (typing(WANTED, 0, "x"),))


def test_a_change_that_makes_ours_needless_is_not_ours() -> None:
    ours = ChangeSet.of(len(BEFORE), [Change(4, 8, "")])
    came = ChangeSet.of(len(BEFORE), [Change(0, 14, "x")])
    assert match_echo(BEFORE, ours, [came]) == EchoMatch(False, (came,))


def test_what_both_delete_says_nothing_of_the_rest_of_ours() -> None:
    ours = ChangeSet.of(len(BEFORE), [Change(3, 3, " new"), Change(4, 13, "")])
    deleted = ChangeSet.of(len(BEFORE), [Change(4, 14, "")])
    assert match_echo(BEFORE, ours, [deleted]) == EchoMatch(False, (deleted,))
    with_ours = ChangeSet.replace(BEFORE, "one new\n")
    judged = match_echo(BEFORE, ours, [with_ours])
    assert judged is not None
    assert judged.landed
