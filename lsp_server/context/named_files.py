"""Reads what the user names: in an instruction, in the argument `context`, in `context.files`.

Whatever cannot be sent becomes a sentence that names it, and the edit goes on.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lsp_server.context.globs import is_glob, matching_glob
from lsp_server.context.mentions import Mention
from lsp_server.context.query import ContextQuery, OpenDocument
from lsp_server.context.workspace_files import NotReadError, WorkspaceFiles, WorkspaceFolders
from lsp_server.prompt.pieces import ContextPiece, Why
from lsp_server.syntax.language_names import language_name
from lsp_server.text.lines import split_lines

_MOST_ENTRIES = 100_000
"""Files and folders that a search for a name looks at."""
_MOST_OF_A_GLOB = 100
"""Files that one glob of the setting may bring."""
_SHOWN = 3
"""Files that a sentence names if a name stands for several."""
_NOT_SEARCHED = frozenset(
    {".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", ".tox", "target"}
    | {".mypy_cache", ".ruff_cache", ".pytest_cache", ".gradle", ".next", ".idea", ".cache"}
)
"""Folders with files that nobody writes; almost all are ignored, too."""

Symbol = Callable[[str], ContextPiece | None]
"""The definition of a name in the workspace, if there is one."""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that a command names. `first` and `last` are lines counted from 1."""

    path: Path
    first: int | None = None
    last: int | None = None


class NamedFiles:
    """Reads named files for one edit."""

    def __init__(
        self,
        files: WorkspaceFiles,
        folders: WorkspaceFolders,
        query: ContextQuery,
        found: Callable[[ContextPiece], None],
        problem: Callable[[str], None],
        over: Callable[[], bool],
    ) -> None:
        """`found` gets each piece, `problem` each sentence for the user. `over` says when the time
        for searching is up."""
        self._files = files.of_lookup(folders)
        self._folders = folders
        self._query = query
        self._found = found
        self._problem = problem
        self._over = over
        documents = (query.document, *query.open_documents)
        self._open = {os.path.normpath(each.path): each for each in documents}

    def of_command(self, named: NamedFile) -> None:
        """A file that a command names; it may be outside of the workspace."""
        called = self._folders.shown(named.path) + _range(named.first, named.last)
        try:
            self._send(called, named.path, named.first, named.last, outside=True)
        except NotReadError as error:
            self._refuse(called, error)

    def of_mention(self, mention: Mention, symbol: Symbol) -> None:
        """What a mention names; nothing if it is only text."""
        if not mention.is_path:
            self._send_symbol(mention, symbol)
            return
        try:
            path = self._find(mention.name)
            self._send(mention.text, path, mention.first, mention.last)
        except NotReadError as error:
            if not self._send_symbol(mention, symbol):
                self._refuse(mention.text, error)

    def of_setting(self, entry: str) -> None:
        """The files that an entry of the setting `context.files` names."""
        try:
            if is_glob(entry):
                self._send_matches(entry)
                return
            path = next(
                (root / entry for root in self._folders.roots if _exists(root / entry)), None
            )
            if path is None:
                raise NotReadError("doesn't exist")
            self._send(entry, path)
        except NotReadError as error:
            self._refuse(entry, error)

    def _send_matches(self, glob: str) -> None:
        """The files that a glob matches; those that cannot be sent are left out."""
        matches = matching_glob(glob)
        for root in self._folders.roots:
            found = sorted(path for path in self._walk(root) if matches(_below(root, path)))
            for path in found[:_MOST_OF_A_GLOB]:
                with suppress(NotReadError):
                    self._send(glob, path)

    def _send_symbol(self, mention: Mention, symbol: Symbol) -> bool:
        """Send the definition of a symbol, if a mention is one."""
        piece = symbol(mention.name) if mention.may_be_symbol else None
        if piece is not None:
            self._found(piece)
        return piece is not None

    def _send(
        self,
        called: str,
        path: Path,
        first: int | None = None,
        last: int | None = None,
        *,
        outside: bool = False,
    ) -> None:
        """The lines of a file. Raises `NotReadError`."""
        document = self._open.get(os.path.normpath(path))
        if document is None:
            text = self._files.text(path, outside=outside)
        else:  # What the editor shows may be unsaved.
            self._files.check(path, outside=outside)
            text = document.text
        if not text.strip():
            raise NotReadError("is empty")
        lines, start = split_lines(text), 0
        if first is not None:
            count, end = len(lines), max(first, last or first)
            if not 1 <= first <= count:
                what = f"has only {count:,} lines" if first else "has no line 0"
                raise NotReadError(what)
            if end > count:
                self._problem(
                    f"`{called}` names more lines than there are: only {first}-{count} are sent."
                )
            start = first - 1
            lines = lines[start:end]
            if not "".join(lines).strip():
                raise NotReadError("is blank there")
        uri, language = _identity(path, document)
        language = language_name(language, str(path), text)
        shown = self._folders.shown(path)
        self._found(ContextPiece(uri, shown, language, "".join(lines), start, Why.MENTION))

    def _refuse(self, called: str, error: NotReadError) -> None:
        self._problem(f"`{called}` isn't sent: it {error.what}.")

    def _find(self, name: str) -> Path:
        """The file that a path or the end of a path names. Raises `NotReadError`."""
        home = self._query.document.path.parent
        own = self._folders.root_of(self._query.document.path)
        bases = dict.fromkeys(base for base in (own, *self._folders.roots, home) if base)
        outside = False
        for base in bases:
            path = Path(os.path.normpath(base / name))
            if self._folders.root_of(path) is None:
                outside = outside or _exists(path)
            elif _exists(path) or os.path.normpath(path) in self._open:
                return path
        if outside:
            raise NotReadError("is outside of the workspace")
        return self._search(name)

    def _search(self, name: str) -> Path:
        """The only file of the workspace whose path ends so. Raises `NotReadError`."""
        end = f"/{name.replace(os.sep, '/').removeprefix('./')}"
        found = [
            path
            for root in dict.fromkeys(self._folders.roots)
            for path in self._walk(root)
            if f"/{_below(root, path)}".endswith(end)
        ]
        found = list(dict.fromkeys(found))
        sent = [path for path in found if self._files.may_send(path)]
        if len(sent) == 1 or (found and not sent):
            return (sent or found)[0]
        if sent:
            names = [f"`{self._folders.shown(path)}`" for path in sorted(sent)]
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            listed = ", ".join(names[:_SHOWN])
            raise NotReadError(f"could be any of {listed}{more}; write more of its path")
        if self._over():
            raise NotReadError("wasn't found in time; write its path from the workspace's folder")
        raise NotReadError("doesn't exist")

    def _walk(self, root: Path) -> Iterator[Path]:
        """The files below a folder, without following links to folders."""
        todo, seen = [str(root)], 0
        while todo and not self._over():
            try:
                with os.scandir(todo.pop()) as entries:
                    for entry in entries:
                        seen += 1
                        if seen > _MOST_ENTRIES:
                            return
                        if entry.is_dir(follow_symlinks=False):
                            if entry.name not in _NOT_SEARCHED:
                                todo.append(entry.path)
                        else:
                            yield Path(entry.path)
            except OSError:  # A folder that may not be read, or that has gone.
                continue


def _range(first: int | None, last: int | None) -> str:
    """A range of lines as it is written behind a path."""
    return "" if first is None else f":{first}-{last or first}"


def _identity(path: Path, document: OpenDocument | None) -> tuple[str, str]:
    """URI and language id, as the editor says them for an open document."""
    return (path.as_uri(), "") if document is None else (document.uri, document.language)


def _exists(path: Path) -> bool:
    """Whether there is such a file. Unlike `Path.exists` it never raises, as for a name too long or
    a folder that may not be read."""
    return os.path.exists(path)


def _below(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
