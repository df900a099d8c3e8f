"""The language server as a child process, and the JSON-RPC connection over its pipes.

Only the client side of the LSP's base protocol: `small_editor` handles documents and edits. The
server ends when its standard input does, so it never outlives this process.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

import orjson

from lsp_server.errors import MidstreamError
from lsp_server.gateway.child import detached, own_environment
from lsp_server.lsp.convert import Json
from lsp_server.lsp.framing import Framer, Garbage

ANSWER_S = 20.0
"""Seconds after which a server that does not answer is considered dead."""
END_S = 6.0
"""Seconds that the server may take to shut down."""
_READ_SIZE = 256 * 1024
_METHOD_NOT_FOUND = -32601

RequestHandler = Callable[[str, Any], object]
NotificationHandler = Callable[[str, Any], None]


class ServerProcessError(MidstreamError):
    """The server answered with an error: its sentence, and the LSP's `code`."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class ServerLostError(MidstreamError):
    """The server has ended, or no longer answers."""


class ServerProcess:
    """One connection. Requests from the server go to `on_request`, whose result is the answer.

    If the result is `NotImplemented`, the answer is "no such method". Messages are handled in the
    order of arrival, immediately.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        on_request: RequestHandler,
        on_notification: NotificationHandler,
    ) -> None:
        self._process = process
        self._on_request = on_request
        self._on_notification = on_notification
        self._numbers = count(1)
        self._answers: dict[object, asyncio.Future[Any]] = {}
        self._gone = False
        self._stderr_lines: deque[bytes] = deque(maxlen=50)
        self._tasks = [asyncio.create_task(self._read())]
        if process.stderr is not None:
            self._tasks.append(asyncio.create_task(self._listen(process.stderr)))

    @classmethod
    async def start(
        cls, on_request: RequestHandler, on_notification: NotificationHandler
    ) -> "ServerProcess":
        """Start a server detached from the terminal's Ctrl-C and from the current folder.

        Its log is shown only if MIDSTREAM_LOG asks for it: it would disrupt the live view.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "lsp_server",
            "serve",
            "--no-journal",  # The file is written at the end, so there is nothing to revert.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("MIDSTREAM_LOG") else subprocess.PIPE,
            env=own_environment(),
            **detached(),
        )
        return cls(process, on_request, on_notification)

    @property
    def gone(self) -> bool:
        """Whether the server can no longer send anything."""
        return self._gone

    async def request(self, method: str, params: object = None) -> Any:
        """Send a request. Raises `ServerProcessError` for an error, `ServerLostError` without an
        answer."""
        if self._gone:
            raise self.lost_error()
        id_ = next(self._numbers)
        future = self._answers[id_] = asyncio.get_running_loop().create_future()
        self._send({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})
        try:
            return await asyncio.wait_for(future, ANSWER_S)
        except TimeoutError:
            raise ServerLostError("The server doesn't answer any more.") from None
        finally:
            self._answers.pop(id_, None)

    def notify(self, method: str, params: object = None) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def lost_error(self) -> ServerLostError:
        """The error for a server that ended by itself."""
        last = next((line for line in reversed(self._stderr_lines) if line.strip()), b"")
        words = " ".join(last.decode("utf-8", "replace").split())
        return ServerLostError(
            "The server ended unexpectedly"
            + (f": {words}" if words else ". MIDSTREAM_LOG=debug shows more")
        )

    async def aclose(self) -> None:
        """End the server and wait for it; kill one that does not end."""
        with contextlib.suppress(MidstreamError):
            await self.request("shutdown")
            self.notify("exit")
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), END_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- inside --

    def _send(self, message: Json) -> None:
        assert self._process.stdin is not None
        body = orjson.dumps(message)
        if not self._process.stdin.is_closing():
            self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> None:
        assert self._process.stdout is not None
        framer = Framer()
        try:
            while data := await self._process.stdout.read(_READ_SIZE):
                framer.feed(data)
                while (item := framer.next()) is not None:
                    if not isinstance(item, Garbage):
                        self._take(orjson.loads(item))
        finally:
            self._gone = True
            for future in self._answers.values():
                if not future.done():
                    future.set_exception(self.lost_error())
            self._on_notification("$/gone", None)

    async def _listen(self, stderr: asyncio.StreamReader) -> None:
        while data := await stderr.read(_READ_SIZE):
            self._stderr_lines.extend(data.splitlines())

    def _take(self, message: Json) -> None:
        method = message.get("method")
        if method is None:
            self._take_answer(message)
        elif "id" not in message:
            self._on_notification(method, message.get("params"))
        else:
            result = self._on_request(method, message.get("params"))
            answer: Json = {"jsonrpc": "2.0", "id": message["id"]}
            if result is NotImplemented:
                sentence = f"This editor doesn't know `{method}`."
                answer["error"] = {"code": _METHOD_NOT_FOUND, "message": sentence}
            else:
                answer["result"] = result
            self._send(answer)

    def _take_answer(self, message: Json) -> None:
        future = self._answers.get(message.get("id"))
        if future is None or future.done():
            return
        error = message.get("error")
        if error is None:
            future.set_result(message.get("result"))
        else:
            future.set_exception(ServerProcessError(error["code"], error["message"]))
