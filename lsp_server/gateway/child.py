"""Runs the gateway as a child process of the server: started when needed, never left behind.

The child reads from a pipe and ends when the pipe does, so it always ends with its parent. It
imports nothing from the current directory: that is the user's project, and a file named
`websockets.py` in it must not run.
"""

import asyncio
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lsp_server.backends.base import Endpoint
from lsp_server.errors import BackendError
from lsp_server.gateway.upstream import Upstream
from lsp_server.provider_table import CLIENT_VARIABLES
from lsp_server.wording import LOG

START_TIMEOUT_S = 20.0
END_TIMEOUT_S = 5.0


class GatewayChild:
    """At most one gateway process. `start` starts a new one after the last has died.

    `arguments` are passed on the gateway's command line.
    """

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        self._arguments = tuple(arguments)
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()
        self._url = ""
        self._token = ""

    @property
    def pid(self) -> int | None:
        """The process id, while the process runs."""
        return self._process.pid if self._process is not None and self.alive else None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.returncode is None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that a client must send."""
        return {"Authorization": f"Bearer {self._token}"}

    async def start(self) -> str:
        """Start the gateway if it does not run. Returns its URL. Raises `BackendError`."""
        async with self._starting:
            # No URL: an earlier start was cancelled half-way.
            if not self.alive or not self._url or not self._is_reachable():
                await self._end()
                await self._spawn()
            return self._url

    async def endpoint(self, upstream: Upstream | None = None) -> Endpoint:
        """Where `WebSocketBackend` connects. It asks before each handshake, so the next handshake
        restarts a gateway that has died. Without `upstream` the practice model answers."""
        url = await self.start()
        return Endpoint(url, self.headers | (upstream.headers() if upstream else {}), own=True)

    async def aclose(self) -> None:
        """End the process and wait for it."""
        async with self._starting:
            await self._end()

    def _is_reachable(self) -> bool:
        """Whether the process still takes a line: this shows its end sooner than its exit code.

        The process ignores what it reads; it only waits for the end of its standard input.
        """
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(b"\n")
        return not self._process.stdin.is_closing()

    async def _spawn(self) -> None:
        self._url, self._token = "", secrets.token_urlsafe(24)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "lsp_server.gateway",
            "--token-stdin",
            *self._arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_without_keys(own_environment()),
            **detached(),
        )
        self._process = process
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(self._token.encode() + b"\n")
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                line = await process.stdout.readline()
            self._url = str(json.loads(line)["url"])
        except (TimeoutError, ValueError, KeyError, TypeError):
            await self._end()
            raise BackendError(f"The gateway didn't start. See {LOG}.") from None

    async def _end(self) -> None:
        """Close its standard input, which ends it. Kill it if it has not ended in time."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def own_environment() -> dict[str, str]:
    """Our environment, with the folder that this package was imported from in `PYTHONPATH` and no
    relative folders: those are in the user's project."""
    root = str(Path(__file__).parents[2])
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    path = os.pathsep.join((root, *filter(os.path.isabs, others)))
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}


def _without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """Without the variables that makers' clients read by themselves. What the gateway needs comes
    over its sockets."""
    return {
        name: value for name, value in environment.items() if not name.startswith(CLIENT_VARIABLES)
    }


def detached() -> dict[str, Any]:
    """Options that keep the terminal's Ctrl-C from the child: `midstream edit` handles it."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
