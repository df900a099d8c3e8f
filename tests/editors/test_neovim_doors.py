"""What `docs/editors.md` tells the users of Neovim about a socket and a port works."""

import re
import secrets
import sys
from pathlib import Path

import pytest

from tests.editors.conftest import Start
from tests.editors.neovim import Neovim
from tests.editors.test_neovim_docs import _READY, block
from tests.editors.texts import GUARDED, NESTED, NESTED_LINES
from tests.support.listeners import Behind, behind

pytestmark = pytest.mark.neovim
_CMD = re.compile(r"^ *cmd = .*\n", re.MULTILINE)


def edited(editor: Neovim, lines: str) -> None:
    """Connect with the documented configuration, its `cmd` replaced, and make an edit."""
    whole, count = _CMD.subn(lambda _: lines, block("vim.lsp.config"))
    assert count == 1
    editor.lua(whole)
    editor.lua(block("nvim_create_user_command"))
    editor.ex("set filetype=python")
    editor.wait_for(lambda: editor.lua(_READY))
    first, last = NESTED_LINES
    editor.ex(f"{first},{last}Midstream use guard clauses")
    editor.wait_for(lambda: editor.text == GUARDED)


def test_over_a_socket(neovim: Start, tmp_path: Path) -> None:
    editor = neovim(NESTED, attach=False)
    if not editor.has("nvim-0.11"):
        return  # The page gives this for 0.11; older ones cannot connect to a path.
    with behind(tmp_path, "--socket", "midstream") as server:
        editor.lua("vim.env.XDG_RUNTIME_DIR = ...", str(tmp_path))
        edited(editor, block('.. "/midstream")'))
        ended(editor, server)


def test_over_a_port_with_a_token(neovim: Start, tmp_path: Path) -> None:
    editor = neovim(NESTED, attach=False)
    if not editor.has("nvim-0.11"):
        return
    file = tmp_path / ".midstream-token"
    file.touch(0o600)
    file.write_text(f"{secrets.token_urlsafe(24)}\n", "utf-8")
    with behind(tmp_path, "--tcp", "127.0.0.1:0", "--token-file", str(file)) as server:
        editor.lua("vim.env.HOME = ...", str(tmp_path))
        edited(editor, block("init_options").replace("7777", str(server.port)))
        ended(editor, server)


def ended(editor: Neovim, server: Behind) -> None:
    """The server ends with its client."""
    editor.lua("vim.lsp.stop_client(vim.lsp.get_clients())")
    assert server.process.wait(30) == 0, sys.stderr
