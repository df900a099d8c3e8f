"""What a reader of import statements is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.imports.imported import ImportStatement
from lsp_server.imports.statement_text import StatementText

__all__ = ["ImportReader", "reader_of_kinds"]


@dataclass(frozen=True, slots=True)
class ImportReader:
    """Reads the import statements of one language."""

    kinds: frozenset[str]
    """Kinds of nodes that may import."""
    words: tuple[str, ...]
    """One of these words is in each such node, and in no node inside of it."""
    read: Callable[[Node, StatementText], Iterable[ImportStatement]]
    """What a node imports; nothing if it does not import after all, or is not understood."""


def reader_of_kinds(
    kinds: str, words: str, read: Callable[[Node, StatementText], Iterable[ImportStatement]]
) -> ImportReader:
    """A reader, with the kinds and words separated by white space."""
    return ImportReader(frozenset(kinds.split()), tuple(words.split()), read)
