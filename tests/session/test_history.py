"""Undo and redo are told by the texts that come back."""

from lsp_server.edit.hunks import Account
from lsp_server.session import history
from lsp_server.session.history import History
from lsp_server.text.changes import Change, ChangeSet


def three_states() -> tuple[History, Account, Account, Account]:
    """The original, what the model made of it, what the user made of that."""
    first = Account.begin("ab")
    second = first.written(ChangeSet.of(2, [Change(1, 1, "X")]))
    third = second.typed_in(ChangeSet.of(3, [Change(3, 3, "y")]))
    states = History(first)
    states.add(second, ours=True)
    states.add(third, ours=False)
    return states, first, second, third


def test_undo_of_the_users_own_takes_nothing_back() -> None:
    states, _, second, _ = three_states()
    found = states.go_to("aXb")
    assert found is not None
    assert (found.account, found.takes_back, found.gives_back) == (second, False, False)


def test_undo_of_ours_takes_back_and_redo_gives_back() -> None:
    states, first, second, _ = three_states()
    found = states.go_to("ab")
    assert found is not None
    assert (found.account, found.takes_back, found.gives_back) == (first, True, False)
    found = states.go_to("aXb")
    assert found is not None
    assert (found.account, found.takes_back, found.gives_back) == (second, False, True)


def test_a_text_that_never_was_is_not_found() -> None:
    assert three_states()[0].go_to("never") is None


def test_something_new_forgets_what_could_be_redone() -> None:
    states, first, _, _ = three_states()
    states.go_to("ab")
    states.add(first.typed_in(ChangeSet.of(2, [Change(0, 0, "n")])), ours=False)
    assert states.go_to("aXb") is None
    assert states.go_to("ab") is not None


def test_amending_keeps_the_place() -> None:
    states, _, second, third = three_states()
    locked = third.locking(hunk.id for hunk in third.hunks())
    states.amend(locked)
    states.go_to("aXb")
    found = states.go_to("aXby")
    assert found is not None
    assert found.account == locked
    assert second != locked


def test_it_stays_small() -> None:
    states = History(Account.begin("0"))
    for number in range(1, history.MOST_STATES + 10):
        states.add(Account.begin(str(number)), ours=False)
    assert states.go_to("0") is None
    assert states.go_to(str(history.MOST_STATES)) is not None
