"""What a language says about its declarations and imports: the data behind outlines."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lsp_server.syntax.node_rules import Kinds

__all__ = ["Declarations", "NoDeclarations", "always", "declared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """What declares and imports in one grammar, and how a definition alone is made to parse."""

    kinds: Mapping[str, str]
    """From kinds of nodes to kinds of outline entries; see `declared`."""
    imports: Mapping[str, tuple[str, ...]]
    """Kinds of nodes that import; with words, only those whose text starts with one of them."""
    imports_behind: Mapping[str, str] = field(default_factory=dict)
    """Kinds of nodes that import if this word follows their first `=`."""
    through: Kinds = frozenset()
    """Other nodes that may hold declarations, beside bodies, carriers and entries."""
    surroundings: tuple[tuple[str, str], ...] = (("", ""),)
    """Texts before and after a definition that is taken out of its file. The first pair with which
    it parses is right."""
    end: str = ""
    """The word that closes a definition, where none of `)`, `]` and `}` does."""
    empty_body: str = ""
    """A statement that makes a header complete whose line ends in a colon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDeclarations:
    """A language without functions and classes: its files have no outline.

    Invariant: `reason` is not empty, or the constructor raises `ValueError`.
    """

    reason: str
    """Why there is no outline."""
    entries: Kinds = frozenset()
    """Nodes that begin with a name and count as declarations when an answer leaves them out."""

    def __post_init__(self) -> None:
        if not self.reason:
            raise ValueError("NoDeclarations.reason is empty: say why there is no outline.")


CLASS_NAME = "Midstream_"
"""The name of the class that is put around a lone method."""
IN_CLASS = (f"class {CLASS_NAME} {{\n", "\n}")
"""A class around a method, for `Declarations.surroundings`."""


def declared(**kinds: str) -> dict[str, str]:
    """From kinds of nodes to kinds of outline entries, written the other way round.

    `class_` stands for `class`.
    """
    return {node: entry.rstrip("_") for entry, nodes in kinds.items() for node in nodes.split()}


def always(names: str) -> dict[str, tuple[str, ...]]:
    """Kinds of nodes that always import, separated by white space."""
    return dict.fromkeys(names.split(), ())
