"""A server behind a port or a socket, as a process, and clients that send bare bytes."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.program import ARGV, environment

PATIENCE = 60.0
"""Seconds after which something that must happen is a failed test."""


def frame(*messages: object) -> bytes:
    """Messages of the LSP as bytes."""
    bodies = [json.dumps(message).encode() for message in messages]
    return b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies)


def messages(data: bytes) -> list[dict[str, Any]]:
    """What the server said."""
    found = []
    while data:
        header, _, data = data.partition(b"\r\n\r\n")
        length = int(header.removeprefix(b"Content-Length: "))
        found.append(json.loads(data[:length]))
        data = data[length:]
    return found


@dataclass(slots=True)
class Behind:
    """A running server; `said` is its first line of output."""

    process: "subprocess.Popen[str]"
    said: dict[str, str]
    marker: Path
    """Exists once the program that `frames` name has run."""

    @property
    def port(self) -> int:
        return int(self.said["tcp"].rpartition(":")[2])

    def connect(self) -> socket.socket:
        """A new connection."""
        if "socket" in self.said:
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(PATIENCE)
            client.connect(self.said["socket"])
            return client
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def first(self, token: object = None, **more: Any) -> dict[str, Any]:
        """An `initialize` whose settings name a program to be run."""
        code = f"open({str(self.marker)!r}, 'w')"
        profile = {
            "url": "ws://127.0.0.1:1/v1/responses",
            "model": "m",
            "apiKeyCommand": [sys.executable, "-S", "-c", code],
        }
        options = {"profile": "theirs", "profiles": {"theirs": profile}, **more}
        if token is not None:
            options["token"] = token
        params: dict[str, object] = {"processId": None, "rootUri": None, "capabilities": {}}
        return {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {**params, "initializationOptions": options},
        }

    def frames(self, token: object = None) -> bytes:
        """Everything that makes a server run that program, if it accepts the client."""
        opened = {"uri": "file:///a.py", "languageId": "python", "version": 1, "text": "x = 1\n"}
        return frame(
            self.first(token),
            {"jsonrpc": "2.0", "method": "initialized", "params": {}},
            {
                "jsonrpc": "2.0",
                "method": "textDocument/didOpen",
                "params": {"textDocument": opened},
            },
        )

    def said_to(self, data: bytes) -> bytes:
        """The answer to these bytes until the server closes the connection."""
        with self.connect() as client:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                client.sendall(data)
            return drained(client)

    def serves(self, token: str | None) -> list[int]:
        """The ids of what a good client is answered; the server ends with it."""
        with self.connect() as client:
            good = self.first(token)
            good["params"]["initializationOptions"].pop("profile")
            client.sendall(frame(good, {"jsonrpc": "2.0", "id": 2, "method": "shutdown"}))
            client.sendall(frame({"jsonrpc": "2.0", "method": "exit"}))
            answers = [m["id"] for m in messages(drained(client)) if "id" in m]
        assert self.process.wait(PATIENCE) == 0
        return answers


def drained(client: socket.socket) -> bytes:
    """The bytes until the other side closes the connection."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := client.recv(65536):
            data += piece
    return data


@contextlib.contextmanager
def behind(home: Path, *words: str, extra: dict[str, str] | None = None) -> Iterator[Behind]:
    """Start `midstream serve` with these words."""
    process = subprocess.Popen(
        [*ARGV, "serve", *words],
        cwd=home,
        env={**environment(home), **(extra or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield Behind(process, json.loads(line), home / "marker")
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def other_user() -> int | None:
    """The id of a user as whom a test can act beside its own; only root can."""
    return 65534 if hasattr(os, "geteuid") and os.geteuid() == 0 else None
