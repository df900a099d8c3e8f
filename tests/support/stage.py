"""A whole server in a thread of this process, with an editor and a model that a test plays.

Real bytes over a real connection, but no process to be started, and a clock that can be moved: so
that a test of two seconds' patience takes none.
"""

import contextlib
import importlib
import queue
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import pytest

from lsp_server.lsp import context_search, timing, transport
from lsp_server.lsp.listeners import open_socket
from lsp_server.lsp.server import Server
from tests.support.raw_client import Failed, Json, RawClient
from tests.support.scripted_model import Asked, ScriptedModel

SESSION: Json = {"experimental": {"midstream": {"session": True}}}
"""The capabilities of a client that wants every notification."""

PATIENCE = 20.0


class Clock:
    """The server's clock, which a test can put forward. Milliseconds."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.perf_counter() * 1000 + self.ahead

    def skip(self, ms: float) -> None:
        """Let time pass. What waits for it happens at the next tick of the server's own."""
        self.ahead += ms


class _Pipe:
    """One way of a socket that behaves as a pipe does when the other side has gone."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readline(self) -> bytes:
        try:
            return self._file.readline()
        except OSError:
            return b""

    def read(self, size: int) -> bytes:
        return self._file.read(size)

    def write(self, data: bytes) -> int:
        return self._file.write(data)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._file.flush()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()


class ServerThread:
    """A server in a thread; to a `RawClient` it is a process."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        door = open_socket(f"{self._folder.name}/midstream")
        servers: queue.Queue[Server] = queue.Queue()
        self.exit_code: int | None = None

        def work() -> None:
            server = Server()
            servers.put(server)
            self.exit_code = transport.serve_at(server, door, server.server_state.aclose)

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()
        self.server = servers.get(timeout=PATIENCE)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(door.place)
        self.stdin = _Pipe(self._socket.makefile("wb"))
        self.stdout = _Pipe(self._socket.makefile("rb"))

    def kill(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def wait(self, timeout: float | None = PATIENCE) -> int:
        """Until the thread has ended; the exit code."""
        self._thread.join(timeout)
        assert not self._thread.is_alive(), "The server did not end."
        self._socket.close()
        self._folder.cleanup()
        return -1 if self.exit_code is None else self.exit_code

    def poll(self) -> int | None:
        """The exit code, once there is one."""
        return self.exit_code


class Stage:
    """One conversation: `client` is the editor, `model` the model, `clock` the server's."""

    def __init__(self, process: ServerThread, model: ScriptedModel, clock: Clock) -> None:
        self.process = process
        self.model = model
        self.clock = clock
        self.client = RawClient(cast(Any, process))

    # -- the editor --

    def begin(self, capabilities: Json | None = None, **params: Any) -> Json:
        """Initialize, with the scripted model as the profile in use."""
        given = params.pop("initializationOptions", {})
        profiles = {
            "scripted": {"url": self.model.url, "model": "scripted-1"},
            **given.get("profiles", {}),
        }
        options = {"profile": "scripted", **given, "profiles": profiles}
        if capabilities is None:
            capabilities = SESSION
        answer = self.client.initialize(capabilities, initializationOptions=options, **params)
        if isinstance(self.process, ServerThread):
            # In a process of its own what is said next waits for the settings, in its order.
            deadline = time.monotonic() + PATIENCE
            while self.process.server.server_state.loading.busy:
                assert time.monotonic() < deadline, "The settings are not read."
                time.sleep(0.001)
        return answer

    def edit(self, uri: str, piece: str, instruction: str = "do it", **more: Any) -> str:
        """`midstream.edit` of the place where `piece` stands; the session's id."""
        argument = {"uri": uri, "range": self.client.range_of(uri, piece)}
        answer = self.client.command(
            "midstream.edit", {**argument, "instruction": instruction, **more}
        )
        return str(answer["session"])

    def refused(self, name: str, argument: Json | None = None) -> Failed:
        """The error of a command that must fail."""
        with pytest.raises(Failed) as caught:
            self.client.command(name, argument)
        return caught.value

    def until(self, predicate: Callable[[], object]) -> None:
        """Talk to the server until something inside it is so."""
        for _ in range(1000):
            if predicate():
                return
            self.client.command("midstream.status", {})
        raise AssertionError("It was never so.")

    # -- what the editor receives --

    def news(self, session: str) -> list[Json]:
        """All notifications about a session."""
        told = self.client.received("midstream/session")
        return [body for body in told if body["session"] == session]

    def last(self, session: str) -> Json:
        """The newest notification about a session."""
        return (self.news(session) or [{}])[-1]

    def reach(self, session: str, phase: str) -> Json:
        """Wait for a phase; the last notification with it."""
        self.client.wait_for(lambda: self.last(session).get("phase") == phase)
        return self.last(session)

    def holds(self, uri: str, text: str) -> None:
        """Wait until the editor's document is exactly this."""
        try:
            self.client.wait_for(lambda: self.client.text(uri) == text)
        except AssertionError:
            assert self.client.text(uri) == text
            raise

    def shows(self, uri: str, piece: str) -> None:
        """Wait until the editor's document holds this somewhere."""
        self.client.wait_for(lambda: piece in self.client.text(uri))

    def review(self, uri: str, piece: str, code: str, **more: Any) -> str:
        """A whole edit up to its review; the session's id."""
        session = self.edit(uri, piece, **more)
        self.model.next().answer(code)
        self.reach(session, "review")
        return session

    def asked(self) -> Asked:
        """The model's next request."""
        return self.model.next()


@contextmanager
def staged(monkeypatch: pytest.MonkeyPatch, config: Path) -> Iterator[Stage]:
    """A server that has not been spoken to yet. `config` is the user's settings file."""
    clock = Clock()
    monkeypatch.setattr(timing, "now_ms", clock)
    # What a test sees must not depend on how busy the machine is.
    monkeypatch.setattr(context_search, "SEARCH_MS", PATIENCE * 1000)
    monkeypatch.setattr(
        importlib.import_module("lsp_server.settings.load"), "user_file", lambda: config
    )
    with ScriptedModel() as model:
        stage = Stage(ServerThread(), model, clock)
        with stage.client:
            yield stage
