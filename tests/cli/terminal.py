"""A program in a pseudo-terminal, used as a person would: type, press Ctrl-C, wait for words.

Linux and macOS only. Every wait has a deadline and then shows the output; nothing sleeps.
"""

import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

PATIENCE = 30.0
"""Seconds after which a wait counts as a failed test. Never a measurement."""
CTRL_C = "\x03"
CTRL_D = "\x04"

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b[=>()][A-B0-2]?|\r")


class Terminal:
    """One program in its own terminal."""

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], rows: int = 40, columns: int = 100
    ) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            argv,
            env={**os.environ, "TERM": "xterm-256color", **env},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            preexec_fn=lambda: os.login_tty(0),
        )
        os.close(slave)
        self.raw = ""
        self._read_up_to = 0

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    @property
    def text(self) -> str:
        """All output so far, without colours and cursor movements."""
        return _CONTROL.sub("", self.raw)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def wait_for(self, words: str) -> None:
        """Wait until `words` appear after those of the previous wait."""
        deadline = time.monotonic() + PATIENCE
        while (found := self.text.find(words, self._read_up_to)) < 0:
            if not self._read(deadline):
                raise AssertionError(f"{words!r} never came. This did:\n{self.text[-3000:]}")
        self._read_up_to = found + len(words)

    def finish(self, again: str = "") -> int:
        """Wait until the program has ended; returns its exit code.

        `again` is typed whenever there is no output for a while. CPython checks for signals before
        it waits for a keystroke, so a Ctrl-C just between the two is noticed at the next keystroke.
        """
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline, again):
            pass
        return self.process.wait(PATIENCE)

    def _read(self, deadline: float, again: str = "") -> bool:
        """Read available output; False at its end. Waits no longer than `PATIENCE`."""
        ready: list[int] = []
        while not ready and time.monotonic() < deadline:
            wait = min(deadline - time.monotonic(), 2.0 if again else PATIENCE)
            ready, _, _ = select.select([self._master], [], [], max(wait, 0))
            if again and not ready:
                self.type(again)
        if not ready:
            raise AssertionError(f"Nothing comes any more. This did:\n{self.text[-3000:]}")
        try:
            data = os.read(self._master, 65536)
        except OSError:  # On Linux: nobody has the other end open any more.
            return False
        self.raw += data.decode("utf-8", "replace")
        return bool(data)
