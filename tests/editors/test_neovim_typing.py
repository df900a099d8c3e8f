"""The user of a real Neovim goes on working while the model writes: types, undoes, redoes."""

import time

import pytest

from tests.editors.conftest import Start
from tests.editors.neovim import Neovim
from tests.editors.scenes import begin, ended, finish, heard
from tests.editors.texts import (
    AFTER,
    ANSWER,
    BEFORE,
    EDITED,
    END,
    FENCE,
    FILE,
    FIRST,
    LANDED,
    LAST,
    ORIGINAL,
    lines_of,
    parses,
    pieces,
)
from tests.support.scripted_model import Asked, ScriptedModel

pytestmark = pytest.mark.neovim

TYPED = "# é 😀 typed"
LONG_ANSWER = ANSWER.replace(
    "    # = Many items are cheaper.\n",
    "".join(f"    # Reason {number} of many, told at length.\n" for number in range(1, 9)),
)
LONG_EDITED = BEFORE + LONG_ANSWER + AFTER


def type_along(editor: Neovim, answer: Asked, typed: str, answered: str) -> None:
    """Press the keys one by one while the answer goes on between them, then wait for both."""
    chunks = pieces(answered)
    share = -(-len(chunks) // len(typed))
    for number, key in enumerate(typed):
        editor.keys(key)
        answer.say(*chunks[number * share : (number + 1) * share])
    answer.say(END)
    answer.finish()
    ended(editor)
    editor.press("<Esc>", "n")
    editor.wait_for(lambda: typed in editor.text)


def rest_of_long_answer() -> str:
    """What `begin` has not sent of it."""
    return "".join(lines_of(LONG_ANSWER)[3:])


# -- typing --


@pytest.mark.parametrize("debounce", [0, None], ids=["at-once", "debounced"])
def test_typing_below_the_place_of_writing(
    neovim: Start, model: ScriptedModel, debounce: int | None
) -> None:
    editor = neovim(FILE, options=model.options(), debounce=debounce)
    _, answer = begin(editor, model)
    editor.go(LAST + 1)
    editor.press("A", "i")
    type_along(editor, answer, "  " + TYPED, rest_of_long_answer())
    expected = LONG_EDITED.replace("    return total\n", f"    return total  {TYPED}\n")
    assert editor.text == expected
    editor.command("midstream.revert")
    own = ORIGINAL.replace("    return total\n", f"    return total  {TYPED}\n")
    assert editor.written() == (BEFORE + own + AFTER).encode()


def test_typing_a_new_line_below_the_place_of_writing(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    _, answer = begin(editor, model)
    editor.go(LAST + 1)
    editor.press("O", "i")
    type_along(editor, answer, TYPED, rest_of_long_answer())
    text = editor.text
    assert text.count(TYPED) == 1
    lines = [line for line in text.split("\n") if TYPED not in line]
    assert "\n".join(lines) == LONG_EDITED


def test_typing_lines_above_the_scope(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    _, answer = begin(editor, model)
    editor.go(3)
    editor.press("o", "i")
    typed = "MOST = 5\nLEAST = 2"
    type_along(editor, answer, typed, rest_of_long_answer())
    assert editor.text == LONG_EDITED.replace("LIMIT = 3\n", f"LIMIT = 3\n{typed}\n")


def test_typing_behind_the_scope(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    _, answer = begin(editor, model)
    editor.go(editor.text.split("\n").index("    return LIMIT") + 1)
    editor.press("A", "i")
    type_along(editor, answer, f"  {TYPED}", rest_of_long_answer())
    assert editor.text == LONG_EDITED.replace("return LIMIT\n", f"return LIMIT  {TYPED}\n")


def test_typing_on_the_line_that_is_being_written(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options() | {"publish": "token"})
    _, answer = begin(editor, model)
    answer.say("    # = Many")
    editor.wait_for(lambda: "    # = Many" in editor.text)
    editor.go(9)
    editor.press("A", "i")
    typed = " mine 😀"
    rest = "".join(lines_of(ANSWER)[3:]).removeprefix("    # = Many")
    type_along(editor, answer, typed, rest)
    text = editor.text
    assert text.count(typed) == 1
    assert text.replace(typed, "") == EDITED


def test_a_line_that_the_user_touches_is_theirs(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    _, answer = begin(editor, model)
    editor.go(LAST)
    editor.press("A", "i")
    type_along(editor, answer, "  # mine", rest_of_long_answer())
    kept = "        total = total * rate  # mine\n"
    assert kept in editor.text
    assert "return total * rate" not in editor.text
    assert editor.text == LONG_EDITED.replace("        return total * rate\n", kept)
    # The change that was withheld is offered, and can be had.
    offer = "Accept withheld change"
    lens = editor.wait_for(lambda: [lens for lens in editor.lenses() if lens[1] == offer])
    editor.run_lens(*lens[0])
    editor.wait_for(lambda: "return total * rate" in editor.text)
    assert "# mine" in editor.text


def test_the_cursor_stays_with_its_text(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    _, answer = begin(editor, model)
    row = editor.text.split("\n").index("def tail():") + 1
    editor.go(row, 4)
    finish(editor, answer)
    assert editor.text == EDITED
    assert editor.cursor == (EDITED.split("\n").index("def tail():") + 1, 4)


# -- edits that Neovim drops --


def test_edits_that_neovim_drops_are_noticed(neovim: Start, model: ScriptedModel) -> None:
    """Neovim answers `applied: true` for an edit that it dropped as stale, and it reports what is
    typed 150 ms late: so many an edit is stale while somebody types."""
    editor = neovim(FILE, options=model.options(), debounce=None)
    session, answer = begin(editor, model)
    answer.say(lines_of(ANSWER)[3])
    # A request makes Neovim report first. Before its first report ever it waits for a pause.
    assert editor.phase(session) == "streaming"
    editor.go(3)
    editor.press("A", "i")
    typed, reasons = "  # ", ""
    editor.keys(typed)
    while editor.dropped < 3:
        assert len(typed) < 3000, "Neovim dropped no edit"
        line = f"    # Reason {len(typed)}, told at length.\n"
        answer.say(line)
        editor.keys("x")
        typed, reasons = typed + "x", reasons + line
        time.sleep(0.02)  # As people type: the answer must not become much too long meanwhile.
    answer.say(*lines_of(ANSWER)[4:], END)
    answer.finish()
    ended(editor)
    editor.press("<Esc>", "n")
    dropped = [edit for edit in editor.edits if edit.dropped]
    assert len(dropped) >= 3 and all(edit.applied for edit in dropped)
    expected = EDITED.replace("LIMIT = 3\n", f"LIMIT = 3{typed}\n")
    assert editor.text == expected.replace("    if total >", f"{reasons}    if total >")
    assert "newer than edits" in editor.messages
    editor.command("midstream.accept")
    ledger = editor.ledger()
    assert ledger["refused"] == len(dropped)
    assert ledger["edits"] == len(editor.edits) - len(dropped)


# -- undo --


def test_an_undo_stops_the_stream(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    answer.say(*lines_of(ANSWER)[3:5])
    heard(editor, answer)
    editor.wait_for(lambda: "sum(" in editor.text)
    before = editor.edits[-1].before
    editor.keys("u")
    answer.wait_cut()
    ended(editor)
    edits = len(editor.edits)
    assert editor.phase(session) == "review"
    assert (editor.text, len(editor.edits)) == (before, edits)
    editor.command("midstream.accept")
    assert (editor.written(), len(editor.edits)) == (before.encode(), edits)


def test_undo_and_redo_in_review(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    finish(editor, answer)
    states = [FILE, *editor.landed]
    assert len(states) >= 3
    for state in reversed(states[:-1]):
        editor.keys("u")
        editor.wait_for(lambda state=state: editor.text == state)  # type: ignore[misc]
    none, two = (FIRST, "Midstream 0 changes · Accept"), (FIRST, "Midstream 2 changes · Accept")
    editor.wait_for(lambda: none in editor.lenses())
    for state in states[1:]:
        editor.keys("<C-r>")
        editor.wait_for(lambda state=state: editor.text == state)  # type: ignore[misc]
    editor.wait_for(lambda: two in editor.lenses())
    assert editor.phase(session) == "review"
    editor.command("midstream.revert")
    assert editor.written() == FILE.encode()


def test_an_undo_of_ones_own_typing_stops_nothing(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    _, answer = begin(editor, model)
    editor.go(3)
    editor.press("A", "i")
    editor.keys("  # mine")
    editor.press("<Esc>", "n")
    assert "# mine" in editor.text
    editor.keys("u")
    editor.wait_for(lambda: "# mine" not in editor.text)
    finish(editor, answer)
    assert editor.text == EDITED
    assert parses(editor.text) and LANDED in editor.text and FENCE not in editor.text
