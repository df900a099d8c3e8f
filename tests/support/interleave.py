"""Draws one interleaving of user, editor and model from a seed, runs it and checks the promises.

The texts are made so that whose character is whose can be seen: what the user types are mostly
characters that nobody else uses, each typed once. What holds after each step is checked by the
rig's watch (`promises`); here is what holds at rest.

`python -m tests.support.interleave --seeds 1000000 --from 0` runs very many.
"""

import argparse
import json
import random
import sys
import time
from dataclasses import dataclass, field

from rapidfuzz.distance import Indel

from lsp_server.choices import Publish
from lsp_server.edit.hunks import HunkState
from lsp_server.practice.scope_patch import unified_diff
from lsp_server.session.machine import Phase, Session
from lsp_server.session.request import Form
from lsp_server.text.lines import Text, split_lines
from lsp_server.text.span import Span
from tests.support.fake_editor import Author, Manners
from tests.support.own_lines import place_beside_a_line_that_goes
from tests.support.promises import TYPED, typed_in
from tests.support.rig import Rig

_WORDS = ("alpha", "beta", "gamma", "delta", "omega", "rate", "total", "item", "size", "name")
# After so many failures something is wrong with everything.
MOST_FAILURES = 10
_IMPORTS = ("import a", "import b", "from m import c", "from m import d, y", "import q")
_ENDS = ("\n", "\n", "\n", "\r\n", "\r")


@dataclass(slots=True)
class Interleaving:
    """One drawn run. `rig.steps` is what happened; `script` is all that is needed to repeat it."""

    seed: int
    accepting: bool = False  # The user accepts hunks all the time, mostly while an edit flies.
    patches: bool = False  # The answers are unified diffs.
    imports: bool = False  # The answers name imports, which the user accepts or reverts.
    document: str = ""
    sessions: int = 1
    rig: Rig = field(init=False)
    dice: random.Random = field(init=False)
    _given: list[str] = field(default_factory=list)
    _typing: bool = True
    _foreign: bool = False  # Other programs change the text too.
    _commands: bool = True
    _next_typed: int = TYPED.start
    _cursor: int | None = None  # The number of the character that the user typed last.
    _replies: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    _reached: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    _going: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    _begun: int = 0

    @property
    def script(self) -> str:
        """The run in the form of a fixture."""
        return "\n".join([f"# Drawn from seed {self.seed}.", *self._given, *self.rig.steps, ""])

    # -- setting up --

    def run(self) -> None:
        """Draw, run, check. Raises `AssertionError` where a promise does not hold."""
        self._set_up()
        for name, span in self._scopes():
            self._begin(name, span)
        for _ in range(self.dice.choice((20, 50, 80))):
            self._draw_step()
        self._finish()

    def _set_up(self) -> None:
        draw = self.dice = random.Random(self.seed)
        self.sessions = draw.choices((1, 2, 8), (70, 25, 5))[0]
        self._typing = draw.random() < 0.75
        self._foreign = self._typing and draw.random() < 0.15
        self._commands = draw.random() < 0.75
        end = draw.choice(_ENDS)
        lines = draw.randint(6, 14) * (1 if self.sessions < 8 else 3)
        mixed = draw.random() < 0.1
        self.document = "".join(
            self._line(number) + (draw.choice(_ENDS) if mixed else end) for number in range(lines)
        )
        if self.imports and draw.random() < 0.7:
            self.document = f"import q{end}from m import y{end}{self.document}"
        if draw.random() < 0.3:
            self.document = self.document.rstrip("\r\n")
        publish = draw.choice((Publish.SYNTAX, Publish.SYNTAX, Publish.LINE, Publish.TOKEN))
        brackets = draw.random() < 0.5
        rate = draw.choice((25, 1000))
        whole = draw.random() < 0.1
        kinds = {
            "answers_first": draw.random() < 0.5,
            "lies": draw.random() < 0.3,
            "whole_documents": whole,
            "batches": draw.random() < 0.5,
        }
        self.rig = Rig.open(
            self.document,
            manners=Manners(**kinds),
            publish=publish,
            brackets=brackets,
            max_edits_per_second=float(rate),
            form=Form.PATCH if self.patches else Form.REWRITE,
            imports=self.imports,
        )
        self._given = [f"given publish {publish}", f"given rate {rate}"]
        self._given += ["given gate brackets"] * brackets
        self._given += [f"given manners {name}" for name, has in kinds.items() if has]
        self._given += ["given form patch"] * self.patches
        self._given += ["given imports"] * self.imports

    def _line(self, number: int) -> str:
        draw = self.dice
        indent = draw.choice(("", "  ", "    "))
        words = [draw.choice(_WORDS) for _ in range(draw.randint(0, 3))]
        if words and draw.random() < 0.5:
            words.append(str(number))
        call = draw.choice(("", "", "", f"({draw.choice(_WORDS)})", f"({draw.choice(_WORDS)}"))
        return indent + " ".join(words) + call

    def _scopes(self) -> list[tuple[str, Span]]:
        """Disjoint scopes, from a line's first character to a line's last; some touch others."""
        text = Text(self.document)
        count = min(2 * self.sessions, text.line_count)
        lines = sorted(self.dice.sample(range(text.line_count), k=count))
        found: list[tuple[str, Span]] = []
        for first, last in zip(lines[::2], lines[1::2], strict=False):
            whole = text.line_span(first)
            line = whole.text(self.document)
            start = whole.start + len(line) - len(line.lstrip())
            span = Span(start, max(start, text.line_span(last).end))
            if self.dice.random() < 0.1 and found:
                span = Span(found[-1][1].end, span.end)
            found.append((f"s{len(found) + 1}", span))
        return found

    def _begin(self, name: str, span: Span) -> None:
        self._begun += 1
        self.rig.step(f'begin {name} {self.rig.place(span.start, span.end)} "do it"')

    # -- drawing --

    def _draw_step(self) -> None:
        draw = self.dice
        if self.accepting and draw.random() < 0.15:
            self._accept_step()
        if self.imports and draw.random() < 0.15:
            self._import_step()
        kind = draw.random()
        if kind < 0.40:
            self._model_step()
        elif kind < 0.72:
            self._editor_step()
        elif kind < 0.91:
            if self._typing:
                self._user_step()
        elif kind < 0.95:
            self.rig.step(f"tick {draw.choice((1, 45, 300, 2500))}")
        elif self._commands:
            self._command_step()

    def _name(self) -> str | None:
        live = [session.id for session in self.rig.document_edits.sessions]
        return self.dice.choice(live) if live else None

    def _model_step(self) -> None:
        name = self._name()
        if name is None:
            return
        session = self.rig.document_edits.find(name)
        key = (name, session.attempt.number)
        if self.rig.streams[key].ended:
            if self._commands and self.dice.random() < 0.2:
                self._command_step()
            return
        if key not in self._replies:
            current = session.attempt.request.current
            self._replies[key], self._reached[key], self._going[key] = self._reply(current)
        chunks = self._replies[key]
        if chunks:
            self.rig.step(f"model {name} {json.dumps(chunks.pop(0))}")
        else:
            how = self.dice.choices(("finishes", "breaks off", "fails"), (8, 1, 1))[0]
            self.rig.step(f"model {name} {how}")

    def _reply(self, current: str) -> tuple[list[str], list[int], list[int]]:
        """An answer in chunks: the present text with lines changed, added, left out.

        Also, for each line of the answer, how many original lines it knows of, and the indices of
        the original lines that it changes or leaves out.
        """
        draw = self.dice
        keep = draw.choice((0.3, 0.6, 0.9))
        removes = draw.choice((0.3, 0.3, 0.9))
        lines: list[str] = []
        reached: list[int] = []
        going: list[int] = []
        for number, line in enumerate(split_lines(current), start=1):
            line = line.rstrip("\r\n")
            if typed_in(line) or draw.random() < keep:
                lines.append(line)
            elif draw.random() < 0.4 * (1 - removes) / 0.7:
                going.append(number - 1)
                lines.append(line.replace(draw.choice(_WORDS), draw.choice(_WORDS), 1) + " new")
            elif draw.random() < 1 - removes:
                lines.append(line)
                lines += [self._line(number).rstrip() for _ in range(draw.randint(1, 4))]
            else:
                going.append(number - 1)
            reached += [number] * (len(lines) - len(reached))
        if self.patches:
            patch = unified_diff("\n".join(split_lines_of(current)), "\n".join(lines))
            lines = patch.splitlines()
        text = "```\n" + "\n".join(lines) + ("\n```\n" if lines else "```\n")
        if draw.random() < 0.15:
            text = text[: draw.randrange(len(text))]
        if self.imports:
            names = draw.sample(_IMPORTS, k=draw.randint(0, 3))
            text += "```needs\n" + "".join(f"{name}\n" for name in names) + "```\n"
        if draw.random() < 0.1:
            text = "Here you are:\n\n" + text
        chunks = []
        while text:
            size = draw.choice((1, 3, 6, 20, 80))
            chunks.append(text[:size])
            text = text[size:]
        return chunks, reached, going

    def _editor_step(self) -> None:
        draw = self.dice
        if self.rig.editor.asked and draw.random() < 0.6:
            kind = draw.random()
            if kind < 0.004:
                self.rig.step("editor takes silently")
            else:
                self.rig.step("editor refuses" if kind < 0.08 else "editor takes")
        elif self.rig.editor.outbox:
            self.rig.step("editor reports")

    # -- the user --

    def _user_step(self) -> None:
        draw = self.dice
        text = self.rig.editor.text
        kind = draw.random()
        if kind < 0.20 and text:
            self._open_or_join(text)
        elif kind < 0.75 or not text:
            self._type(text)
        elif kind < 0.85:
            self._delete(text)
        elif kind < 0.97 or not self._foreign:
            self.rig.step(draw.choice(("user undoes", "user undoes", "user redoes")))
        else:
            what = draw.choice(("formats", "reloads"))
            self.rig.step(f"program {what} {json.dumps(self._formatted(text))}")

    def _type(self, text: str) -> None:
        draw = self.dice
        typed = "".join(self._typed() for _ in range(draw.randint(1, 3)))
        if draw.random() < 0.2:
            typed += draw.choice(("\n", "\n", "\n    "))
        elif draw.random() < 0.1:
            typed = draw.choice(("(", ")", "\n", "x")) + typed
        place = self._anywhere(text)
        self.rig.step(f"user {self.rig.place(place, place)} {json.dumps(typed)}")
        self._cursor = place + len(typed)

    def _open_or_join(self, text: str) -> None:
        """Open lines at a line end, or join two lines: mostly beside a line that the model deletes.

        Editors put a new line in behind the line above or in front of the one below.
        """
        draw = self.dice
        first, last = self._line_end_beside(text)
        end = text[first:last] or "\n"
        lines = []
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            indent = draw.choice(("", "", "  ", "    "))
            lines.append(indent + self._typed() + self._typed() if draw.random() < 0.9 else "")
        kind = draw.random()
        if kind < 0.15:
            place, typed = (first, last), ""
        elif kind < 0.60:
            place, typed = (first, first), "".join(end + line for line in lines)
        else:
            place, typed = (last, last), "".join(line + end for line in lines)
        if place[0] < place[1] or typed:
            self.rig.step(f"user {self.rig.place(*place)} {json.dumps(typed)}")
            self._cursor = place[0] + len(typed)

    def _line_end_beside(self, text: str) -> tuple[int, int]:
        """A line end: where it begins and ends; at the edges of the document it is empty."""
        draw = self.dice
        rig = self.rig
        name = self._name()
        if name is not None and draw.random() < 0.7 and rig.document_edits.text.text == text:
            session = rig.document_edits.find(name)
            going = self._going.get((name, session.attempt.number), [])
            place = place_beside_a_line_that_goes(rig.document_edits, session, going, draw)
            if place is not None and text[place[0] : place[1]] in ("", *_ENDS):
                return place
        line = draw.randrange(Text(text).line_count + 1)
        if line == 0:
            return 0, 0
        span = Text(text).line_span(line - 1)
        end = len(span.text(text).rstrip("\r\n")) + span.start
        behind = 2 if text.startswith("\r\n", end) else len(text[end : end + 1])
        return end, end + behind

    def _typed(self) -> str:
        character = chr(self._next_typed)
        self._next_typed += 1
        return character

    def _anywhere(self, text: str) -> int:
        """A place to type at, often where the model is writing or at the last keystroke."""
        draw = self.dice
        kind = draw.random()
        place = draw.randint(0, len(text))
        if kind < 0.35 and self._next_typed > TYPED.start:
            place = text.find(chr(self._next_typed - 1 - draw.choice((0, 0, 1)))) + 1 or place
        elif kind < 0.6 and Author.SERVER in self.rig.editor.authors[-200:]:
            place = self._behind_ours()
        elif kind < 0.7 and self.rig.document_edits.sessions:
            span = self.rig.document_edits.span_of(draw.choice(self.rig.document_edits.sessions).id)
            place = min(draw.choice((span.start, span.end)), len(text))
        inside = text[max(place - 1, 0) : place + 1] == "\r\n" and place
        return place - 1 if inside else place

    def _behind_ours(self) -> int:
        """Behind a piece of text that the server wrote."""
        now, authors = self.rig.editor.now, self.rig.editor.authors
        ours = [authors[number] is Author.SERVER for number in now.numbers]
        ends = [
            i + 1 for i, our in enumerate(ours) if our and not (i + 1 < len(ours) and ours[i + 1])
        ]
        return self.dice.choice(ends) if ends else 0

    def _delete(self, text: str) -> None:
        draw = self.dice
        start = draw.randrange(len(text))
        end = min(start + draw.choice((1, 2, 8, 8, 60)), len(text))
        if draw.random() < 0.1 and self.rig.document_edits.sessions:
            span = self.rig.document_edits.span_of(draw.choice(self.rig.document_edits.sessions).id)
            if span.end <= len(text):
                by = draw.choice((0, 0, 1, 4))
                start, end = max(span.start - by, 0), min(span.end + by, len(text))
        if text[max(start - 1, 0) : start + 1] == "\r\n" or text[end - 1 : end + 1] == "\r\n":
            return
        new = self._typed() if draw.random() < 0.2 else ""
        if start < end:
            self.rig.step(f"user {self.rig.place(start, end)} {json.dumps(new)}")

    def _formatted(self, text: str) -> str:
        """The text as a formatter or a branch switch might leave it."""
        draw = self.dice
        lines = []
        for line in split_lines(text):
            kind = draw.random()
            if kind < 0.2:
                line = "  " + line
            elif kind < 0.3 and not typed_in(line):
                line = line.replace(draw.choice(_WORDS), draw.choice(_WORDS))
            elif kind < 0.35 and not typed_in(line):
                continue
            lines.append(line)
        return "".join(lines)

    # -- commands --

    def _command_step(self) -> None:
        draw = self.dice
        name = self._name()
        if name is None:
            return
        session = self.rig.document_edits.find(name)
        hunks = [hunk.id for hunk in session.scope_writer.attribution.hunks()]
        choices = [
            f"cancel {name} valid",
            f"cancel {name} raw",
            f"cancel {name} original",
            f'redirect {name} landed "more"',
            f'redirect {name} landed "again"',
            f'redirect {name} none "other"',
            f"show {name}",
            f"restore {name} {draw.randint(1, session.attempt.number)}",
            f"accept {name}",
            f"revert {name}",
        ]
        if hunks:
            ids = " ".join(draw.sample(hunks, k=min(len(hunks), draw.choice((1, 1, 2)))))
            choices += [f"accept {name} {ids}", f"revert {name} {ids}"] * 3
        if self.imports:
            choices += [f"accept {name} imports"] + [
                f"{what} {name} {id_}"
                for id_ in session.import_offers.states()
                for what in ("accept", "accept", "revert")
            ]
        self.rig.step(draw.choice(choices))
        if draw.random() < 0.3 and self.rig.document_edits.text.text == self.rig.editor.text:
            self._begin_again()

    def _accept_step(self) -> None:
        """Accept a hunk of a session whose edit is in flight, if there is one."""
        sessions = self.rig.document_edits.sessions
        flying = [s for s in sessions if s.scope_writer.in_flight is not None] or list(sessions)
        found = [
            f"accept {session.id} {hunk.id}"
            for session in flying
            for hunk in session.scope_writer.attribution.hunks()
            if hunk.state is HunkState.OPEN
        ]
        if found:
            self.rig.step(self.dice.choice(found))

    def _import_step(self) -> None:
        """Accept or revert an import outside of a scope, if there is one."""
        found = [
            f"{what} {session.id} {id_}"
            for session in self.rig.document_edits.sessions
            for id_ in session.import_offers.states()
            for what in ("accept", "accept", "revert")
        ]
        if found:
            self.rig.step(self.dice.choice(found))

    def _begin_again(self) -> None:
        """One more session, often over the scope of another."""
        text = Text(self.rig.editor.text)
        first = self.dice.randrange(text.line_count)
        last = min(first + self.dice.randint(0, 3), text.line_count - 1)
        span = Span(text.line_span(first).start, text.line_span(last).end)
        self._begin(f"s{self._begun + 1}", span)

    # -- checking --

    def _finish(self) -> None:
        """Let everything come to rest; then check what must hold."""
        rig, draw = self.rig, self.dice
        if draw.random() < 0.05:
            rig.step("close")
            assert not rig.document_edits.sessions
        rig.step("settle")
        for session in rig.document_edits.sessions:
            if session.live:
                rig.step(f"cancel {session.id} {draw.choice(('valid', 'valid', 'original'))}")
        rig.step("settle")
        assert rig.closed or rig.document_edits.text.text == rig.editor.text
        for (name, attempt), log in rig.streams.items():
            assert log.ended == 1, f"stream {attempt} of {name} ended {log.ended} times"
        assert len(rig.answers) + len(rig.refusals) >= rig.commands, "a command has no answer"
        for session in rig.document_edits.sessions:
            assert session.phase is Phase.REVIEW, session.phase
            self._check_result(session)
        for session in rig.document_edits.sessions:
            rig.step(f"revert {session.id}")
            rig.step("settle")
            assert session.phase is Phase.ENDED, session.phase

    def _check_result(self, session: Session) -> None:
        """Check the result of an attempt when the user has not typed."""
        words = {step.split()[0] for step in self.rig.steps}
        if self._typing or words & {"accept", "revert", "show", "restore"}:
            return
        attempt, scope = session.attempt, self.rig.scope(session.id)
        cut = not attempt.proven and not self.patches  # Of a patch whole hunks are there.
        if cut and not any(step.endswith(" raw") for step in self.rig.steps):
            self._check_tail(session)
        if (
            not attempt.proven
            or words & {"cancel"}
            or any(
                hunk.state is HunkState.LOCKED for hunk in session.scope_writer.attribution.hunks()
            )
        ):
            return
        brackets = "given gate brackets" in self._given
        if brackets and session.scope_writer.only_sound and session.message is not None:
            return
        ends = {line[len(line.rstrip("\r\n")) :] for line in split_lines(self.document)} - {""}
        answer = attempt.answer
        if len(ends) == 1:
            assert scope == answer.replace("\n", ends.pop()), "not the answer to the letter"
        else:
            assert split_lines_of(scope) == split_lines_of(answer), "not the answer"

    def _check_tail(self, session: Session) -> None:
        """A cut answer deletes nothing of what it has not reached."""
        key = (session.id, session.attempt.number)
        current = session.attempt.request.current
        lines = split_lines(current)
        scope = self.rig.scope(session.id)
        known = self._reached.get(key, [])
        answer = session.attempt.answer.split("\n")
        reached = max(known[: len(answer)], default=0)
        rest = lines[reached:]
        # A new line may look like one that was not reached yet, changed.
        alike = any(Indel.normalized_similarity(a, r.strip()) > 0.4 for a in answer for r in rest)
        if len(set(lines)) == len(lines) and not alike:
            assert scope.endswith("".join(rest)), "a cut answer has deleted what it never reached"


def split_lines_of(text: str) -> list[str]:
    """The lines without their ends."""
    return [line.rstrip("\r\n") for line in split_lines(text)]


def failure_of(run: Interleaving) -> str | None:
    """Run it; what went wrong, with the run in the form of a fixture, or `None`."""
    try:
        run.run()
    except Exception as error:
        return (
            f"Seed {run.seed}: {type(error).__name__}: {error}\n\n"
            f"before.txt (Python's notation):\n{run.document!r}\n\nscript.txt:\n{run.script}"
        )
    return None


def main() -> int:
    """Draw and run interleavings of user, editor and model; say how far it is."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seeds", type=int, default=10_000, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first one")
    parser.add_argument("--every", type=int, default=5_000, help="say so after so many")
    parser.add_argument("--accepting", action="store_true", help="the user accepts many hunks")
    parser.add_argument("--imports", action="store_true", help="the answers name imports")
    parser.add_argument("--patches", action="store_true", help="the answers are unified diffs")
    asked = parser.parse_args()
    failed = steps = edits = 0
    begun = time.monotonic()
    for count, seed in enumerate(range(asked.first, asked.first + asked.seeds), start=1):
        run = Interleaving(
            seed, accepting=asked.accepting, patches=asked.patches, imports=asked.imports
        )
        failure = failure_of(run)
        if failure is not None:
            failed += 1
            print(failure, flush=True)
            if failed == MOST_FAILURES:
                break
        steps += len(run.rig.steps)
        edits += run.rig.edits
        if count % asked.every == 0 or count == asked.seeds:
            rate = count / (time.monotonic() - begun)
            print(
                f"{count} of {asked.seeds} seeds from {asked.first}: {failed} failed, "
                f"{steps} steps, {edits} edits, {rate:.0f} seeds/s",
                flush=True,
            )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
