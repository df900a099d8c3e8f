"""`midstream demo`: `midstream edit` on files from the package, with scripted decisions.

Works on copies in a temporary folder with the built-in practice model, whatever the settings say.
Needs no API key and no network, and asks nothing.
"""

import argparse
import asyncio
import io
import re
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from rich.console import Console

from lsp_server.cli.edit_flow import Accept, Decision, EditFlow, Job, Redirect, Revert
from lsp_server.cli.interrupts import Interrupts
from lsp_server.cli.ledger_table import at_p95, table_of
from lsp_server.cli.live_view import SessionSnapshot, frame
from lsp_server.cli.screen import Screen
from lsp_server.cli.small_editor import EditorSession, SmallEditor
from lsp_server.cli.sourcefile import SourceFile
from lsp_server.errors import MidstreamError, SettingsError
from lsp_server.lsp.convert import Json
from lsp_server.settings import PRACTICE
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

RATE = 1000
"""Tokens per second of the practice model."""
MARK_RATE = 900
"""Tokens per second that the demo should reach."""
MARK_FRAME_TO_EDIT = 50
"""Milliseconds from the frame that makes an edit possible to the edit."""

_OPTIONS: Json = {
    "profile": PRACTICE,
    "profiles": {PRACTICE: {"model": f"{PRACTICE}@{RATE}"}},
    "publish": "syntax",
    "maxEditsPerSecond": 25,
    "cancelLeaves": "valid",
    "ignore": [],
    # Each file stands alone, and the demo leaves no index behind.
    "context": {"definitions": False, "callers": False, "open": False},
}
_PICTURE_ROWS = 24
_WARM_POLL_S = 0.02
_WARM_S = 15.0


@dataclass(frozen=True, slots=True)
class Example:
    """One edit of the demo, from `examples/demo.toml`. Lines are counted from 1."""

    file: str
    lines: tuple[int, int]
    instruction: str
    redirect: str
    redirect_after: int
    """Tokens of the first answer."""


def examples() -> tuple[Example, ...]:
    """All examples, in order."""
    raw = tomllib.loads((_folder() / "demo.toml").read_text("utf-8"))["example"]
    return tuple(
        Example(e["file"], tuple(e["lines"]), e["instruction"], e["redirect"], e["redirect_after"])
        for e in raw
    )


def run(chosen: argparse.Namespace) -> int:
    """Run `midstream demo`; returns the exit code. Raises `MidstreamError`."""
    picture = None if chosen.svg is None else Path(chosen.svg)
    if picture is not None and not picture.parent.is_dir():
        raise SettingsError(f"--svg: there is no folder `{picture.parent}`.")
    with Interrupts() as interrupts, tempfile.TemporaryDirectory(prefix="midstream-demo-") as name:
        folder = Path(name).resolve()
        if picture is not None:
            return asyncio.run(_save_picture(folder, picture, interrupts))
        screen = Screen(sys.stdout, interrupts, _PICTURE_ROWS)
        return asyncio.run(_show(folder, screen, interrupts))


class Script:
    """Scripted decisions: one redirect, then accept."""

    def __init__(self, example: Example) -> None:
        self._example = example
        self._redirected = False
        self.stopped = False

    def while_streaming(self, session: EditorSession) -> Redirect | None:
        """Redirect once enough tokens have arrived."""
        if self._redirected or session.tokens < self._example.redirect_after:
            return None
        self._redirected = True
        return Redirect(self._example.redirect)

    def when_stopped(self, session: EditorSession) -> Decision:
        """Ctrl-C ends the demo."""
        self.stopped = True
        return Revert()

    def in_review(self, session: EditorSession, sound: bool) -> Decision:
        """Accept a sound answer."""
        return Accept() if sound else Revert()


# -- the show --


async def _show(folder: Path, screen: Screen, interrupts: Interrupts) -> int:
    screen.say(f"The built-in practice model makes three edits at {RATE:,} tokens a second, each")
    screen.say("redirected while it streams. No key, no network; your files aren't touched.")
    ledgers: list[tuple[str, Json]] = []
    editor = SmallEditor()
    try:
        await _start(editor, folder, interrupts)
        for example in examples():
            script = Script(example)
            ledger = await _run_example(example, script, folder, editor, screen, interrupts)
            if script.stopped:
                screen.say("Stopped.")
                return 1
            if ledger is None:
                screen.warn(f"The edit of {example.file} failed.")
                return 1
            ledgers.append((example.file, ledger))
    except asyncio.CancelledError:
        screen.say("Stopped.")
        return 1
    finally:
        interrupts.ignore()
        await editor.aclose()
    screen.say("")
    screen.say("The cost, from the server's ledger (median / 95th percentile):")
    screen.show(table_of(ledgers, screen.width))
    for sentence in _marks([ledger for _, ledger in ledgers]):
        screen.say(sentence)
    return 0


async def _start(editor: SmallEditor, folder: Path, interrupts: Interrupts) -> None:
    """Start the server and let it connect, as in an editor that has been open for a while."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    interrupts.handle(lambda: loop.call_soon_threadsafe(task.cancel))
    await editor.start(folder, _OPTIONS)
    editor.open(folder / "warm.txt", "")
    try:
        async with asyncio.timeout(_WARM_S):
            while (await editor.status())["connection"] != "open":
                await asyncio.sleep(_WARM_POLL_S)
    except TimeoutError:
        raise MidstreamError("The practice model didn't start. Run `midstream doctor`.") from None


async def _run_example(
    example: Example,
    script: Script,
    folder: Path,
    editor: SmallEditor,
    screen: Screen,
    interrupts: Interrupts,
) -> Json | None:
    """Run one example. Returns its ledger, or `None` if the edit was not accepted."""
    copy = folder / example.file
    copy.write_bytes((_folder() / example.file).read_bytes())
    file = SourceFile.read(str(copy))
    text, (first, last) = Text(file.text), example.lines
    selection = Span(text.line_span(first - 1).start, text.line_span(last - 1).end)
    screen.say("")
    edit_flow = EditFlow(editor, screen, script, interrupts, keep=True)
    result = await edit_flow.run(Job(file, selection, example.instruction))
    if result.text is None or result.session.ledger is None:
        return None
    file.write(result.text)
    ledger = result.session.ledger
    hunks = len(result.session.state.get("hunks", ()))
    screen.say(
        f"Accepted: {hunks} changes in {ledger['edits']} edits, {ledger['tokens']} tokens at "
        f"{ledger['tokensPerSecond']:,.0f} a second"
    )
    return ledger


def _marks(ledgers: Sequence[Json]) -> list[str]:
    """The figures that Midstream promises, next to the measured ones."""
    rates = [float(ledger["tokensPerSecond"] or 0) for ledger in ledgers]
    slowest = [p95 for ledger in ledgers if (p95 := at_p95(ledger, "frameToEdit")) is not None]
    return [
        "",
        f"Streamed at {min(rates):,.0f} tokens/s or more (target: {MARK_RATE}).",
        f"Text went to the editor {max(slowest, default=0):.1f} ms after its frame was received,",
        f"at the 95th percentile, redirects included (target: {MARK_FRAME_TO_EDIT} ms).",
    ]


# -- the picture --


class Camera(Screen):
    """An invisible screen that keeps the best snapshot for the picture."""

    def __init__(self, interrupts: Interrupts) -> None:
        super().__init__(io.StringIO(), interrupts)
        self.best: SessionSnapshot | None = None
        self._take_snapshot: Callable[[], SessionSnapshot] | None = None

    def watch(self, take_snapshot: Callable[[], SessionSnapshot], keep: bool = False) -> None:
        """Start taking snapshots."""
        self._take_snapshot = take_snapshot

    def changed(self) -> None:
        """Prefer the latest snapshot during the stream after the redirect, but before its end."""
        snapshot = None if self._take_snapshot is None else self._take_snapshot()
        if snapshot is not None and snapshot.attempt == 2 and snapshot.phase == "streaming":
            before_the_end = snapshot.place < 0.8 * len(snapshot.after)
            if self.best is None or (before_the_end and snapshot.edits > self.best.edits):
                self.best = snapshot


async def _save_picture(folder: Path, picture: Path, interrupts: Interrupts) -> int:
    """Run the first example again and save a picture of its live view."""
    example = examples()[0]
    camera = Camera(interrupts)
    editor = SmallEditor()
    try:
        await _start(editor, folder, interrupts)
        await _run_example(example, Script(example), folder, editor, camera, interrupts)
    finally:
        await editor.aclose()
    if camera.best is None:
        raise MidstreamError("The stream was too short for a picture. Try again.")
    try:
        picture.write_text(_svg(camera.best), "utf-8")
    except OSError as error:
        raise SettingsError(f"--svg: can't write `{picture}`: {error.strerror}.") from None
    print(f"Wrote {picture}.")
    return 0


def _svg(snapshot: SessionSnapshot) -> str:
    """The live view as an SVG that loads nothing from elsewhere."""
    console = Console(
        record=True, width=100, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(frame(snapshot, 34))
    svg = console.export_svg(title="midstream demo", unique_id="midstream")
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    fonts = "ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace"
    return svg.replace("Fira Code, monospace", fonts)


def _folder() -> Path:
    return Path(str(resources.files("lsp_server.cli") / "examples"))
