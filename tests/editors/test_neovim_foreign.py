"""What else happens to a file in a real Neovim while the model writes into it: redo, deletion,
a reload from the disk, a formatter."""

import pytest

from tests.editors.conftest import Start
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
    LANDED,
    LAST,
    lines_of,
    parses,
)
from tests.support.scripted_model import ScriptedModel

pytestmark = pytest.mark.neovim


def test_a_redo_gives_the_models_text_back_and_a_redirect_goes_on(
    neovim: Start, model: ScriptedModel
) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    heard(editor, answer)
    shown = editor.text
    editor.keys("u")
    answer.wait_cut()
    assert "You undid the edit" in ended(editor)
    assert (editor.text, editor.phase(session)) == (FILE, "review")
    editor.wait_for(lambda: (FIRST, "Midstream 0 changes · Accept") in editor.lenses())
    editor.keys("<C-r>")
    editor.wait_for(lambda: editor.text == shown)
    editor.wait_for(lambda: (FIRST, "Midstream 1 change · Accept") in editor.lenses())
    editor.command("midstream.redirect", {"instruction": "Go on."})
    second = model.next()
    assert LANDED in second.prompt
    second.say(FENCE, *lines_of(ANSWER), END)
    second.finish()
    ended(editor, attempt=2)
    assert editor.text == EDITED
    editor.command("midstream.revert")
    assert editor.written() == FILE.encode()


def test_deleting_the_scope_ends_the_session(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    heard(editor, answer)
    edits = len(editor.edits)
    editor.ex(f"{FIRST},{LAST + 1}delete")
    answer.wait_cut()
    assert "deleted" in ended(editor)
    assert editor.phase(session) == "ended"
    assert (editor.text, len(editor.edits)) == (BEFORE + AFTER, edits)
    # The user can take it back, and begin anew.
    editor.keys("u")
    editor.wait_for(lambda: LANDED in editor.text)
    argument = editor.lines(FIRST, LAST) | {"instruction": "Simplify."}
    again = editor.command("midstream.edit", argument)["session"]
    answer = model.next()
    answer.say(FENCE, *lines_of(ANSWER), END)
    answer.finish()
    ended(editor, 1, again)
    assert editor.text == EDITED


def test_a_reload_from_the_disk_wins(neovim: Start, model: ScriptedModel) -> None:
    """Somebody else has written the file; `:edit!` is what `autoread` does."""
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    heard(editor, answer)
    theirs = FILE.replace("LIMIT = 3", "LIMIT = 4")
    (editor.folder / "a.py").write_text(theirs, "utf-8", newline="\n")
    edits = len(editor.edits)
    editor.ex("edit!")
    answer.wait_cut()
    ended(editor)
    editor.attach_more()
    assert editor.phase(session) == "ended"
    assert (editor.text, len(editor.edits)) == (theirs, edits)
    argument = editor.lines(FIRST, LAST) | {"instruction": "Simplify."}
    again = editor.command("midstream.edit", argument)["session"]
    answer = model.next()
    answer.say(FENCE, *lines_of(ANSWER), END)
    answer.finish()
    ended(editor, 1, again)
    assert editor.written() == EDITED.replace("LIMIT = 3", "LIMIT = 4").encode()


def test_a_formatter_that_sets_all_lines(neovim: Start, model: ScriptedModel) -> None:
    """As formatters' plugins do: the whole buffer is written anew, most of it as it was."""
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    heard(editor, answer)
    assert editor.text == STOPPED
    formatted = STOPPED.replace("LIMIT = 3", "LIMIT: int = 3").replace("def tail()", "def tail( )")
    editor.set_lines(lines_of(formatted))
    assert editor.phase(session) == "streaming"
    finish(editor, answer)
    expected = EDITED.replace("LIMIT = 3", "LIMIT: int = 3").replace("def tail()", "def tail( )")
    assert editor.text == expected and parses(expected)
    editor.command("midstream.revert")
    own = FILE.replace("LIMIT = 3", "LIMIT: int = 3").replace("def tail()", "def tail( )")
    assert editor.written() == own.encode()
