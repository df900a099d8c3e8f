"""Plays a recording of `midstream serve --record` against the server as it is now.

    replayed = replay(Path("fixtures/recordings/redirect.jsonl"))
    assert replayed.edits == replayed.recorded_edits

The editor, the model, the timers and the clock are the recording's; everything else is the real
server. So what it does depends on nothing but its code.
"""

import asyncio
import json
import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsp_server.errors import BackendError
from lsp_server.lsp.context_search import ContextOrder, FoundContext
from lsp_server.lsp.framing import Framer, Garbage
from lsp_server.lsp.models import Models
from lsp_server.lsp.server import Server
from lsp_server.lsp.timing import Alarm, Timing
from lsp_server.prompt.pieces import ContextPiece, Why
from lsp_server.settings import Layer, Loaded, Profile, Source, resolve
from tests.support.recorded_streams import SteppedBackend, SteppedStream

Json = dict[str, Any]

TURNS = 6
"""How often the loop may turn after each thing that happens: what is done at once is done then."""


@dataclass(slots=True)
class Replayed:
    """What came of a replay, and what the recording says that came of it at the time."""

    sent: list[Json] = field(default_factory=list)
    recorded: list[Json] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)
    """The last text of each document, by its URI."""

    @property
    def edits(self) -> list[Json]:
        """The parameters of every edit that was asked for."""
        return _params(self.sent, "workspace/applyEdit")

    @property
    def recorded_edits(self) -> list[Json]:
        """The same, at the time of the recording."""
        return _params(self.recorded, "workspace/applyEdit")

    @property
    def told(self) -> list[Json]:
        """What watchers received, without its figures."""
        return [_without_figures(body) for body in _params(self.sent, "midstream/session")]

    @property
    def recorded_told(self) -> list[Json]:
        """The same, at the time of the recording."""
        return [_without_figures(body) for body in _params(self.recorded, "midstream/session")]


def replay(path: Path) -> Replayed:
    """Play a recording. Raises `BackendError` where the server does something else altogether."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return asyncio.run(_Replay(lines).run())


class _Replay:
    def __init__(self, lines: list[Json]) -> None:
        self._lines = lines
        self._replayed = Replayed()
        self._timing = _ReplayedTiming()
        self._models = _ReplayedModels()
        self._server = Server(timing=self._timing, models=self._models)
        settings = deque(line["settings"] for line in lines if "settings" in line)
        self._server.server_state.load = lambda **places: _loaded(
            settings.popleft() if len(settings) > 1 else settings[0]
        )
        self._found: deque[Json] = deque()
        self._server.server_state.search.work = self._search
        self._server.protocol.set_writer(_Outbox(self._replayed.sent))

    async def run(self) -> Replayed:
        for line in self._lines:
            if "server" in line:
                self._replayed.recorded.append(line["server"])
                continue
            self._timing.readings.extend(line.get("read", ()))
            self._timing.parses, self._timing.cut = 0, dict(line.get("cut", []))
            self._found.extend(line.get("found", ()))
            try:
                self._happens(line)
            except BackendError:
                # Without its words a text is aligned in another way, so other edits are sent, and
                # the recording has answers to questions that are not asked.
                if not self._lines[0]["redacted"]:
                    raise
            for _ in range(TURNS):
                await asyncio.sleep(0)
            self._timing.readings.clear()
            for document in self._server.server_state.drivers.documents:
                self._replayed.documents[document.uri] = document.text.text
        await self._server.aclose()
        return self._replayed

    def _happens(self, line: Json) -> None:
        if "editor" in line:
            message = self._addressed(line["editor"])
            self._server.protocol.receive(json.dumps(message).encode())
        elif "timer" in line:
            self._timing.ring(line["timer"])
        elif "frame" in line:
            self._stream(line).frame(line["frame"], line["at"])
        elif "event" in line:
            stream, event = self._stream(line), line["event"]
            if event["kind"] == "failed" and not stream.waiting:
                stream.fail(event["sentence"])
            else:
                stream.deliver()

    def _search(self, order: ContextOrder, found: FoundContext, over: Callable[[], bool]) -> None:
        """Find what was found at the time."""
        if self._found:
            recorded = self._found.popleft()
            found.problems += recorded["problems"]
            found.pieces += [
                ContextPiece(**{**piece, "why": Why(piece["why"])}) for piece in recorded["pieces"]
            ]

    def _stream(self, line: Json) -> SteppedStream:
        for stream in reversed(self._models.stepped.streams):
            key = str(stream.request.prompt_cache_key)
            if key.endswith(f"-{line['session']}") and stream.attempt == line["attempt"]:
                return stream
        raise BackendError(f"No stream was opened for attempt {line['attempt']}.")

    def _addressed(self, message: Json) -> Json:
        """An answer of the editor under the id of our own request: the n-th of its method."""
        if "method" in message or "id" not in message:
            return message
        recorded, sent = _requests(self._replayed.recorded), _requests(self._replayed.sent)
        for method, ids in recorded.items():
            if message["id"] in ids:
                at = ids.index(message["id"])
                if at >= len(sent[method]):
                    raise BackendError(f"The server did not ask for {method} a {at + 1}. time.")
                return {**message, "id": sent[method][at]}
        return message


class _ReplayedTiming(Timing):
    """Says what the clock said, and lets nothing ring by itself."""

    def __init__(self) -> None:
        self.readings: deque[float] = deque()
        self._last = 0.0
        self.parses = 0
        self.cut: dict[int, int] = {}
        self._waiting: dict[str, list[_Waiting]] = defaultdict(list)

    def reading(self, value: float) -> float:
        if self.readings:
            self._last = self.readings.popleft()
        return self._last

    def parsing(self) -> Callable[[], bool]:
        self.parses += 1
        left = self.cut.get(self.parses, math.inf)

        def over() -> bool:
            nonlocal left
            left -= 1
            return left <= 0

        return over

    def slicing(self) -> Callable[[], bool]:
        return self.parsing()

    def later(self, name: str, seconds: float, work: Callable[[], None]) -> Alarm:
        waiting = _Waiting(work, self._waiting[name])
        self._waiting[name].append(waiting)
        return waiting

    def ring(self, name: str) -> None:
        """The oldest timer of that name rings."""
        if not self._waiting[name]:
            raise BackendError(f"Nobody waits for the timer `{name}`.")
        self._waiting[name].pop(0).work()


@dataclass(slots=True, eq=False)
class _Waiting:
    work: Callable[[], None]
    among: "list[_Waiting]"

    def cancel(self) -> None:
        if self in self.among:
            self.among.remove(self)


class _ReplayedModels(Models):
    """Every profile's model is the recording."""

    def __init__(self) -> None:
        super().__init__()
        self.stepped = SteppedBackend()

    def refuse_unusable(self, profile: Profile) -> None:
        return

    def backend(self, profile: Profile) -> Any:
        return self.stepped


class _Outbox:
    """Where the server writes to."""

    def __init__(self, sent: list[Json]) -> None:
        self._sent = sent
        self._framer = Framer()

    def write(self, data: bytes) -> None:
        self._framer.feed(data)
        while (item := self._framer.next()) is not None:
            assert not isinstance(item, Garbage)
            self._sent.append(json.loads(item))

    def close(self) -> None:
        return


def _loaded(options: Json) -> Loaded:
    return Loaded(resolve([Source(Layer.INITIALIZATION, options)]).settings)


def _params(messages: list[Json], method: str) -> list[Json]:
    return [m["params"] for m in messages if m.get("method") == method]


def _requests(messages: list[Json]) -> dict[str, list[object]]:
    found: dict[str, list[object]] = defaultdict(list)
    for message in messages:
        if "method" in message and "id" in message:
            found[message["method"]].append(message["id"])
    return found


def _without_figures(body: Json) -> Json:
    return {k: v for k, v in body.items() if k not in ("ledger", "tokensPerSecond", "model")}
