"""Keeps the journal of every session, and offers back what a killed server left unfinished.

A session that was lost goes on in review, in the document as it was opened again: so its changes
can be taken back one by one or all together, and it can be redirected, as ever. Where its place in
the document cannot be told for certain, nothing is changed.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from lsp_server.edit.diff import diff
from lsp_server.edit.hunks import Account, Mark
from lsp_server.errors import InvalidParams, MidstreamError
from lsp_server.lsp.addresses import path_from
from lsp_server.lsp.client import Level, Reply
from lsp_server.lsp.documents import same_document
from lsp_server.lsp.driver import Driver
from lsp_server.lsp.journal import Journal, Journals, Left
from lsp_server.lsp.journal_lines import Entry, State
from lsp_server.session import events as ev
from lsp_server.session.inputs import Begun
from lsp_server.session.machine import RESUMED
from lsp_server.session.request import EditRequest, Publish, form_for
from lsp_server.text.span import Span

if TYPE_CHECKING:
    from lsp_server.lsp.office import Office

log = logging.getLogger(__name__)

AROUND = 400
"""Code points on either side of a scope that a journal holds, to find it again by."""
NEAR = (AROUND, 120, 40, 20)
"""So much of it is looked for, the most first: who has typed near the scope has changed some."""
TELLING = 8
"""Code points of a line, blanks left out at its edges, that may tell where a scope begins; and of
the least that is looked for of what stands around it."""
FAMILIAR = 40
"""Code points that are in two files by chance seldom enough, with a model's change among them."""
FAR = 50_000
"""Code points. Longer scopes are found again only where nobody has typed in them since."""
NOTE_SECONDS = 1.0
"""The user's own typing is written into the journals at most this often."""
MOST_SHOWN = 4_000
"""Code points of an original text that is shown in a message."""

REVERT, KEEP = "Revert to the original", "Keep"
SHOW, FORGET = "Show the original", "Forget it"
ASK = "Midstream was ended in the middle of an edit here. Take its changes back?"
ASK_ABOUT_MANY = "Midstream was ended in the middle of {} edits here. Take their changes back?"
LOST = "Midstream was ended in the middle of an edit here; its place is not certain any more."


class Recovery:
    """The journals of one conversation. Without a folder nothing is kept."""

    def __init__(self, office: "Office", journals: Journals | None) -> None:
        self._office = office
        self._journals = journals
        self._open: dict[str, Journal | None] = {}
        self._alarms: dict[str, asyncio.TimerHandle] = {}

    # -- keeping --

    def note(self, driver: Driver) -> None:
        """Write down how the sessions of a document stand. To be called before an edit leaves."""
        if self._journals is None:
            return
        for session in driver.desk.sessions:
            state = _state_of(driver, session.id)
            if session.id not in self._open:
                request = session.attempts[0].request if session.attempts else None
                entry = Entry(
                    uri=driver.document.uri,
                    instruction=request.instruction if request else "",
                    profile=request.profile if request else "",
                    state=state,
                )
                self._open[session.id] = self._journals.begin(entry)
            elif (journal := self._open[session.id]) is not None:
                journal.note(state)

    def reported(self, driver: Driver) -> None:
        """Something about a session of this document has changed, or a session has begun."""
        if all(session.id in self._open for session in driver.desk.sessions):
            self.note_soon(driver)
        else:
            self.note(driver)

    def note_soon(self, driver: Driver) -> None:
        """The user has typed, or decided: that may wait a little."""
        uri = driver.document.uri
        if self._journals is None or uri in self._alarms or not driver.desk.sessions:
            return

        def ring() -> None:
            del self._alarms[uri]
            self.note(driver)

        self._alarms[uri] = asyncio.get_running_loop().call_later(NOTE_SECONDS, ring)

    def ended(self, session: str) -> None:
        """Nothing of that session is to be offered back."""
        if (journal := self._open.pop(session, None)) is not None:
            journal.drop()

    def close(self, *, clean: bool) -> None:
        """The conversation is over. Only where it ended as it should nothing is left behind."""
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()
        for journal in self._open.values():
            if journal is not None:
                journal.drop() if clean else journal.let_go()
        self._open.clear()
        self._journals = None

    # -- offering back --

    def opened(self, driver: Driver) -> None:
        """A document has been opened: is there something unfinished in it?"""
        if self._journals is None or not self._can_edit:
            return
        uri = driver.document.uri
        resumed: list[str] = []
        is_file = _is_there(uri) is True

        def wanted(other: str) -> bool:
            return same_document(uri, other) or (is_file and _is_there(other) is False)

        for left in self._journals.left(wanted):
            moved = not same_document(uri, left.entry.uri)
            if moved and not holds(driver.desk.text.text, left.entry.state):
                left.let_go()
                continue
            try:
                name = self._resumed(driver, left)
            except MidstreamError as error:
                log.warning("An unfinished edit could not be offered back: %s", error)
                name = None
            if name is not None:
                resumed.append(name)
        if resumed:
            self._ask(driver, resumed)

    def _resumed(self, driver: Driver, left: Left) -> str | None:
        """Let a lost session go on; its new id. None where there is nothing to take back."""
        entry = left.entry
        if not entry.state.ours and not entry.state.flying:
            left.drop()
            return None
        span = located(driver.desk.text.text, entry.state)
        if span is None:
            self._tell_lost(left)
            return None
        account = account_of(entry.state, span.text(driver.desk.text.text))
        if not account.ours:
            log.info("An edit that was left unfinished is not in the document.")
            left.drop()
            return None
        settings = self._office.settings
        form = form_for(account.view, settings.patch_from_lines)
        # Also if that profile is gone: the code was not meant for another one's place.
        request = EditRequest(
            entry.instruction, entry.state.original, account.view, entry.profile, form=form
        )
        session = self._office.numbers.next()
        publish = Publish(settings.publish.value)
        try:
            driver.begin(Begun(session, span, request, publish, account), span)
        except MidstreamError:
            left.let_go()
            raise
        self.note(driver)
        left.drop()
        return session

    def _ask(self, driver: Driver, sessions: list[str]) -> None:
        """What shall become of it? Who does not answer finds it in review."""
        if not self._can_answer:
            self._office.client.show_message(Level.WARNING, RESUMED)
            return

        def answered(choice: object) -> None:
            if choice == REVERT:
                self._command(driver, sessions, ev.Reverted)
            elif choice == KEEP:
                self._command(driver, sessions, ev.Accepted)

        count = len(sessions)
        question = ASK if count == 1 else ASK_ABOUT_MANY.format(count)
        self._question(question, (REVERT, KEEP), answered)

    def _command(
        self, driver: Driver, sessions: list[str], event: Callable[[int], ev.UserEvent]
    ) -> None:
        for session in sessions:
            try:
                answer = driver.command(session, event)
            except MidstreamError as error:
                log.info("An unfinished edit was decided otherwise: %s", error)
                continue
            # Nobody waits for it, so nobody would look at what went wrong.
            answer.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _tell_lost(self, left: Left) -> None:
        """Its place is not certain: nothing is changed, but its original can be looked at."""
        client, original = self._office.client, left.entry.state.original
        if not self._can_answer:
            client.show_message(Level.WARNING, f"{LOST} Nothing was changed.")
            left.drop()
            return

        def answered(choice: object) -> None:
            if choice == SHOW:
                more = "…" if len(original) > MOST_SHOWN else ""
                client.show_message(Level.INFO, original[:MOST_SHOWN] + more)
            seen = choice == SHOW and len(original) <= MOST_SHOWN  # Nobody has seen the rest.
            left.drop() if seen or choice == FORGET else left.let_go()

        self._question(LOST, (SHOW, FORGET), answered)

    def _question(
        self, text: str, choices: tuple[str, ...], answered: Callable[[object], None]
    ) -> None:
        """Ask the user; what they chose is the title of an action, or something else."""

        def replied(reply: Reply) -> None:
            answered(reply.result.get("title") if isinstance(reply.result, dict) else None)

        actions = [{"title": choice} for choice in choices]
        params = {"type": int(Level.WARNING), "message": text, "actions": actions}
        self._office.client.call("window/showMessageRequest", params, replied)

    @property
    def _can_edit(self) -> bool:
        return self._office.capability("workspace", "applyEdit") is True

    @property
    def _can_answer(self) -> bool:
        """Whether the editor can ask its user something."""
        return self._office.capability("window", "showMessage", "messageActionItem") is not None


def _state_of(driver: Driver, session: str) -> State:
    """How a session stands, as its journal tells it."""
    pen, span = driver.desk.find(session).pen, driver.desk.span_of(session)
    text = driver.desk.text.text
    return State(
        original=driver.desk.find(session).original,
        base=pen.account.base,
        ours=pen.account.ours,
        flying=pen.in_flight.changes if pen.in_flight is not None else None,
        before=text[max(span.start - AROUND, 0) : span.start],
        after=text[span.end : span.end + AROUND],
        locked=tuple((mark.span, mark.before) for mark in pen.account.locked),
    )


def _is_there(uri: str) -> bool | None:
    """Whether there is a file of that URI; `None` where it names none on this machine."""
    try:
        path = path_from(uri)
        elsewhere = path is None or path.as_posix().startswith("//")
        return None if path is None or elsewhere else path.exists()
    except (OSError, ValueError, InvalidParams):
        return None


# -- finding it again ------------------------------------------------------------------------------


def holds(text: str, state: State) -> bool:
    """Whether the model's text and all that stood around it is in `text`, to the letter and once.

    Then it is the same document, whatever it is called by now.
    """
    for account in _accounts(state):
        whole = state.before + account.view + state.after
        if account.ours and len(whole.strip()) >= FAMILIAR:
            places = [at for at in _places(text, whole) if _at_edges(state, text, at, len(whole))]
            if places:
                return len(places) == 1
    return False


def located(text: str, state: State) -> Span | None:
    """Where the scope of a journal is in a text; None where that is not certain.

    First by all that is known; then, for who has typed in it or near it, by what stands around it
    and by its first and last line.
    """
    views = tuple(dict.fromkeys(account.view for account in _accounts(state)))
    for view in views:
        whole = state.before + view + state.after
        places = [at for at in _places(text, whole) if _at_edges(state, text, at, len(whole))]
        if places:
            start = places[0] + len(state.before)
            return Span(start, start + len(view)) if len(places) == 1 else None
    span = _between(text, state, views)
    likely = span is not None and any(_alike(span.text(text), view) for view in views)
    return span if likely else None


def account_of(state: State, text: str) -> Account:
    """Whose text is whose in a scope that holds `text` by now.

    What differs from all that the server knew of has been typed since.
    """
    nearest = max(_accounts(state), key=lambda account: _likeness(account.view, text))
    return nearest.typed_in(diff(nearest.view, text)) if nearest.view != text else nearest


def _accounts(state: State) -> Iterator[Account]:
    """What the scope may hold: with the edit in flight, without it, or nothing of the model's
    (who closes an editor without saving has what was there before)."""
    locked = tuple(Mark(f"h{n}", *mark) for n, mark in enumerate(state.locked, 1))
    begun = replace(Account.begin(state.base), next_id=len(locked) + 1)
    landed = replace(begun.written(state.ours), locked=locked)
    if state.flying is not None:
        yield landed.written(state.flying)
    yield landed
    yield landed.written(landed.reverting())


def _between(text: str, state: State, views: Iterable[str]) -> Span | None:
    """What stands between the first and the last thing that is surely known of a scope."""
    starts = [(state.before[-size:], min(size, len(state.before))) for size in NEAR]
    ends = [(state.after[:size], 0) for size in NEAR]
    for anchors in (starts, ends):
        if len(anchors[-1][0].strip()) < TELLING:
            del anchors[-1]
    for view in views:
        lines = [line for line in view.splitlines() if len(line.strip()) >= TELLING]
        if lines:
            starts.append((lines[0], -view.find(lines[0])))
            ends.append((lines[-1], len(view) - view.rfind(lines[-1])))
    start = _only(text, starts) if state.before else 0
    end = _only(text, ends) if state.after else len(text)
    if start is None or end is None or not 0 <= start <= end <= len(text):
        return None
    return Span(start, end)


def _only(text: str, anchors: Iterable[tuple[str, int]]) -> int | None:
    """The place that an anchor names which stands in `text` just once; None without any.

    With each anchor comes how far behind its beginning the place is.
    """
    for anchor, by in anchors:
        if len(places := _places(text, anchor)) == 1:
            return places[0] + by
    return None


def _at_edges(state: State, text: str, start: int, length: int) -> bool:
    """Whether a scope that was at an edge of the document is there still."""
    at_end = start + length == len(text)
    return (bool(state.before) or start == 0) and (bool(state.after) or at_end)


def _places(text: str, piece: str) -> list[int]:
    """Where `piece` stands in `text`. More than a few are as good as none."""
    found: list[int] = []
    at = text.find(piece) if piece else -1
    while at >= 0 and len(found) < 8:
        found.append(at)
        at = text.find(piece, at + 1)
    return found


def _alike(one: str, other: str) -> bool:
    return _likeness(one, other) >= 50.0


def _likeness(one: str, other: str) -> float:
    """From 0 to 100, 100 being the same; texts that are very long are the same or nothing."""
    if one == other:
        return 101.0
    return 0.0 if len(one) + len(other) > 2 * FAR else fuzz.ratio(one, other)
