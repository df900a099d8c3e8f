"""How fast a stop and a redirect are, compared with a loop that does the bare minimum.

    python -m benchmarks.interrupt [--rounds 200] [--rate 1000]

Each round opens a file, asks for an edit, lets a model answer at a steady rate and stops or
redirects right behind the frame of a random token, every second time one that ends a line. Real
processes, real pipes, real WebSockets on this machine. Both programs take turns in one run; the
floor is `benchmarks.floor`. All times are taken outside of the programs, from bytes handed over to
bytes read:

- cancel, last edit: the cancel written to the last edit applied (0 when none came after it). An
  editor that takes its time is given one round trip of its own, as the server's ledger has it;
- cancel, answer: to its answer; cancel, close: to the close of the socket, seen by the model;
- redirect, request: the redirect written to `response.create` read by the model;
- frame, edit: the first frame of the new answer that makes text publishable, to its edit read.
  Which frame that is, is computed afterwards from the text that was there (`DocumentEdits`).

One run on one machine: compare figures of one run, not of different machines.
"""

import argparse
import ast
import asyncio
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources

from benchmarks.loopback import HEADER, Answering, Editor, Model, Taken, now, row, server
from benchmarks.stream import tokens
from lsp_server.choices import Publish
from lsp_server.session import events as ev
from lsp_server.session.document_edits import Begun, DocumentEdits, ForSession
from lsp_server.session.effects import ApplyEdit
from lsp_server.session.ledger import percentile
from lsp_server.session.request import EditRequest
from lsp_server.syntax.gate import make_gate
from lsp_server.syntax.languages import language_for
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

URI = "file:///midstream-benchmark/orders.py"
OPTIONS = {"maxEditsPerSecond": 1000}
"""No cap on the edits, so that one is in flight at most moments."""
THINKING_S = 0.03
"""Seconds before the model's first frame of a redirected answer."""
GRACE_S = 0.03
"""Seconds in which an edit that comes too late is waited for."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A file, the scope in it, and two answers."""

    before: str
    scope: str
    after: str
    first: str
    second: str

    @property
    def text(self) -> str:
        """The whole file."""
        return self.before + self.scope + self.after

    def scope_of(self, text: str) -> str:
        """What the scope holds in a later state of the file."""
        return text[len(self.before) : len(text) - len(self.after)]


@dataclass(slots=True)
class Findings:
    """What one program took (ms), and what it must never do."""

    cancel_last: dict[int, list[float]] = field(default_factory=dict)
    """By the editor's delay (ms), as the next two."""
    cancel_answer: dict[int, list[float]] = field(default_factory=dict)
    round_trips: dict[int, list[float]] = field(default_factory=dict)
    """The 95th percentile of each session, as the server's ledger has it."""
    close: list[float] = field(default_factory=list)
    redirect: list[float] = field(default_factory=list)
    first_edit: list[float] = field(default_factory=list)
    late: int = 0
    """Edits after the answer to a cancel."""
    unsound: int = 0
    """Files that did not parse after a cancel."""
    handshakes: int = 0
    """Redirects whose request came on a socket opened after them."""
    early: int = 0
    """First edits that came before the frame that should have made them."""


def scene() -> Scene:
    """The example that the demo edits: names change in most lines, some lines go."""
    text = resources.files("lsp_server.cli").joinpath("examples/orders.py").read_text("utf-8")
    start = text.index("def summarise")
    end = text.index("\n\n\ndef invoices")
    scope = text[start:end]
    lines = [line for line in scope.split("\n") if not line.lstrip().startswith("print(")]
    first = "\n".join(lines).replace("tmp", "total")
    second = first.replace("Check an order", "Look at an order").replace("rows", "printed")
    return Scene(text[:start], scope, text[end:], first, second)


def fenced(code: str) -> str:
    """As a model sends it."""
    return f"````python\n{code}\n````\n"


def first_publishable(scene: Scene, base: str, answer: Sequence[str]) -> int:
    """Which token of `answer` first makes something publishable where the scope holds `base`."""
    language = language_for("python")
    document = scene.before + base + scene.after

    document_edits = DocumentEdits(
        Text(document), 1, lambda text, span: make_gate(text, span, language), 1e6, "python"
    )
    request = EditRequest("Do it.", base, base, "benchmark")
    span = Span(len(scene.before), len(scene.before) + len(base))
    document_edits.handle(Begun("case", span, request, Publish.SYNTAX), 0.0)
    for number, token in enumerate(answer):
        effects = document_edits.handle(ForSession("case", ev.Delta(1, token, 0.0)), float(number))
        if any(isinstance(effect, ApplyEdit) for effect in effects):
            return number
    raise ValueError("This answer changes nothing.")


def first_line(answer: Sequence[str]) -> int:
    """Which token ends the first line behind the fence: there the floor writes."""
    said = ""
    for number, token in enumerate(answer):
        said += token
        if said.count("\n") > 1:
            return number
    raise ValueError("This answer has one line.")


class Cuts:
    """Where streams are cut: anywhere, and by turns right behind a token that ends a line, for
    there an edit is most likely on its way."""

    def __init__(self, said: Sequence[str], seed: int) -> None:
        self._chance = random.Random(seed)
        self._anywhere = range(1, len(said) + 1)
        self._ends = [number + 1 for number, token in enumerate(said) if "\n" in token]
        self._turn = False

    def next(self) -> int:
        """How many tokens are said before the next cut."""
        self._turn = not self._turn
        return self._chance.choice(self._ends if self._turn else self._anywhere)


class Bench:
    """One program under measure."""

    def __init__(self, name: str, editor: Editor, model: Model, scene: Scene, rate: float) -> None:
        self.name = name
        self.found = Findings()
        self._editor = editor
        self._model = model
        self._scene = scene
        self._rate = rate
        self._real = name != "floor"

    async def cancel(self, cut: int, delay_ms: int) -> None:
        """One edit that is stopped behind its token `cut`."""
        found, editor = self.found, self._editor
        answer = await self._begin(delay_ms)
        start = len(editor.taken)
        await self._say(answer, tokens(fenced(self._scene.first))[:cut])
        at = now()
        answered = await editor.begin("midstream.cancel", {})
        over = now()
        count = len(editor.taken)
        await answer.over.wait()
        await asyncio.sleep(GRACE_S + delay_ms / 1000)
        found.late += len(editor.taken) - count
        taken = editor.taken[start:]
        found.cancel_last.setdefault(delay_ms, []).append(
            max([edit.applied - at for edit in taken if edit.applied > at], default=0.0)
        )
        found.cancel_answer.setdefault(delay_ms, []).append(over - at)
        found.close.append(answer.closed_at - at)
        assert answered["left"] == "valid"
        await self._end()

    async def redirect(self, cut: int) -> None:
        """One edit that is redirected behind its token `cut`, until the new answer is seen."""
        found, editor = self.found, self._editor
        first = await self._begin(0)
        await self._say(first, tokens(fenced(self._scene.first))[:cut])
        at = now()
        answered = editor.begin("midstream.redirect", {"instruction": "Look closer."})
        second = await self._model.next()
        found.redirect.append(second.asked - at)
        found.handshakes += second.opened > at
        await answered
        await first.over.wait()
        await asyncio.sleep(THINKING_S)
        start = len(editor.taken)
        await second.begin()
        sent = await self._say(second, tokens(fenced(self._scene.second)), start + 1)
        await editor.until_taken(start + 1)
        self._note_first_edit(editor.taken[start], sent)
        await self._end()

    # -- inside --

    async def _begin(self, delay_ms: int) -> Answering:
        await self._model.until_open(2)
        self._editor.delay_ms = delay_ms
        self._editor.open(URI, self._scene.text)
        line = self._scene.before.count("\n")
        last = line + self._scene.scope.count("\n") + 1
        place = {
            "start": {"line": line, "character": 0},
            "end": {"line": last, "character": 0},
        }
        argument = {"uri": URI, "range": place, "instruction": "Simplify."}
        await self._editor.command("midstream.edit", argument)
        answer = await self._model.next()
        await answer.begin()
        return answer

    async def _say(self, answer: Answering, said: Sequence[str], until: int = 0) -> list[float]:
        """Send at the rate; with `until`, only while fewer edits have come. When each was sent."""
        loop = asyncio.get_running_loop()
        start, sent = loop.time(), []
        for number, token in enumerate(said):
            pause = start + number / self._rate - loop.time()
            await asyncio.sleep(max(pause, 0))
            if until and len(self._editor.taken) >= until:
                break
            sent.append(now())
            await answer.say(token)
        return sent

    def _note_first_edit(self, edit: Taken, sent: Sequence[float]) -> None:
        answer = tokens(fenced(self._scene.second))
        if self._real:
            number = first_publishable(self._scene, self._scene.scope_of(edit.before), answer)
        else:
            number = first_line(answer)
        if number >= len(sent) or edit.read < sent[number]:
            self.found.early += 1
        else:
            self.found.first_edit.append(edit.read - sent[number])

    async def _end(self) -> None:
        """Stop, look at what is left, and close the file."""
        editor = self._editor
        await self._stop()
        if self._real:
            try:
                ast.parse(editor.texts[URI])
            except SyntaxError:
                self.found.unsound += 1
        editor.close(URI)
        await self._model.until_open(2)

    async def _stop(self) -> None:
        """Whatever still runs; what the server booked of it."""
        if not self._real:
            await self._editor.command("midstream.cancel")
            return
        for known in (await self._editor.command("midstream.status"))["sessions"]:
            await self._editor.command("midstream.cancel", {"session": known["session"]})
            await self._editor.command("midstream.accept", {"session": known["session"]})
        ledger = (await self._editor.command("midstream.status"))["last"]
        if ledger["applyRoundTrip"] is not None:
            delay = int(self._editor.delay_ms)
            spread = ledger["applyRoundTrip"]
            self.found.round_trips.setdefault(delay, []).append(spread["p95"])


async def measure(
    rounds: int, rate: float, delays: Sequence[int], seed: int
) -> tuple[Findings, Findings]:
    """The server's findings and the floor's, measured by turns."""
    made = scene()
    cuts = Cuts(tokens(fenced(made.first)), seed)
    async with Model().listening() as one, Model().listening() as other:
        options = OPTIONS | {
            "profile": "bench",
            "profiles": {"bench": {"url": one.url, "model": "bench"}},
        }
        floor = [sys.executable, "-m", "benchmarks.floor", other.url]
        async with Editor.started(server(), options) as real, Editor.started(floor, {}) as bare:
            benches = [
                Bench("midstream", real, one, made, rate),
                Bench("floor", bare, other, made, rate),
            ]
            for _ in range(rounds):
                for bench in benches:
                    for delay in delays:
                        await bench.cancel(cuts.next(), delay)
                    await bench.redirect(cuts.next())
    return benches[0].found, benches[1].found


def report(real: Findings, floor: Findings) -> list[str]:
    """The table and whether each mark is met."""
    lines, verdicts = [HEADER], []

    def pair(name: str, mine: Sequence[float], bare: Sequence[float], mark: float) -> None:
        lines.append(row(name, mine))
        lines.append(row("  floor", bare))
        p99 = percentile(mine, 0.99)
        verdict = "met" if p99 <= mark else "MISSED"
        verdicts.append(f"{verdict}: {name}: p99 {p99:.2f} ms, the mark is {mark:.2f} ms")

    for delay, values in real.cancel_last.items():
        mark = percentile(real.round_trips[delay], 0.99) if delay else 5.0
        name = f"cancel, last edit (editor {delay} ms)"
        pair(name, values, floor.cancel_last[delay], mark)
        lines.append(row("cancel, answer", real.cancel_answer[delay]))
        lines.append(row("  floor", floor.cancel_answer[delay]))
    pair("cancel, the model sees the close", real.close, floor.close, 10.0)
    pair("redirect, request on the wire", real.redirect, floor.redirect, 10.0)
    pair("first publishable frame, its edit", real.first_edit, floor.first_edit, 10.0)
    never = (
        f"late edits {real.late}, files that do not parse {real.unsound}, "
        f"redirects that waited for a handshake {real.handshakes}, early edits {real.early}"
    )
    return [*lines, never, *verdicts]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=200, help="of each kind")
    parser.add_argument("--rate", type=float, default=1000, help="tokens per second")
    parser.add_argument("--delays", type=int, nargs="+", default=[0, 20], help="ms for an edit")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    found = asyncio.run(measure(chosen.rounds, chosen.rate, chosen.delays, chosen.seed))
    print("\n".join(report(*found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
