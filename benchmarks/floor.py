"""The minimum that any such program must do: read frames, write edits, close sockets.

    python -m benchmarks.floor URL

A loop over standard input and output that understands just enough of the protocol for
`benchmarks.interrupt`: no reader, no aligner, no gate, no session. Each line of the answer that is
complete becomes an edit; one is in flight at a time; a cancel closes the socket, a redirect writes
its request on the spare. The difference to the real server is the cost of what that does.
"""

import asyncio
import sys
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect

Json = dict[str, Any]


class Floor:
    """One conversation with one document and one stream at a time."""

    def __init__(self, url: str, output: asyncio.StreamWriter) -> None:
        self._url = url
        self._output = output
        self._spares: list[ClientConnection] = []
        self._dials: set[asyncio.Task[None]] = set()
        self._line: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._uri, self._text, self._version = "", "", 0
        self._row = 0
        self._complete = ""
        self._partial = ""
        self._in_flight = False
        self._edits = 0

    def take(self, message: Json) -> None:
        """One message of the editor's."""
        method, params = message.get("method"), message.get("params", {})
        if method is None:
            self._in_flight = False
            self._write()
        elif method == "initialize":
            self._answer(message, {"capabilities": {"positionEncoding": "utf-32"}})
            self._dial()
            self._dial()
        elif method == "textDocument/didOpen":
            document = params["textDocument"]
            self._uri, self._text, self._version = document["uri"], document["text"], 1
        elif method == "textDocument/didChange":
            self._version = params["textDocument"]["version"]
        elif method == "workspace/executeCommand":
            self._command(message, params["command"], params["arguments"][0])

    def _command(self, message: Json, name: str, argument: Json) -> None:
        if name in ("midstream.cancel", "midstream.redirect"):
            self._cut()
        if name in ("midstream.edit", "midstream.redirect"):
            self._row = argument["range"]["start"]["line"] if "range" in argument else self._row
            self._complete = self._partial = ""
            self._ask()
        self._answer(message, {"session": "s1", "left": "valid", "attempt": 2})

    # -- the model --

    def _ask(self) -> None:
        line = self._line = self._spares.pop()
        text = [{"type": "input_text", "text": self._text}]
        part = [{"type": "message", "role": "user", "content": text}]
        line.protocol.send_text(
            orjson.dumps({"type": "response.create", "model": "bench", "input": part})
        )
        line.send_data()
        self._reading = asyncio.create_task(self._read(line))
        self._dial()

    async def _read(self, line: ClientConnection) -> None:
        async for frame in line:
            event = orjson.loads(frame)
            if event["type"] == "response.output_text.delta":
                head, end, rest = event["delta"].rpartition("\n")
                if end:
                    self._complete += self._partial + head + end
                    self._partial = rest
                    self._write()
                else:
                    self._partial += rest

    def _cut(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        assert self._reading is not None
        self._reading.cancel()
        line.protocol.send_close(1000)
        line.send_data()
        line.transport.abort()
        self._complete = self._partial = ""

    def _dial(self) -> None:
        async def dial() -> None:
            line = await connect(self._url, compression=None, ping_interval=None)
            self._spares.append(line)

        task = asyncio.create_task(dial())
        self._dials.add(task)
        task.add_done_callback(self._dials.discard)

    # -- the editor --

    def _write(self) -> None:
        if self._in_flight or not self._complete or self._complete.startswith("```"):
            self._complete = self._complete if self._in_flight else ""
            return
        self._in_flight = True
        self._edits += 1
        place = {"line": self._row, "character": 0}
        edit = {"range": {"start": place, "end": place}, "newText": self._complete}
        self._row += self._complete.count("\n")
        self._complete = ""
        document = {"uri": self._uri, "version": self._version}
        params = {"edit": {"documentChanges": [{"textDocument": document, "edits": [edit]}]}}
        self._send({"id": self._edits, "method": "workspace/applyEdit", "params": params})

    def _answer(self, message: Json, result: Json) -> None:
        self._send({"id": message["id"], "result": result})

    def _send(self, message: Json) -> None:
        body = orjson.dumps({"jsonrpc": "2.0", **message})
        self._output.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))


async def run(url: str) -> None:
    """Run until the editor closes the connection."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop), sys.stdout
    )
    floor = Floor(url, asyncio.StreamWriter(transport, protocol, reader, loop))
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
        floor.take(orjson.loads(await reader.readexactly(length)))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
