"""Shows output and asks the user: a live view in a terminal, plain lines elsewhere.

Knows nothing of sessions, only pictures and sentences. If the ledger was requested as JSON, nothing
else goes to standard output.
"""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from rich.console import Console, RenderableType
from rich.live import Live

from lsp_server.cli.interrupts import Interrupts
from lsp_server.cli.live_view import SessionSnapshot, frame, listing, plain
from lsp_server.guard.invisible_filter import visible
from lsp_server.wording import TERMINAL

FRAME_S = 0.05
"""The least time between two pictures, in seconds: drawing must not slow down the edits."""
_LEAST_HEIGHT = 8
_PLAIN_WIDTH = 120
"""Columns of tables if there is no terminal."""


class Screen:
    """Prints to `stream`. `live` is whether that is a terminal that can show a live view."""

    def __init__(self, stream: TextIO, interrupts: Interrupts, most_rows: int = 1000) -> None:
        terminal = stream.isatty()
        self.console = Console(
            file=stream,
            force_terminal=terminal,
            color_system="auto" if terminal else None,
            highlight=False,
            markup=False,
            emoji=False,
            width=None if terminal else _PLAIN_WIDTH,
        )
        self.live = terminal and not self.console.is_dumb_terminal
        self._interrupts = interrupts
        self._most_rows = most_rows
        self._view: Live | None = None
        self._take_snapshot: Callable[[], SessionSnapshot] | None = None
        self._alarm: asyncio.TimerHandle | None = None

    # -- sentences --

    def say(self, sentence: str, style: str = "") -> None:
        """Print one sentence on lines of its own."""
        shown = visible(TERMINAL.render(sentence))
        if self.live:
            self.console.print(shown, style=style, soft_wrap=self._view is None)
        else:
            self.console.out(shown, highlight=False)

    def warn(self, sentence: str) -> None:
        """Print a sentence about a problem; to standard error if there is no live view."""
        if self.live:
            self.say(sentence, "yellow")
        else:
            print(f"midstream: {visible(TERMINAL.render(sentence))}", file=sys.stderr)

    def show(self, picture: RenderableType) -> None:
        """Print anything that `rich` can print."""
        if self.live:
            self.console.print(picture)
            return
        with self.console.capture() as captured:
            self.console.print(picture)
        for line in captured.get().splitlines():
            self.console.out(line.rstrip(), highlight=False)

    @property
    def width(self) -> int:
        """Columns available for a picture."""
        return self.console.width

    def changes(self, snapshot: SessionSnapshot) -> None:
        """The complete list of changes: the user decides by it."""
        if self.live:
            for line in listing(snapshot, self.width):
                self.console.print(line, soft_wrap=True)
        else:
            for text in plain(listing(snapshot)):
                self.console.out(text, highlight=False)

    # -- the live view --

    def watch(self, take_snapshot: Callable[[], SessionSnapshot], keep: bool = False) -> None:
        """Start to show snapshots. `keep` leaves the last picture on the screen."""
        self._take_snapshot = take_snapshot
        if self.live:
            self._view = Live(
                console=self.console,
                auto_refresh=False,
                transient=not keep,
                redirect_stdout=False,
                redirect_stderr=False,
                vertical_overflow="crop",
            )
            self._view.start()
            self._draw()

    def changed(self) -> None:
        """There is something new to show: now, or soon."""
        if self._view is not None and self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(FRAME_S, self._draw)

    def unwatch(self) -> None:
        """Show the last picture and end the view."""
        if self._view is not None:
            self._draw()
            self._view.stop()
            self._view = None
        self._take_snapshot = None

    def abandon(self) -> None:
        """End the view as it is, after an error."""
        self._stop_alarm()
        if self._view is not None:
            view, self._view = self._view, None
            view.stop()

    # -- questions --

    def ask(self, question: str, answers: str) -> str | None:
        """A line that the user types; `None` for the end of the input or Ctrl-C.

        Blocks the event loop meanwhile: nothing happens then that could not wait.
        """
        while True:
            self.console.print(question, style="bold", soft_wrap=True)
            self.console.print(answers, style="dim", soft_wrap=True)
            try:
                with self._interrupts.raising():
                    return _read_line(self.console.file)
            except (KeyboardInterrupt, EOFError):
                self.console.print()
                return None
            except UnicodeDecodeError:
                self.warn("That isn't text in this terminal's encoding. Please try again.")

    def drop_keys(self) -> None:
        """Discard unread keystrokes: they were not meant for the shell."""
        if self.live:
            with suppress(ImportError, OSError):
                import termios

                termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)

    # -- inside --

    def _draw(self) -> None:
        self._stop_alarm()
        if self._view is None or self._take_snapshot is None:
            return
        height = max(min(self.console.size.height - 1, self._most_rows), _LEAST_HEIGHT)
        self._view.update(frame(self._take_snapshot(), height), refresh=True)

    def _stop_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


def _read_line(output: object) -> str:
    """One line from the terminal, with its own line editing if available.

    Undecodable bytes arrive as lone surrogates, which cannot be sent on.
    """
    if output is sys.stdout:
        with suppress(ImportError):
            import readline  # noqa: F401 - from here on `input` knows the arrow keys.
        return _sound(input("> "))
    print("> ", end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return _sound(line.rstrip("\r\n"))


def _sound(line: str) -> str:
    return line.encode("utf-8", "replace").decode("utf-8")
