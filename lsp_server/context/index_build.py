"""Brings the index up to date: reads what is new or changed, forgets what is gone or ignored.

Runs in a process of its own (`index_process`), or in place for a bounded time.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lsp_server.context.generated_text import is_generated
from lsp_server.context.index_database import FileState, IndexWriter
from lsp_server.context.index_names import IndexedFile, indexed
from lsp_server.context.index_walk import MOST_FILES, FoundFile, IndexWalk
from lsp_server.context.source_files import FRESH_NS, SourceFiles
from lsp_server.ignore import Ignore

__all__ = ["IndexOrder", "build"]

_BATCH = 64
"""Files that are written together: an interrupted build keeps all but the last of them."""
_EMPTY = IndexedFile("", "", (), frozenset())
"""What is kept of a file that is not read, so that it is not looked at again."""


@dataclass(frozen=True, slots=True)
class IndexOrder:
    """What to index."""

    database: str
    """The path of the database."""
    roots: tuple[str, ...]
    patterns: tuple[str, ...] = ()
    """The setting `ignore`."""
    trusted: bool = True
    """Whether the workspace's own settings count."""
    near: str = ""
    """A file that is edited; what is near to it is read first."""
    most: int = MOST_FILES


def build(
    order: IndexOrder,
    progress: Callable[[int, int], None] = lambda done, of: None,
    over: Callable[[], bool] = lambda: False,
) -> bool:
    """Bring the index up to date. False if that was not finished. Never raises.

    `progress` gets the files done and the files in all, of those that have to be read.
    """
    try:
        writer = IndexWriter(order.database)
    except (sqlite3.Error, OSError, UnicodeError):
        return False
    try:
        return _Build(order, writer, progress, over).run()
    except (sqlite3.Error, OSError, UnicodeError):
        return False
    finally:
        writer.close()


class _Build:
    def __init__(
        self,
        order: IndexOrder,
        writer: IndexWriter,
        progress: Callable[[int, int], None],
        over: Callable[[], bool],
    ) -> None:
        self._order, self._writer = order, writer
        self._progress, self._over = progress, over
        roots = tuple(Path(root) for root in order.roots)
        self._verdicts = Ignore().verdicts(roots, order.patterns, trusted=order.trusted)
        self._sources = SourceFiles(most_kept=0)  # Each is read once.

    def run(self) -> bool:
        order = self._order
        walk = IndexWalk(order.roots, order.near, self._is_ignored_folder, order.most)
        found: list[FoundFile] = []
        for file in walk.files():
            found.append(file)
            if self._over():
                return False
        known = self._writer.files()
        rules = f"{walk.rules} {order.patterns!r} {order.trusted}"
        if self._writer.meta("rules") != rules:
            # Verdicts may be others now; what is ignored from now on must go at once.
            self._forget(path for path in known if self._is_ignored(path))
            self._writer.remove_unread()
            known = self._writer.files()
        here = {file.path for file in found}
        self._forget(path for path in known if path not in here)
        new = [file for file in found if known.get(file.path) != file.state]
        done = 0
        self._progress(done, len(new))
        for batch in _batches(new):
            read: list[tuple[str, FileState, IndexedFile]] = []
            for file in batch:
                if self._over():
                    self._writer.put(read)
                    return False
                read.append((file.path, file.state, self._read(file)))
                done += 1
                self._progress(done, len(new))
            self._writer.put(read)
        self._writer.remember("rules", rules)
        return True

    def _forget(self, paths: Iterator[str]) -> None:
        gone = list(paths)
        if gone:
            self._writer.remove(gone)

    def _read(self, found: FoundFile) -> IndexedFile:
        """What is kept of a file. One that may not be sent is not read."""
        if self._is_ignored(found.path):
            return _EMPTY
        age = time.time_ns() - found.state.mtime_ns
        if 0 <= age < FRESH_NS:  # It could change again and keep its timestamp.
            time.sleep((FRESH_NS - age) / 1e9)
        file = self._sources.read(found.path)
        if file is None or file.language is None or is_generated(file.text):
            return _EMPTY
        try:
            return indexed(file)
        except MemoryError:
            return _EMPTY

    def _is_ignored(self, path: str) -> bool:
        return self._verdicts.refusal(path) is not None

    def _is_ignored_folder(self, path: str) -> bool:
        return self._verdicts.refusal(path, folder=True) is not None


def _batches(files: Sequence[FoundFile]) -> Iterator[list[FoundFile]]:
    left = iter(files)
    while batch := list(islice(left, _BATCH)):
        yield batch
