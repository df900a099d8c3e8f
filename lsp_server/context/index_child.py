"""Starts the process that keeps the index, and listens to it.

The process gets a pipe as its standard input and ends with it, so it always ends with the server.
It imports nothing from the current folder, which is the user's project.
"""

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lsp_server.context.index_build import IndexOrder

__all__ = ["IndexChild"]

log = logging.getLogger(__name__)

_CHECK_EVERY_S = 5.0
"""Seconds between two walks through the workspace: one of 10,000 files takes the process 1.5
seconds on a busy machine (measured)."""
_END_S = 2.0
_MOST_STARTS = 3
"""A process that dies this often is not started again."""


class IndexChild:
    """At most one process. No method waits for it but `close`; none raises."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._starts = 0
        self._asked = 0.0
        self._working = False
        self._progress: tuple[int, int] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, while the process runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def progress(self) -> tuple[int, int] | None:
        """The files read and the files to be read in all; None if nothing is being read."""
        return self._progress if self._working else None

    @property
    def is_working(self) -> bool:
        """Whether the last order is not done yet."""
        return self._working and self.pid is not None

    def ask(self, order: IndexOrder, *, now: bool = False) -> None:
        """Have the index brought up to date, if that was not asked for lately."""
        with self._lock:
            if not now and (self.is_working or time.monotonic() - self._asked < _CHECK_EVERY_S):
                return
            self._asked = time.monotonic()
            process = self._running()
            if process is None or process.stdin is None:
                return
            self._working = True
            try:
                process.stdin.write(json.dumps(asdict(order)) + "\n")
                process.stdin.flush()
            except (OSError, ValueError):
                self._working = False

    def close(self) -> None:
        """End the process and wait for it."""
        with self._lock:
            process, self._process = self._process, None
            self._starts = _MOST_STARTS
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _running(self) -> "subprocess.Popen[str] | None":
        """The process, started if it does not run; None if it cannot be."""
        if self.pid is not None:
            return self._process
        if self._starts >= _MOST_STARTS:
            return None
        self._starts += 1
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "lsp_server.context"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                env=_environment(),
                **_in_background(),
            )
        except OSError as error:
            log.warning("The process that indexes the workspace can't be started: %s", error)
            return None
        self._process = process
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()
        return process

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        """In a thread: what the process says."""
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                try:
                    said = json.loads(line)
                    if "ready" in said:
                        self._working, self._progress = False, None
                    else:
                        self._progress = int(said["done"]), int(said["of"])
                except (ValueError, KeyError, TypeError):
                    continue
        process.wait()
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        if self._process is process:
            self._working = False


def _environment() -> dict[str, str]:
    """Ours, with the folder that this package was imported from on Python's path, and no relative
    folders: those are in the user's project."""
    root = str(Path(__file__).parents[2])
    others = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    path = os.pathsep.join((root, *filter(os.path.isabs, others)))
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}


def _in_background() -> dict[str, Any]:
    """Options that keep the terminal's Ctrl-C from the process; on Windows its priority too."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    return {"start_new_session": True}
