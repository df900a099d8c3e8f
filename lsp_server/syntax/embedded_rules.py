"""What a language says about pieces of other languages in its files."""

from collections.abc import Callable
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.syntax.node_rules import Kinds

__all__ = ["EmbeddedRules"]


def _unnamed(_: Node) -> str:
    return ""


def _all_bytes(node: Node) -> tuple[int, int]:
    return node.start_byte, node.end_byte


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedRules:
    """Nodes that are text to the grammar of a file and code to its reader."""

    kinds: Kinds
    language: Callable[[Node], str] = _unnamed
    """The name of a piece's language, as an editor would write it; "" where nothing tells."""
    content: Callable[[Node], tuple[int, int]] = _all_bytes
    """The bytes of a piece without the marks around it: start and end."""
    gated: bool = False
    """Whether the gate also asks the grammar of the piece."""
    keeps_blank_lines: bool = False
    """Whether a blank line inside a piece is edited as a part of the document."""
    reaches_everywhere: bool = False
    """Whether a piece goes on behind the code after it, as the HTML around PHP does."""
