"""The project's rules files, which are sent to the model.

The setting `rules` names them. A plain name such as `AGENTS.md` is looked for in every folder from
the workspace's down to the file's, because each folder may have rules of its own; everything else
only in the workspace's folder. The rules of the nearest folder come last, so they win.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from lsp_server.context.front_matter import applies_to, front_matter
from lsp_server.context.globs import matching_glob
from lsp_server.context.workspace_files import (
    LookupFiles,
    NotReadError,
    WorkspaceFiles,
    WorkspaceFolders,
)
from lsp_server.prompt.pieces import ContextPiece, Why
from lsp_server.syntax.language_names import language_name

log = logging.getLogger(__name__)

_MOST_FILES = 40
"""Rules files of one prompt."""
_MOST_CODE_POINTS = 400_000
"""Code points of them all; far more than a prompt holds."""
_MOST_ENTRIES = 400
"""Files in a folder of rules that are looked at, the first by name."""
_MOST_NAMES = 20_000
"""Names in a folder that are read to find the first ones."""
_MOST_FOLDERS = 64
"""Folders between the workspace's and the file's."""
_IN_A_FOLDER = (".md", ".mdc", ".txt")
"""Endings of rules files, where an entry of the setting is a folder."""


class RulesFiles:
    """Reads the rules files that apply to a file."""

    def __init__(self, files: WorkspaceFiles) -> None:
        self._files = files

    def of(
        self, path: Path, folders: WorkspaceFolders, entries: Sequence[str]
    ) -> list[ContextPiece]:
        """The rules for the file at `path`, those of the nearest folder last.

        None in a workspace that is not trusted. Files that are ignored, unreadable or links out of
        the workspace are skipped. The same text, also under two names, comes once.
        """
        root = folders.root_of(path)
        if root is None or not folders.trusted:
            return []
        files = self._files.of_lookup(folders)
        groups: list[list[ContextPiece]] = []
        seen: set[str] = set()
        for places in _places(root, path, entries):
            pieces = []
            for place in places:
                piece = self._piece(place, root, path, files)
                if piece is not None and piece.text.strip() not in seen:
                    seen.add(piece.text.strip())
                    pieces.append(piece)
            groups.append(pieces)
        return _that_fit(groups)

    def _piece(
        self, place: Path, root: Path, path: Path, files: LookupFiles
    ) -> ContextPiece | None:
        folders = files.folders
        try:
            text = files.text(place)
        except NotReadError as error:
            log.info("`%s` isn't sent: it %s.", folders.shown(place), error.what)
            return None
        line = 0
        if place.suffix == ".mdc":
            matter = front_matter(text)
            if not applies_to(matter, path.relative_to(root).as_posix()):
                return None
            text, line = matter.rest, matter.lines
        if not text.strip():
            return None
        language = language_name("", place.name, text)
        piece = ContextPiece(place.as_uri(), folders.shown(place), language, text, line, Why.RULES)
        return replace(piece, language="markdown") if place.suffix == ".mdc" else piece


def _that_fit(groups: Sequence[Sequence[ContextPiece]]) -> list[ContextPiece]:
    """As many pieces as may be sent, of the nearest folder first: its rules win."""
    fitting: list[list[ContextPiece]] = []
    left, size_left = _MOST_FILES, _MOST_CODE_POINTS
    for pieces in reversed(groups):
        kept: list[ContextPiece] = []
        for piece in pieces:
            if not left or len(piece.text) > size_left:
                log.info("More rules files than can be sent: `%s` is left out.", piece.path)
                left = 0
                break
            left, size_left = left - 1, size_left - len(piece.text)
            kept.append(piece)
        fitting.append(kept)
    return [piece for kept in reversed(fitting) for piece in kept]


def _places(root: Path, path: Path, entries: Sequence[str]) -> list[Iterator[Path]]:
    """Where rules files are: for each folder from the root down, in the order of `entries`."""
    nearest = path.parent.relative_to(root).parts[:_MOST_FOLDERS]
    folders = [root.joinpath(*nearest[:depth]) for depth in range(len(nearest) + 1)]
    plain = [entry for entry in entries if _is_plain(entry)]
    return [_places_in(folder, entries if folder == root else plain) for folder in folders]


def _places_in(folder: Path, entries: Sequence[str]) -> Iterator[Path]:
    for entry in entries:
        yield from _files_of(folder, entry)


def _is_plain(entry: str) -> bool:
    """Whether it is a visible file's name, and neither a path nor a glob."""
    return not entry.startswith(".") and not any(sign in entry for sign in "/\\*?[")


def _files_of(folder: Path, entry: str) -> Iterator[Path]:
    """The files that an entry of the setting names in a folder."""
    above, _, name = entry.replace("\\", "/").rstrip("/").rpartition("/")
    place = folder / above
    if any(sign in name for sign in "*?["):
        glob = matching_glob(name)
        yield from (file for file in _entries(place) if glob(file.name))
    elif os.path.isdir(place / name):  # Unlike `Path.is_dir` it never raises.
        yield from (file for file in _entries(place / name) if file.suffix in _IN_A_FOLDER)
    elif os.path.lexists(place / name):
        yield place / name


def _entries(folder: Path) -> list[Path]:
    """The first files of a folder by name, sorted; empty if it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry, _ in zip(entries, range(_MOST_NAMES), strict=False)]
    except (OSError, ValueError):
        return []
    return [folder / name for name in sorted(names)[:_MOST_ENTRIES]]
