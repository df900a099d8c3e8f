"""Drives a real Neovim with a user interface attached, through `pynvim`.

A plain one: no plugin, no configuration, Neovim's own LSP client. What it does with the server's
messages is watched by `neovim.lua` and not changed. A Neovim that stops at a prompt or hangs is
ended by its process id after `LIFETIME`, so no test waits for ever; what it started ends with it.
"""

import contextlib
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pynvim

from tests.support.processes import family, running

Json = dict[str, Any]
T = TypeVar("T")

ROOT = Path(__file__).parents[2]
WATCHER = Path(__file__).with_name("neovim.lua")
SERVER = (sys.executable, "-P", "-m", "lsp_server", "serve")

PATIENCE = 40.0
"""Seconds after which a wait is a failed test. Never a measure of anything."""
LIFETIME = 180.0
"""Seconds after which a Neovim is ended whatever it does."""
_PAUSE = 0.004
"""Seconds between two looks."""
_STARTING = 0.04
"""The same while the server starts, which each look would slow down."""


class Refused(Exception):
    """The server answered with an error; `code` and the sentence."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Edit:
    """One `workspace/applyEdit` as Neovim took it; texts are the whole buffer's."""

    buffer: int
    version: int
    before: str
    after: str
    dropped: bool
    applied: bool
    """What Neovim answered."""


def wait_for(look: Callable[[], T], what: Callable[[], str] = str, pause: float = _PAUSE) -> T:
    """Look until there is something, and return it. `what` describes how it stands else."""
    end = time.monotonic() + PATIENCE
    while True:
        if found := look():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"it never came to that. {what()}")
        time.sleep(pause)


class Neovim:
    """One Neovim and its server. Leaving it ends both, by their ids."""

    def __init__(self, program: Path, folder: Path, file: Path, columns: int = 200) -> None:
        home = folder / "home"
        home.mkdir(exist_ok=True)
        # `env` becomes Neovim, so its process id is Neovim's.
        argv = ["env", *_environment(home), str(program), "--embed", "-u", "NONE", "-n", str(file)]
        with warnings.catch_warnings():
            # pynvim asks for asyncio's child watcher, which newer Pythons do not like.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._nvim = pynvim.attach("child", argv=argv)
        self.folder = folder
        self._processes: list[int] = []
        self._asked = 0
        self._watchdog = threading.Timer(LIFETIME, self.kill)
        self._watchdog.daemon = True
        self._watchdog.start()
        self._nvim.ui_attach(columns, 40, rgb=True, ext_linegrid=True)
        self.pid = int(self._nvim.funcs.getpid())
        self._nvim.api.set_current_dir(str(folder))
        self._nvim.exec_lua(WATCHER.read_text("utf-8"))

    def __enter__(self) -> "Neovim":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # -- its server --------------------------------------------------------------------------

    def attach(
        self, options: Json | None = None, debounce: int | None = 0, *, sessions: bool = False
    ) -> None:
        """Start the server for the current buffer; `debounce` in milliseconds, None: Neovim's.

        With `sessions` the notification `midstream/session` is asked for, as a plugin would.
        """
        self._nvim.command("set filetype=python")
        self.lua("watch.attach(...)", list(SERVER), options or {}, debounce, sessions)
        self.wait_for(lambda: self.lua("return watch.ready()"), _STARTING)
        self._processes += self.servers()

    def attach_more(self) -> None:
        """Attach the server that runs already to the current buffer as well."""
        self._nvim.command("set filetype=python")
        self.lua("watch.attach_more()")
        self.wait_for(lambda: self.lua("return watch.ready()"))

    def servers(self) -> list[int]:
        """The process ids of what Neovim has started."""
        return [int(pid) for pid in self._nvim.api.get_proc_children(self.pid)]

    def ask(self, method: str, params: Json) -> int:
        """Send a request; the number is for `answer`."""
        self._asked += 1
        self.lua("watch.ask(...)", self._asked, method, params)
        return self._asked

    def answer(self, number: int) -> Any:
        """Wait for the answer. Raises `Refused` for an error."""
        answer = self.wait_for(lambda: self.lua("return watch.answers[...]", number))
        if "code" in answer:
            raise Refused(answer["code"], answer["message"])
        return answer.get("result")

    def command(self, name: str, argument: Json | None = None) -> Any:
        """`workspace/executeCommand`; returns the answer."""
        return self.answer(self.begin(name, argument))

    def begin(self, name: str, argument: Json | None = None) -> int:
        """The same without waiting for the answer."""
        params = {"command": name, "arguments": [argument or {}]}
        return self.ask("workspace/executeCommand", params)

    def tell(self, method: str, params: Json) -> None:
        """Send a notification."""
        self.lua("watch.tell(...)", method, params)

    def lines(self, first: int, last: int) -> Json:
        """The argument that names these lines (from 1, both included) of the current buffer."""
        start, end = {"line": first - 1, "character": 0}, {"line": last, "character": 0}
        return {"uri": self.uri, "range": {"start": start, "end": end}}

    def phase(self, session: str) -> str:
        """The phase of a session; "ended" for one that is not there any more."""
        for known in self.command("midstream.status")["sessions"]:
            if known["session"] == session:
                return str(known["phase"])
        return "ended"

    def ledger(self) -> Json:
        """The ledger of the last session that ended."""
        last: Json = self.command("midstream.status")["last"]
        return last

    # -- what is seen --------------------------------------------------------------------------

    @property
    def uri(self) -> str:
        """The current buffer's."""
        return str(self.lua("return vim.uri_from_bufnr(0)"))

    @property
    def buffer(self) -> int:
        """The number of the current buffer."""
        return int(self._nvim.current.buffer.number)

    @property
    def text(self) -> str:
        """The current buffer's text as it would be written."""
        return self.text_of(0)

    def text_of(self, buffer: int) -> str:
        """A buffer's text as it would be written."""
        return str(self.lua("return watch.text(...)", buffer))

    def written(self) -> bytes:
        """Write the current buffer without adding a line end, and return the file's bytes."""
        self.ex("set nofixendofline | silent write!")
        return Path(str(self._nvim.funcs.expand("%:p"))).read_bytes()

    @property
    def edits(self) -> list[Edit]:
        """All edits that the server asked for, oldest first."""
        return [Edit(**edit) for edit in self.lua("return watch.edits")]

    @property
    def dropped(self) -> int:
        """How many edits Neovim has dropped so far."""
        return int(self.lua("return watch.dropped"))

    @property
    def landed(self) -> list[str]:
        """The texts that the server's edits led to, oldest first."""
        return [edit.after for edit in self.edits if not edit.dropped]

    def received(self, method: str) -> list[Json]:
        """The parameters of all messages of that method, oldest first."""
        came = self.lua("return watch.came")
        return [message["params"] for message in came if message["method"] == method]

    def progress(self, kind: str) -> list[Json]:
        """All `$/progress` of that kind: `token` and what `value` holds."""
        found = self.received("$/progress")
        return [p["value"] | {"token": p["token"]} for p in found if p["value"]["kind"] == kind]

    @property
    def screen(self) -> str:
        """What the user sees, with line ends."""
        return str(self.lua("return watch.screen()"))

    @property
    def messages(self) -> str:
        """What `:messages` shows."""
        return str(self._nvim.funcs.execute("messages"))

    @property
    def cursor(self) -> tuple[int, int]:
        """Line from 1, column in bytes from 0."""
        row, column = self._nvim.current.window.cursor
        return int(row), int(column)

    @property
    def mode(self) -> str:
        """As `mode()` tells it: "n", "i", "V" …"""
        return str(self._nvim.api.get_mode()["mode"])

    @property
    def log(self) -> str:
        """What Neovim's LSP client logged, the server's standard error with it."""
        files = (self.folder / "home").rglob("lsp.log")
        return "".join(file.read_text("utf-8", "replace") for file in files)

    # -- what the user does ----------------------------------------------------------------------

    def keys(self, keys: str) -> None:
        """Press keys; Neovim works on them when it comes to it."""
        while keys:
            keys = keys[self._nvim.api.input(keys) :]

    def press(self, keys: str, mode: str) -> None:
        """Press keys and wait until they have led to `mode`."""
        self.keys(keys)
        self.wait_for(lambda: self.mode == mode)

    def select(self, first: int, last: int) -> None:
        """Select whole lines (from 1) in visual mode."""
        self.go(first)
        self.press("V", "V")
        self.keys(f"{last}G")
        self.wait_for(lambda: self.cursor[0] == last)

    def code_action(self, title: str) -> None:
        """Take the code action of that name at the cursor, or for what is selected."""
        selected = self.mode == "V"
        if self.has("nvim-0.8"):
            code = "local wanted = ...; vim.lsp.buf.code_action({ apply = true, filter = "
            self.lua(code + "function(a) return a.title == wanted end })", title)
            return
        self.lua("watch.choose(...)", title)
        if selected:
            self.press("<Esc>", "n")
            self.lua("vim.lsp.buf.range_code_action()")
        else:
            self.lua("vim.lsp.buf.code_action()")

    def menu(self, row: int) -> list[str]:
        """The code actions on a line (from 1), as the menu shows them; nothing is taken."""
        self.go(row)
        shown = len(self.lua("return watch.chosen"))
        self.lua("watch.choose(nil)")
        self.lua("vim.lsp.buf.code_action()")
        chosen = self.wait_for(lambda: self.lua("return watch.chosen")[shown:])
        return list(chosen[0]["titles"])

    def lenses(self) -> list[tuple[int, str]]:
        """The buffer's code lenses, line (from 1) and title; asks for new ones."""
        found = self.lua("vim.lsp.codelens.refresh({ bufnr = 0 }) return vim.lsp.codelens.get(0)")
        return [(lens["range"]["start"]["line"] + 1, lens["command"]["title"]) for lens in found]

    def run_lens(self, row: int, title: str) -> None:
        """Run a code lens by Neovim's own means, as a user does who stands on its line."""
        self.go(row)
        self.lua("watch.choose(...)", title)
        self.lua("vim.lsp.codelens.run()")

    def has(self, feature: str) -> bool:
        """As Vim's `has()`."""
        return bool(self._nvim.funcs.has(feature))

    def ex(self, command: str) -> None:
        """Run an Ex command."""
        self._nvim.command(command)

    def set_lines(self, lines: list[str]) -> None:
        """Fill the current buffer."""
        self._nvim.current.buffer[:] = [line.removesuffix("\n") for line in lines]

    def go(self, row: int, column: int = 0) -> None:
        """Put the cursor on a line (from 1) and column (bytes)."""
        self._nvim.current.window.cursor = (row, column)

    def lua(self, code: str, *arguments: object) -> Any:
        """Run Lua in Neovim."""
        return self._nvim.exec_lua(code, *arguments)

    # -- waiting, ending -------------------------------------------------------------------------

    def wait_for(self, look: Callable[[], T], pause: float = _PAUSE) -> T:
        """Look until there is something, and return it."""
        return wait_for(look, self._state, pause)

    def leave(self, by: str = "qall!") -> None:
        """Leave Neovim: by default as a user does who does not care for what was not saved."""
        with contextlib.suppress(OSError, EOFError):  # The answer is that it has gone.
            self._nvim.command(by)
        wait_for(lambda: not running(self.pid))

    def kill(self) -> None:
        """End Neovim at once, by its id."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End Neovim and what it started, whatever they are doing."""
        self._watchdog.cancel()
        ours = family({self.pid, *self._processes})
        self.kill()
        wait_for(lambda: not running(self.pid))
        _close_pipes(self._nvim)
        self._nvim.close()
        for pid in ours:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _state(self) -> str:
        """How it stands, for who waits in vain."""
        if self._nvim.api.get_mode()["blocking"]:
            return "Neovim waits for a key."
        parts = {"messages": self.messages, "log": self.log[-3000:], "buffer": self.text}
        edits = self.edits[-3:]
        return "\n".join(
            [*(f"--- {name}:\n{text}" for name, text in parts.items()), f"--- edits: {edits}"]
        )


def _close_pipes(nvim: pynvim.Nvim) -> None:
    """Close what pynvim itself would leave to the garbage collector: it ends its event loop
    before the loop could close the pipes. Collected in the middle of a later test, they would be
    that test's failure.
    """
    ours = nvim._session.loop
    transports = [one for one in (ours._transport, *ours._to_close) if one is not None]
    for transport in transports:
        transport.close()

    def closed() -> bool:
        """One round of the loop; pynvim itself may stop it at any moment."""
        ours._loop.call_later(0.001, ours._loop.stop)
        ours._loop.run_forever()
        # A transport lets go of its loop when its pipe is closed.
        return all(one._loop is None for one in transports)

    wait_for(closed)


def _environment(home: Path) -> list[str]:
    """All places where Neovim or the server would look for the user's own files."""
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    places = [f"{name}={home}" for name in names]
    return [*places, f"PYTHONPATH={ROOT}", "LANG=C.UTF-8", "LC_ALL=C.UTF-8"]
