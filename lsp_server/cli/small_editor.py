"""A minimal editor: it holds documents, applies the server's edits and sends commands.

A client like any other: it relies only on `docs/protocol.md`. Nobody types in it, so the scope
stays between the two ends of the file that no edit may touch.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lsp_server import __version__
from lsp_server.cli.ledger_table import model_words
from lsp_server.cli.server_process import ServerProcess
from lsp_server.lsp import convert
from lsp_server.lsp.convert import Json
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.lines import Encoding, Text
from lsp_server.text.span import Span
from lsp_server.wording import TERMINAL

ENCODING = Encoding.UTF32
"""Columns are code points, as in Python."""

_SETTLED_PHASES = ("review", "ended")
_WARNING = 2


@dataclass(slots=True)
class Buffer:
    """An open document. `place` is the end of the last written text (code points)."""

    uri: str
    version: int
    text: Text
    place: int = 0


@dataclass(slots=True)
class EditorSession:
    """One session as the server's notifications describe it.

    `scope` was requested; `before` and `after` are the code points of the document on either side
    of it.
    """

    id: str
    buffer: Buffer
    kind: str
    language: str
    before: int
    after: int
    original: str
    version: int
    """The version of the document when the session began."""
    attempt: int = 1
    """The attempt that was requested last. Reports about older ones do not count."""
    state: Json = field(default_factory=dict)
    ledger: Json | None = None
    sentences: dict[tuple[int, str], None] = field(default_factory=dict)
    """The server's sentences, each with its attempt, in order and without repetitions."""

    @property
    def text(self) -> str:
        """The current text of the scope."""
        text = self.buffer.text.text
        return text[self.before : len(text) - self.after]

    @property
    def phase(self) -> str:
        """The phase of the attempt that was requested last."""
        return str(self.state.get("phase", "starting")) if self._current else "starting"

    @property
    def settled(self) -> bool:
        """Whether nothing more will happen on its own."""
        return self.phase in _SETTLED_PHASES

    @property
    def ended(self) -> bool:
        """Whether the session accepts no more commands."""
        return self.phase == "ended"

    @property
    def edits(self) -> int:
        """How many edits this editor has applied for it."""
        return self.buffer.version - self.version

    @property
    def tokens(self) -> int:
        """How many tokens have arrived, over all attempts."""
        return int(self.state.get("tokens") or 0)

    @property
    def model(self) -> str:
        """The model that the server reports; until then the requested one."""
        model = self.state.get("model") or {}
        return model_words(model.get("requested"), model.get("served"))

    @property
    def messages(self) -> list[str]:
        """The server's sentences about this attempt."""
        return [text for attempt, text in self.sentences if attempt == self.attempt]

    @property
    def held(self) -> str:
        """What the model has sent and the server does not show yet."""
        held = self.state.get("held")
        return str(held["text"]) if self._current and isinstance(held, dict) else ""

    @property
    def offers(self) -> list[str]:
        """The import statements that the code needs and the file would get."""
        hunks = self.state.get("hunks") or []
        return [
            " ".join(str(hunk["offer"]).split()) for hunk in hunks if hunk["state"] == "offered"
        ]

    @property
    def _current(self) -> bool:
        return int(self.state.get("attempt", 1)) >= self.attempt


class SmallEditor:
    """One editor with one server. `on_message` gets the server's sentences."""

    def __init__(self, on_message: Callable[[str], None] = lambda sentence: None) -> None:
        self.on_message = on_message
        self.on_change: Callable[[], None] = lambda: None
        self._changed = asyncio.Event()
        self._buffers: dict[str, Buffer] = {}
        self._sessions: dict[str, EditorSession] = {}
        self._early_states: dict[str, Json] = {}
        self._server_process: ServerProcess | None = None

    async def start(self, root: Path, options: Mapping[str, object] | None = None) -> None:
        """Start the server for a workspace. `options` are `initializationOptions`."""
        self._server_process = await ServerProcess.start(self._on_request, self._on_notification)
        uri = root.as_uri()
        await self._server_process.request(
            "initialize",
            {
                "processId": os.getpid(),
                "clientInfo": {"name": "midstream edit", "version": __version__},
                "rootUri": uri,
                "workspaceFolders": [{"uri": uri, "name": root.name}],
                "initializationOptions": dict(options or {}),
                "capabilities": {
                    "general": {"positionEncodings": [ENCODING.value]},
                    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
                    "experimental": {"midstream": {"session": True, "wording": TERMINAL.name}},
                },
            },
        )
        self._server_process.notify("initialized", {})

    async def aclose(self) -> None:
        """End the server."""
        if self._server_process is not None:
            await self._server_process.aclose()

    def open(self, path: Path, text: str) -> Buffer:
        """Open a document. The server determines its language."""
        buffer = Buffer(path.as_uri(), 1, Text(text))
        self._buffers[buffer.uri] = buffer
        item = {"uri": buffer.uri, "languageId": "", "version": 1, "text": text}
        self._server.notify("textDocument/didOpen", {"textDocument": item})
        return buffer

    # -- commands --

    async def edit(
        self, buffer: Buffer, selection: Span, instruction: str, **options: object
    ) -> EditorSession:
        """Begin a session for the selection. Raises `ServerProcessError` if it is refused."""
        original = buffer.text
        answer = await self._command(
            "midstream.edit",
            {
                "uri": buffer.uri,
                "range": convert.range_of(original, selection, ENCODING),
                "instruction": instruction,
                "version": buffer.version,
                **options,
            },
        )
        scope = answer["scope"]
        span = convert.span_from(original, scope["range"], ENCODING)
        session = EditorSession(
            id=answer["session"],
            buffer=buffer,
            kind=scope["kind"],
            language=scope["language"],
            before=span.start,
            after=len(original) - span.end,
            original=span.text(original.text),
            version=buffer.version,
        )
        self._sessions[session.id] = session
        self._update(session, self._early_states.pop(session.id, {}))
        return session

    async def redirect(self, session: EditorSession, instruction: str) -> None:
        """Send a new instruction."""
        argument = {"session": session.id, "instruction": instruction}
        answer = await self._command("midstream.redirect", argument)
        session.attempt = answer["attempt"]

    async def cancel(self, session: EditorSession) -> None:
        """Stop. What has landed stays."""
        await self._command("midstream.cancel", {"session": session.id})

    async def accept(self, session: EditorSession, imports: bool | None = None) -> None:
        """Keep everything and end the session. `imports`: whether to write what is offered; `None`:
        by the setting."""
        argument: Json = {"session": session.id}
        await self._command(
            "midstream.accept", argument if imports is None else argument | {"imports": imports}
        )

    async def revert(self, session: EditorSession) -> None:
        """Undo everything and end the session."""
        await self._command("midstream.revert", {"session": session.id})

    async def show(self, session: EditorSession) -> None:
        """Show what is held although it does not parse."""
        await self._command("midstream.show", {"session": session.id})

    async def sound(self, session: EditorSession) -> bool:
        """Whether the model's last answer is complete and lost no declaration."""
        answer = await self._command("midstream.attempts", {"session": session.id})
        last = answer["attempts"][-1]
        return bool(last["outcome"] == "finished" and not last["lost"])

    async def status(self) -> Json:
        """The answer to `midstream.status`."""
        return await self._command("midstream.status", {})

    # -- waiting --

    async def until(self, predicate: Callable[[], object]) -> None:
        """Wait until `predicate` holds. A message or `nudge` checks it again."""
        while not predicate():
            if self._server.gone:
                raise self._server.lost_error()
            self._changed.clear()
            await self._changed.wait()

    def nudge(self) -> None:
        """Make `until` check again."""
        self._changed.set()

    # -- inside --

    @property
    def _server(self) -> ServerProcess:
        assert self._server_process is not None, "The editor has not been started."
        return self._server_process

    async def _command(self, name: str, argument: Json) -> Json:
        params = {"command": name, "arguments": [argument]}
        answer = await self._server.request("workspace/executeCommand", params)
        assert isinstance(answer, dict)
        return answer

    def _on_request(self, method: str, params: Json) -> object:
        if method == "workspace/applyEdit":
            return self._apply(params)
        if method == "window/showMessageRequest":
            self.on_message(f"{params['message']} To use it, add --profile.")
            return None
        if method in ("client/registerCapability", "window/workDoneProgress/create"):
            return None
        return NotImplemented

    def _on_notification(self, method: str, params: Json) -> None:
        if method == "midstream/session":
            session = self._sessions.get(params["session"])
            if session is None:
                self._early_states[params["session"]] = params
            else:
                self._update(session, params)
        elif method == "window/showMessage" and params["type"] <= _WARNING:
            self.on_message(params["message"])
        self._changed.set()
        self.on_change()

    def _update(self, session: EditorSession, state: Json) -> None:
        if state:
            session.state = state
            session.ledger = state.get("ledger") or session.ledger
            # A message beside the state comes in one notification only.
            if isinstance(message := state.get("message"), dict):
                session.sentences[int(state.get("attempt", 1)), str(message["text"])] = None

    def _apply(self, params: Json) -> Json:
        """Apply all of it or nothing, and only to the current version of the document."""
        targets: list[tuple[Buffer, list[Json]]] = []
        for part in params["edit"]["documentChanges"]:
            document = part["textDocument"]
            buffer = self._buffers.get(document["uri"])
            if buffer is None:
                return {"applied": False, "failureReason": "The document isn't open."}
            if document["version"] != buffer.version:
                return {"applied": False, "failureReason": "The document has changed."}
            targets.append((buffer, part["edits"]))
        for buffer, edits in targets:
            self._change(buffer, edits)
        self.on_change()
        return {"applied": True}

    def _change(self, buffer: Buffer, edits: list[Json]) -> None:
        spans = [(convert.span_from(buffer.text, edit["range"], ENCODING), edit) for edit in edits]
        spans.sort(key=lambda pair: pair[0])
        changes = ChangeSet.of(
            len(buffer.text), (Change(s.start, s.end, edit["newText"]) for s, edit in spans)
        )
        buffer.text = buffer.text.apply(changes)
        buffer.version += 1
        buffer.place = max((end for _, end in changes.after_spans()), default=buffer.place)
        content = [{"range": e["range"], "text": e["newText"]} for _, e in reversed(spans)]
        document = {"uri": buffer.uri, "version": buffer.version}
        self._server.notify(
            "textDocument/didChange", {"textDocument": document, "contentChanges": content}
        )
