"""The smallest server with our protocol, for the tests of protocol and transport.

`python -m tests.support.echo_server [--tcp]`; with `--tcp` the port is its first line of output,
and the token is `TOKEN`.
"""

import asyncio
import sys
from collections.abc import Awaitable

from lsprotocol import types

from lsp_server.errors import ContractError, InvalidParams, RequestFailed
from lsp_server.lsp import convert
from lsp_server.lsp.client import ApplyOutcome, Reply
from lsp_server.lsp.convert import Json
from lsp_server.lsp.documents import Documents
from lsp_server.lsp.json_rpc import BaseServer
from lsp_server.lsp.listeners import open_port
from lsp_server.lsp.transport import serve_at, serve_stdio
from lsp_server.text.changes import Change, ChangeSet

TOKEN = "the token of the echo server"


class EchoServer(BaseServer):
    """Returns what it receives."""

    def __init__(self) -> None:
        super().__init__("echo", "1")
        self.documents = Documents()
        self.cancelled = 0
        wire = self.protocol
        wire.on_notification(types.TEXT_DOCUMENT_DID_OPEN, self.documents.open)
        wire.on_notification(types.TEXT_DOCUMENT_DID_CHANGE, self._changed)
        wire.on_notification(types.TEXT_DOCUMENT_DID_CLOSE, self.documents.close)
        wire.on_notification("echo/raise", self._raise)
        wire.on_request("echo/echo", lambda params: params)
        wire.on_request("echo/text", lambda params: self._text(params["uri"]))
        wire.on_request("echo/ask", self._ask)
        wire.on_request("echo/wait", lambda params: self._wait())
        wire.on_request("echo/cancelled", lambda params: self.cancelled)
        wire.on_request("echo/no-json", lambda params: object())
        wire.on_command("echo.echo", lambda argument: argument)
        wire.on_command("echo.edit", self._edit)
        wire.on_command("echo.stream", self._stream)
        wire.on_command("echo.fail", self._fail)
        wire.on_command("echo.print", self._print)

    def _changed(self, params: object) -> None:
        if (change := self.documents.change(params)) is not None:
            self.protocol.client.notify("echo/changed", {"version": change.after.version})

    def _text(self, uri: str) -> Json:
        document = self.documents.get(uri)
        if document is None:
            raise RequestFailed("That document is not open.")
        return {"version": document.version, "text": document.text.text}

    def _raise(self, params: object) -> None:
        raise RuntimeError("secret in a notification")

    def _print(self, argument: Json) -> Json:
        print("a stray line")
        return {}

    def _edit(self, argument: Json) -> Json:
        """Insert a text at the start; what the editor says and holds is told in its own order."""
        document = self.documents.get(argument["uri"])
        assert document is not None
        changes = ChangeSet.of(len(document.text), [Change(0, 0, argument["text"])])
        edits = convert.text_edits(document.text, changes, self.documents.encoding)
        edit = convert.workspace_edit(document.uri, document.version, edits)

        def answered(outcome: ApplyOutcome) -> None:
            self.protocol.client.notify(
                "echo/outcome",
                {"applied": outcome.applied, "reason": outcome.reason, "error": outcome.error},
            )

        self.protocol.client.apply_edit(edit, answered)
        return {}

    async def _stream(self, argument: Json) -> Json:
        """Insert many times, one after the other; for measuring."""
        for _ in range(argument["count"]):
            edit = convert.workspace_edit(
                argument["uri"],
                1,
                [
                    {
                        "range": {
                            "start": {"line": 3, "character": 4},
                            "end": {"line": 3, "character": 4},
                        },
                        "newText": "word ",
                    }
                ],
            )
            await self.protocol.client.request("workspace/applyEdit", {"edit": edit})
        return {}

    async def _ask(self, params: Json) -> Json:
        reply: Reply = await self.protocol.client.request(params["method"], params["params"])
        error = None if reply.error is None else [reply.error.code, reply.error.message]
        return {"result": reply.result, "error": error}

    async def _wait(self) -> None:
        self.protocol.client.notify("echo/waiting", None)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    def _fail(self, argument: Json) -> Awaitable[Json] | Json:
        error = {
            "params": InvalidParams("`x` must be a string."),
            "failed": RequestFailed("Not now."),
            "contract": ContractError("secret of ours"),
            "bug": RuntimeError("secret of the user"),
        }[argument["how"]]

        async def later() -> Json:
            raise error

        if argument.get("later"):
            return later()
        raise error


def add_features(server: EchoServer) -> None:
    """Two features in pygls's own way, with types."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        if params.position.line == 13:
            raise RuntimeError("secret in a feature")
        return types.Hover(contents=str(params.position.line))

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    async def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
        place = types.Position(0, 0)
        return [types.CodeLens(range=types.Range(place, place))]


def main() -> int:
    server = EchoServer()

    add_features(server)

    async def closing() -> None:
        print("put away", file=sys.stderr)

    if "--tcp" in sys.argv:
        door = open_port("127.0.0.1", 0, TOKEN)
        print(door.place.rpartition(":")[2], flush=True)
        return serve_at(server, door, closing)
    return serve_stdio(server, closing)


if __name__ == "__main__":
    sys.exit(main())
