"""Finds the files of a workspace that the index reads, nearest first.

Leaves out what is never sent: ignored folders without looking into them, links, folders that may
not be read, and what is no source file of a known language.
"""

import hashlib
import heapq
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from lsp_server.context.file_places import steps_between
from lsp_server.context.index_database import FileState
from lsp_server.context.source_files import MOST_FILE_BYTES
from lsp_server.ignore.path_judge import GIT_FILE, OWN_FILE
from lsp_server.settings.load import WORKSPACE_FILE
from lsp_server.syntax.declarations import Declarations
from lsp_server.syntax.languages import all_languages

__all__ = ["MOST_FILES", "FoundFile", "IndexWalk"]

MOST_FILES = 20_000
"""Files in the index. Reading 10,000 files (55 MB) took a process of the lowest priority three
minutes on a busy machine, and a lookup in them under a millisecond (measured)."""
_MOST_SEEN = 500_000
"""Names that are looked at in all folders together."""
_DEEPEST = 64
"""Folders within folders."""
_SKIPPED = frozenset(
    {".git", ".hg", ".svn", ".jj", "node_modules", "bower_components", "__pycache__"}
    | {".venv", "venv", "site-packages", ".tox", ".nox", ".mypy_cache", ".gradle", ".idea"}
)
"""Folders of tools, and of packages that a package manager has brought."""
_RULES = frozenset({GIT_FILE, OWN_FILE, WORKSPACE_FILE})
_ENDINGS = tuple(
    ending
    for language in all_languages()
    if isinstance(language.declarations, Declarations)
    for ending in language.endings
)
_MINIFIED = (".min.js", ".min.mjs", ".bundle.js", ".pb.go", "_pb2.py", "_pb2_grpc.py", ".g.dart")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that belongs into the index."""

    path: str
    state: FileState


@dataclass
class IndexWalk:
    """One walk through the folders of a workspace."""

    roots: Sequence[str]
    near: str = ""
    """A file that is edited: what is near to it comes first."""
    prunes: Callable[[str], bool] = lambda path: False
    """Whether a folder with all that is below it is ignored."""
    most: int = MOST_FILES
    rules: str = ""
    """After the walk: changes whenever a file with ignore rules does."""
    _seen: int = field(default=0, repr=False)

    def files(self) -> Iterator[FoundFile]:
        """The files, nearest first. Never raises."""
        rules = hashlib.sha256()
        found = 0
        visited: set[tuple[int, int]] = set()
        waiting = [(self._distance(root), 0, root) for root in self.roots]
        heapq.heapify(waiting)
        while waiting and found < self.most and self._seen < _MOST_SEEN:
            _, depth, folder = heapq.heappop(waiting)
            if (identity := _identity(folder)) is None or identity in visited:
                continue
            visited.add(identity)
            files, folders, own_rules = self._listed(folder)
            for line in own_rules:
                rules.update(line.encode("utf-8", "surrogateescape"))
            for each in files[: self.most - found]:
                found += 1
                yield each
            for inner in folders if depth < _DEEPEST else ():
                heapq.heappush(waiting, (self._distance(inner), depth + 1, inner))
        self.rules = rules.hexdigest()

    def _distance(self, folder: str) -> int:
        """Steps from the folder of the edited file, or from the root."""
        near = os.path.dirname(self.near) if self.near else folder.split(os.sep)[0]
        return steps_between(folder, near)

    def _listed(self, folder: str) -> tuple[list[FoundFile], list[str], list[str]]:
        """The files and folders in a folder, and what its ignore rules are known by."""
        files: list[FoundFile] = []
        folders: list[str] = []
        rules: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._seen += 1
                    if self._seen > _MOST_SEEN:
                        break
                    self._sort(entry, files, folders, rules)
        except OSError:
            pass
        return sorted(files, key=lambda each: each.path), sorted(folders), sorted(rules)

    def _sort(
        self,
        entry: os.DirEntry[str],
        files: list[FoundFile],
        folders: list[str],
        rules: list[str],
    ) -> None:
        name = entry.name
        if not _is_text(name):  # No database and no URI can hold it.
            return
        try:
            if entry.is_dir(follow_symlinks=False):
                if name not in _SKIPPED and not self.prunes(entry.path):
                    folders.append(entry.path)
            elif name in _RULES:
                status = entry.stat()
                rules.append(f"{entry.path}\0{status.st_size}\0{status.st_mtime_ns}\n")
            elif _is_source(name) and entry.is_file(follow_symlinks=False):
                status = entry.stat(follow_symlinks=False)
                if 0 < status.st_size <= MOST_FILE_BYTES:
                    state = FileState(status.st_size, status.st_mtime_ns)
                    files.append(FoundFile(entry.path, state))
        except OSError:
            pass


def _is_text(name: str) -> bool:
    """Whether a name is UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_source(name: str) -> bool:
    """Whether a name is one of source code that a person may have written."""
    return name.endswith(_ENDINGS) and not name.endswith(_MINIFIED)


def _identity(folder: str) -> tuple[int, int] | None:
    """What tells a folder from all others; None if it is gone."""
    try:
        status = os.stat(folder)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
