"""Draws one interleaving of user, editor and model from a seed, runs it and checks the promises.

The texts are made so that whose character is whose can be seen: what the user types are characters
that nobody else uses, each typed once.
"""

import json
import random
from dataclasses import dataclass, field

from lsp_server.edit.align import Publish
from lsp_server.session.effects import ApplyEdit
from lsp_server.session.machine import Phase, Session
from lsp_server.text.lines import Text, split_lines
from lsp_server.text.span import Span
from tests.support.fake_editor import Manners
from tests.support.rig import Rig, bracket_errors, bracket_gate, open_gate

# What the user types: CJK ideographs, each used once.
_TYPED = range(0x4E00, 0x9FA5)
_WORDS = ("alpha", "beta", "gamma", "delta", "omega", "rate", "total", "item", "size", "name")


def is_typed(character: str) -> bool:
    """Whether only the user can have written it."""
    return ord(character) in _TYPED


def typed_in(text: str) -> list[str]:
    """The user's characters of `text`, in order."""
    return [character for character in text if is_typed(character)]


@dataclass(slots=True)
class Interleaving:
    """One drawn run. `rig.steps` is its script."""

    seed: int
    sessions: int = 1
    typing: bool = True
    length: int = 60
    rig: Rig = field(init=False)
    dice: random.Random = field(init=False)
    _next_typed: int = 0x4E00
    _deleted: set[str] = field(default_factory=set)
    _deletes: bool = False
    _replies: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    document: str = ""

    # -- setting up --

    def run(self) -> None:
        """Draw, run, check. Raises `AssertionError` where a promise does not hold."""
        self.dice = random.Random(self.seed)
        draw = self.dice
        end = draw.choice(("\n", "\n", "\r\n"))
        self.document = "".join(self._line(end) for _ in range(draw.randint(6, 14)))
        if draw.random() < 0.3:
            self.document = self.document.rstrip("\r\n")
        publish = draw.choice((Publish.SYNTAX, Publish.SYNTAX, Publish.LINE, Publish.TOKEN))
        self.rig = Rig.open(
            self.document,
            manners=Manners(
                answers_first=draw.random() < 0.5,
                lies=draw.random() < 0.3,
                whole_documents=draw.random() < 0.1,
                batches=draw.random() < 0.5,
            ),
            publish=publish,
            gate=draw.choice((open_gate, bracket_gate)),
            max_edits_per_second=draw.choice((25.0, 1000.0)),
        )
        self.rig.on_edit = self._check_edit
        for name, span in self._scopes():
            place = self.rig.place(span.start, span.end)
            self.rig.step(f'begin {name} {place} "do it"')
        for _ in range(self.length):
            self._draw_step()
            self._check_always()
        self._finish()

    def _line(self, end: str) -> str:
        draw = self.dice
        indent = draw.choice(("", "  ", "    "))
        words = " ".join(draw.choice(_WORDS) for _ in range(draw.randint(0, 3)))
        call = draw.choice(("", "", f"({draw.choice(_WORDS)})"))
        return f"{indent}{words}{call}{end}"

    def _scopes(self) -> list[tuple[str, Span]]:
        text = Text(self.document)
        lines = sorted(self.dice.sample(range(text.line_count), k=2 * self.sessions))
        found = []
        for number in range(self.sessions):
            first, last = lines[2 * number : 2 * number + 2]
            if number and first == lines[2 * number - 1]:
                continue
            start = text.line_span(first).start
            line = text.line_span(first).text(self.document)
            start += len(line) - len(line.lstrip())
            span = Span(start, max(start, text.line_span(last).end))
            found.append((f"s{number + 1}", span))
        return found

    # -- drawing --

    def _draw_step(self) -> None:
        draw = self.dice
        kind = draw.random()
        if kind < 0.38:
            self._model_step()
        elif kind < 0.70:
            self._editor_step()
        elif kind < 0.90:
            if self.typing:
                self._user_step()
        elif kind < 0.95:
            self.rig.step(f"tick {draw.choice((1, 45, 300, 2500))}")
        else:
            self._command_step()

    def _name(self) -> str | None:
        live = [s.id for s in self.rig.desk.sessions]
        return self.dice.choice(live) if live else None

    def _model_step(self) -> None:
        name = self._name()
        if name is None:
            return
        session = self.rig.desk.find(name)
        key = (name, session.attempt.number)
        if key not in self._replies:
            self._replies[key] = self._reply(session.attempt.request.current)
        chunks = self._replies[key]
        if chunks:
            self.rig.step(f"model {name} {json.dumps(chunks.pop(0))}")
        else:
            how = self.dice.choices(("finishes", "breaks off", "fails"), (8, 1, 1))[0]
            self.rig.step(f"model {name} {how}")

    def _reply(self, current: str) -> list[str]:
        """An answer in chunks: the present text with lines changed, added, left out."""
        draw = self.dice
        lines: list[str] = []
        for line in split_lines(current):
            line = line.rstrip("\r\n")
            keep = bool(typed_in(line))
            if keep or draw.random() < 0.6:
                lines.append(line)
            elif draw.random() < 0.4:
                lines.append(line.replace(draw.choice(_WORDS), draw.choice(_WORDS), 1) + " new")
            elif draw.random() < 0.5:
                lines.append(line)
                lines += [self._line("").rstrip() for _ in range(draw.randint(1, 4))]
        text = "```\n" + "\n".join(lines) + ("\n```\n" if lines else "```\n")
        if draw.random() < 0.15:
            text = text[: draw.randrange(len(text))]
        chunks = []
        while text:
            size = draw.choice((1, 3, 6, 20, 80))
            chunks.append(text[:size])
            text = text[size:]
        return chunks

    def _editor_step(self) -> None:
        draw = self.dice
        if self.rig.editor.asked and draw.random() < 0.6:
            self.rig.step("editor refuses" if draw.random() < 0.08 else "editor takes")
        elif self.rig.editor.outbox:
            self.rig.step("editor reports")

    def _user_step(self) -> None:
        draw = self.dice
        text = self.rig.editor.text
        kind = draw.random()
        if kind < 0.75 or not text:
            typed = "".join(self._typed() for _ in range(draw.randint(1, 3)))
            if draw.random() < 0.2:
                typed += "\n"
            place = self._anywhere(text)
            self.rig.step(f"user {self.rig.place(place, place)} {json.dumps(typed)}")
        elif kind < 0.85:
            start = draw.randrange(len(text))
            end = min(start + draw.choice((1, 2, 8)), len(text))
            if text[start - 1 : start + 1] == "\r\n" or text[end - 1 : end + 1] == "\r\n":
                return
            self._deletes = True
            self._deleted.update(typed_in(text[start:end]))
            self.rig.step(f'user {self.rig.place(start, end)} ""')
        else:
            self._deletes = True
            before = set(typed_in(text))
            self.rig.step(draw.choice(("user undoes", "user undoes", "user redoes")))
            after = set(typed_in(self.rig.editor.text))
            self._deleted |= before - after
            self._deleted -= after - before

    def _anywhere(self, text: str) -> int:
        """A place to type at, often where the model is writing or where the last key was."""
        draw = self.dice
        places = [draw.randint(0, len(text))]
        for index, character in enumerate(text):
            if is_typed(character) and ord(character) == self._next_typed - 1:
                places += [index + 1] * 3
        place = draw.choice(places)
        inside = text[max(place - 1, 0) : place + 1] == "\r\n" and place
        return place - 1 if inside else place

    def _typed(self) -> str:
        character = chr(self._next_typed)
        self._next_typed += 1
        return character

    def _command_step(self) -> None:
        draw = self.dice
        name = self._name()
        if name is None:
            return
        session = self.rig.desk.find(name)
        hunks = [hunk.id for hunk in session.pen.account.hunks()]
        choices = [
            f"cancel {name} valid",
            f"cancel {name} raw",
            f"cancel {name} original",
            f'redirect {name} landed "more"',
            f'redirect {name} landed "again"',
            f'redirect {name} none "other"',
            f"show {name}",
            f"restore {name} 1",
        ]
        if hunks:
            choices += [
                f"accept {name} {draw.choice(hunks)}",
                f"revert {name} {draw.choice(hunks)}",
            ]
        step = draw.choice(choices)
        self.rig.step(step)

    # -- checking --

    def _check_edit(self, edit: ApplyEdit) -> None:
        """An edit of ours leaves alone what is not ours."""
        text = self.rig.desk.text.text
        scopes = [self.rig.desk.span_of(s.id) for s in self.rig.desk.sessions]
        for change in edit.changes.changes:
            inside = any(s.start <= change.start and change.end <= s.end for s in scopes)
            joined = any(s.end == t.start for s in scopes for t in scopes)
            assert inside or joined, f"an edit outside of every scope: {change}"
        if self.rig.publish is Publish.SYNTAX and self.rig.desk._make_gate is bracket_gate:
            self._check_errors(edit, text)

    def _check_errors(self, edit: ApplyEdit, text: str) -> None:
        parts = self.rig.desk._flight.parts  # type: ignore[union-attr]
        for name, changes in parts.items():
            session = self.rig.desk.find(name)
            if not session.live or not session.pen.sound or session.pen.taking_back:
                continue
            flight = session.pen.in_flight
            if flight is None or flight.cut is None or not flight.cut.answer:
                continue
            scope = self.rig.desk.span_of(name).text(text)
            assert bracket_errors(changes.apply(scope)) <= bracket_errors(scope)

    def _check_always(self) -> None:
        """No character of the user's is lost or doubled, wherever it is now."""
        present = typed_in(self.rig.editor.text)
        if any(step.startswith("redirect") for step in self.rig.steps):
            # The model has read what the user typed, and may write it again or leave it out. It is
            # still the user's: a revert brings it back.
            if len(self.rig.desk.sessions) < self.sessions:
                return
            for session in self.rig.desk.sessions:
                present += typed_in(session.pen.account.base)
        else:
            assert len(present) == len(set(present)), "a typed character is there twice"
        missing = {
            chr(code) for code in range(0x4E00, self._next_typed) if chr(code) not in self._deleted
        } - set(present)
        assert not missing, f"typed characters are lost: {missing}"

    def _finish(self) -> None:
        """Let everything come to rest; then what must hold at rest."""
        rig, draw = self.rig, self.dice
        rig.step("settle")
        for session in rig.desk.sessions:
            if session.live:
                rig.step(f"cancel {session.id} {draw.choice(('valid', 'original'))}")
        rig.step("settle")
        assert rig.desk.text.text == rig.editor.text
        self._check_always()
        for (name, attempt), log in rig.streams.items():
            assert log.ended == 1, f"stream {attempt} of {name} ended {log.ended} times"
        for session in rig.desk.sessions:
            assert session.phase is Phase.REVIEW, session.phase
            scope = rig.scope(session.id)
            assert scope == session.pen.view == session.pen.mirror.view, "the books are wrong"
            account = session.pen.account
            assert account.ours.apply(account.base) == account.view
            self._check_exact(session)
            rig.step(f"revert {session.id}")
            rig.step("settle")
            locked = bool(account.locked)
            if not self._deletes and not locked:
                bare = "".join(c for c in rig.scope(session.id) if not is_typed(c))
                plain = bare.replace("\r\n", "\n")
                original = session.original.replace("\r\n", "\n")
                if not self.typing:
                    assert rig.scope(session.id) == session.original, "revert is not the original"
                elif "\\n" not in "".join(s for s in rig.steps if s.startswith("user")):
                    assert plain == original, "revert lost text of the original"
        self._check_always()
        if not self.typing and self.sessions == 1:
            head, tail = self._outside
            assert rig.editor.text.startswith(head) and rig.editor.text.endswith(tail)

    def _check_exact(self, session: Session) -> None:
        """Without typing, and with nothing asked for, the scope is the answer to the letter."""
        words = {step.split()[0] for step in self.rig.steps}
        asked = words & {"cancel", "accept", "revert", "show", "restore"}
        if self.typing or asked or not session.attempt.proven:
            return
        if self.rig.desk._make_gate is bracket_gate and session.pen.sound:
            return
        answer = session.attempt.answer
        assert self.rig.scope(session.id).replace("\r\n", "\n") == answer, "not the answer"

    @property
    def _outside(self) -> tuple[str, str]:
        place = self.rig.steps[0].split()[2]
        span = self.rig.span(place, Text(self.document))
        return self.document[: span.start], self.document[span.end :]
