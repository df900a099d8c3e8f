"""How long large valid files take to parse, and whether they keep their grammar.

    python -m benchmarks.big [--lines 10000 30000 50000] [--only LANGUAGE]

Each text is made, opened in a real server over pipes, and a scope is asked for: that waits for the
first parse. Then a line is typed at the top and the scope asked for again, an edit begun and
stopped. Meanwhile `midstream.status` is asked for all the time; the table shows its worst time. All
times are milliseconds, from bytes written to bytes read. The bounds are those of
`benchmarks.hostile`.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.hostile import STATUS_MS, STOP_MS, Latencies, ask_all_the_time, model
from benchmarks.loopback import Editor, now, server
from benchmarks.shapes import SOUND, sound

LINES = (10_000, 30_000, 50_000)
ANSWERING_S = 1.0
"""Seconds that an answer streams before it is stopped."""


@dataclass(frozen=True, slots=True)
class Found:
    """The measurements of one text (ms)."""

    language: str
    lines: int
    size: int
    """Code points."""
    scope: float
    typed: float
    edit: float
    stop: float
    status: float
    grammar: bool
    """Whether its scopes were those of its grammar, before and after typing."""

    @property
    def met(self) -> bool:
        """Whether the bounds are met and the grammar is kept."""
        return self.grammar and self.status <= STATUS_MS and self.stop <= STOP_MS

    def row(self) -> str:
        """One line of the table."""
        times = (self.scope, self.typed, self.edit, self.stop, self.status)
        figures = "".join(f"{value:>10.1f}" for value in times)
        kept = "kept" if self.grammar else "LOST"
        verdict = "met" if self.met else "MISSED"
        what = f"{self.language:<12}{self.lines:>8}{self.size // 1000:>8}"
        return f"{what}{figures}  {kept} {verdict}"


async def measure(language: str, lines: int, url: str) -> Found:
    """One text in a server of its own, whose model answers at `url`."""
    text = sound(language, lines)
    with tempfile.TemporaryDirectory() as place:
        root = Path(place, "workspace")
        root.mkdir()
        options = {"profile": "steady", "profiles": {"steady": {"url": url, "model": "steady"}}}
        env = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA"), place)
        env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        async with Editor.started(server(), options, env, root.as_uri()) as editor:
            statuses = Latencies(language)
            asking = asyncio.create_task(ask_all_the_time(editor, statuses))
            try:
                return await _use(editor, language, text, (root / "big").as_uri(), statuses)
            finally:
                asking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await asking


async def _use(editor: Editor, language: str, text: str, uri: str, statuses: Latencies) -> Found:
    """Open the file, look, type, look again, edit and stop."""
    lines, piece = text.count("\n"), SOUND[language].count("\n")
    line = lines // piece // 2 * piece + 2
    times = []

    async def scope(line: int) -> str:
        at, place = now(), {"line": line, "character": 6}
        argument = {"uri": uri, "range": {"start": place, "end": place}, "scope": "statement"}
        answer = await editor.command("midstream.scope", argument)
        times.append(now() - at)
        return str(answer["scope"]["language"])

    editor.open(uri, text, language)
    found = [await scope(line)]
    editor.type_above(uri, "\n")
    found.append(await scope(line + 1))
    at, place = now(), {"line": line + 1, "character": 6}
    argument = {"uri": uri, "range": {"start": place, "end": place}, "instruction": "Add two."}
    session = (await editor.command("midstream.edit", argument))["session"]
    times.append(now() - at)
    await asyncio.sleep(ANSWERING_S)
    at = now()
    await editor.command("midstream.cancel", {"session": session})
    return Found(
        language=language,
        lines=lines,
        size=len(text),
        scope=times[0],
        typed=times[1],
        edit=times[2],
        stop=now() - at,
        status=max(statuses.status),
        grammar=found == [language, language],
    )


HEAD = ("scope", "typed", "edit", "stop", "status")


async def run(languages: Sequence[str], sizes: Sequence[int]) -> bool:
    """Measure all, one by one. Returns whether every bound was met and every grammar kept."""
    print(f"{'milliseconds':<12}{'lines':>8}{'kB':>8}" + "".join(f"{name:>10}" for name in HEAD))
    met = True
    async with model() as url:
        for language in languages:
            for lines in sizes:
                found = await measure(language, lines, url)
                met = met and found.met
                print(found.row(), flush=True)
    return met


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--lines", type=int, nargs="+", default=LINES)
    parser.add_argument("--only", default="", help="languages whose id has this in it")
    chosen = parser.parse_args(arguments)
    asyncio.run(run([one for one in SOUND if chosen.only in one], chosen.lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
