"""What remains in memory and sockets after many redirects, hundreds of edits, and hours of idling.

    python -m benchmarks.endurance [--edits 500] [--storms 20] [--idle 10]

The whole server as a process, an editor and a model in one event loop (`benchmarks.loopback`):

- storm: 20 redirects in 200 ms while every stream that gets a socket answers; how many sockets were
  opened, whether only the last answer is in the file, whether every other stream was closed;
- edits: sessions that are accepted, redirected, reverted, cancelled or broken off by the model;
  memory and open files of the process after the first 50 and after each further hundred;
- idle: processor time of the process per second with two live connections, after the model's
  server has dropped them and refuses everybody, and after it is there again.

Reads /proc: Linux only. One run on one machine.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.loopback import Answering, Editor, Model, now, server

URI = "file:///midstream-benchmark/a.py"
SCOPE = "def add(a, b):\n    return a+b"
TEXT = f"{SCOPE}\n"
PLACE = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 14}}
REDIRECTS = 20
STORM_MS = 200.0
WARM_UP = 50
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class State:
    """A process at one moment: its memory in MiB, its open files, its processor time in ms."""

    memory: float
    files: int
    busy: float


@dataclass(frozen=True, slots=True)
class Storm:
    """The measurements of one storm."""

    opened: int
    streams: int
    took: float
    """Milliseconds in which the redirects were sent."""


def state_of(pid: int) -> State:
    """The state of a process."""
    place = Path("/proc") / str(pid)
    pages = int((place / "statm").read_text("ascii").split()[1])
    # Behind the name, which may hold anything: user and system time are the 12th and 13th field.
    fields = (place / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    files = len(list((place / "fd").iterdir()))
    return State(pages * _PAGE / 2**20, files, ticks * _TICK_MS)


def wanted(number: int) -> str:
    """What answer `number` makes of the scope."""
    return f"def add(a, b):\n    # answer {number}\n    total = a + b\n    return total"


async def answer(stream: Answering, number: int, *, whole: bool) -> None:
    """Begin an answer, so that a part of it can be shown, or give all of it."""
    await stream.begin()
    text = f"````\n{wanted(number)}\n````\n"
    for start in range(0, len(text) if whole else text.index("urn total"), 4):
        await stream.say(text[start : start + 4])
    if whole:
        await stream.finish()


class Course:
    """One server and its model under a long load."""

    def __init__(self, editor: Editor, model: Model) -> None:
        self._editor = editor
        self._model = model

    def state(self) -> State:
        """The state of the server."""
        return state_of(self._editor.process.pid)

    async def storm(self) -> Storm:
        """Redirect 20 times in 200 ms, and see that only the last one counts."""
        editor, model = self._editor, self._model
        await self._begin()
        opened, begun = model.opened, now()
        streams: list[Answering] = []

        async def take() -> bool:
            """Answer the next request; whether it is the last one."""
            streams.append(await model.next())
            last = f"Try number {REDIRECTS}." in str(streams[-1].create["input"])
            await answer(streams[-1], REDIRECTS if last else 100 + len(streams), whole=last)
            return last

        over, answers = await take(), []
        for number in range(1, REDIRECTS + 1):
            argument = {"instruction": f"Try number {number}."}
            answers.append(editor.begin("midstream.redirect", argument))
            await asyncio.sleep((begun + number * STORM_MS / REDIRECTS - now()) / 1000)
            while model.waiting:
                over = await take()
        took = now() - begun
        await asyncio.gather(*answers)
        while not over:
            over = await take()
        await editor.until(f"{wanted(REDIRECTS)}\n", URI)
        for stream in streams[:-1]:
            await stream.over.wait()
        await model.until_open(2)
        assert model.waiting == 0
        await editor.command("midstream.revert")
        await self._end()
        return Storm(model.opened - opened, len(streams), took)

    async def edit(self, number: int) -> None:
        """One edit, of one of five kinds."""
        editor, model = self._editor, self._model
        await self._begin()
        stream = await model.next()
        match number % 5:
            case 0:
                await answer(stream, number, whole=True)
                await editor.until(f"{wanted(number)}\n", URI)
                await editor.command("midstream.accept")
                await self._end(f"{wanted(number)}\n")
                return
            case 1:
                await answer(stream, number, whole=False)
                await editor.command("midstream.redirect", {"instruction": "Again."})
                await stream.over.wait()
                await answer(await model.next(), number + 1, whole=True)
                await editor.until(f"{wanted(number + 1)}\n", URI)
                await editor.command("midstream.revert")
            case 2:
                await answer(stream, number, whole=False)
                await editor.command("midstream.cancel", {"leave": "original"})
            case 3:
                await answer(stream, number, whole=False)
                await editor.until_shown("# answer", URI)
                await editor.command("midstream.cancel")
                await editor.command("midstream.revert")
            case _:
                await answer(stream, number, whole=False)
                await editor.until_shown("# answer", URI)
                stream.connection.transport.abort()
                await stream.over.wait()
                await editor.command("midstream.revert")
        await self._end()

    async def idle(self, seconds: float) -> float:
        """Processor time per second of doing nothing, in percent."""
        before, start = self.state(), now()
        await asyncio.sleep(seconds)
        return (self.state().busy - before.busy) / (now() - start) * 100

    async def _begin(self) -> None:
        await self._model.until_open(2)
        self._editor.open(URI, TEXT)
        argument = {"uri": URI, "range": PLACE, "instruction": "Tidy."}
        await self._editor.command("midstream.edit", argument)

    async def _end(self, text: str = TEXT) -> None:
        await self._editor.until(text, URI)
        self._editor.close(URI)


async def run(edits: int, storms: int, seconds: float) -> list[str]:
    """Run everything. Returns the lines to print."""
    lines = []
    async with Model().listening() as model:
        options = {"profile": "bench", "profiles": {"bench": {"url": model.url, "model": "bench"}}}
        async with Editor.started(server(), options) as editor:
            course = Course(editor, model)
            editor.open(URI, TEXT)
            editor.close(URI)
            found = [await course.storm() for _ in range(storms)]
            lines += report_storms(found)
            states = []
            for number in range(edits):
                if number == WARM_UP or (number > WARM_UP and number % 100 == 0):
                    await model.until_open(2)
                    states.append((number, course.state()))
                await course.edit(number)
            await model.until_open(2)
            states.append((edits, course.state()))
            lines += report_states(states)
            lines.append(f"idle with two live connections: {await course.idle(seconds):.2f} %")
            model.refuses = True
            model.drop()
            share = await course.idle(seconds)
            lines.append(
                f"idle while the model refuses everybody: {share:.2f} %, "
                f"{model.refused} tries in {seconds:.0f} s"
            )
            model.refuses = False
            await model.until_open(2)
            share = await course.idle(seconds)
            lines.append(f"idle after it is there again: {share:.2f} %")
            await course.edit(0)
    return lines


def report_storms(storms: Sequence[Storm]) -> list[str]:
    """The results of the storms."""
    if not storms:
        return []
    return [
        f"{len(storms)} storms of {REDIRECTS} redirects in {STORM_MS:.0f} ms each: "
        f"sockets opened at most {max(storm.opened for storm in storms)}, "
        f"streams that reached the model at most {max(storm.streams for storm in storms)}, "
        "all but the last closed, only the last answer in the file"
    ]


def report_states(states: Sequence[tuple[int, State]]) -> list[str]:
    """How memory and files went, and by how much they have grown since the first row."""
    rows = [f"{'after edits':>12}{'MiB':>9}{'files':>7}"]
    rows += [f"{number:>12}{state.memory:>9.1f}{state.files:>7}" for number, state in states]
    (_, first), (_, last) = states[0], states[-1]
    memory, files = last.memory - first.memory, last.files - first.files
    rows.append(f"{'growth':>12}{memory:>+9.1f}{files:>+7}")
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--edits", type=int, default=500)
    parser.add_argument("--storms", type=int, default=20)
    parser.add_argument("--idle", type=float, default=10, help="seconds for each look at idling")
    chosen = parser.parse_args(arguments)
    print("\n".join(asyncio.run(run(chosen.edits, chosen.storms, chosen.idle))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
