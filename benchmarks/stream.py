"""One answer, streamed through the real reader, aligner, gate, session and `DocumentEdits`.

Time is simulated: the answer comes in tokens at a steady rate, the editor is a perfect one that
takes so many milliseconds for an edit, and nothing sleeps. Only the cost of the code itself is
taken from real clocks, and it takes no simulated time.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count, pairwise

from benchmarks.history import Case
from lsp_server.choices import Publish
from lsp_server.edit.align import Aligner
from lsp_server.session import events as ev
from lsp_server.session.attempt import Attempt
from lsp_server.session.document_edits import (
    Begun,
    DocumentChanged,
    DocumentEdits,
    EditAnswered,
    ForSession,
)
from lsp_server.session.effects import ApplyEdit
from lsp_server.session.gate_protocol import Gate
from lsp_server.session.request import EditRequest
from lsp_server.syntax.gate import make_gate
from lsp_server.text.changes import common_prefix
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

# The mean length of a token of code, in code points; half of the tokens have 3, half have 4.
_TOKEN = 3.5
_SESSION = "case"
# Milliseconds by which a timer fires late, so that it is never early by a rounding error.
_LATER = 1e-6


@dataclass(frozen=True, slots=True)
class Setting:
    """How a stream runs: tokens a second, the editor's milliseconds for an edit, edits a second.

    `budget`: checking takes no more of the time than the product allows it, by the real clock.
    """

    rate: float
    round_trip: float
    cap: float
    budget: bool = False


@dataclass(slots=True)
class Outcome:
    """What became of one answer. Times are simulated milliseconds, `checks` the processor's."""

    states: list[str] = field(default_factory=list)
    """The document after each edit, as the editor had it."""
    churn: int = 0
    holds: list[float] = field(default_factory=list)
    waited: float = 0.0
    """How long it took until the editor had a token's text, summed over all tokens."""
    checks: list[float] = field(default_factory=list)
    first_shown: float | None = None
    departed: float = 0.0
    """When the first character came that is not what the scope held."""
    ended: float = 0.0
    read: str = ""
    """The answer as the reader of replies understood it, with "\\n" as its line ends."""
    message: str = ""
    checking: float = 0.0
    """How long all checks took by the clock on the wall, in milliseconds, as the budget sees it."""

    @property
    def to_come(self) -> float:
        """How long the stream ran on after the answer departed from the original."""
        return self.ended - self.departed


class _TimedGate:
    """A gate that notes how long each of its answers took."""

    def __init__(self, gate: Gate, outcome: Outcome) -> None:
        self._gate = gate
        self._outcome = outcome

    def admits(self, candidate: str) -> bool:
        started, busy = time.perf_counter(), time.process_time()
        fits = self._gate.admits(candidate)
        self._outcome.checks.append((time.process_time() - busy) * 1000)
        self._outcome.checking += (time.perf_counter() - started) * 1000
        return fits

    def settled(self, candidate: str) -> bool:
        return self._gate.settled(candidate)

    def unknown(self, candidate: str) -> int | None:
        return self._gate.unknown(candidate)

    def landed(self, candidate: str) -> Gate:
        return _TimedGate(self._gate.landed(candidate), self._outcome)


def tokens(text: str) -> list[str]:
    """`text` cut into pieces of 3 and 4 code points by turns."""
    ends = [int(_TOKEN * number) for number in range(int(len(text) / _TOKEN) + 2)]
    return [text[a:b] for a, b in pairwise(ends) if text[a:b]]


def reply(case: Case) -> str:
    """What a model sends that does as it is asked: the answer in a fence."""
    answer = case.answer.replace("\r\n", "\n")
    fence = "```"
    while fence in answer or fence in case.original:
        fence += "`"
    return f"{fence}{case.language.id}\n{answer}\n{fence}"


def stream(case: Case, setting: Setting, *, cut: int | None = None) -> Outcome:
    """Run one case to its end, or until the connection drops behind so many tokens."""
    outcome = Outcome()

    def gate(document: str, scope: Span) -> Gate:
        return _TimedGate(make_gate(document, scope, case.language), outcome)

    def spent() -> float:
        return outcome.checking if setting.budget else 0.0

    document_edits = DocumentEdits(
        Text(case.document), 1, gate, setting.cap, case.language.id, spent
    )
    request = EditRequest(_instruction(case), case.original, case.original, "benchmark")
    document_edits.handle(Begun(_SESSION, case.scope, request, Publish.SYNTAX), 0.0)
    session = document_edits.find(_SESSION)
    waiting, since = 0, 0.0
    for now, effects in _course(case, document_edits, setting, outcome, cut):
        outcome.waited += waiting * (now - since)
        waiting, since = _waiting(session.attempt), now
        for effect in effects:
            outcome.churn += effect.changes.inserted + effect.changes.deleted
            if outcome.first_shown is None:
                outcome.first_shown = now
    outcome.holds = session.ledger.held
    outcome.read = session.attempt.answer
    outcome.message = session.message[1] if session.message else ""
    return outcome


def _waiting(attempt: Attempt) -> int:
    """How many tokens have come that the editor does not show yet."""
    return attempt.tokens_since_shown if attempt.held_text() else 0


def _instruction(case: Case) -> str:
    """What a user would say: blanks at the ends of lines go only where that is asked for."""
    blanks = {line.rstrip() for line in case.original.split("\n") if line != line.rstrip()}
    answer = set(case.answer.split("\n"))
    return "Do it, trailing white space too." if blanks & answer else "Do it."


def _course(
    case: Case, document_edits: DocumentEdits, setting: Setting, outcome: Outcome, cut: int | None
) -> Iterator[tuple[float, list[ApplyEdit]]]:
    """All events in order: the time, and the edits that `DocumentEdits` requested then."""
    order = count()
    agenda: list[tuple[float, int, ForSession | ApplyEdit | None]] = []
    sent = reply(case)
    start = sent.index("\n") + 1
    departs = start + common_prefix(sent[start:], case.original.replace("\r\n", "\n"))
    at, length = 0.0, 0
    for number, token in enumerate(tokens(sent)[:cut]):
        at = number * 1000 / setting.rate
        length += len(token)
        if length <= departs:
            outcome.departed = at + 1000 / setting.rate
        heappush(agenda, (at, next(order), ForSession(_SESSION, ev.Delta(1, token, at))))
    outcome.ended = at + 1000 / setting.rate
    end = ev.Finished(1) if cut is None else ev.Failed(1, "The connection dropped.")
    heappush(agenda, (outcome.ended, next(order), ForSession(_SESSION, end)))
    for tick in range(1, int(outcome.ended / 50) + 1):
        heappush(agenda, (tick * 50 + _LATER, next(order), None))
    editor = Text(case.document)
    version = 1
    while agenda:
        now, _, event = heappop(agenda)
        if isinstance(event, ApplyEdit):
            editor = editor.apply(event.changes)
            version += 1
            outcome.states.append(editor.text)
            effects = document_edits.handle(DocumentChanged(version, (event.changes,)), now)
            effects += document_edits.handle(EditAnswered(event.edit, True), now)
        else:
            effects = document_edits.handle(event if event is not None else ev.Tick(), now)
        edits = [effect for effect in effects if isinstance(effect, ApplyEdit)]
        for edit in edits:
            heappush(agenda, (now + setting.round_trip, next(order), edit))
        wait = document_edits.paced_for(now)
        if isinstance(event, ApplyEdit) and wait:
            heappush(agenda, (now + wait + _LATER, next(order), None))
        yield now, edits


def aligning(case: Case) -> tuple[float, int]:
    """What aligning alone takes: the microseconds in all, and the lines of the answer."""
    answer = case.answer.replace("\r\n", "\n")
    pieces = tokens(answer)
    aligner = Aligner(case.original)
    started = time.process_time()
    for piece in pieces:
        aligner.push(piece)
    aligner.finish()
    return (time.process_time() - started) * 1e6, answer.count("\n") + 1
