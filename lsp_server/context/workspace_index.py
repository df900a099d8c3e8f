"""The index of a workspace, as a lookup uses it: asked at any time, built elsewhere.

Where the user's cache folder cannot be written, the database is in a temporary folder.
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_server.context.index_build import IndexOrder, build
from lsp_server.context.index_child import IndexChild
from lsp_server.context.index_database import (
    FileState,
    IndexReader,
    Place,
    database_name,
    remove_database,
)
from lsp_server.settings import cache_folder

__all__ = ["WorkspaceIndex"]

_KEPT_S = 30 * 24 * 3600
"""Seconds that the index of a workspace is kept which nobody opens."""


class WorkspaceIndex:
    """The index of one set of folders. Never raises."""

    def __init__(
        self,
        roots: Sequence[str],
        folder: Path | None = None,
        *,
        patterns: Callable[[], Sequence[str]] = tuple,
        trusted: Callable[[], bool] = lambda: True,
    ) -> None:
        """`folder` is where databases are kept, by default the user's cache folder. `patterns` is
        the setting `ignore`."""
        self._roots = tuple(roots)
        self._patterns, self._trusted = patterns, trusted
        self._temporary: str | None = None
        place = _private(folder or cache_folder() / "index")
        if place is None:
            self._temporary = place = tempfile.mkdtemp(prefix="midstream-index-")
        else:
            _remove_old(place)
        self.database = os.path.join(place, database_name(self._roots))
        """The path of the database."""
        with contextlib.suppress(OSError):
            os.utime(self.database)  # It is in use.
        self._reader = IndexReader(self.database)
        self._child = IndexChild()

    @property
    def progress(self) -> tuple[int, int] | None:
        """The files read and the files to be read in all; None if nothing is being read."""
        return self._child.progress

    @property
    def is_working(self) -> bool:
        """Whether a process is bringing the index up to date."""
        return self._child.is_working

    @property
    def pid(self) -> int | None:
        """The id of that process."""
        return self._child.pid

    def check(self, near: str = "", *, now: bool = False) -> None:
        """Have the index brought up to date by the process. Returns at once."""
        self._child.ask(self._order(near), now=now)

    def check_here(self, over: Callable[[], bool], near: str = "") -> bool:
        """Bring the index up to date in this thread. False if it was over before."""
        return build(self._order(near), over=over)

    def _order(self, near: str) -> IndexOrder:
        patterns = tuple(self._patterns())
        return IndexOrder(self.database, self._roots, patterns, self._trusted(), near)

    def declared(
        self, names: Sequence[str], family: str, packages: Sequence[str] = ()
    ) -> list[Place]:
        """Where names are declared in files of a language family; with packages, only in those."""
        return self._reader.declared(names, family, packages)

    def callers(self, name: str, family: str) -> list[str]:
        """The files of a language family that call a name."""
        return self._reader.callers(name, family)

    def facts(self, path: str, size: int, mtime_ns: int) -> bytes:
        """What a file of this size and time declares and imports, as `stored_facts` writes it;
        empty if that is not known."""
        return self._reader.facts(path, FileState(size, mtime_ns))

    def count(self) -> int:
        """How many files the index holds."""
        return self._reader.count()

    def close(self) -> None:
        """End the process; a temporary database goes."""
        self._child.close()
        self._reader.close()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)


def _private(folder: Path) -> str | None:
    """The folder, made so that nobody else can look into it; None if it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.stat()
        if os.name == "posix":
            if status.st_uid != os.geteuid():
                return None
            if status.st_mode & 0o077:
                folder.chmod(0o700)
        return str(folder) if os.access(folder, os.W_OK | os.X_OK) else None
    except OSError:
        return None


def _remove_old(folder: str) -> None:
    """Remove the databases of workspaces that nobody has opened for long."""
    oldest = time.time() - _KEPT_S
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if name.endswith(".sqlite") and _used(path) < oldest:
                remove_database(path)


def _used(path: str) -> float:
    """When a database was last written, in seconds; its newest pages are in a side file."""
    times = [os.stat(path).st_mtime]
    with contextlib.suppress(OSError):
        times.append(os.stat(f"{path}-wal").st_mtime)
    return max(times)
