"""What survives if the server is killed: a small file for each live session.

`journal_format` defines the contents; this module decides when it is written and who owns it. The
owner holds a lock on the file, which the system releases when the process ends in any way. So a
file that can be locked belongs to no live server.

Knows files and texts, but no session and no editor. Never raises for disk errors: then there is no
journal, and the log says so.
"""

import contextlib
import logging
import os
import secrets
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from lsp_server.errors import ContractError
from lsp_server.lsp.journal_format import (
    MOST_BYTES,
    JournalEntry,
    JournalState,
    content_of,
    entry_in,
    is_of_another,
    line_of,
)

log = logging.getLogger(__name__)

KEPT_SECONDS = 14 * 24 * 3600.0
"""How long a journal is kept that nobody asked for, in seconds."""
MOST_FILES = 100
"""How many journals of dead servers are kept, the newest ones."""
COMPACT_BYTES = 1_000_000
"""From this size on (bytes) a journal is rewritten with only its last state."""

_MOST_OF_A_HEAD = 100_000
"""Bytes in which the first line of a journal usually ends. A longer one is read with the rest."""
_SUFFIX, _NEW = ".jsonl", ".new"


class Journal:
    """The journal of one session of this server, which holds the lock until it lets go."""

    def __init__(self, path: Path, descriptor: int, entry: JournalEntry, size: int) -> None:
        """`size` is the size of the content in bytes."""
        self._path = path
        self._descriptor = descriptor
        self._entry = entry
        self._size = size
        self._most = max(COMPACT_BYTES, 4 * size)

    def note(self, state: JournalState) -> None:
        """Write the state if it has changed. Costs one write of a few lines."""
        if self._descriptor < 0 or state == self._entry.state:
            return
        before, self._entry = self._entry.state, replace(self._entry, state=state)
        try:
            line = line_of(state, before)
            if self._size + len(line) > self._most:
                self._compact()
            elif os.write(self._descriptor, line) == len(line):
                self._size += len(line)
            else:
                raise OSError(None, "the disk is full")
        except OSError as error:
            log.warning("A journal cannot be written any more (%s).", error.strerror)
            self.drop()

    def drop(self) -> None:
        """The session has ended: delete its journal."""
        if self._descriptor >= 0:
            _remove(self._path, self._descriptor)
            self._descriptor = -1

    def let_go(self) -> None:
        """Leave the journal to the next server."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _compact(self) -> None:
        content = content_of(self._entry)
        fresh = _written(self._path, content)
        os.close(self._descriptor)
        self._descriptor, self._size = fresh, len(content)
        self._most = max(COMPACT_BYTES, 4 * len(content))


class UndecidedSession:
    """The journal of a session whose server is gone. It belongs to this server now."""

    def __init__(self, path: Path, descriptor: int, entry: JournalEntry) -> None:
        self.entry = entry
        self._path = path
        self._descriptor = descriptor

    def drop(self) -> None:
        """It was dealt with: delete it."""
        _remove(self._path, self._descriptor)

    def let_go(self) -> None:
        """Leave it to the next server."""
        os.close(self._descriptor)


class Journals:
    """The folder with all journals of this user."""

    def __init__(self, folder: Path, wall: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._wall = wall
        self._warned = False

    def begin(self, entry: JournalEntry) -> Journal | None:
        """A journal for a new session; `None` if there can be none."""
        try:
            content = content_of(entry)
            self._prepare()
            path = self._folder / f"{os.getpid()}-{secrets.token_hex(8)}{_SUFFIX}"
            return Journal(path, _written(path, content), entry, len(content))
        except OSError as error:
            if not self._warned:
                self._warned = True
                reason = error.strerror or str(error)
                log.warning("No journal can be kept in %s (%s).", self._folder, reason)
            return None

    def left(self, wanted: Callable[[str], bool]) -> Iterator[UndecidedSession]:
        """What dead servers left for the documents whose URI is `wanted`, oldest first.

        Removes files that are too old or no journal at all.
        """
        for count, (path, changed) in enumerate(reversed(self._files())):
            if changed < self._wall() - KEPT_SECONDS or count >= MOST_FILES:
                self._clear(path, "nobody asked for it")
        for path, _ in self._files():
            if path.suffix == _SUFFIX and (found := self._taken(path, wanted)) is not None:
                yield found

    # -- inside --

    def _prepare(self) -> None:
        """Create the folder, for this user alone. Raises `OSError` if it belongs to others."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = self._folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or not _is_ours(status):
            raise OSError(None, "the folder is not yours")
        if sys.platform != "win32" and stat.S_IMODE(status.st_mode) != 0o700:
            self._folder.chmod(0o700)

    def _files(self) -> list[tuple[Path, float]]:
        """All files of the folder with the time of their last change (seconds since 1970)."""
        found = []
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                if path.suffix in (_SUFFIX, _NEW):
                    with contextlib.suppress(OSError):
                        found.append((path, path.lstat().st_mtime))
        return sorted(found, key=lambda item: (item[1], item[0].name))

    def _taken(self, path: Path, wanted: Callable[[str], bool]) -> UndecidedSession | None:
        """The journal of a dead server, locked for us.

        Checks first which document it is about: even a short lock would make another server, which
        is opening that document right now, believe that the journal is in use.
        """
        try:
            descriptor = _opened(path)
        except OSError:
            return None
        keep = False
        try:
            if is_of_another(_first_line_of(descriptor), wanted):
                return None
            if not _locked(descriptor) or not _same_file(path, descriptor):
                return None
            entry = entry_in(_bytes_of(descriptor))
            if entry is None or not wanted(entry.uri):
                return None
            keep = True
            return UndecidedSession(path, descriptor, entry)
        except (ContractError, OSError, ValueError, TypeError, KeyError, RecursionError):
            log.warning("%s is no journal of Midstream and has been removed.", path.name)
            _remove(path, descriptor)
            keep = True
            return None
        finally:
            if not keep:
                os.close(descriptor)

    def _clear(self, path: Path, reason: str) -> None:
        """Remove a file unless a live server holds it."""
        with contextlib.suppress(OSError):
            descriptor = _opened(path)
            if _locked(descriptor):
                log.info("%s has been removed: %s.", path.name, reason)
                _remove(path, descriptor)
            else:
                os.close(descriptor)


# -- files ---------------------------------------------------------------------------------------


def _written(path: Path, content: bytes) -> int:
    """Create a file with that content atomically. Returns its descriptor, locked."""
    new = path.with_suffix(_NEW)
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0)
    descriptor = os.open(new, flags, 0o600)
    try:
        if not _locked(descriptor):
            raise OSError(None, "the file cannot be locked")
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        new.replace(path)
    except BaseException:
        _remove(new, descriptor)
        raise
    return descriptor


def _opened(path: Path) -> int:
    """Open a file of this user for reading. Raises `OSError` for a link or anything else."""
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and _is_ours(status):
        return descriptor
    os.close(descriptor)
    raise OSError(None, "it is not yours")


def _bytes_of(descriptor: int) -> bytes:
    """The whole content. Raises `ValueError` if it is too large."""
    if os.fstat(descriptor).st_size > MOST_BYTES:
        raise ValueError("it is too large")
    os.lseek(descriptor, 0, os.SEEK_SET)
    pieces = []
    while piece := os.read(descriptor, 1_000_000):
        pieces.append(piece)
    return b"".join(pieces)


def _first_line_of(descriptor: int) -> bytes:
    """The first line, if it is no longer than usual."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, _MOST_OF_A_HEAD).split(b"\n")[0]


def _same_file(path: Path, descriptor: int) -> bool:
    """Whether the file is still in its place: another server may have removed or replaced it."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except OSError:
        return False


def _remove(path: Path, descriptor: int) -> None:
    """Remove a file and close it, in the order that the system requires."""
    try:
        path.unlink(missing_ok=True)
        os.close(descriptor)
    except PermissionError:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s cannot be removed (%s).", path.name, error.strerror)
        os.close(descriptor)


def _is_ours(status: os.stat_result) -> bool:
    return sys.platform == "win32" or status.st_uid == os.getuid()


if sys.platform == "win32":
    import msvcrt

    def _locked(descriptor: int) -> bool:
        """Lock a file, if nobody has: one byte far behind its content."""
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _locked(descriptor: int) -> bool:
        """Lock a file, if nobody has."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
