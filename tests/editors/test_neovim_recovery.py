"""The server is killed under a real Neovim, or the user leaves it in the middle of an answer: what
was left undecided is offered back at the next start, and taken back if they want.
"""

import os
import signal

import pytest

from tests.editors.conftest import Start
from tests.editors.scenes import STOPPED, begin
from tests.editors.texts import FILE
from tests.support.scripted_model import ScriptedModel

pytestmark = pytest.mark.neovim

# The question would wait for a key, and with it every other request of the test.
CHOOSE = """
local wanted = ...
_G.asked = {}
vim.lsp.handlers['window/showMessageRequest'] = function(_, result)
  table.insert(_G.asked, result.message)
  for _, action in ipairs(result.actions) do
    if action.title == wanted then return action end
  end
  return vim.NIL
end
"""


@pytest.mark.parametrize(("choice", "left"), [("Revert to the original", FILE), ("Keep", STOPPED)])
def test_an_edit_that_was_under_way_is_offered_back(
    neovim: Start, model: ScriptedModel, choice: str, left: str
) -> None:
    editor = neovim(FILE, options=model.options())
    begin(editor, model)
    assert editor.text == STOPPED
    for server in editor.servers():
        os.kill(server, signal.SIGKILL)
    editor.wait_for(lambda: not editor.servers())
    assert editor.text == STOPPED
    editor.keys("ggO# mine<Esc>")
    editor.wait_for(lambda: editor.text == "# mine\n" + STOPPED)
    editor.lua(CHOOSE, choice)
    editor.attach(model.options())
    editor.wait_for(lambda: editor.lua("return #_G.asked") == 1)
    editor.wait_for(lambda: editor.text == "# mine\n" + left)
    editor.wait_for(lambda: editor.command("midstream.status")["sessions"] == [])
    assert list(editor.folder.rglob("midstream/sessions/*")) == []


@pytest.mark.parametrize(("leave", "offered"), [("wqall!", 1), ("qall!", 0)])
def test_who_leaves_in_the_middle_of_an_answer_is_asked_at_the_next_start(
    neovim: Start, model: ScriptedModel, leave: str, offered: int
) -> None:
    first = neovim(FILE, options=model.options())
    begin(first, model)
    first.leave(leave)
    saved = (first.folder / "a.py").read_text()
    assert saved == (STOPPED if offered else FILE)
    assert len(list(first.folder.rglob("midstream/sessions/*"))) == 1
    again = neovim(None, attach=False, folder=first.folder)
    again.lua(CHOOSE, "Revert to the original")
    again.attach(model.options())
    again.wait_for(lambda: again.lua("return #_G.asked") == offered)
    again.wait_for(lambda: again.text == FILE)
    again.wait_for(lambda: again.command("midstream.status")["sessions"] == [])
    assert list(again.folder.rglob("midstream/sessions/*")) == []
