"""What `docs/editors.md` tells the users of Neovim works as it stands there."""

import re
import sys

import pytest

from tests.editors.conftest import Start
from tests.editors.neovim import ROOT, Neovim
from tests.editors.texts import GUARDED, NESTED, NESTED_LINES

pytestmark = pytest.mark.neovim

_PAGE = (ROOT / "docs" / "editors.md").read_text("utf-8")
_BLOCKS = re.findall(r"^```lua\n(.*?)^```", _PAGE, re.MULTILINE | re.DOTALL)


def block(word: str) -> str:
    """The one block of Lua that holds that word."""
    (found,) = [code for code in _BLOCKS if word in code]
    return str(found)


def set_up(editor: Neovim, extra: str = "") -> None:
    """Do what the page says for this version; `extra` goes into the configuration."""
    program = editor.folder / "bin" / "midstream"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -P -m lsp_server \"$@\"\n", "utf-8")
    program.chmod(0o755)
    editor.lua("vim.env.PATH = ... .. ':' .. vim.env.PATH", str(program.parent))
    code = block("vim.lsp.config" if editor.has("nvim-0.11") else "vim.lsp.start_client")
    editor.lua(code.replace("flags =", f"{extra}flags ="))
    editor.lua(block("nvim_create_user_command"))
    editor.ex("set filetype=python")
    editor.wait_for(lambda: editor.lua(_READY))


_READY = """
local clients = (vim.lsp.get_clients or vim.lsp.get_active_clients)()
return #clients == 1 and clients[1].initialized and vim.lsp.buf_is_attached(0, clients[1].id)
"""


def test_the_commands_in_your_own_words(neovim: Start) -> None:
    editor = neovim(NESTED, attach=False)
    set_up(editor)
    first, last = NESTED_LINES
    editor.ex(f"{first},{last}Midstream use guard clauses")
    editor.wait_for(lambda: editor.text == GUARDED)
    editor.ex("MidstreamRedirect rename height to depth")
    deep = GUARDED.replace("height", "depth")
    editor.wait_for(lambda: editor.text == deep)
    editor.ex("MidstreamStop")
    editor.ex("MidstreamRevert")
    editor.wait_for(lambda: editor.text == NESTED)
    editor.ex("MidstreamAccept")
    editor.wait_for(lambda: "no edit here" in editor.messages)


def test_one_undo_for_a_stream(neovim: Start) -> None:
    editor = neovim(NESTED, attach=False)
    editor.lua(block("function midstream_apply"))
    set_up(editor, 'handlers = { ["workspace/applyEdit"] = midstream_apply }, ')
    first, last = NESTED_LINES
    editor.ex(f"{first},{last}Midstream use guard clauses, add docstrings")
    editor.wait_for(lambda: editor.text == GUARDED)
    editor.keys("u")
    editor.wait_for(lambda: editor.text == NESTED)


def test_the_status_line_tells_what_goes_on(neovim: Start) -> None:
    editor = neovim(NESTED, attach=False)
    editor.lua(block("function midstream_session"))
    told = 'capabilities = vim.tbl_deep_extend("force", '
    told += "vim.lsp.protocol.make_client_capabilities(), "
    told += "{ experimental = { midstream = { session = true } } })"
    assert f"`{told}`" in _PAGE
    set_up(editor, f'handlers = {{ ["midstream/session"] = midstream_session }}, {told}, ')
    first, last = NESTED_LINES
    editor.ex(f"{first},{last}Midstream use guard clauses")
    editor.wait_for(lambda: editor.lua("return vim.g.midstream_state") == "review")
    editor.lua("midstream_session(nil, { phase = 'starting', status = 'loading q' })")
    assert editor.lua("return vim.g.midstream_state") == "loading q"
    editor.ex("MidstreamRevert")
    editor.wait_for(lambda: editor.lua("return vim.g.midstream_state") == "")
