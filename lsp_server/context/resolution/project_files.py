"""The files of the workspace as module resolution sees them: what exists, and small texts.

Answers go straight to the file system, which is right at any time; only listings of folders are
kept, for as long as a folder's timestamp stays. Never raises.
"""

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar

from lsp_server.context.file_places import is_test
from lsp_server.ignore.bounded_files import FileCache
from lsp_server.ignore.unreadable import Unreadable

__all__ = ["ProjectFiles"]

_MOST_LISTED = 10_000
"""Names of one folder that are looked at; a folder with more holds data."""
_MOST_FOLDERS = 512
"""Listings that are kept."""
_MOST_CONFIG_BYTES = 256 * 1024
"""Bytes of a file such as `tsconfig.json` or `go.mod`."""

T = TypeVar("T")


class ProjectFiles:
    """Sees the files below the workspace's folders, and beside them where an import leads out."""

    def __init__(self, roots: Sequence[str] = ()) -> None:
        self.roots = tuple(os.path.normpath(root) for root in roots)
        """The workspace's folders."""
        self._listings: OrderedDict[str, tuple[int, tuple[str, ...]]] = OrderedDict()
        self._texts: FileCache[str] = FileCache(_decoded, _MOST_CONFIG_BYTES)
        self._parsed: dict[tuple[str, str], tuple[str, object]] = {}

    def is_file(self, path: str) -> bool:
        """Whether there is a file; links are followed."""
        return os.path.isfile(path)

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder; links are followed."""
        return os.path.isdir(path)

    def names(self, folder: str) -> tuple[str, ...]:
        """The names in a folder, sorted; empty where it cannot be read."""
        try:
            changed = os.stat(folder).st_mtime_ns
            known = self._listings.get(folder)
            if known is not None and known[0] == changed:
                self._listings.move_to_end(folder)
                return known[1]
            names: list[str] = []
            with os.scandir(folder) as entries:
                for entry in entries:
                    names.append(entry.name)
                    if len(names) >= _MOST_LISTED:
                        break
        except (OSError, ValueError):
            return ()
        listed = tuple(sorted(names))
        self._listings[folder] = changed, listed
        if len(self._listings) > _MOST_FOLDERS:
            self._listings.popitem(last=False)
        return listed

    def files(self, folder: str, *endings: str) -> tuple[str, ...]:
        """The paths of the names in a folder with one of the endings."""
        return tuple(
            os.path.join(folder, name) for name in self.names(folder) if name.endswith(endings)
        )

    def first(self, *paths: str) -> tuple[str, ...]:
        """The first of the paths that is a file, as a tuple; empty if none is."""
        return next(((path,) for path in paths if self.is_file(path)), ())

    def text(self, path: str) -> str | None:
        """A small text; None if there is none, or it cannot be read."""
        try:
            return self._texts.read(path)
        except Unreadable:
            return None

    def parsed(self, path: str, what: str, parse: Callable[[str], T]) -> T | None:
        """A small text as `parse` reads it, once for each text; None if there is none.

        `what` names the reading. `parse` must not raise.
        """
        text = self.text(path)
        if text is None:
            self._parsed.pop((path, what), None)
            return None
        known = self._parsed.get((path, what))
        if known is None or known[0] != text:
            if len(self._parsed) > _MOST_FOLDERS:
                self._parsed.clear()
            known = self._parsed[path, what] = text, parse(text)
        return known[1]  # type: ignore[return-value]

    def root_of(self, path: str) -> str:
        """The innermost of the workspace's folders around a path; its own folder if none is."""
        around = [root for root in self.roots if path.startswith(os.path.join(root, ""))]
        return max(around, key=len, default=os.path.dirname(path))

    def is_test(self, path: str) -> bool:
        """Whether a file holds tests, by its path in the workspace's folder."""
        return is_test(path.removeprefix(self.root_of(path)))

    def above(self, path: str) -> tuple[str, ...]:
        """The folders around a path, the nearest first, up to the workspace's."""
        root, folder = self.root_of(path), os.path.dirname(path)
        found = [folder]
        while folder != root and len(folder) > len(root):
            folder = os.path.dirname(folder)
            found.append(folder)
        return tuple(found)

    def nearest(self, path: str, name: str) -> str | None:
        """The nearest folder around a path that holds a file `name`."""
        return next(
            (each for each in self.above(path) if self.is_file(os.path.join(each, name))), None
        )


def _decoded(data: bytes) -> str:
    return data.decode("utf-8-sig", "replace")
