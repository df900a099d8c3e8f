"""What the index holds of one file: what it declares, and what it calls."""

import re
from dataclasses import dataclass

from lsp_server.context.file_facts import VALUE
from lsp_server.context.resolution.families import family_of, packages_of
from lsp_server.context.source_files import ParsedFile
from lsp_server.context.stored_facts import stored

__all__ = ["IndexedFile", "IndexedSymbol", "indexed"]

_MOST_SYMBOLS = 2_000
"""Declarations of one file that are kept, the first ones; hand-written files have fewer."""
_MOST_CALLED = 2_000
"""Names of one file that are kept as called."""
_LONGEST_NAME = 100
"""Code points of a name that is kept."""
_CALL = re.compile(
    r"([^\W\d]\w*[?!]?)\s*(?:\(|!\(|::?<|<[\w\s,.<>\[\]]{1,80}>\s*\()|<([A-Z]\w*)[\s/>]"
    r"|\.\s*([^\W\d]\w*[?!]?)"
)
"""Names before parentheses, elements of JSX, and members: Ruby calls without parentheses."""


@dataclass(frozen=True, slots=True)
class IndexedSymbol:
    """One declaration."""

    name: str
    kind: str
    container: str
    first: int
    """Its first line, from 0."""
    last: int


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """What is kept of one file."""

    family: str
    package: str
    """The package or namespace that it says it is in; "" for none."""
    symbols: tuple[IndexedSymbol, ...]
    called: frozenset[str]
    facts: bytes = b""
    """What it declares and imports, as `stored_facts` writes it."""


def indexed(file: ParsedFile) -> IndexedFile:
    """What the index keeps of a file. Never raises."""
    family = family_of(file.language.id) if file.language is not None else ""
    package = next(iter(packages_of(family, file.text)), "")
    symbols = tuple(
        IndexedSymbol(one.name, one.kind, one.container, one.head, one.last)
        for one in file.facts.declared[:_MOST_SYMBOLS]
        if 1 < len(one.name) <= _LONGEST_NAME or one.kind != VALUE
    )
    called: set[str] = set()
    for found in _CALL.finditer(file.text):
        name = found[1] or found[2] or found[3]
        if 1 < len(name) <= _LONGEST_NAME:
            called.add(name)
            if len(called) >= _MOST_CALLED:
                break
    return IndexedFile(
        family, package, symbols, frozenset(called), stored(file.facts, file.imports)
    )
