"""Converts between the editor's data and ours: raw JSON on one side, offsets and change sets on the
other.

The only module that knows both, and the only one in `lsp/` that converts columns. Everything that
comes in is checked. Invalid data raises `InvalidParams`, which names the field.
"""

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from lsp_server.errors import InvalidParams
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.lines import Encoding, Position, Text
from lsp_server.text.span import Span

Json = dict[str, Any]
"""A JSON object."""


def negotiate(offered: object) -> Encoding:
    """The position encoding to use, from the client's `general.positionEncodings`.

    It is the first of the client's list: the one that the client itself counts in and gets right.
    All three cost us the same. Without a list it is UTF-16 (LSP 3.17).
    """
    for name in offered if isinstance(offered, list) else ():
        if name in (encoding.value for encoding in Encoding):
            return Encoding(name)
    return Encoding.UTF16


def uri_from(value: object, field: str = "uri") -> SplitResult:
    """The parts of a URI, as in `textDocument/didOpen`.

    Raises `InvalidParams` for what is no URI, and for a `file:` URI that no system can have.
    """
    if not isinstance(value, str):
        raise InvalidParams(f"`{field}` must be a string.")
    try:
        parts = urlsplit(value)
        if parts.scheme == "file" and b"\0" in os.fsencode(unquote(parts.path)):
            raise ValueError
    except ValueError:
        raise InvalidParams(f"`{field}` isn't a readable URI.") from None
    return parts


def check_roots(params: Json) -> None:
    """Raises `InvalidParams` for a root that cannot be read: without it, the ignore rules there
    would be unknown."""
    if params.get("rootUri") is not None:
        uri_from(params["rootUri"], "rootUri")
    folders = params.get("workspaceFolders")
    for folder in folders if isinstance(folders, list) else ():
        if isinstance(folder, dict):
            uri_from(folder.get("uri"), "workspaceFolders.uri")


# -- places ------------------------------------------------------------------------------------


def offset_from(text: Text, position: object, encoding: Encoding, field: str = "position") -> int:
    """The offset of an LSP position. Positions that do not exist are clamped as LSP defines."""
    return _offset(text, _position(position, field), encoding)


def span_from(text: Text, range_: object, encoding: Encoding, field: str = "range") -> Span:
    """The span of an LSP range. A range whose end comes first is turned around."""
    table = _object(range_, field)
    start = offset_from(text, table.get("start"), encoding, f"{field}.start")
    end = offset_from(text, table.get("end"), encoding, f"{field}.end")
    return Span(min(start, end), max(start, end))


def lines_from(range_: object, field: str = "range") -> tuple[int, int]:
    """The first and the last line that a range touches, counted from 0. One that ends at the start
    of a line does not touch it."""
    table = _object(range_, field)
    ends = (_position(table.get(name), f"{field}.{name}") for name in ("start", "end"))
    start, end = sorted((place.line, place.character) for place in ends)
    return start[0], end[0] - (end[1] == 0 and end[0] > start[0])


def position_of(text: Text, offset: int, encoding: Encoding) -> Json:
    """The LSP position of an offset. An offset inside a "\\r\\n" becomes the position before it."""
    line, character = text.position(offset - _inside_line_end(text, offset), encoding)
    return {"line": line, "character": character}


def range_of(text: Text, span: Span, encoding: Encoding) -> Json:
    """The LSP range of a span."""
    return {
        "start": position_of(text, span.start, encoding),
        "end": position_of(text, span.end, encoding),
    }


# -- changes -----------------------------------------------------------------------------------


def change_from(text: Text, content_change: object, encoding: Encoding) -> ChangeSet:
    """One item of `contentChanges`: a range with its new text, or the whole new document."""
    table = _object(content_change, "contentChanges")
    new = table.get("text")
    if not isinstance(new, str):
        raise InvalidParams("`contentChanges.text` must be a string.")
    if table.get("range") is None:
        return ChangeSet.replace(text.text, new)
    span = span_from(text, table["range"], encoding, "contentChanges.range")
    return ChangeSet.of(len(text), (Change(span.start, span.end, new),))


def changes_from(
    text: Text, content_changes: object, encoding: Encoding
) -> tuple[tuple[ChangeSet, ...], Text]:
    """All of `contentChanges`, each against the text that the previous one leaves, and the final
    text."""
    if not isinstance(content_changes, list):
        raise InvalidParams("`contentChanges` must be a list.")
    changes: list[ChangeSet] = []
    for item in content_changes:
        change = change_from(text, item, encoding)
        text = text.apply(change)
        changes.append(change)
    return tuple(changes), text


def text_edits(text: Text, changes: ChangeSet, encoding: Encoding) -> list[Json]:
    """`changes` as LSP text edits, all against `text`, sorted and disjoint.

    No position can name the place inside a "\\r\\n", so a change that begins or ends there includes
    the whole line end; the resulting text is the same.
    """
    if any(_splits_line_end(text, change) for change in changes.changes):
        widened = [_widened(text, change) for change in changes.changes]
        changes = ChangeSet.of(changes.length, widened)
    return [
        {
            "range": range_of(text, Span(change.start, change.end), encoding),
            "newText": change.text,
        }
        for change in changes.changes
    ]


def workspace_edit(uri: str, version: int, edits: Sequence[Json]) -> Json:
    """A `WorkspaceEdit` that changes one document, and only if it still has `version`."""
    document = {"uri": uri, "version": version}
    return {"documentChanges": [{"textDocument": document, "edits": list(edits)}]}


def _splits_line_end(text: Text, change: Change) -> bool:
    return bool(_inside_line_end(text, change.start) or _inside_line_end(text, change.end))


def _widened(text: Text, change: Change) -> Change:
    before = _inside_line_end(text, change.start)
    after = _inside_line_end(text, change.end)
    return Change(
        change.start - before, change.end + after, "\r" * before + change.text + "\n" * after
    )


def _inside_line_end(text: Text, offset: int) -> int:
    """1 if `offset` is between a "\\r" and its "\\n", else 0."""
    return int(offset > 0 and text.text[offset - 1 : offset + 1] == "\r\n")


# -- columns of the editor ----------------------------------------------------------------------


def _offset(text: Text, position: Position, encoding: Encoding) -> int:
    return text.offset(position, encoding)


def _position(value: object, field: str) -> Position:
    table = _object(value, field)
    return Position(
        _count(table.get("line"), f"{field}.line"),
        _count(table.get("character"), f"{field}.character"),
    )


def _count(value: object, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidParams(f"`{field}` must be an integer of 0 or more.")
    return value


def _object(value: object, field: str) -> Json:
    if not isinstance(value, dict):
        raise InvalidParams(f"`{field}` must be a JSON object.")
    return value
