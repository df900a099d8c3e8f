"""What the user gets to see of a session: notification, progress, sentences, fresh lenses.

Clients that declare `experimental.midstream.session` get the whole state; all others what the LSP
itself offers. Nothing here changes a session.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lsp_server.backends.headers import same_model
from lsp_server.edit.hunks import Hunk
from lsp_server.errors import MidstreamError
from lsp_server.guard.invisible_filter import one_line, visible, visible_lines
from lsp_server.lsp import convert
from lsp_server.lsp.client import MessageType, Reply
from lsp_server.lsp.convert import Json
from lsp_server.lsp.driver import OUR_MISTAKE, Driver
from lsp_server.lsp.timing import Alarm
from lsp_server.session import events as ev
from lsp_server.session.effects import Level, Report
from lsp_server.session.ledger import Answerer
from lsp_server.session.machine import Phase, Session, SessionOutcome
from lsp_server.session.session_view import SessionView, ledger_of

if TYPE_CHECKING:
    from lsp_server.lsp.server_state import ServerState

# The least time between two notifications about a session that streams, in milliseconds.
NOTIFY_MS = 100.0

LONGEST_TITLE = 200
"""Code points of the title of a progress."""

_LIVE = (Phase.STARTING, Phase.STREAMING)


@dataclass(slots=True)
class _Watch:
    """What the watchers of one session have been told so far."""

    driver: Driver
    session: str
    phase: Phase | None = None
    sent_at: float = float("-inf")
    alarm: Alarm | None = None
    said: tuple[int, str] | None = None
    told: Json | None = None
    hunks: int = -1
    progress: "_Progress | None" = None


class Notifications:
    """Tells the editor about all sessions of a conversation."""

    def __init__(self, server_state: "ServerState") -> None:
        self._server_state = server_state
        self._watches: dict[str, _Watch] = {}
        self._rerouted: set[tuple[str, str | None, str | None]] = set()
        """Profiles, with the model asked for and the one that answers, of which the user knows."""

    def reported(self, driver: Driver, report: Report) -> None:
        """Something about a session has changed: tell it now, or soon with what else comes."""
        try:
            session = driver.document_edits.find(report.session)
        except MidstreamError:
            return  # Its end was told with an earlier report of the same moment.
        phase = session.phase
        watch = self._watches.setdefault(report.session, _Watch(driver, report.session))
        if report.level is not None and report.sentence is not None:
            self._say(watch, report.level, report.sentence)
        elif phase is not watch.phase or self._news_of_model(session) is not None:
            self._tell(watch)
        elif watch.alarm is None:
            delay = max(watch.sent_at + NOTIFY_MS - self._now, 0.0) / 1000
            tell = partial(self._tell, watch)
            watch.alarm = self._server_state.timing.later(f"tell {watch.session}", delay, tell)

    def lost(self, driver: Driver, sessions: Sequence[str]) -> None:
        """These sessions are gone without an end of their own."""
        for name in sessions:
            if (watch := self._watches.pop(name, None)) is None:
                continue
            if watch.alarm is not None:
                watch.alarm.cancel()
            if watch.progress is not None:
                watch.progress.end("Ended by a mistake of Midstream.")
            if watch.told is not None:
                message = {"level": Level.ERROR.value, "text": OUR_MISTAKE}
                end = {"phase": Phase.ENDED.value, "outcome": SessionOutcome.FAILED.value}
                body = {k: v for k, v in watch.told.items() if k != "held"}
                self._notify(watch, body | end | {"message": message})

    def cancelled(self, token: object) -> None:
        """`window/workDoneProgress/cancel`: the client's cancel button is Stop."""
        for watch in tuple(self._watches.values()):  # A session may end by it.
            if watch.progress is not None and watch.progress.token == token:
                try:
                    answer = watch.driver.command(watch.session, ev.Cancelled)
                except MidstreamError:
                    return
                # Nobody waits for it, so nobody would look at what went wrong.
                answer.add_done_callback(lambda done: done.cancelled() or done.exception())

    # -- inside --

    @property
    def _now(self) -> float:
        return self._server_state.timing.now_ms()

    @property
    def _knows_sessions(self) -> bool:
        return self._server_state.capability("experimental", "midstream", "session") is True

    def _tell(self, watch: _Watch) -> None:
        if watch.alarm is not None:
            watch.alarm.cancel()
            watch.alarm = None
        document_edits = watch.driver.document_edits
        session = document_edits.find(watch.session)
        view = document_edits.view(watch.session)
        watch.sent_at = self._now
        over = view.phase in (Phase.REVIEW, Phase.ENDED)
        ledger = ledger_of(session) if over else None
        if self._knows_sessions:
            body = session_json(watch.driver, view, self._server_state, ledger)
            if over and view.outcome is not SessionOutcome.FAILED and watch.phase in _LIVE:
                # What was passed in no time at all was passed all the same.
                self._notify(watch, _passing(body))
            self._notify(watch, body)
        else:
            self._say_aloud(watch, view)
        self._compare_models(watch, session)
        self._progress(watch, view)
        if (watch.phase, watch.hunks) != (view.phase, len(view.hunks)):
            self._refresh_lenses()
        watch.phase, watch.hunks = view.phase, len(view.hunks)
        if view.phase is Phase.ENDED:
            del self._watches[watch.session]
            self._server_state.ended(watch.driver, session, ledger or {})

    def _say(self, watch: _Watch, level: Level, sentence: str) -> None:
        """A sentence beside the session's own message, said once."""
        if not self._knows_sessions:
            self._aloud(level, sentence)
            return
        document_edits = watch.driver.document_edits
        view = document_edits.view(watch.session)
        over = view.phase in (Phase.REVIEW, Phase.ENDED)
        ledger = ledger_of(document_edits.find(watch.session)) if over else None
        body = session_json(watch.driver, view, self._server_state, ledger)
        body["message"] = {"level": level.value, "text": visible_lines(sentence)}
        watch.sent_at = self._now
        self._notify(watch, body)

    def _notify(self, watch: _Watch, body: Json) -> None:
        watch.told = body
        self._server_state.client.notify("midstream/session", body)

    def _compare_models(self, watch: _Watch, session: Session) -> None:
        """Another model than the one asked for is told to the user. Names of deployments and
        aliases differ at every edit, so each pair is told once for its profile."""
        if (news := self._news_of_model(session)) is None:
            return
        self._rerouted.add(news)
        _, requested, served = news
        self._say(
            watch,
            Level.WARNING,
            f"You asked for the model {requested}, but the server answers with {served}.",
        )

    def _news_of_model(self, session: Session) -> tuple[str, str | None, str | None] | None:
        """Who answers, where that is another than was asked and the user does not know it yet."""
        attempt = session.attempt
        answerer = session.ledger.answerer(attempt.number)
        pair = (attempt.request.profile, answerer.requested, answerer.served)
        return pair if is_another(answerer) and pair not in self._rerouted else None

    def _say_aloud(self, watch: _Watch, view: SessionView) -> None:
        """The session's message as a popup, for clients that get no notification."""
        if view.message is None or watch.said == (view.attempt, view.message[1]):
            return
        level, sentence = view.message
        watch.said = (view.attempt, sentence)
        self._aloud(level, sentence)

    def _aloud(self, level: Level, sentence: str) -> None:
        if level is Level.INFO:
            self._server_state.client.log(MessageType.INFO, sentence)
        else:
            self._server_state.client.show_message(MessageType[level.name], sentence)

    def _refresh_lenses(self) -> None:
        if self._server_state.capability("workspace", "codeLens", "refreshSupport") is True:
            self._server_state.client.call("workspace/codeLens/refresh", None, lambda reply: None)

    def _progress(self, watch: _Watch, view: SessionView) -> None:
        if self._server_state.capability("window", "workDoneProgress") is not True:
            return
        going_on = view.phase in (Phase.STARTING, Phase.STREAMING, Phase.SETTLING)
        token = f"midstream/{view.id}/{view.attempt}"
        if watch.progress is not None and watch.progress.token != token:
            watch.progress.end("Redirected.")
            watch.progress = None
        if watch.progress is None and going_on and view.phase is not Phase.SETTLING:
            watch.progress = _Progress(self._server_state, token, view.instruction)
        if watch.progress is None:
            return
        if going_on:
            watch.progress.report(_progress_words(view))
        else:
            watch.progress.end(_end_words(view))
            watch.progress = None


class _Progress:
    """One work-done progress. What is reported before the client has agreed waits for that."""

    def __init__(self, server_state: "ServerState", token: str, instruction: str) -> None:
        self.token = token
        self._server_state = server_state
        self._instruction = instruction
        self._agreed: bool | None = None
        self._waiting: str | None = None
        self._over: str | None = None
        server_state.client.call("window/workDoneProgress/create", {"token": token}, self._answered)

    def report(self, words: str) -> None:
        """How far it is."""
        self._waiting = words
        if self._agreed:
            self._send({"kind": "report", "cancellable": True, "message": visible(words)})

    def end(self, words: str) -> None:
        """It is over, and how it ended."""
        self._over = words
        if self._agreed:
            self._send({"kind": "end", "message": visible(words)})

    def _answered(self, reply: Reply) -> None:
        self._agreed = reply.error is None
        if not self._agreed:
            return
        title = one_line(f"Midstream: {self._instruction}", LONGEST_TITLE)
        begin = {"kind": "begin", "title": title, "cancellable": True}
        self._send(begin | ({"message": visible(self._waiting)} if self._waiting else {}))
        if self._over is not None:
            self._send({"kind": "end", "message": visible(self._over)})

    def _send(self, value: Json) -> None:
        self._server_state.client.notify("$/progress", {"token": self.token, "value": value})


# -- words and JSON --


def session_json(
    driver: Driver, view: SessionView, server_state: "ServerState", ledger: Json | None
) -> Json:
    """The body of `midstream/session`."""
    text, encoding = driver.document_edits.text, server_state.encoding
    body: Json = {
        "session": view.id,
        "uri": driver.document.uri,
        "version": driver.document_edits.version,
        "phase": view.phase.value,
        "attempt": view.attempt,
        "instruction": view.instruction,
        "scope": {
            "range": convert.range_of(text, view.scope, encoding),
            "kind": server_state.kind_of(view.id),
            "language": driver.language_name,
        },
        "hunks": [_hunk_json(driver, view, hunk, server_state) for hunk in view.hunks],
        "model": {
            "requested": view.answerer.requested or server_state.requested_model(view.profile),
            "served": view.answerer.served,
        },
        "tokens": view.tokens,
        "tokensPerSecond": view.tokens_per_second,
    }
    if (status := _status(view)) is not None:
        body["status"] = status
    if view.outcome is not None:
        body["outcome"] = view.outcome.value
    if view.held is not None:
        position = convert.position_of(text, view.held.offset, encoding)
        body["held"] = {"position": position, "text": view.held.text}
        if view.held.level:
            body["held"]["scope"] = view.held.level
    if view.message is not None:
        level, sentence = view.message
        body["message"] = {"level": level.value, "text": visible_lines(sentence)}
    if ledger is not None:
        body["ledger"] = ledger
    return body


def _passing(body: Json) -> Json:
    """The same session while it still settled."""
    later = ("outcome", "ledger")
    return {k: v for k, v in body.items() if k not in later} | {"phase": Phase.SETTLING.value}


def _hunk_json(driver: Driver, view: SessionView, hunk: Hunk, server_state: "ServerState") -> Json:
    span = hunk.span.shift(view.scope.start)
    body: Json = {
        "id": hunk.id,
        "range": convert.range_of(driver.document_edits.text, span, server_state.encoding),
        "before": hunk.before,
        "state": hunk.state.value,
    }
    if hunk.offer is not None:
        body["offer"] = hunk.offer
    return body


def _progress_words(view: SessionView) -> str:
    if (status := _status(view)) is not None:
        return status if view.loading else f"{status}{_who(view.answerer)}"
    rate = view.tokens_per_second
    speed = f", {rate:,.0f} tokens/s" if rate else ""
    return f"{view.phase.value}, {view.tokens:,} tokens{speed}{_who(view.answerer)}"


def _status(view: SessionView) -> str | None:
    """What goes on before the answer, where the server tells it."""
    if view.loading:
        return f"loading {view.answerer.requested}"
    if view.reading is None:
        return None
    read, total = view.reading
    return f"reading {read:,} of {total:,} tokens"


def _who(answerer: Answerer, answers: str = "answers") -> str:
    """Who answers and how, as the server has told it so far."""
    asked, served = answerer.requested, answerer.served
    if served is None:
        return f", {asked} is asked" if asked else ""
    instead = f" instead of {asked}" if is_another(answerer) else ""
    tier = f", service tier {answerer.service_tier}" if answerer.service_tier else ""
    queue = answerer.queue_ms
    waited = "" if queue is None else f", {queue:,.0f} ms in its queue"
    return f", {served} {answers}{instead}{tier}{waited}"


def is_another(answerer: Answerer) -> bool:
    """Whether the server says that it serves another model than was asked for."""
    asked, served = answerer.requested, answerer.served
    return asked is not None and served is not None and not same_model(asked, served)


def _end_words(view: SessionView) -> str:
    end = _how_it_ended(view)
    if view.answerer.served is None:
        return end
    return f"{end} {_who(view.answerer, 'answered').removeprefix(', ')}."


def _how_it_ended(view: SessionView) -> str:
    if view.message is not None:
        return view.message[1]
    match view.outcome:
        case SessionOutcome.ACCEPTED:
            return "Accepted."
        case SessionOutcome.REVERTED:
            return "Reverted."
        case SessionOutcome.CANCELLED:
            return "Stopped; nothing was changed."
        case SessionOutcome.FAILED:
            return "Failed."
        case None:
            count = len(view.hunks)
            if not count:
                return "Nothing was changed."
            return f"{count} {'change' if count == 1 else 'changes'} to review."
