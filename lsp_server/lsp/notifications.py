"""Tells the editor about sessions: notifications, progress, messages, refreshed lenses.

Clients that declare `experimental.midstream.session` get the whole state of a session. All others
get what the LSP itself offers. Nothing here changes a session.
"""

from collections.abc import Callable, Iterable
from functools import partial

from lsp_server.backends.headers import same_model
from lsp_server.edit.hunks import Hunk
from lsp_server.errors import MidstreamError
from lsp_server.lsp import convert
from lsp_server.lsp.client import EditorClient, MessageType
from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.convert import Json
from lsp_server.lsp.document_drivers import DocumentDrivers
from lsp_server.lsp.driver import OUR_MISTAKE, Driver
from lsp_server.lsp.progress import Progress
from lsp_server.lsp.sent_context import context_of_session
from lsp_server.lsp.session_record import NotificationState, SessionRecord
from lsp_server.session import events as ev
from lsp_server.session.effects import Level, Report
from lsp_server.session.import_offers import ImportHunk
from lsp_server.session.ledger import Answerer
from lsp_server.session.machine import Phase, Session, SessionOutcome
from lsp_server.session.session_view import SessionView, ledger_of
from lsp_server.wording import offers_show

NOTIFY_MS = 100.0
"""The least time between two notifications about a session that streams, in milliseconds."""

_LIVE = (Phase.STARTING, Phase.STREAMING)

Ended = Callable[[Driver, Session, Json], None]
"""Called with the ledger when a session has ended and the editor was notified."""


class Notifications:
    """Tells the editor about all sessions of a conversation."""

    def __init__(self, context: ClientContext, drivers: DocumentDrivers, ended: Ended) -> None:
        self._context = context
        self._drivers = drivers
        self._ended = ended
        self._known_models: set[tuple[str, str | None, str | None]] = set()
        """Profile, requested model and answering model, if the user knows that they differ."""

    def reported(self, driver: Driver, report: Report) -> None:
        """Something about a session has changed: tell the editor now, or with the next news."""
        try:
            session = driver.document_edits.find(report.session)
        except MidstreamError:
            return  # An earlier report of the same event showed its end.
        record = driver.record(report.session)
        state = record.notified
        if report.level is not None and report.sentence is not None:
            self._tell_sentence(driver, record, report.level, report.sentence)
        elif session.phase is not state.phase or self._unknown_model(session) is not None:
            self._tell(driver, record)
        elif state.alarm is None:
            delay = max(state.sent_at + NOTIFY_MS - self._now, 0.0) / 1000
            tell = partial(self._tell, driver, record)
            state.alarm = self._context.timing.later(f"tell {record.id}", delay, tell)

    def broke(self, records: Iterable[SessionRecord]) -> None:
        """An internal error ended these sessions."""
        for state in (record.notified for record in records):
            if state.progress is not None:
                state.progress.end("Midstream failed.")
            if state.body is not None:
                message = _message_json(self._context.client, Level.ERROR, OUR_MISTAKE)
                end = {"phase": Phase.ENDED.value, "outcome": SessionOutcome.FAILED.value}
                body = {k: v for k, v in state.body.items() if k != "held"}
                self._notify(state, body | end | {"message": message})

    def cancelled(self, token: object) -> None:
        """`window/workDoneProgress/cancel`: the client's cancel button stops the edit."""
        for driver in self._drivers.all:
            for record in driver.records:
                progress = record.notified.progress
                if progress is not None and progress.token == token:
                    self._stop(driver, record.id)

    def _stop(self, driver: Driver, session: str) -> None:
        try:
            answer = driver.command(session, ev.Cancelled)
        except MidstreamError:
            return
        # Nobody awaits the answer. Fetching the exception keeps asyncio from logging it.
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())

    @property
    def _now(self) -> float:
        return self._context.timing.now_ms()

    @property
    def _knows_sessions(self) -> bool:
        return self._context.capability("experimental", "midstream", "session") is True

    def _tell(self, driver: Driver, record: SessionRecord) -> None:
        state = record.notified
        if state.alarm is not None:
            state.alarm.cancel()
            state.alarm = None
        session = driver.document_edits.find(record.id)
        view = driver.document_edits.view(record.id)
        state.sent_at = self._now
        over = view.phase in (Phase.REVIEW, Phase.ENDED)
        ledger = self._ledger(session, record) if over else None
        if self._knows_sessions:
            body = session_json(driver, view, self._context, ledger)
            if over and view.outcome is not SessionOutcome.FAILED and state.phase in _LIVE:
                # The session settled within one event; clients still get every phase.
                self._notify(state, _settling(body))
            self._notify(state, body)
        else:
            self._show_message_of(state, view)
        self._compare_models(driver, record, session)
        self._update_progress(state, view)
        count = len(view.hunks) + len(view.imports)
        if (state.phase, state.hunk_count) != (view.phase, count):
            self._refresh_lenses()
        state.phase, state.hunk_count = view.phase, count
        if view.phase is Phase.ENDED:
            self._ended(driver, session, ledger or {})

    def _tell_sentence(
        self, driver: Driver, record: SessionRecord, level: Level, sentence: str
    ) -> None:
        """Show a sentence that is not the session's own message. Nothing repeats it."""
        if not self._knows_sessions:
            self._show(level, sentence)
            return
        view = driver.document_edits.view(record.id)
        over = view.phase in (Phase.REVIEW, Phase.ENDED)
        session = driver.document_edits.find(record.id)
        ledger = self._ledger(session, record) if over else None
        body = session_json(driver, view, self._context, ledger)
        body["message"] = _message_json(self._context.client, level, sentence)
        record.notified.sent_at = self._now
        self._notify(record.notified, body)

    def _ledger(self, session: Session, record: SessionRecord) -> Json:
        context = context_of_session(record.context, self._context.encoding)
        return {**ledger_of(session), "context": context}

    def _notify(self, state: NotificationState, body: Json) -> None:
        state.body = body
        self._context.client.notify("midstream/session", body)

    def _compare_models(self, driver: Driver, record: SessionRecord, session: Session) -> None:
        """Warn if another model answers than the requested one.

        Deployment names and aliases always differ, so this is said once for each profile and pair.
        """
        if (models := self._unknown_model(session)) is None:
            return
        self._known_models.add(models)
        _, requested, served = models
        self._tell_sentence(
            driver,
            record,
            Level.WARNING,
            f"You asked for the model {requested}, but the server answers with {served}.",
        )

    def _unknown_model(self, session: Session) -> tuple[str, str | None, str | None] | None:
        """Profile, requested and answering model, if they differ and the user does not know yet."""
        attempt = session.attempt
        answerer = session.ledger.answerer(attempt.number)
        models = (attempt.request.profile, answerer.requested, answerer.served)
        return models if is_another(answerer) and models not in self._known_models else None

    def _show_message_of(self, state: NotificationState, view: SessionView) -> None:
        """Show the session's message as a popup, to clients that get no notification."""
        if view.message is None or state.shown == (view.attempt, view.message[1]):
            return
        level, sentence = view.message
        state.shown = (view.attempt, sentence)
        self._show(level, sentence)

    def _show(self, level: Level, sentence: str) -> None:
        if level is Level.INFO:
            self._context.client.log(MessageType.INFO, sentence)
        else:
            self._context.client.show_message(MessageType[level.name], sentence)

    def _refresh_lenses(self) -> None:
        if self._context.capability("workspace", "codeLens", "refreshSupport") is True:
            self._context.client.call("workspace/codeLens/refresh", None, lambda reply: None)

    def _update_progress(self, state: NotificationState, view: SessionView) -> None:
        if self._context.capability("window", "workDoneProgress") is not True:
            return
        busy = view.phase in (Phase.STARTING, Phase.STREAMING, Phase.SETTLING)
        token = f"midstream/{view.id}/{view.attempt}"
        if state.progress is not None and state.progress.token != token:
            state.progress.end("Redirected.")
            state.progress = None
        if state.progress is None and busy and view.phase is not Phase.SETTLING:
            state.progress = Progress(self._context.client, token, view.instruction)
        if state.progress is None:
            return
        if busy:
            state.progress.report(_progress_words(view))
        else:
            state.progress.end(_end_words(view))
            state.progress = None


# -- words and JSON --


def session_json(
    driver: Driver, view: SessionView, context: ClientContext, ledger: Json | None
) -> Json:
    """The body of `midstream/session`."""
    text, encoding = driver.document_edits.text, context.encoding
    body: Json = {
        "session": view.id,
        "uri": driver.document.uri,
        "version": driver.document_edits.version,
        "phase": view.phase.value,
        "attempt": view.attempt,
        "instruction": view.instruction,
        "scope": {
            "range": convert.range_of(text, view.scope, encoding),
            "kind": driver.record(view.id).scope_kind,
            "language": driver.language_name,
        },
        "hunks": [
            *(_hunk_json(driver, view, hunk, context) for hunk in view.hunks),
            *(_import_json(driver, one, context) for one in view.imports),
        ],
        "model": {
            "requested": view.answerer.requested or context.requested_model(view.profile),
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
        body["message"] = _message_json(context.client, *view.message)
    if ledger is not None:
        body["ledger"] = ledger
    return body


def _message_json(client: EditorClient, level: Level, sentence: str) -> Json:
    """The `message` of a session; with `show` if the user can show what is held."""
    message: Json = {"level": level.value, "text": client.shown(sentence)}
    return message | ({"show": True} if offers_show(sentence) else {})


def _settling(body: Json) -> Json:
    """The same session as it was while it settled."""
    later = ("outcome", "ledger")
    return {k: v for k, v in body.items() if k not in later} | {"phase": Phase.SETTLING.value}


def _hunk_json(driver: Driver, view: SessionView, hunk: Hunk, context: ClientContext) -> Json:
    span = hunk.span.shift(view.scope.start)
    body: Json = {
        "id": hunk.id,
        "range": convert.range_of(driver.document_edits.text, span, context.encoding),
        "before": hunk.before,
        "state": hunk.state.value,
    }
    if hunk.offer is not None:
        body["offer"] = hunk.offer
    return body


def _import_json(driver: Driver, one: ImportHunk, context: ClientContext) -> Json:
    """An import outside of the scope, as a hunk."""
    body: Json = {
        "id": one.id,
        "range": convert.range_of(driver.document_edits.text, one.span, context.encoding),
        "before": one.before,
        "state": one.state.value,
        "kind": "import",
    }
    return body if one.offer is None else body | {"offer": one.offer}


def _progress_words(view: SessionView) -> str:
    if (status := _status(view)) is not None:
        return status if view.loading else f"{status}{_who(view.answerer)}"
    rate = view.tokens_per_second
    speed = f", {rate:,.0f} tokens/s" if rate else ""
    return f"{view.phase.value}, {view.tokens:,} tokens{speed}{_who(view.answerer)}"


def _status(view: SessionView) -> str | None:
    """What the model server does before it answers, if it says so."""
    if view.loading:
        return f"loading {view.answerer.requested}"
    if view.reading is None:
        return None
    read, total = view.reading
    return f"reading {read:,} of {total:,} tokens"


def _who(answerer: Answerer, answers: str = "answers") -> str:
    """Which model answers and how, as far as the server has said."""
    requested, served = answerer.requested, answerer.served
    if served is None:
        return f", asking {requested}" if requested else ""
    instead = f" instead of {requested}" if is_another(answerer) else ""
    tier = f", service tier {answerer.service_tier}" if answerer.service_tier else ""
    queue = answerer.queue_ms
    waited = "" if queue is None else f", {queue:,.0f} ms in its queue"
    return f", {served} {answers}{instead}{tier}{waited}"


def is_another(answerer: Answerer) -> bool:
    """Whether the server says that another model answers than the requested one."""
    requested, served = answerer.requested, answerer.served
    return requested is not None and served is not None and not same_model(requested, served)


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
            return "Stopped. Nothing was changed."
        case SessionOutcome.FAILED:
            return "Failed."
        case None:
            count, offers = len(view.hunks), len(view.offers)
            imports = f"{offers} {'import' if offers == 1 else 'imports'} offered."
            if not count:
                return f"Nothing was changed. {imports}" if offers else "Nothing was changed."
            changes = f"{count} {'change' if count == 1 else 'changes'} to review"
            return f"{changes}, {imports}" if offers else f"{changes}."
