"""The event log: one line for each event, each effect and each change of phase.

The signs are those of the `websockets` library: `<` came in, `>` goes out, `=` is a new state.

    < shop.py s1/1 delta: 12 chars +431.2 ms
    > shop.py edit 3: version 41, 2 changes, 40 chars in, 12 chars out +431.3 ms
    = shop.py s1/1 starting -> streaming +431.2 ms

`s1/1` is session `s1`, attempt 1. Sizes are in code points. Times are milliseconds since the newest
session of the document began. The lines hold no code and no instruction. Only the level `trace`
adds a second part with the text itself.

Lines go to the logger `lsp_server.events`, where `MIDSTREAM_LOG` decides, and as `$/logTrace` to an
editor that asked for them by `trace` in `initialize` or by `$/setTrace` (LSP 3.17).
"""

import json
import logging
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import assert_never

from lsp_server.session import events as ev
from lsp_server.session.document_edits import (
    Begun,
    DocumentChanged,
    DocumentClosed,
    EditAnswered,
    ForSession,
    Input,
)
from lsp_server.session.effects import (
    Answer,
    ApplyEdit,
    CloseStream,
    Effect,
    OpenStream,
    Report,
)
from lsp_server.session.machine import Session
from lsp_server.text.changes import ChangeSet

TRACE = 5
"""The number of the log level `trace`, below `logging.DEBUG`."""
logging.addLevelName(TRACE, "TRACE")

log = logging.getLogger("lsp_server.events")

Line = tuple[str, str | None]
"""One line, and the text that only `trace` shows (None: there is none)."""


class TraceValue(StrEnum):
    """How much the editor wants to see (LSP 3.17, `TraceValue`)."""

    OFF = "off"
    MESSAGES = "messages"
    VERBOSE = "verbose"


class EventLog:
    """The log of one server, for all its documents.

    `send_trace` sends `$/logTrace` with a line and, for `verbose`, its text. `render` fills in the
    slots of a sentence (`lsp_server.wording`).
    """

    def __init__(
        self, send_trace: Callable[[str, str | None], None], render: Callable[[str], str]
    ) -> None:
        self.trace = TraceValue.OFF
        self.render = render
        self._send_trace = send_trace

    def set_trace(self, value: object) -> None:
        """Take `trace` of `initialize`, or `value` of `$/setTrace`. Ignores other values."""
        if value in tuple(TraceValue):
            self.trace = TraceValue(str(value))

    @property
    def enabled(self) -> bool:
        """Whether anyone reads the lines."""
        return self.trace is not TraceValue.OFF or log.isEnabledFor(logging.DEBUG)

    def write(self, line: str, text: str | None = None) -> None:
        """Write one line, with its text where that was asked for."""
        shown = None if text is None else json.dumps(text, ensure_ascii=False)
        if log.isEnabledFor(TRACE) and shown is not None:
            log.log(TRACE, "%s %s", line, shown)
        else:
            log.debug("%s", line)
        if self.trace is not TraceValue.OFF:
            verbose = self.trace is TraceValue.VERBOSE
            self._send_trace(line, shown if verbose else None)


class DocumentLog:
    """Writes the lines of one document, `name` in them."""

    def __init__(self, event_log: EventLog, name: str) -> None:
        self._log = event_log
        self._name = name
        self._began = 0.0
        self._states: dict[str, tuple[int, str]] = {}

    def received(self, event: Input, now: float) -> None:
        """`event` is handled next. `now` is in milliseconds."""
        if isinstance(event, Begun):
            self._began = now
        # The clock ticks twenty times a second: a line for each tick would hide everything else.
        if self._log.enabled and not isinstance(event, ev.Tick):
            self._write("<", describe_input(event, self._log.render), now)

    def performed(self, effect: Effect, now: float) -> None:
        """`effect` was asked for."""
        if self._log.enabled:
            self._write(">", describe_effect(effect, self._log.render), now)

    def settled(self, sessions: Iterable[Session], now: float) -> None:
        """An event has been handled. `sessions` are those of the document that have not ended."""
        if not self._log.enabled:
            self._states = {}
            return
        earlier = self._states
        self._states = {s.id: (len(s.attempts), str(s.phase)) for s in sessions}
        ended = {
            session: (attempt, "ended")
            for session, (attempt, _) in earlier.items()
            if session not in self._states
        }
        for session, (attempt, phase) in {**self._states, **ended}.items():
            _, before = earlier.get(session, (0, "new"))
            if phase != before:
                self._write("=", (f"{session}/{attempt} {before} -> {phase}", None), now)

    def _write(self, sign: str, described: Line, now: float) -> None:
        line, text = described
        since = f" +{now - self._began:.1f} ms" if self._began else ""
        self._log.write(f"{sign} {self._name} {line}{since}", text)


def describe_input(event: Input, render: Callable[[str], str]) -> Line:
    """What came in. `render` fills in the slots of a sentence; code is never rendered."""
    match event:
        case Begun(session, span, request):
            return _begun(session, span.end - span.start, request.instruction, request.profile)
        case ForSession(session, inner):
            return _for_session(session, inner, render)
        case DocumentChanged(version, changes):
            sizes = ", ".join(_sizes(change) for change in changes) or "nothing"
            return f"didChange: version {version}, {sizes}", _texts(changes)
        case EditAnswered(edit, applied, reason):
            answer = "applied" if applied else f"refused ({reason or 'no reason given'})"
            return f"edit {edit}: {answer}", None
        case DocumentClosed():
            return "didClose", None
        case ev.Tick():
            return "tick", None
        case _:
            assert_never(event)


def describe_effect(effect: Effect, render: Callable[[str], str]) -> Line:
    """What goes out; `render` as in `describe_input`."""
    match effect:
        case OpenStream(session, attempt, request):
            line = f"{session}/{attempt} open stream: {request.form} of {_chars(request.current)}"
            return f"{line}, instruction {_chars(request.instruction)}", request.instruction
        case CloseStream(session, attempt):
            return f"{session}/{attempt} close stream", None
        case ApplyEdit(edit, version, changes):
            return f"edit {edit}: version {version}, {_sizes(changes)}", _texts((changes,))
        case Report(session, level, sentence):
            return f"{session} report{f': {level}' if level else ''}", sentence and render(sentence)
        case Answer(token, result):
            return f"answer to command {token}: {', '.join(result) or 'empty'}", None
        case _:
            assert_never(effect)


def _begun(session: str, scope: int, instruction: str, profile: str) -> Line:
    line = f"{session} begin: scope {scope} chars, instruction {_chars(instruction)}"
    return f"{line}, profile {profile}", instruction


def _for_session(
    session: str, event: ev.ModelEvent | ev.UserEvent, render: Callable[[str], str]
) -> Line:
    match event:
        case ev.Started(attempt, model):
            return f"{session}/{attempt} started: model {model or 'unknown'}", None
        case ev.Delta(attempt, text):
            return f"{session}/{attempt} delta: {_chars(text)}", text
        case ev.Finished(attempt, completed, sentence):
            how = "complete" if completed else "incomplete"
            return f"{session}/{attempt} finished: {how}", sentence and render(sentence)
        case ev.Failed(attempt, sentence):
            return f"{session}/{attempt} failed", render(sentence)
        case _:
            return _command(session, event)


def _command(session: str, event: ev.UserEvent) -> Line:
    name = f"{session} command {event.token}"
    match event:
        case ev.Redirected(instruction=instruction, keep=keep):
            return f"{name} redirect: keep {keep}, instruction {_chars(instruction)}", instruction
        case ev.Cancelled(leave=leave):
            return f"{name} cancel: leave {leave}", None
        case ev.Accepted(hunks=hunks, imports=imports):
            return f"{name} accept: {_hunks(hunks)}{', imports' if imports else ''}", None
        case ev.Reverted(hunks=hunks):
            return f"{name} revert: {_hunks(hunks)}", None
        case ev.Shown():
            return f"{name} show", None
        case ev.Restored(attempt=attempt):
            return f"{name} restore: attempt {attempt}", None
        case _:
            assert_never(event)


def _hunks(hunks: tuple[str, ...] | None) -> str:
    return "everything" if hunks is None else ", ".join(hunks)


def _chars(text: str) -> str:
    return f"{len(text)} chars"


def _sizes(changes: ChangeSet) -> str:
    inserted = sum(len(change.text) for change in changes.changes)
    deleted = sum(change.end - change.start for change in changes.changes)
    count = len(changes.changes)
    noun = "change" if count == 1 else "changes"
    return f"{count} {noun}, {inserted} chars in, {deleted} chars out"


def _texts(sets: Iterable[ChangeSet]) -> str:
    return "\n".join(f"{c.start}-{c.end}: {c.text}" for changes in sets for c in changes.changes)
