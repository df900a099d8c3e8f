"""Makes pieces for a prompt from lines of files."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_server.context.declaration_lines import Lines
from lsp_server.context.query import ContextQuery
from lsp_server.context.source_files import ParsedFile
from lsp_server.prompt.pieces import ContextPiece, Why

__all__ = ["PieceMaker"]


class PieceMaker:
    """Makes pieces for one query: only of files that may be sent and that people
    wrote, and no line twice."""

    def __init__(self, query: ContextQuery, found: Callable[[ContextPiece], None]) -> None:
        self._query, self._found = query, found
        self._uris = {os.path.normpath(each.path): each.uri for each in query.open_documents}
        self._names: dict[str, tuple[str, str]] = {}
        self._verdicts: dict[str, bool] = {}
        self._sent: dict[str, list[Lines]] = {}

    def send(self, file: ParsedFile, lines: Sequence[Lines], why: Why) -> bool:
        """Hand out the lines that were not handed out yet. False if the file may not be sent."""
        path = str(file.path)
        if path not in self._verdicts:
            self._verdicts[path] = not file.is_generated and self._query.may_send(file.path)
        if not self._verdicts[path]:
            return False
        for piece in lines:
            for first, last in _without(piece, self._sent.setdefault(path, [])):
                text = "".join(file.lines[first : last + 1])
                if text.strip():
                    self._found(self._piece(file, text, first, why))
            self._sent[path].append(piece)
        return True

    def _piece(self, file: ParsedFile, text: str, line: int, why: Why) -> ContextPiece:
        path = str(file.path)
        if path not in self._names:
            uri = self._uris.get(path) or file.path.as_uri()
            self._names[path] = uri, shown_path(file.path, self._query.roots)
        uri, shown = self._names[path]
        return ContextPiece(uri, shown, file.language_name, text, line, why)


def shown_path(path: Path, roots: Sequence[Path]) -> str:
    """A file's path in its folder of the workspace, as prompts name it."""
    inside = [root for root in roots if path.is_relative_to(root)]
    if not inside:
        return path.name
    return path.relative_to(max(inside, key=lambda root: len(root.parts))).as_posix()


def _without(piece: Lines, sent: Sequence[Lines]) -> list[Lines]:
    """The lines of a piece that none of those that were sent holds."""
    left = [piece]
    for first, last in sent:
        cut = []
        for start, end in left:
            if end < first or start > last:
                cut.append((start, end))
                continue
            if start < first:
                cut.append((start, first - 1))
            if end > last:
                cut.append((last + 1, end))
        left = cut
    return left
