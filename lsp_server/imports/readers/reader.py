"""What a reader of import statements is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tree_sitter import Node

from lsp_server.imports.imported import ImportStatement
from lsp_server.imports.statement_text import StatementText

__all__ = ["ImportReader"]


@dataclass(frozen=True, slots=True)
class ImportReader:
    """Reads the import statements of one language."""

    kinds: frozenset[str]
    """Kinds of nodes that import."""
    read: Callable[[Node, StatementText], Iterable[ImportStatement]]
    """What a node imports; nothing if it does not import after all, or is not understood."""
    calls: str = ""
    """A query whose `@found` are further nodes that import, such as calls of `require`."""
    pattern: str = field(init=False)
    """A query whose `@found` are all nodes that import."""

    def __post_init__(self) -> None:
        kinds = " ".join(f"({kind})" for kind in sorted(self.kinds))
        statements = f"[{kinds}] @found" if kinds else ""
        object.__setattr__(self, "pattern", f"{statements} {self.calls}")
