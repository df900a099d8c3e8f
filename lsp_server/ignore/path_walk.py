"""A path in pieces, and all paths that its links lead through."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import PurePath

from lsp_server.ignore.unreadable import Unreadable

_MOST_LINKS = 40
"""As many links as Linux follows."""
MOST_FOLDERS = 128
"""The most folders that a file may be under."""


@dataclass(frozen=True, slots=True)
class PathWalk:
    """An absolute path without `.` and `..`: the folders above the file, outermost first, and its
    names.

    `folders[n]` contains `names[n]`. `raw` is the names in bytes, joined by slashes, as git
    compares them; `starts[n]` is where `names[n]` begins in it.
    """

    path: str
    folders: tuple[str, ...]
    names: tuple[str, ...]
    raw: bytes
    starts: tuple[int, ...]

    @classmethod
    def of(cls, path: str) -> "PathWalk":
        """Split a path. Raises `Unreadable` if it is too deep to be judged in time."""
        anchor, *names = PurePath(path).parts
        if len(names) > MOST_FOLDERS:
            raise Unreadable(f"is more than {MOST_FOLDERS} folders deep", "move it up", path)
        folders = [anchor]
        for name in names[:-1]:
            folders.append(beside(folders[-1], name))
        raw = [_raw(name) for name in names]
        starts = accumulate((len(name) + 1 for name in raw), initial=0)
        return cls(path, tuple(folders), tuple(names), b"/".join(raw), tuple(starts))

    def child(self, name: str) -> "PathWalk":
        """The path of a name in this folder."""
        path, raw = beside(self.path, name), _raw(name)
        folders = (*self.folders, self.path) if self.names else self.folders
        whole = self.raw + b"/" + raw if self.names else raw
        starts = (*self.starts, len(whole) + 1)
        return PathWalk(path, folders, (*self.names, name), whole, starts)

    def piece(self, first: int, last: int) -> bytes:
        """The names from `first` to `last`, both included."""
        return self.raw[self.starts[first] : self.starts[last + 1] - 1]

    def depth_of(self, folder: str) -> int | None:
        """The index of a folder above the file; `None` if it is not one."""
        try:
            return self.folders.index(folder)
        except ValueError:
            return None


def beside(folder: str, name: str) -> str:
    """The path of a name in a folder. Called so often that `os.path.join` would be noticeable."""
    return folder + name if folder.endswith(os.sep) else folder + os.sep + name


def absolute(path: str) -> str:
    """The absolute path without `.`, `..` and a doubled leading slash."""
    path = os.path.abspath(path)
    return "/" + path.lstrip("/") if os.sep == "/" else path


def link_target(path: str) -> str | None:
    """Where a link leads; `None` for anything that is not a link. Raises `Unreadable`."""
    try:
        if not os.path.islink(path):
            return None
        return os.readlink(path).removeprefix("\\\\?\\")
    except OSError as error:
        reason = error.strerror or "it can't be followed"
        raise Unreadable(f"is a link that can't be read ({reason})", "fix it", path) from None


def ways(path: str, target_of: Callable[[str], str | None] = link_target) -> tuple[str, ...]:
    """The path as written, each path that a link on it leads to, and where it ends.

    A missing file is no link. `target_of` says where a link leads. Raises `Unreadable` for links in
    a circle and for folders that cannot be read.
    """
    found = [absolute(path)]
    if "\0" in path:  # No file has such a name.
        return tuple(found)
    start = PurePath(path if os.path.isabs(path) else os.path.join(os.getcwd(), path))
    here, *pending = start.parts
    pending.reverse()
    links = 0
    while pending:
        name = pending.pop()
        if name == "..":
            here = os.path.dirname(here)
            continue
        step = beside(here, name)
        target = target_of(step)
        if target is None:
            here = step
            continue
        links += 1
        if links > _MOST_LINKS:
            raise Unreadable("is a link in a circle", "fix the link", path)
        anchor, rest = _split(target)
        here = anchor or here
        pending.extend(reversed(rest))
        found.append(absolute(os.path.join(here, *reversed(pending))))
    found.append(absolute(here))
    return tuple(dict.fromkeys(found))


def _split(target: str) -> tuple[str, Sequence[str]]:
    pure = PurePath(target)
    return pure.anchor, pure.parts[1:] if pure.anchor else pure.parts


def _raw(name: str) -> bytes:
    try:
        return os.fsencode(name)
    except UnicodeEncodeError:  # Half a surrogate pair, cut by an editor.
        return name.encode("utf-8", "surrogatepass")
