"""Reads small files from untrusted folders: with a size limit, and again only when they change.

A repository can put a pipe or a device under any name. Only regular files are opened, and opening
never blocks. Raises `Unreadable` for what cannot be read; a missing file is `None`.
"""

import os
import stat
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from lsp_server.ignore.unreadable import Unreadable

MOST_BYTES = 1_000_000
"""The size limit of one file, in bytes."""
_MOST_FILES = 512
"""Files that one cache remembers."""
_FRESH_NS = 20_000_000
"""Nanoseconds. A file that changed this recently before it was read may change again without a new
timestamp."""

Stamp = tuple[int, int, int, int, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Known(Generic[T]):
    stamp: Stamp
    data: bytes | None
    """The bytes that were read, kept while the timestamps cannot reveal a later change."""
    value: T | Unreadable


class FileCache(Generic[T]):
    """Parsed files of one kind, cached by path, size, timestamps and inode."""

    def __init__(self, parse: Callable[[bytes], T], most_bytes: int = MOST_BYTES) -> None:
        """`parse` may raise `Unreadable`; that result is cached too."""
        self._parse, self._most = parse, most_bytes
        self._known: OrderedDict[str, _Known[T]] = OrderedDict()

    def read(self, path: str, *, dangling: bool = False) -> T | None:
        """The parsed file; `None` if there is none. Raises `Unreadable`.

        With `dangling`, a link that leads nowhere counts as no file.
        """
        if dangling and _leads_nowhere(path):
            return None
        status = regular(path)
        if status is None:
            return None
        stamp = _stamp(status)
        known = self._known.get(path)
        if known is not None and known.stamp == stamp and known.data is None:
            self._known.move_to_end(path)
        else:
            known = self._read(path, stamp, known)
        if isinstance(known.value, Unreadable):
            raise known.value
        return known.value

    def _read(self, path: str, stamp: Stamp, known: "_Known[T] | None") -> "_Known[T]":
        data = read_bounded(path, self._most)
        if known is not None and known.data == data:
            value = known.value
        else:
            try:
                value = self._parse(data)
            except Unreadable as error:
                value = error.at(path)
        fresh = time.time_ns() - max(stamp[3:]) < _FRESH_NS
        found = _Known(stamp, data if fresh else None, value)
        self._known[path] = found
        self._known.move_to_end(path)
        if len(self._known) > _MOST_FILES:
            self._known.popitem(last=False)
        return found


def regular(path: str) -> os.stat_result | None:
    """The status of a file, following links; `None` if there is none.

    Raises `Unreadable` for anything that is not a file. The null device counts as an empty file:
    people link to it to say that they want no rules.
    """
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            status = _behind(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _failed(path, error) from None
    kind = status.st_mode
    if stat.S_ISREG(kind) or _is_null(status):
        return status
    what = "a folder" if stat.S_ISDIR(kind) else "not a regular file"
    raise Unreadable(f"can't be read (it is {what})", "move it away", path)


def read_bounded(path: str, most: int = MOST_BYTES) -> bytes:
    """The bytes of a regular file. Raises `Unreadable`."""
    # Never block: a pipe may have replaced the file since it was checked.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            if _is_null(status):
                return b""
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("can't be read (it isn't a regular file)", "move it away", path)
            data = file.read(most + 1)
    except OSError as error:
        raise _failed(path, error) from None
    if len(data) > most:
        raise Unreadable(f"is larger than {most:,} bytes", "shorten it", path)
    return data


def _leads_nowhere(path: str) -> bool:
    """Whether the path, following links, leads to nothing. False if that cannot be determined."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        pass
    return False


def _behind(path: str) -> os.stat_result:
    """The status of what a link leads to. Raises `Unreadable` if that is nothing."""
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        words = "can't be read (it is a broken link)"
        raise Unreadable(words, "fix the link, or remove it", path) from None


def _stamp(status: os.stat_result) -> Stamp:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def _is_null(status: os.stat_result) -> bool:
    if not stat.S_ISCHR(status.st_mode):
        return False
    null = os.stat(os.devnull)
    return stat.S_ISCHR(null.st_mode) and status.st_rdev == null.st_rdev


def _failed(path: str, error: Exception) -> Unreadable:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Unreadable(f"can't be read ({reason})", "make it readable, or remove it", path)
