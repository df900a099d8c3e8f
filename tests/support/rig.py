"""One document, a fake editor and a scripted model, driven by a script; each step is checked.

A script is lines of words, the same in fixtures, in the interleavings that are drawn, and in what a
failing one prints:

    given publish line | token               what the setting says (before the first step)
    given gate brackets                      a grammar in which brackets must pair
    given rate 1000                          the cap on edits a second
    given form patch                         the answers are unified diffs
    given names python                       the definitions of that language are known
    given imports                            answers may name imports (`tests/support/import_lines`)
    given manners answers_first lies         how the editor behaves, see `fake_editor.Manners`

    begin s1 2:1-4:9 "use guard clauses"     the user asks for an edit of lines 2 to 4
    model s1 "def f(x):\\n"                   more of the answer
    model s1 finishes | breaks off | fails   how the answer ends
    user 3:5 "x" | user 3:5-3:9 ""           the user types, replaces, deletes
    user undoes | user redoes
    program formats "…" | program reloads "…"    a formatter, or a reload from disk: the new text
    editor takes | editor refuses            it looks at the edit it was asked for
    editor takes silently                    it applies it and never answers
    editor reports                           its next message reaches the server
    cancel s1 valid | raw | original
    redirect s1 landed "use match" | redirect s1 none "…"
    accept s1 [imports] [h1 i1] | revert s1 [h1] | show s1 | restore s1 1
    tick 300                                 so many milliseconds pass
    close                                    the editor closes the document
    settle                                   everything waiting happens, in order

    expect phase s1 review | outcome s1 reverted
    expect text "…" | scope s1 "…"           what the editor holds, and what the server knows
    expect edits 3                           how many edits have been asked for so far
    expect hunks s1 h1=open h2=locked        in the order in which they stand
    expect imports s1 i1=open i2=offered     the imports outside of the scope
    expect request s1 current "…" | cut 7    what the newest attempt was asked
    expect request s1 withheld "…" | typed "…" | settled "…" | earlier "…"    all of them
    expect message s1 "…" | refused "…"      a part of a sentence
    expect left s1 valid                     the answer to the last cancel

Lines and columns count from 1, columns in code points.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import assert_never

from lsp_server.choices import Leave, Publish
from lsp_server.edit.definitions import NoDefinitions
from lsp_server.errors import RequestFailed
from lsp_server.session import events as ev
from lsp_server.session.document_edits import (
    Begun,
    DocumentClosed,
    DocumentEdits,
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
from lsp_server.session.gate_protocol import Gate, OpenGate
from lsp_server.session.machine import Phase, Session
from lsp_server.session.request import EditRequest, Form, Keep
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.member_definitions import MemberDefinitions
from lsp_server.text.lines import Encoding, Position, Text
from lsp_server.text.span import Span
from tests.support.fake_editor import Author, FakeEditor, Manners
from tests.support.import_lines import imports_in, place_imports
from tests.support.promises import Watch

_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')


class BracketGate:
    """A tiny grammar: brackets must pair. Counts what is open or closed too often, in the scope."""

    def __init__(self, present: str) -> None:
        self._present = present

    def admits(self, candidate: str) -> bool:
        return candidate == self._present or bracket_errors(candidate) <= bracket_errors(
            self._present
        )

    def settled(self, candidate: str) -> bool:
        return self.admits(candidate)

    def unknown(self, candidate: str) -> int | None:
        return None

    def landed(self, candidate: str) -> "BracketGate":
        return BracketGate(candidate)


def bracket_errors(text: str) -> int:
    """How many brackets have no partner."""
    depth = errors = 0
    for character in text:
        if character == "(":
            depth += 1
        elif character == ")":
            if depth:
                depth -= 1
            else:
                errors += 1
    return depth + errors


def fingerprint(session: Session) -> tuple[object, ...]:
    """Everything of a session that a command might change."""
    scope_writer = session.scope_writer
    return (
        (session.phase, session.outcome, session.message, session.publish, session.remaining),
        (session.settle_target, session.ends_as, session.ends_when_empty, len(session.waiting)),
        (
            scope_writer.attribution,
            scope_writer.shadow_copy,
            scope_writer.in_flight,
            scope_writer.only_sound,
            scope_writer._exact,
        ),
        (scope_writer.taking_back, scope_writer.offers_to_show, scope_writer.restoring_attempt),
        (len(session.attempts), dict(session.endings), session.attempt.shown),
        (
            session.import_offers.lines,
            session.import_offers.written,
            session.import_offers.to_write,
            session.import_offers.taking_back,
        ),
    )


def open_gate(document: str, scope: Span) -> Gate:
    """For texts without a grammar."""
    return OpenGate()


def bracket_gate(document: str, scope: Span) -> Gate:
    """For texts in which brackets must pair."""
    return BracketGate(scope.text(document))


@dataclass(slots=True)
class StreamLog:
    """What became of one stream: it must end exactly once."""

    request: EditRequest
    ended: int = 0


@dataclass(slots=True)
class Rig:
    """Everything that a script moves. `steps` is the script so far."""

    editor: FakeEditor
    document_edits: DocumentEdits
    publish: Publish = Publish.SYNTAX
    form: Form = Form.REWRITE
    imports: bool = False
    now: float = 0.0
    steps: list[str] = field(default_factory=list)
    streams: dict[tuple[str, int], StreamLog] = field(default_factory=dict)
    answers: dict[int, dict[str, object]] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    said: list[tuple[str, str, str]] = field(default_factory=list)
    watch: Watch = field(init=False)
    closed: bool = False
    edits: int = 0
    _last_token: int = 0
    _cancels: dict[int, str] = field(default_factory=dict)
    _silent: set[str] = field(default_factory=set)
    _unanswered: bool = False

    def __post_init__(self) -> None:
        self.watch = Watch(self.editor, self.document_edits)

    @classmethod
    def open(
        cls,
        text: str,
        *,
        manners: Manners | None = None,
        publish: Publish = Publish.SYNTAX,
        brackets: bool = False,
        max_edits_per_second: float = 25.0,
        form: Form = Form.REWRITE,
        names: str = "",
        imports: bool = False,
    ) -> "Rig":
        """A document with this text. `brackets` sets a gate, which stands open otherwise; `names`
        is the language whose definitions are known."""
        editor = FakeEditor(text, manners or Manners())
        gate = bracket_gate if brackets else open_gate
        language = language_for(names)
        document_edits = DocumentEdits(
            Text(text),
            1,
            gate,
            max_edits_per_second,
            make_names=lambda *scope: (
                NoDefinitions() if language is None else MemberDefinitions(language, *scope)
            ),
            imports_in=imports_in,
            place_imports=place_imports,
        )
        rig = cls(editor, document_edits, publish, form, imports)
        if brackets:
            rig.watch.errors = bracket_errors
        return rig

    @classmethod
    def play(cls, text: str, script: str) -> "Rig":
        """A document with this text, and everything that the script says."""
        lines = [line.strip() for line in script.splitlines()]
        manners, publish, brackets, rate = Manners(), Publish.SYNTAX, False, 25.0
        form, language, imports = Form.REWRITE, "", False
        for line in lines:
            match line.split():
                case ["given", "manners", *names]:
                    manners = replace(manners, **dict.fromkeys(names, True))
                case ["given", "publish", name]:
                    publish = Publish(name)
                case ["given", "gate", "brackets"]:
                    brackets = True
                case ["given", "rate", edits]:
                    rate = float(edits)
                case ["given", "form", name]:
                    form = Form(name)
                case ["given", "names", name]:
                    language = name
                case ["given", "imports"]:
                    imports = True
        rig = cls.open(
            text,
            manners=manners,
            publish=publish,
            brackets=brackets,
            max_edits_per_second=rate,
            form=form,
            names=language,
            imports=imports,
        )
        rig.run("\n".join(line for line in lines if not line.startswith("given ")))
        return rig

    # -- running a script --

    def run(self, script: str) -> None:
        """All lines of a script; empty ones and those that begin with "#" are for the reader."""
        for line in script.splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                self.step(line.strip())

    def step(self, line: str) -> None:
        """One line of a script."""
        self.steps.append(line)
        words = _WORD.findall(line)
        getattr(self, f"_do_{words[0]}")(*words[1:])
        self.watch.check()

    # -- the words of a script --

    def _do_begin(self, name: str, place: str, instruction: str) -> None:
        span = self.span(place, self.document_edits.text)
        scope = span.text(self.document_edits.text.text)
        request = EditRequest(
            json.loads(instruction),
            scope,
            scope,
            "practice",
            form=self.form,
            imports=self.imports,
        )
        try:
            self._hand(Begun(name, span, request, self.publish))
        except RequestFailed as error:
            self.refusals.append(str(error))
            return
        self.watch.begun(name, span)

    def _do_model(self, name: str, *what: str) -> None:
        attempt = max((number for owner, number in self.streams if owner == name), default=0)
        log = self.streams.get((name, attempt))
        if log is None or log.ended:
            return
        event: ev.ModelEvent
        match what:
            case ("finishes",):
                event = ev.Finished(attempt)
            case ("breaks", "off"):
                event = ev.Finished(attempt, completed=False, sentence="It broke off.")
            case ("fails",):
                event = ev.Failed(attempt, "It failed.")
            case (text,):
                event = ev.Delta(attempt, json.loads(text))
            case _:
                raise AssertionError(f"model cannot {what}")
        if not isinstance(event, ev.Delta):
            log.ended += 1
        self._hand(ForSession(name, event))

    def _do_user(self, *what: str) -> None:
        before = self.editor.now
        match what:
            case ("undoes",) | ("redoes",):
                whose = self.editor.undo() if what[0] == "undoes" else self.editor.redo()
                if whose is not None:
                    self.watch.user_did(before, whose)
            case (place, text):
                span = self.span(place, Text(self.editor.text))
                self.editor.type(span.start, span.end, json.loads(text))
                self.watch.user_did(before, Author.USER, in_one_go=True)
            case _:
                raise AssertionError(f"the user cannot {what}")

    def _do_program(self, what: str, text: str) -> None:
        before = self.editor.now
        self.editor.rewrite(json.loads(text), whole=what == "reloads")
        self.watch.rewritten = True
        self.watch.user_did(before, Author.USER)

    def _do_editor(self, what: str, how: str = "") -> None:
        if what == "reports":
            said = self.editor.report()
            if said is not None:
                self._hand(said)
            return
        assert what in ("takes", "refuses"), f"the editor cannot {what}"
        if self.editor.asked:
            self._unanswered = self._unanswered or how == "silently"
            # With nothing in flight, the server has given this edit up before it is taken.
            given_up = self._unanswered or not self.document_edits.writers
            self.watch.gave_up = self.watch.gave_up or given_up
            taken = self.editor.take(refuse=what == "refuses", silent=how == "silently")
            if taken is not None:
                self.watch.taken(taken)

    def _do_cancel(self, name: str, leave: str = "valid") -> None:
        self._command(name, lambda token: ev.Cancelled(token, Leave(leave)))

    def _do_redirect(self, name: str, keep: str, instruction: str) -> None:
        text = json.loads(instruction)
        if self._command(name, lambda token: ev.Redirected(token, text, Keep(keep))):
            self.watch.released(name)

    def _do_accept(self, name: str, *words: str) -> None:
        imports, hunks = "imports" in words, tuple(w for w in words if w != "imports")
        before = set(self.watch.may_import)
        if imports or any(hunk.startswith("i") for hunk in hunks):
            self.watch.may_import.add(name)
        if self._command(name, lambda token: ev.Accepted(token, hunks or None, imports)):
            self.watch.touched(name)
        else:
            self.watch.may_import = before

    def _do_revert(self, name: str, *hunks: str) -> None:
        self._command(name, lambda token: ev.Reverted(token, hunks or None))

    def _do_show(self, name: str) -> None:
        self._command(name, ev.Shown)

    def _do_restore(self, name: str, attempt: str) -> None:
        self._command(name, lambda token: ev.Restored(token, int(attempt)))

    def _do_tick(self, milliseconds: str) -> None:
        self.now += float(milliseconds)
        self._hand(ev.Tick())

    def _do_close(self) -> None:
        self.closed = True
        self.editor.outbox.clear()
        self.editor.asked.clear()
        self._hand(DocumentClosed())

    def _do_settle(self) -> None:
        for _ in range(10_000):
            self.now += 50
            self._hand(ev.Tick())
            if self.editor.asked:
                self._do_editor("takes")
            elif (said := self.editor.report()) is not None:
                self._hand(said)
            elif not self.document_edits.writers and all(
                session.phase is not Phase.SETTLING for session in self.document_edits.sessions
            ):
                return
        raise AssertionError("it never settles")

    def _do_expect(self, what: str, *words: str) -> None:
        found, wanted = self._found(what, words)
        assert wanted == found, f"expected {what}: {wanted!r}, but it is {found!r}"

    def _found(self, what: str, words: tuple[str, ...]) -> tuple[object, object]:
        """What is, and what should be."""
        match what, *words:
            case "text", text:
                return self.editor.text, json.loads(text)
            case "edits", count:
                return self.edits, int(count)
            case "refused", part:
                return _with(json.loads(part), self.refusals[-1] if self.refusals else "")
            case "scope", name, text:
                return self.scope(name), json.loads(text)
            case "phase", name, phase:
                return self.document_edits.find(name).phase, phase
            case "outcome", name, outcome:
                return self.document_edits.find(name).outcome, outcome
            case "hunks", name, *hunks:
                attribution = self.document_edits.find(name).scope_writer.attribution
                return [f"{hunk.id}={hunk.state}" for hunk in attribution.hunks()], hunks
            case "imports", name, *imports:
                view = self.document_edits.view(name)
                return [f"{one.id}={one.state}" for one in view.imports], imports
            case "message", name, part:
                message = self.document_edits.find(name).message
                return _with(json.loads(part), message[1] if message else "")
            case "left", name, left:
                return [a["left"] for a in self.answers.values() if "left" in a][-1:], [left]
            case "request", name, "cut", number:
                return self.document_edits.find(name).attempt.request.cut, int(number)
            case "request", name, ("withheld" | "typed" | "settled" | "earlier") as which, *texts:
                request = self.document_edits.find(name).attempt.request
                return list(getattr(request, which)), [json.loads(text) for text in texts]
            case "request", name, "current", text:
                return self.document_edits.find(name).attempt.request.current, json.loads(text)
            case _:
                raise AssertionError(f"nobody can expect {what} {words}")

    # -- inside --

    def span(self, place: str, text: Text) -> Span:
        """`3:5` or `3:5-4:1` as a span of `text`."""
        ends = [
            text.offset(Position(int(line) - 1, int(column) - 1), Encoding.UTF32)
            for line, column in (end.split(":") for end in place.split("-"))
        ]
        return Span(ends[0], ends[-1])

    def place(self, start: int, end: int) -> str:
        """A span of the editor's text as a script names it."""
        text = Text(self.editor.text)
        names = []
        for offset in (start, end):
            line, column = text.position(offset, Encoding.UTF32)
            names.append(f"{line + 1}:{column + 1}")
        return names[0] if start == end else "-".join(names)

    def _command(self, name: str, event: Callable[[int], ev.UserEvent]) -> bool:
        """Whether the command was taken. One that is refused changes nothing."""
        self._last_token += 1
        token = self._last_token
        try:
            session = self.document_edits.find(name)
        except RequestFailed as error:
            self.refusals.append(str(error))
            return False
        before = fingerprint(session)
        cancels, silent = dict(self._cancels), set(self._silent)
        self._cancels = {t: n for t, n in self._cancels.items() if n != name}
        self._silent.discard(name)
        made = event(token)
        if isinstance(made, ev.Cancelled):
            self._cancels[token] = name
        try:
            self._hand(ForSession(name, made))
        except RequestFailed as error:
            self.refusals.append(str(error))
            self._cancels, self._silent = cancels, silent
            assert fingerprint(session) == before, "a refused command has changed something"
            return False
        return True

    def _hand(self, event: Input) -> None:
        self.now += 1
        for effect in self.document_edits.handle(event, self.now):
            self._perform(effect)
        waiting = self.editor.outbox or self.editor.asked
        unsettled = (self._unanswered or self.watch.gave_up) and self.document_edits.writers
        if not (waiting or self.closed or unsettled):
            assert self.document_edits.text.text == self.editor.text, "document and editor differ"

    def _perform(self, effect: Effect) -> None:
        match effect:
            case OpenStream(session, attempt, request):
                assert (session, attempt) not in self.streams, "a stream was opened twice"
                for (other, _), log in self.streams.items():
                    assert other != session or log.ended, "two streams of one session"
                self.streams[session, attempt] = StreamLog(request)
            case CloseStream(session, attempt):
                self.streams[session, attempt].ended += 1
                assert self.streams[session, attempt].ended == 1, "a stream ended twice"
            case ApplyEdit():
                assert not self.closed, "an edit of a closed document"
                assert not self._silent & self.document_edits.writers, (
                    "an edit after a cancel's answer"
                )
                self.edits += 1
                self.watch.asked(effect)
                self.editor.asked.append(effect)
            case Answer(token, result):
                assert token not in self.answers, "a command was answered twice"
                if token:
                    self.answers[token] = dict(result)
                if token in self._cancels:
                    self._silent.add(self._cancels[token])
            case Report(session, level, sentence):
                if sentence is not None:
                    self.said.append((session, str(level), sentence))
            case _:
                assert_never(effect)

    @property
    def commands(self) -> int:
        """How many commands the user has given so far."""
        return self._last_token

    def scope(self, name: str) -> str:
        """The scope's text as `DocumentEdits` has it."""
        return self.document_edits.span_of(name).text(self.document_edits.text.text)


def _with(part: str, sentence: str) -> tuple[str, str]:
    """The sentence, and itself where it holds the part."""
    return sentence, sentence if part in sentence else f"…{part}…"
