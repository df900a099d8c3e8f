"""The gateway as a child process of the server: started when needed, never left behind.

The child holds the reading end of a pipe and ends when the pipe does, so it ends with its parent in
every case. Nothing is imported from the current directory: that is the user's project, and a file
named `websockets.py` in it must not run.
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

START_TIMEOUT_S = 20.0
END_TIMEOUT_S = 5.0


class GatewayChild:
    """One gateway process at most; `start` again after it died gives a new one.

    `arguments` go to the gateway's command line.
    """

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        self._arguments = tuple(arguments)
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()
        self._url = ""
        self._token = ""

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self.alive else None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.returncode is None

    @property
    def headers(self) -> dict[str, str]:
        """What a client has to send."""
        return {"Authorization": f"Bearer {self._token}"}

    async def start(self) -> str:
        """The url of the running gateway; starts one if none runs. Raises `BackendError`."""
        async with self._starting:
            # Without a url a start was cancelled half-way.
            if not self.alive or not self._url or not self._breathes():
                await self._end()
                await self._spawn()
            return self._url

    async def endpoint(self, upstream: Upstream | None = None) -> Endpoint:
        """For `WebSocketBackend`, which asks before each handshake: a gateway that died is
        started anew by the next one. Without `upstream` it is the practice model that answers."""
        url = await self.start()
        return Endpoint(url, self.headers | (upstream.headers() if upstream else {}), own=True)

    async def aclose(self) -> None:
        """End the process and wait for its end."""
        async with self._starting:
            await self._end()

    def _breathes(self) -> bool:
        """Whether a line still reaches the process: known sooner than that it has ended.

        It reads its standard input only for the end of it.
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
            raise BackendError(
                "The gateway process did not start; the server's log says why."
            ) from None

    async def _end(self) -> None:
        """Close its standard input, on which it ends; kill it if it does not."""
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
    """Ours, with the place that this very package was imported from, and without relative places:
    those are in the user's project."""
    root = str(Path(__file__).parents[2])
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    path = os.pathsep.join((root, *filter(os.path.isabs, others)))
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}


def _without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """Without what the makers' clients would help themselves to; what the gateway is to know
    comes over its sockets."""
    return {
        name: value for name, value in environment.items() if not name.startswith(CLIENT_VARIABLES)
    }


def detached() -> dict[str, Any]:
    """Out of reach of the terminal's Ctrl-C, which in `midstream edit` means something else."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
