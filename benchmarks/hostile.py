"""How long a status and a stop take while the server reads hostile text.

    python -m benchmarks.hostile [--seed 1] [--drawn 24] [--only WORD]

Each input is given to a real server over pipes: the folder is opened, the document, then a scope,
code actions and an edit are asked for, a model answers, and the edit is stopped. Meanwhile
`midstream.status` is asked for all the time. The first row is a harmless file in the same run. All
times are milliseconds, from bytes handed over to bytes read, the start of the server left out. "its
work" is the most that the server's threads had of the processor between a question and its answer
(on Linux): what an idle machine would have made of "its max" at most. The bounds are 200 ms for a
status and 250 ms for a stop.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from benchmarks.loopback import Editor, now, server
from benchmarks.shapes import Drawn, draw, text_of
from lsp_server.session.ledger import percentile

STATUS_MS, STOP_MS = 200.0, 250.0
"""The bounds."""
FLOOD_S = 14.0
"""Seconds that a runaway answer lasts unless it is stopped."""
WRITING_S = 6.0
"""Seconds that an answer comes before it is stopped."""
CODE = "def f(a):\n    b = a + 1\n    return b\n"
FUNCTION = "function f() {\n  return 1;\n}\n"
NO_BREAK_SPACE, RIGHT_TO_LEFT, HAN = "\u00a0", "\u202e", "\u6f22"


@dataclass(frozen=True, slots=True)
class Input:
    """What a repository, an editor or a model does to the server."""

    name: str
    files: Callable[[], Mapping[str, str]] = dict
    """Files of the workspace, by their path in it. Inputs of the same can share a server."""
    language: str = "python"
    text: Callable[[], str] = lambda: CODE
    answer: str = "steady"
    """How the model answers; see `answers`."""


@dataclass(slots=True)
class Latencies:
    """What one input led to (ms)."""

    name: str
    start: float = 0.0
    """From `initialize` to its answer."""
    status: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    """Of the processor, for each status; empty where the system does not tell."""
    stop: list[float] = field(default_factory=list)
    refused: str | None = None
    """Why there was no edit, if there was none."""

    @property
    def in_bounds(self) -> bool:
        """Whether both bounds are held."""
        answered = bool(self.status) and bool(self.stop or self.refused)
        return answered and max(self.status) <= STATUS_MS and max(self.stop, default=0) <= STOP_MS


def named_inputs() -> list[Input]:
    """Those that have stopped a server once."""

    def settings(make: Callable[[], str]) -> Callable[[], Mapping[str, str]]:
        return lambda: {".midstream.toml": make()}

    def ignores(make: Callable[[], str]) -> Callable[[], Mapping[str, str]]:
        return lambda: {".gitignore": make()}

    comments = "".join(f"    # line {number}\n" for number in range(8000))
    return [
        Input("harmless"),
        Input("an `ms:` comment of blanks", text=lambda: f"# ms: a{' ' * 20_000}b\n{CODE}"),
        Input("a .gitignore line of stars", ignores(lambda: "*a" * 2000 + "\n")),
        Input(".gitignore of 3,000 lines", ignores(lambda: _lines("build-{0}/**/*.o", 3000))),
        Input("40,000 dotted keys", settings(lambda: ".".join(["a"] * 40_000) + " = 1\n")),
        Input("90,000 unknown keys", settings(lambda: _lines("k{0} = 1", 90_000))),
        Input("5,001 unknown keys", settings(lambda: _lines("k{0} = 1", 5001))),
        Input("60,000 prompts", settings(lambda: "[prompts]\n" + _lines('p{0} = "Do"', 60_000))),
        Input("a block and 8,000 comments", text=lambda: f"{CODE}{comments}"),
        Input("740 kB of broken Python", text=lambda: text_of("", "def f(x:\n  if (\n", 740_000)),
        Input("one line of 5 MB", text=lambda: text_of("x = ", "a + ", 5_000_000)),
        Input("100,000 brackets", text=lambda: "(" * 100_000),
        Input("YAML of 40,000 lines", language="yaml", text=lambda: _lines("k{0}: v", 40_000)),
        Input("100,000 statements", text=lambda: "x = 1\n" * 100_000),
        Input("24 kB of `a<b` in Java", language="java", text=lambda: text_of("x=", "a<b", 24_000)),
        Input("1 MB of no-break spaces", text=lambda: f"{CODE}# {NO_BREAK_SPACE * 1_000_000}\n"),
        Input("1 MB of U+202E", text=lambda: f"{CODE}# {RIGHT_TO_LEFT * 1_000_000}\n"),
        Input("1 MB of lone CR", text=lambda: CODE + "\r" * 1_000_000),
        Input("600 kB of Chinese comments", text=lambda: CODE + _lines(f"# {HAN * 1000}", 200)),
        Input("500,000 empty lines", text=lambda: CODE + "\n" * 500_000),
        Input("60,000 lines of `# ms:`", text=lambda: _lines("# ms: {0}", 60_000) + CODE),
        Input("120 kB of `auth=`", text=lambda: f"# {'auth=' * 24_000}\n{CODE}"),
        Input("lines of `auth=`", text=lambda: CODE + _lines(f"# {'auth=' * 24} {{0}}", 1000)),
        Input("2,500 passwords", text=lambda: _lines('password{0} = "hun{0}-Ter2"', 2500) + CODE),
        Input(
            "what carries what carries a value",
            language="javascript",
            text=lambda: f"{FUNCTION}{'x = ' * 2000}1;\n/* {'a b c ' * 80_000} */\n",
        ),
        Input("runaway: short lines", answer="lines"),
        Input("runaway: one line", answer="line"),
        Input("runaway: one delta of 10 MB", answer="lump"),
        Input("runaway: single characters", answer="letters"),
        Input("runaway: prose", answer="prose"),
        Input("runaway: brackets", answer="brackets"),
    ]


def drawn_inputs(seed: int, count: int) -> list[Input]:
    """So many others."""
    return [_of_shape(shape) for shape in draw(seed, count)]


def _of_shape(shape: Drawn) -> Input:
    return Input(shape.name, language=shape.language, text=lambda: shape.text)


def _lines(pattern: str, count: int) -> str:
    return "".join(pattern.format(number) + "\n" for number in range(count))


# -- the model, in a process of its own ------------------------------------------------------------


def answers(kind: str) -> tuple[list[str], list[str]]:
    """How an answer begins, and the deltas that it then repeats: about 64 kB of them at a time."""
    begin = ["```python\n", "def f(a):\n", "    b = a + 2\n"]
    match kind:
        case "lines":
            return begin, ["    b = b + 1\n" * 80] * 64
        case "line":
            return [*begin, "    b = 1"], [" + 1" * 256] * 64
        case "lump":
            return begin, ["    b = b + 1\n" * 700_000]
        case "letters":
            return begin, list("    b = b + 1\n" * 80)
        case "prose":
            return [], ["I would like to say that this is so. " * 28] * 64
        case "brackets":
            return begin, ["    b = (([{" * 80] * 64
        case _:
            return begin, []


class _Flood:
    """A Responses server that does not care whether anybody listens."""

    async def client(self, connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in connection:
                create = orjson.loads(frame)
                await self._answer(connection, create)

    async def _answer(self, connection: ServerConnection, create: dict[str, Any]) -> None:
        response = {"id": "r", "model": create["model"], "status": "in_progress", "output": []}
        if create.get("generate") is False:
            done = {**response, "status": "completed"}
            await connection.send(_frame({"type": "response.completed", "response": done}))
            return
        begin, more = answers(str(create["model"]))
        await connection.send(_frame({"type": "response.created", "response": response}))
        for delta in begin:
            await connection.send(_delta(delta))
        frames, end = [_delta(delta) for delta in more], now() + FLOOD_S * 1000
        while now() < end:
            for frame in frames:
                await connection.send(frame)
            await asyncio.sleep(0 if frames else 0.05)


def _delta(text: str) -> str:
    part = {"item_id": "m", "output_index": 0, "content_index": 0, "delta": text}
    return _frame({"type": "response.output_text.delta", **part})


def _frame(event: dict[str, Any]) -> str:
    return orjson.dumps(event).decode()


async def _serve_flood() -> None:
    async with serve(_Flood().client, "127.0.0.1", 0, compression=None) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        print(f"ws://127.0.0.1:{port}/v1/responses", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@contextlib.asynccontextmanager
async def model() -> AsyncIterator[str]:
    """The model's process; gives its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.hostile", "--serve"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


# -- measuring -------------------------------------------------------------------------------------


async def measure(
    inputs: Sequence[Input], url: str, writing_s: float = WRITING_S
) -> list[Latencies]:
    """Give inputs of the same files to one server, whose models answer at `url`."""
    found = [Latencies(one.name) for one in inputs]
    with tempfile.TemporaryDirectory() as place:
        root = Path(place, "workspace")
        root.mkdir()
        for name, text in inputs[0].files().items():
            (root / name).write_text(text, "utf-8")
        profiles = {one.answer: {"url": url, "model": one.answer} for one in inputs}
        options = {"profile": inputs[0].answer, "profiles": profiles}
        env = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA"), place)
        env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        at = now()
        with contextlib.suppress(TimeoutError):  # Then nothing was answered; the table shows that.
            async with Editor.started(server(), options, env, root.as_uri()) as editor:
                started = now() - at
                for number, (one, what) in enumerate(zip(inputs, found, strict=True)):
                    what.start = started
                    uri = (root / f"file-{number}").as_uri()
                    asking = asyncio.create_task(ask_all_the_time(editor, what))
                    with contextlib.suppress(TimeoutError):
                        await _use(editor, one, uri, what, writing_s)
                    asking.cancel()
                    await asyncio.gather(asking, return_exceptions=True)
    return found


async def ask_all_the_time(editor: Editor, found: Latencies) -> None:
    """Ask for the status all the time."""
    while True:
        at, worked = now(), processor_of(editor.process.pid)
        try:
            await editor.command("midstream.status")
        finally:
            found.status.append(now() - at)
            if worked is not None and (by_now := processor_of(editor.process.pid)) is not None:
                found.work.append(by_now - worked)
        await asyncio.sleep(0.01)


def processor_of(pid: int) -> float | None:
    """The milliseconds that a process has had of the processor; None if the system does not say."""
    if sys.platform != "linux":
        return None
    try:  # The clock of a process is named by its number (clock_getcpuclockid).
        return time.clock_gettime(~pid << 3 | 2) * 1000
    except OSError:
        return None


async def _use(editor: Editor, one: Input, uri: str, found: Latencies, writing_s: float) -> None:
    """Open the file, ask what can be asked, edit it and stop."""
    text = one.text()
    editor.open(uri, text, one.language)
    line = min(1, text.count("\n"))
    place = {"line": line, "character": 0}
    whole = {"start": {"line": 0, "character": 0}, "end": place}
    await editor.command("midstream.scope", {"uri": uri, "range": {"start": place, "end": place}})
    document = {"textDocument": {"uri": uri}, "context": {"diagnostics": []}}
    await editor.request("textDocument/codeAction", {**document, "range": whole})
    argument = {"uri": uri, "range": whole, "instruction": "Add two.", "scope": "selection"}
    argument["profile"] = one.answer
    try:
        session = (await editor.command("midstream.edit", argument))["session"]
    except RuntimeError as error:
        found.refused = str(error)
        return
    await asyncio.sleep(writing_s)
    at = now()
    await editor.command("midstream.cancel", {"session": session})
    found.stop.append(now() - at)
    await asyncio.sleep(0.1)


# -- the table -------------------------------------------------------------------------------------


def report(found: Latencies) -> str:
    """One row."""
    status = found.status or [0.0]
    spread = [percentile(status, 0.5), max(status)]
    spread += [max(found.work, default=0.0), max(found.stop, default=0.0)]
    figures = "".join(f"{value:>10.1f}" for value in (found.start, *spread))
    verdict = "met" if found.in_bounds else "MISSED"
    return f"{found.name[:52]:<54}{figures}  {verdict}" + (
        " (no edit)" if found.refused else "" if found.stop else " (unanswered)"
    )


async def run(inputs: Sequence[Input]) -> bool:
    """All of them, one after the other; whether every bound was held."""
    print(
        f"{'milliseconds':<54}{'start':>10}{'status':>10}{'its max':>10}"
        f"{'its work':>10}{'stop':>10}"
    )
    met = True
    async with model() as url:
        for one in inputs:
            (found,) = await measure([one], url)
            met = met and found.in_bounds
            print(report(found), flush=True)
    return met


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drawn", type=int, default=24, help="inputs drawn from the seed")
    parser.add_argument("--only", default="", help="inputs whose name has this in it")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.serve:
        asyncio.run(_serve_flood())
        return 0
    inputs = [*named_inputs(), *drawn_inputs(chosen.seed, chosen.drawn)]
    asyncio.run(run([one for one in inputs if chosen.only in one.name]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
