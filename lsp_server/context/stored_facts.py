"""Writes what a file declares and imports as bytes for the index, and reads it back.

Holds names and lines and no code. Nothing that is read back is trusted: what does not fit the text
of the file is as if it were not there.
"""

import json
import zlib
from dataclasses import dataclass
from typing import Any

from lsp_server.context.file_facts import Declared, FileFacts
from lsp_server.imports.statements import ImportedName, ImportStatement, Surroundings
from lsp_server.text.span import Span

__all__ = ["StoredFacts", "facts_in", "stored"]

_MOST_BYTES = 512 * 1024
"""Bytes of one file's facts before they are compressed. A hundred declarations take some 5 kB."""
_FAST = 1


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """What a file declares and what it imports."""

    facts: FileFacts
    imports: tuple[ImportStatement, ...]


def stored(facts: FileFacts, imports: tuple[ImportStatement, ...]) -> bytes:
    """The bytes that say this; empty if that were too many."""
    declared = [
        (d.name, d.kind, d.container, d.first, d.head, d.signature_end, d.last, int(d.exported))
        for d in facts.declared
    ]
    imported = [
        (
            (s.span.start, s.span.end),
            s.module,
            [(n.name, n.alias, int(n.type_only)) for n in s.names],
            s.alias,
            (int(s.wildcard), int(s.local), int(s.type_only)),
            s.form,
            s.surroundings.value,
        )
        for s in imports
    ]
    data = json.dumps((declared, imported), ensure_ascii=False, separators=(",", ":"))
    whole = data.encode("utf-8", "replace")
    return zlib.compress(whole, _FAST) if len(whole) <= _MOST_BYTES else b""


def facts_in(data: bytes, lines: int, length: int) -> StoredFacts | None:
    """What the bytes say of a file of so many lines and code points; None if that cannot be."""
    try:
        unpacker = zlib.decompressobj()
        declared, imported = json.loads(unpacker.decompress(data, _MOST_BYTES))
        facts = FileFacts(tuple(_declared(row, lines) for row in declared))
        return StoredFacts(facts, tuple(_statement(row, length) for row in imported))
    except (zlib.error, ValueError, TypeError, RecursionError):
        return None


def _declared(row: Any, lines: int) -> Declared:
    """One declaration. Raises `ValueError` or `TypeError`."""
    name, kind, container, first, head, signature_end, last, exported = row
    if not (0 <= first <= head <= signature_end <= last < lines):
        raise ValueError("lines that the file does not have")
    return Declared(name, kind, container, first, head, signature_end, last, bool(exported))


def _statement(row: Any, length: int) -> ImportStatement:
    """One import. Raises `ValueError` or `TypeError`."""
    (start, end), module, names, alias, (wildcard, local, type_only), form, surroundings = row
    if not 0 <= start <= end <= length:
        raise ValueError("a place that the file does not have")
    return ImportStatement(
        Span(start, end),
        module,
        tuple(ImportedName(name, own, bool(types)) for name, own, types in names),
        alias,
        bool(wildcard),
        bool(local),
        bool(type_only),
        form,
        Surroundings(surroundings),
    )
