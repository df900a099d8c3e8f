"""An editor that is nothing but bytes: its own framing, its own documents, no LSP library.

So it shares no mistake with the server. It starts the server as a process and talks over pipes:

    with RawClient.start([sys.executable, "-P", "-m", "lsp_server"]) as client:
        client.initialize()
        client.open("file:///a.py", "x = 1\\n", "python")
        answer = client.request("workspace/executeCommand", {...})
        client.wait_for(lambda: client.text("file:///a.py") == "y = 1\\n")

Handlers run in the thread that reads. Every wait has an end and then says what came so far.
"""

import contextlib
import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from types import TracebackType
from typing import Any

Json = dict[str, Any]
PATIENCE = 40.0
"""Seconds after which a wait is a failed test. Never a measure of anything."""
_UNTOLD_S = 0.1
"""Seconds between two looks at what no message tells of, such as a file."""
_LINE_END = re.compile(r"\r\n|\n|\r")


class Failed(Exception):
    """The server answered with an error; `code` and the sentence."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.data = data


class Manner(Enum):
    """How this editor takes `workspace/applyEdit`."""

    ANSWER_FIRST = "applies, answers, then sends the change"
    CHANGE_FIRST = "applies, sends the change, then answers"
    REFUSE = "applied: false"
    REFUSE_NULL = "applied: null, as lsp-mode does"
    REFUSE_ERROR = "an error, as eglot does"
    LIE = "drops it and says applied: true, as Neovim does with a stale one"
    SILENT = "never answers"


@dataclass(slots=True)
class OpenDocument:
    """A document as this editor holds it."""

    uri: str
    language_id: str
    version: int
    text: str


class RawClient:
    """One editor with one server process."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None and process.stdout is not None
        self.process = process
        self.manner = Manner.CHANGE_FIRST
        self.stale_is = Manner.REFUSE
        """How an edit for another version than the document's is refused."""
        self.encoding = "utf-16"
        self.whole = False
        """Whether each change is reported as the whole new document."""
        self.documents: dict[str, OpenDocument] = {}
        self.messages: list[Json] = []
        """Everything that the server sent, as it came."""
        self.edits: list[Json] = []
        """The parameters of each `workspace/applyEdit`."""
        self._input = process.stdin
        self._output = process.stdout
        self._news = threading.Condition(threading.RLock())
        self._answers: dict[object, Json] = {}
        self._next_id = 0
        self._ended = False
        self._writing = threading.Lock()
        self._after_answer: Callable[[], None] | None = None
        self._handlers: dict[str, Callable[[Any], object]] = {
            "workspace/applyEdit": self.take_edit,
            "workspace/configuration": lambda params: [None for _ in params["items"]],
            "window/workDoneProgress/create": lambda params: None,
            "client/registerCapability": lambda params: None,
            "window/showMessageRequest": lambda params: None,
        }
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @classmethod
    def start(cls, argv: Sequence[str], env: dict[str, str] | None = None) -> "RawClient":
        """Start a server. `env` is added to this process's environment."""
        return cls(
            subprocess.Popen(
                list(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **(env or {})},
            )
        )

    def __enter__(self) -> "RawClient":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()

    # -- talking -----------------------------------------------------------------------------

    def initialize(self, capabilities: Json | None = None, **params: Any) -> Json:
        """Initialize; `params` override the usual ones. Returns the result."""
        usual = {
            "processId": os.getpid(),
            "rootUri": None,
            "capabilities": {
                "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
                "window": {"workDoneProgress": True},
                **(capabilities or {}),
            },
        }
        result: Json = self.request("initialize", {**usual, **params})
        self.encoding = result["capabilities"].get("positionEncoding") or "utf-16"
        self.notify("initialized", {})
        return result

    def request(self, method: str, params: object = None, patience: float = PATIENCE) -> Any:
        """Ask and wait for the answer. Raises `Failed` for an error."""
        return self.answer_to(self.send_request(method, params), patience)

    def command(self, name: str, argument: Json | None = None) -> Any:
        """`workspace/executeCommand`."""
        arguments = [] if argument is None else [argument]
        return self.request("workspace/executeCommand", {"command": name, "arguments": arguments})

    def send_request(self, method: str, params: object = None) -> int:
        """Ask and go on; the id is for `answer_to`."""
        with self._news:
            self._next_id += 1
            id_ = self._next_id
        self.send({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})
        return id_

    def answer_to(self, id_: object, patience: float = PATIENCE) -> Any:
        """Wait for the answer to a request that was sent before."""
        self.wait_for(lambda: id_ in self._answers, patience)
        answer = self._answers.pop(id_)
        if (error := answer.get("error")) is not None:
            raise Failed(error["code"], error["message"], error.get("data"))
        return answer["result"]

    def notify(self, method: str, params: object = None) -> None:
        """Tell the server something."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def send(self, message: object) -> None:
        """Any JSON, in a proper frame."""
        body = json.dumps(message).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def send_bytes(self, data: bytes) -> None:
        """Any bytes at all."""
        with self._writing:
            self._input.write(data)
            self._input.flush()

    def on_request(self, method: str, handler: Callable[[Any], object]) -> None:
        """Answer the server's requests with what `handler` returns; `Failed` becomes an error."""
        self._handlers[method] = handler

    # -- waiting -----------------------------------------------------------------------------

    def wait_for(self, predicate: Callable[[], object], patience: float = PATIENCE) -> None:
        """Wait until something is so that the server says, or does without saying so."""
        end = time.monotonic() + patience
        with self._news:
            while not (predicate() or self._ended) and time.monotonic() < end:
                self._news.wait(_UNTOLD_S)
            if not predicate():
                came = [m.get("method") or f"answer {m.get('id')}" for m in self.messages[-20:]]
                state = "has ended" if self._ended else "is silent"
                raise AssertionError(f"It never came; the server {state}. The last came: {came}")

    def received(self, method: str) -> list[Json]:
        """The parameters of all messages of that method, oldest first."""
        with self._news:
            return [m["params"] for m in self.messages if m.get("method") == method]

    def finish(self) -> int:
        """`shutdown` and `exit`; returns the exit code."""
        self.request("shutdown")
        self.notify("exit")
        return self.process.wait(PATIENCE)

    def close_input(self) -> int:
        """Go away without a word; returns the exit code."""
        self._input.close()
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End the server whatever it does, and put everything away."""
        self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        with contextlib.suppress(BrokenPipeError):
            self._input.close()
        self._output.close()

    # -- documents ---------------------------------------------------------------------------

    def open(self, uri: str, text: str, language_id: str = "", version: int = 1) -> None:
        """`textDocument/didOpen`."""
        with self._news:
            self.documents[uri] = OpenDocument(uri, language_id, version, text)
            self.notify(
                "textDocument/didOpen",
                {
                    "textDocument": {
                        "uri": uri,
                        "languageId": language_id,
                        "version": version,
                        "text": text,
                    }
                },
            )

    def text(self, uri: str) -> str:
        """The text as this editor holds it."""
        with self._news:
            return self.documents[uri].text

    def type(self, uri: str, start: int, end: int, text: str) -> None:
        """The user replaces `[start, end)` (code points) and the editor says so."""
        with self._news:
            document = self.documents[uri]
            range_ = {"start": self.position(uri, start), "end": self.position(uri, end)}
            document.text = document.text[:start] + text + document.text[end:]
            self._send_change(document, [{"range": range_, "text": text}])

    def perform(self, params: Json, manner: Manner = Manner.CHANGE_FIRST) -> None:
        """Do now what an `applyEdit` handler left undone with `NotImplemented`, and answer it."""
        with self._news:
            request = next(
                m
                for m in self.messages
                if m.get("method") == "workspace/applyEdit" and m["params"] is params
            )
            before, self.manner = self.manner, manner
            answer: Json = {"jsonrpc": "2.0", "id": request["id"]}
            try:
                answer["result"] = self.take_edit(params)
            except Failed as error:
                answer["error"] = {"code": error.code, "message": error.message}
            finally:
                self.manner = before
            self.send(answer)
            if self._after_answer is not None:
                self._after_answer()
                self._after_answer = None

    def replace(self, uri: str, text: str) -> None:
        """The document becomes `text`, and the editor reports just what is different."""
        with self._news:
            old = self.documents[uri].text
            start = _common(old, text)
            tail = _common(old[start:][::-1], text[start:][::-1])
            self.type(uri, start, len(old) - tail, text[start : len(text) - tail])

    def offset(self, uri: str, position: Json) -> int:
        """The offset of an LSP position, which must be there."""
        return _offset(self.documents[uri].text, position, self.encoding)

    def close(self, uri: str) -> None:
        """`textDocument/didClose`."""
        with self._news:
            del self.documents[uri]
            self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def position(self, uri: str, offset: int) -> Json:
        """The LSP position of an offset (code points) in the agreed encoding."""
        return _position(self.documents[uri].text, offset, self.encoding)

    def range(self, uri: str, start: int, end: int) -> Json:
        """The LSP range of `[start, end)` (code points) in the agreed encoding."""
        return {"start": self.position(uri, start), "end": self.position(uri, end)}

    def range_of(self, uri: str, piece: str) -> Json:
        """The LSP range of the first place where `piece` stands."""
        start = self.text(uri).index(piece)
        return self.range(uri, start, start + len(piece))

    # -- inside --------------------------------------------------------------------------------

    def _read(self) -> None:
        try:
            while (header := self._read_header()) is not None:
                body = self._output.read(header)
                self._receive(json.loads(body))
        finally:
            with self._news:
                self._ended = True
                self._news.notify_all()

    def _read_header(self) -> int | None:
        length = None
        while line := self._output.readline():
            if line == b"\r\n":
                assert length is not None, "a header without Content-Length"
                return length
            name, _, value = line.partition(b": ")
            assert value.endswith(b"\r\n"), f"no header line: {line!r}"
            if name == b"Content-Length":
                length = int(value)
        return None

    def _receive(self, message: Json) -> None:
        with self._news:
            self.messages.append(message)
            if "method" not in message:
                self._answers[message["id"]] = message
            elif "id" in message:
                self._answer(message)
            self._news.notify_all()

    def _answer(self, message: Json) -> None:
        handler = self._handlers.get(message["method"])
        answer: Json = {"jsonrpc": "2.0", "id": message["id"]}
        try:
            if handler is None:
                raise Failed(-32601, "This editor does not know that method.")
            result = handler(message["params"])
        except Failed as error:
            self.send({**answer, "error": {"code": error.code, "message": error.message}})
            return
        if result is not NotImplemented:
            self.send({**answer, "result": result})
        if message["method"] == "workspace/applyEdit" and self._after_answer is not None:
            self._after_answer()
            self._after_answer = None

    def take_edit(self, params: Json) -> object:
        """What this editor does with `workspace/applyEdit`; its answer."""
        self.edits.append(params)
        if self.manner is Manner.SILENT:
            return NotImplemented
        if self.manner not in (Manner.ANSWER_FIRST, Manner.CHANGE_FIRST):
            return _refusal(self.manner)
        changed = []
        for part in params["edit"]["documentChanges"]:
            document = self.documents.get(part["textDocument"]["uri"])
            if document is None or part["textDocument"]["version"] != document.version:
                return _refusal(self.stale_is)
            changed.append((document, self._applied(document, part["edits"])))
        for document, changes in changed:
            if self.manner is Manner.CHANGE_FIRST:
                self._send_change(document, changes)
            else:
                self._after_answer = partial(self._send_change, document, changes)
        return {"applied": True}

    def _applied(self, document: OpenDocument, edits: list[Json]) -> list[Json]:
        """Apply text edits and give them back as content changes, from the last to the first."""
        text = document.text
        spans = sorted(
            (
                (
                    _offset(text, edit["range"]["start"], self.encoding),
                    _offset(text, edit["range"]["end"], self.encoding),
                    edit,
                )
                for edit in edits
            ),
            key=lambda span: span[:2],
            reverse=True,
        )
        bound = len(text)
        for start, end, edit in spans:
            assert start <= end <= bound, "the edits overlap"
            document.text = document.text[:start] + edit["newText"] + document.text[end:]
            bound = start
        return [{"range": edit["range"], "text": edit["newText"]} for _, _, edit in spans]

    def _send_change(self, document: OpenDocument, changes: list[Json]) -> None:
        document.version += 1
        if self.whole:
            changes = [{"text": document.text}]
        self.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": document.uri, "version": document.version},
                "contentChanges": changes,
            },
        )


def _common(one: str, other: str) -> int:
    """How long the beginning is that both have."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _refusal(manner: Manner) -> object:
    match manner:
        case Manner.REFUSE:
            return {"applied": False}
        case Manner.REFUSE_NULL:
            return {"applied": None}
        case Manner.REFUSE_ERROR:
            raise Failed(-32603, "Edits require version 2, you have 1")
        case _:
            return {"applied": True}


def _units(text: str, encoding: str) -> int:
    if encoding == "utf-16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass")) if encoding == "utf-8" else len(text)


def _position(text: str, offset: int, encoding: str) -> Json:
    ends = [end.end() for end in _LINE_END.finditer(text) if end.end() <= offset]
    start = ends[-1] if ends else 0
    return {"line": len(ends), "character": _units(text[start:offset], encoding)}


def _offset(text: str, position: Json, encoding: str) -> int:
    """The offset of a position; one that is not there fails the test."""
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    start = starts[position["line"]]
    found = _LINE_END.search(text, start)
    end = found.start() if found else len(text)
    for offset in range(start, end + 1):
        if _units(text[start:offset], encoding) == position["character"]:
            return offset
    raise AssertionError(f"There is no place {position} in the document.")
