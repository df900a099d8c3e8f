"""Small files from other people's folders: read within a bound, and again only when they change.

A name that a repository has chosen may be a pipe or a device: nothing but a regular file is ever
opened, and no opening waits. What cannot be read raises `Unreadable`; what is not there is `None`.
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
"""Of one file."""
_MOST_FILES = 512
"""Files that one shelf remembers."""
_FRESH_NS = 20_000_000
"""A file that changed so short a time before it was read may change again without a new time."""

Stamp = tuple[int, int, int, int, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Known(Generic[T]):
    stamp: Stamp
    data: bytes | None
    """What was read, while the times cannot tell a later change."""
    value: T | Unreadable


class FileCache(Generic[T]):
    """What files of one kind mean, by path, size, times and inode."""

    def __init__(self, parse: Callable[[bytes], T], most_bytes: int = MOST_BYTES) -> None:
        """`parse` may raise `Unreadable`; that is remembered too."""
        self._parse, self._most = parse, most_bytes
        self._known: OrderedDict[str, _Known[T]] = OrderedDict()

    def read(self, path: str, *, dangling: bool = False) -> T | None:
        """What the file means; `None` where there is none. Raises `Unreadable`.

        With `dangling` a link that leads nowhere is none.
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
    """What the system says of a file, through links; `None` where there is none.

    Raises `Unreadable` for what is there and is no file. The null device counts as an empty file:
    that is what people put where they want none.
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
    what = "a folder" if stat.S_ISDIR(kind) else "no regular file"
    raise Unreadable(f"cannot be read (it is {what})", "move it away", path)


def read_bounded(path: str, most: int = MOST_BYTES) -> bytes:
    """The bytes of a regular file. Raises `Unreadable`."""
    # Without waiting: since it was looked at, a pipe may have taken its place.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            if _is_null(status):
                return b""
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("cannot be read (it is no regular file)", "move it away", path)
            data = file.read(most + 1)
    except OSError as error:
        raise _failed(path, error) from None
    if len(data) > most:
        raise Unreadable(f"is larger than {most:,} bytes", "shorten it", path)
    return data


def _leads_nowhere(path: str) -> bool:
    """Whether there is nothing at a path, seen through links; not where that cannot be told."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        pass
    return False


def _behind(path: str) -> os.stat_result:
    """What a link leads to. Raises `Unreadable` where that is nothing."""
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        words = "cannot be read (it is a link that leads nowhere)"
        raise Unreadable(words, "mend the link, or remove it", path) from None


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
    return Unreadable(f"cannot be read ({reason})", "make it readable, or remove it", path)
