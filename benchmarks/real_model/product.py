"""The product as an editor has it: the language server as a process, an edit to its accept.

What comes of an edit is the document's text, how the session ended, and the sentences that
were shown. Knows nothing of grading.
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.loopback import Editor, Json, server
from benchmarks.real_model.projects import write_project
from benchmarks.real_model.relay import Relay
from benchmarks.real_model.tasks import Task
from lsp_server.session.answer_messages import SAME

__all__ = ["NO_CONTEXT", "EditResult", "Product"]

NO_CONTEXT: Json = {"context": {"definitions": False, "callers": False, "open": False}}
"""Settings for a server that looks at no other file."""

_PATIENCE_S = 300.0
"""Seconds after which an edit that is still being written is stopped, as a user would."""
_SELECTING_S = 2.0
"""Seconds between opening a file and the edit, in which a user selects and types."""
_STOPPING_S = 20.0
"""Seconds in which a stop is over."""


@dataclass(slots=True)
class EditResult:
    """What became of one edit."""

    text: str
    """The whole document, after accepting."""
    ended: str = "done"
    """`done`, `same` (the answer is the code as it was), `held` (text came and is not shown, or
    nothing changed for another reason), `failed`, or `stopped`: it ran on until patience was over,
    and what had landed stays."""
    sentences: list[str] = field(default_factory=list)


class _Watching(Editor):
    """An editor that remembers the newest news of each session, and all messages."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        super().__init__(process)
        self.newest: dict[str, Json] = {}
        self.messages: dict[str, list[Json]] = {}

    async def _receive(self, message: Json, read: float) -> None:
        if message.get("method") != "midstream/session":
            return await super()._receive(message, read)
        news = message["params"]
        self.newest[news["session"]] = news
        if text := news.get("message"):
            self.messages.setdefault(news["session"], []).append(text)
        return await self._tell()

    async def until_resting(self, session: str, attempt: int, seconds: float) -> Json:
        """The news once nothing is being written any more, at this attempt or a later one.

        Raises `TimeoutError`.
        """

        def rests() -> bool:
            news = self.newest.get(session, {"phase": "starting"})
            here = news["phase"] == "review" and news["attempt"] >= attempt
            return bool(news["phase"] == "ended" or here)

        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(rests)
        return self.newest[session]


class Product:
    """One server, used for one edit after the other."""

    def __init__(self, editor: _Watching, relay: Relay, root: Path | None = None) -> None:
        self._editor = editor
        self._relay = relay
        self._root = root
        self._count = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def started(
        cls,
        relay: Relay,
        model: str,
        root: Path | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> AsyncIterator["Product"]:
        """A server whose only profile leads to the relay. Nobody's own settings are read.

        `root` is its workspace; then a task's file is opened there. `settings` are added.
        """
        profile = {
            "provider": "openai-chat",
            "baseUrl": f"http://127.0.0.1:{relay.port}/v1",
            "model": model,
            "idleTimeout": 600,
        }
        with tempfile.TemporaryDirectory(prefix="real-model-home-") as home:
            places = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
            async with _Watching.started(
                server(),
                {"profiles": {"bench": profile}, "profile": "bench", **(settings or {})},
                env=dict.fromkeys(places, home),
                root=None if root is None else root.as_uri(),
                experimental={"midstream": {"session": True}},
            ) as editor:
                yield cls(editor, relay, root)

    @classmethod
    async def edit_project(
        cls, relay: Relay, model: str, task: Task, *, context: bool
    ) -> EditResult:
        """One edit in a project of its own, by a server of its own."""
        with tempfile.TemporaryDirectory(prefix="real-model-project-") as folder:
            root = Path(folder).resolve()
            write_project(task, root)
            (root / task.file).parent.mkdir(parents=True, exist_ok=True)
            (root / task.file).write_text(task.text, "utf-8", newline="")
            async with cls.started(relay, model, root, {} if context else NO_CONTEXT) as product:
                return await product.edit(task)

    def open(self, task: Task) -> str:
        """The uri of a new document that holds the task's file."""
        self._count += 1
        uri = f"file:///real-model-{os.getpid()}/{self._count}/{task.file}"
        if self._root is not None:
            uri = (self._root / task.file).as_uri()
        self._editor.open(uri, task.text, task.language)
        return uri

    async def scope(self, task: Task) -> tuple[int, int]:
        """Which code points of the file the product would rewrite."""
        uri = self.open(task)
        place = {"uri": uri, "range": _range(task.text, task.start, task.end)}
        answer = await self._editor.command("midstream.scope", place)
        self._editor.close(uri)
        return _offsets(task.text, answer["scope"]["range"])

    async def edit(self, task: Task) -> EditResult:
        """One edit in a document of its own."""
        uri = self.open(task)
        if task.beside:
            await asyncio.sleep(_SELECTING_S)
        try:
            return await self.edit_here(uri, task)
        finally:
            self._editor.close(uri)

    async def edit_here(self, uri: str, task: Task) -> EditResult:
        """One edit of an open document that holds the task's text; a redirect where it has one."""
        session = await self._begin(uri, task, task.instruction)
        attempt = 1
        if task.redirect is not None:
            await self._until_share(task, session)
            argument = {"session": session, "instruction": task.redirect.instruction}
            attempt = (await self._editor.command("midstream.redirect", argument))["attempt"]
        return await self._finish(task.text, uri, session, attempt)

    async def again(self, task: Task) -> EditResult:
        """The same without a redirect: stop, undo, and ask once more with both instructions."""
        assert task.redirect is not None
        uri = self.open(task)
        try:
            session = await self._begin(uri, task, task.instruction)
            await self._until_share(task, session)
            phase = self._editor.newest.get(session, {}).get("phase")
            undo = {"session": session}
            if phase == "review":
                await self._editor.command("midstream.revert", undo)
            elif phase != "ended":
                await self._editor.command("midstream.cancel", {**undo, "leave": "original"})
            both = f"{task.instruction}; then: {task.redirect.instruction}"
            session = await self._begin(uri, task, both)
            return await self._finish(task.text, uri, session, 1)
        finally:
            self._editor.close(uri)

    # -- steps ---------------------------------------------------------------------------------

    async def _begin(self, uri: str, task: Task, instruction: str) -> str:
        argument = {"uri": uri, "range": _range(task.text, task.start, task.end)}
        answer = await self._editor.command(
            "midstream.edit", {**argument, "instruction": instruction}
        )
        return str(answer["session"])

    async def _until_share(self, task: Task, session: str) -> None:
        """Until the share `after` of the scope's length has been said, or the answer is over."""
        assert task.redirect is not None
        length = max(1, round(task.redirect.after * max(task.end - task.start, 40)))
        said = asyncio.create_task(self._relay.until_said(length))
        rests = asyncio.create_task(self._editor.until_resting(session, 1, _PATIENCE_S))
        _, late = await asyncio.wait((said, rests), return_when=asyncio.FIRST_COMPLETED)
        for waiting in late:
            waiting.cancel()

    async def _finish(self, before: str, uri: str, session: str, attempt: int) -> EditResult:
        editor = self._editor
        stopped = False
        try:
            news = await editor.until_resting(session, attempt, _PATIENCE_S)
        except TimeoutError:
            stopped = True
            await editor.command("midstream.cancel", {"session": session})
            news = await editor.until_resting(session, attempt, _STOPPING_S)
        messages = editor.messages.get(session, [])
        result = EditResult(editor.texts[uri], sentences=_once(messages))
        if news["phase"] == "review":
            await editor.command("midstream.accept", {"session": session, "imports": True})
            result.text = editor.texts[uri]
        if stopped:
            result.ended = "stopped"
        elif any(message["level"] == "error" for message in messages):
            result.ended = "failed"
        elif SAME in result.sentences:
            result.ended = "same"
        elif result.text == before or (news.get("held") or {}).get("text", "").strip():
            result.ended = "held"
        elif news["phase"] == "ended" and news.get("outcome") == "failed":
            result.ended = "failed"
        return result


def _once(messages: list[Json]) -> list[str]:
    """The sentences, each once: the news repeats earlier ones."""
    return list(dict.fromkeys(message["text"] for message in messages))


def _range(text: str, start: int, end: int) -> Json:
    return {"start": _position(text, start), "end": _position(text, end)}


def _position(text: str, offset: int) -> Json:
    line = text.count("\n", 0, offset)
    return {"line": line, "character": offset - (text.rfind("\n", 0, offset) + 1)}


def _offsets(text: str, place: Json) -> tuple[int, int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    start, end = (starts[place[s]["line"]] + place[s]["character"] for s in ("start", "end"))
    return start, end
