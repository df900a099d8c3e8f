"""The main job in a real Neovim without any plugin: start, watch, stop, redirect, decide."""

import pytest

from tests.editors.conftest import Start
from tests.editors.neovim import Refused
from tests.editors.scenes import STOPPED, begin, ended, finish, heard
from tests.editors.texts import (
    AFTER,
    ANSWER,
    BEFORE,
    EDITED,
    END,
    FENCE,
    FILE,
    FIRST,
    GUARDED,
    LANDED,
    LAST,
    NESTED,
    NESTED_LINES,
    ORIGINAL,
    lines_of,
    parses,
    pieces,
)
from tests.support.scripted_model import ScriptedModel

pytestmark = pytest.mark.neovim

# -- starting --


def test_a_prompt_of_the_user_is_a_code_action_on_a_selection(neovim: Start) -> None:
    editor = neovim(NESTED)
    editor.select(*NESTED_LINES)
    editor.code_action("Midstream: Guard clauses")
    assert ended(editor) == "1 change to review. practice answered."
    assert editor.text == GUARDED
    assert editor.command("midstream.accept") == {"session": "s1", "remaining": 0}
    assert editor.written() == GUARDED.encode()


def test_the_menu_offers_what_can_be_done(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options() | {"prompts": {"Add type hints": ""}})
    assert editor.menu(FIRST) == [
        "Midstream: Simplify",
        "Midstream: Add docstrings",
        "Midstream: Guard clauses",
        "Midstream: Remove debug prints",
    ]
    _, answer = begin(editor, model)
    menu = editor.menu(FIRST)
    assert menu[:3] == ["Midstream: Stop", "Midstream: Accept", "Midstream: Revert"]
    assert "Redirect: Simplify" in menu and "Midstream: Simplify" not in menu
    finish(editor, answer)
    assert editor.menu(FIRST)[:2] == ["Midstream: Accept", "Midstream: Revert"]


def test_a_streamed_edit_shows_only_states_that_parse(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    assert "Simplify." in answer.prompt and ORIGINAL in answer.prompt
    assert editor.phase(session) == "streaming"
    for line in lines_of(ANSWER)[3:]:
        answer.say(*pieces(line))
    editor.wait_for(lambda: "# = Many items are cheaper." in editor.text)
    answer.say(END)
    answer.finish()
    assert ended(editor) == "2 changes to review. scripted-1 answered."
    states = editor.landed
    assert len(set(states)) >= 3
    assert states[-1] == editor.text == EDITED
    assert [state for state in states if not parses(state)] == []
    assert LANDED in editor.screen
    editor.command("midstream.accept")
    ledger = editor.ledger()
    assert (ledger["edits"], ledger["refused"]) == (len(states), 0)
    assert editor.written() == EDITED.encode()


def test_the_practice_model_streams_into_the_file(neovim: Start) -> None:
    editor = neovim(NESTED)
    argument = editor.lines(*NESTED_LINES) | {"instruction": "use guard clauses"}
    answer = editor.command("midstream.edit", argument)
    assert answer == {
        "session": "s1",
        "scope": {
            "range": {
                "start": {"line": 3, "character": 0},
                "end": {"line": 8, "character": 15},
            },
            "kind": "function_definition",
            "language": "python",
        },
    }
    ended(editor)
    assert editor.text == GUARDED
    assert [state for state in editor.landed if not parses(state)] == []


def test_a_model_that_breaks_off_leaves_the_file_whole(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    answer.drop()
    said = ended(editor).removesuffix(" scripted-1 answered.")
    assert "connection" in said
    assert said in editor.messages.replace("\n", "")
    assert editor.text == STOPPED
    assert editor.phase(session) == "review"


# -- redirecting --


def test_the_cancel_of_the_progress_is_stop(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    progress = editor.progress("begin")
    assert [(p["title"], p["cancellable"]) for p in progress] == [("Midstream: Simplify.", True)]
    editor.tell("window/workDoneProgress/cancel", {"token": progress[0]["token"]})
    answer.wait_cut()
    assert ended(editor) == "1 change to review. scripted-1 answered."
    edits = len(editor.edits)
    assert editor.phase(session) == "review"
    assert (len(editor.edits), editor.text) == (edits, STOPPED)
    editor.command("midstream.accept")
    assert (len(editor.edits), editor.written()) == (edits, STOPPED.encode())


@pytest.mark.parametrize("leave", ["valid", "raw", "original"])
def test_after_the_answer_to_cancel_no_edit_comes(
    neovim: Start, model: ScriptedModel, leave: str
) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    answer.say(*lines_of(ANSWER)[3:5], "    if tot")
    heard(editor, answer)
    left = editor.command("midstream.cancel", {"leave": leave})
    edits = len(editor.edits)
    assert left == {"session": session, "left": leave}
    answer.wait_cut()
    text = editor.text
    assert editor.phase(session) == ("ended" if leave == "original" else "review")
    assert (len(editor.edits), editor.text) == (edits, text)
    assert text.startswith(BEFORE) and text.endswith(AFTER)
    if leave == "original":
        assert text == FILE
    elif leave == "valid":
        assert parses(text) and LANDED in text
    else:
        assert "cheaper.\n    if tot" in text


def test_a_redirect_goes_on_from_what_landed(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, first = begin(editor, model)
    answer = editor.command("midstream.redirect", {"instruction": "Use sum() for it."})
    assert answer == {"session": session, "attempt": 2}
    first.wait_cut()
    second = model.next()
    assert "Use sum() for it." in second.prompt and "Simplify." in second.prompt
    assert LANDED in second.prompt
    edits = len(editor.edits)
    second.say(FENCE, *lines_of(ANSWER), END)
    second.finish()
    ended(editor, attempt=2)
    assert editor.text == EDITED
    assert all(LANDED in edit.after for edit in editor.edits[edits:])
    assert [state for state in editor.landed if not parses(state)] == []
    editor.command("midstream.accept")
    assert editor.written() == EDITED.encode()


def test_a_revert_gives_the_file_back_byte_for_byte(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    _, first = begin(editor, model)
    editor.command("midstream.redirect", {"instruction": "Use sum().", "keep": "none"})
    first.wait_cut()
    second = model.next()
    assert LANDED not in second.prompt
    editor.wait_for(lambda: editor.text == FILE)
    second.say(FENCE, *lines_of(ANSWER), END)
    second.finish()
    ended(editor, attempt=2)
    assert editor.text == EDITED
    assert editor.command("midstream.revert")["remaining"] == 0
    assert editor.written() == FILE.encode()


def test_a_revert_while_it_streams_stops_it(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    editor.select(FIRST, LAST)
    editor.code_action("Midstream: Revert")
    answer.wait_cut()
    editor.wait_for(lambda: editor.phase(session) == "ended")
    assert editor.written() == FILE.encode()


def test_code_lenses_are_drawn_and_can_be_run(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    stop = (FIRST, "Midstream streaming · Stop")
    editor.wait_for(lambda: stop in editor.lenses())
    editor.wait_for(lambda: stop[1] in editor.screen)
    editor.run_lens(*stop)
    answer.wait_cut()
    ended(editor)
    assert editor.text == STOPPED
    accept = (FIRST, "Midstream 1 change · Accept")
    editor.wait_for(lambda: accept in editor.lenses())
    editor.wait_for(lambda: "Revert change" in editor.screen)
    editor.run_lens(*accept)
    editor.wait_for(lambda: editor.phase(session) == "ended")
    editor.wait_for(lambda: editor.lenses() == [])
    assert editor.written() == STOPPED.encode()


def test_hunks_are_decided_one_by_one_by_lens(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    finish(editor, answer)
    accept, revert = (FIRST + 1, "Accept change"), (FIRST + 5, "Revert change")
    editor.wait_for(lambda: {accept, revert} <= set(editor.lenses()))
    editor.run_lens(*revert)
    half = EDITED.replace("return total * rate", "total = total * rate")
    editor.wait_for(lambda: editor.text == half)
    editor.wait_for(lambda: accept in editor.lenses() and revert not in editor.lenses())
    editor.run_lens(*accept)
    editor.wait_for(lambda: editor.phase(session) == "ended")
    assert editor.written() == half.encode()


# -- instructions in comments --


def test_a_comment_is_an_instruction(neovim: Start) -> None:
    editor = neovim(NESTED)
    editor.go(3)
    editor.press("o", "i")
    editor.keys("# ms: turn the nested ifs into guard clauses")
    editor.press("<Esc>", "n")
    typed = NESTED.replace("def area", "# ms: turn the nested ifs into guard clauses\ndef area")
    assert editor.text == typed
    editor.code_action("Midstream: turn the nested ifs into guard clauses")
    ended(editor)
    assert editor.text == GUARDED
    editor.command("midstream.revert")
    assert editor.written() == typed.encode()


def test_a_comment_in_a_live_scope_redirects(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, first = begin(editor, model)
    editor.go(LAST + 1)
    assert editor.text.split("\n")[LAST] == "    return total"
    editor.press("O", "i")
    editor.keys("# ms: use sum()")
    editor.press("<Esc>", "n")
    editor.code_action("Midstream: use sum()")
    first.wait_cut()
    second = model.next()
    assert "use sum()" in second.prompt and "# ms:" not in second.prompt
    editor.wait_for(lambda: "# ms:" not in editor.text)
    second.say(FENCE, *lines_of(ANSWER), END)
    second.finish()
    ended(editor, attempt=2)
    assert editor.phase(session) == "review"
    assert editor.text == EDITED
    editor.command("midstream.accept")
    assert editor.written() == EDITED.encode()


# -- what cannot be done --


def test_a_second_edit_over_a_running_one_is_refused(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    argument = editor.lines(FIRST + 2, FIRST + 3) | {"instruction": "Rename it."}
    with pytest.raises(Refused) as refused:
        editor.command("midstream.edit", argument)
    assert refused.value.code == -32803
    assert refused.value.message == (
        f"Session {session} is still writing there. Stop or redirect it first."
    )
    assert model.idle
    finish(editor, answer)
    assert editor.text == EDITED
