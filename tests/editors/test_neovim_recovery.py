"""The server is killed under a real Neovim; the next one takes back what it left, if asked to."""

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
