"""How long `midstream.edit` takes to be answered in files of five sizes, and its memory.

    python -m benchmarks.edits [--lines 1000 5000 20000 50000 100000] [--only LANGUAGE] [--laps 8]

Each text is made and opened in a real server over pipes. The first edit is asked for `--pause`
seconds after that, the later ones each after a keystroke at the top of the file, with no pause.
Times are milliseconds, from writing the command's bytes to reading its answer's; `later` is the
median and the worst of the laps. `MiB` is the most memory that the server held at any time (VmHWM,
Linux). The model is asked and says nothing.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.loopback import Editor, Model, now, server
from benchmarks.shapes import SOUND, sound

LINES = (1_000, 5_000, 20_000, 50_000, 100_000)
LAPS = 8
PAUSE_S = 3.0
"""Seconds between opening a file and the first edit of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one text led to (ms, MiB)."""

    language: str
    lines: int
    first: float
    later: tuple[float, ...]
    most: float

    def row(self) -> str:
        """One line of the table."""
        middle, worst = statistics.median(self.later), max(self.later)
        figures = f"{self.first:>10.1f}{middle:>10.1f}{worst:>10.1f}{self.most:>10.0f}"
        return f"{self.language:<12}{self.lines:>8}{figures}"


async def measure(language: str, lines: int, laps: int, pause: float) -> Found:
    """One text in a server of its own."""
    text = sound(language, lines)
    model = Model()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place, "workspace")
        root.mkdir()
        env = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA"), place)
        env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        async with model.listening():
            options = {
                "profile": "mute",
                "profiles": {"mute": {"url": model.url, "model": "mute"}},
            }
            async with Editor.started(server(), options, env, root.as_uri()) as editor:
                times = await _use(
                    editor, model, language, text, (root / "big").as_uri(), laps, pause
                )
                most = _most_memory(editor.process.pid)
    return Found(language, lines, times[0], tuple(times[1:]), most)


async def _use(
    editor: Editor, model: Model, language: str, text: str, uri: str, laps: int, pause: float
) -> list[float]:
    """Open the file, edit and stop, then again after each keystroke; the times to the answers."""
    lines, piece = text.count("\n"), SOUND[language].count("\n")
    line = lines // piece // 2 * piece + 2
    editor.open(uri, text, language)
    await asyncio.sleep(pause)
    await editor.command("midstream.status")
    times = []
    for lap in range(1 + laps):
        if lap:
            editor.type_above(uri, "\n")
            line += 1
        at, place = now(), {"line": line, "character": 6}
        argument = {"uri": uri, "range": {"start": place, "end": place}, "instruction": "Add two."}
        session = (await editor.command("midstream.edit", argument))["session"]
        times.append(now() - at)
        await model.next()
        await editor.command("midstream.cancel", {"session": session, "leave": "original"})
    return times


def _most_memory(pid: int) -> float:
    """The most memory that a process has held (MiB)."""
    status = Path("/proc", str(pid), "status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


async def run(languages: Sequence[str], sizes: Sequence[int], laps: int, pause: float) -> None:
    """All of them, one after the other."""
    heads = "".join(f"{name:>10}" for name in ("first", "later", "worst", "MiB"))
    print(f"{'milliseconds':<12}{'lines':>8}{heads}")
    for language in languages:
        for lines in sizes:
            print((await measure(language, lines, laps, pause)).row(), flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--lines", type=int, nargs="+", default=LINES)
    parser.add_argument("--only", default="python", help="languages whose id has this in it")
    parser.add_argument("--laps", type=int, default=LAPS)
    parser.add_argument(
        "--pause", type=float, default=PAUSE_S, help="seconds before the first edit"
    )
    chosen = parser.parse_args(arguments)
    languages = [one for one in SOUND if chosen.only in one]
    asyncio.run(run(languages, chosen.lines, chosen.laps, chosen.pause))
    return 0


if __name__ == "__main__":
    sys.exit(main())
