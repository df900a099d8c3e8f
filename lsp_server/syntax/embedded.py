"""Pieces of a document that are written in another language: scripts and style sheets in HTML.

To the grammar of HTML they are plain text, so a scope within one has no structure at all. Knows
which language a piece is in and where it lies; what is asked of it is `gate.py`'s business. All
numbers are bytes.
"""

from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.syntax.languages import Language, language_for
from lsp_server.syntax.tree import DocumentTree

__all__ = ["Piece", "piece_around"]

_SCRIPTS = {
    **dict.fromkeys(("", "module", "text/javascript", "application/javascript"), "javascript"),
    **dict.fromkeys(("text/babel", "text/jsx", "js", "jsx"), "javascript"),
    **dict.fromkeys(("application/json", "application/ld+json", "importmap"), "json"),
    **dict.fromkeys(("ts", "text/typescript"), "typescript"),
    "tsx": "typescriptreact",
}
"""The language ids of scripts, by their `type` or `lang`; templates and the like are no code."""

_STYLES = {"": "css", "text/css": "css"}


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes from `start` to `end`, which are written in `language`."""

    language: Language
    start: int
    end: int


def piece_around(tree: DocumentTree, start: int, end: int) -> Piece | None:
    """The piece that the bytes from `start` to `end` lie in; None when they lie in none."""
    if tree.language.id != "html":
        return None
    node = tree.root.descendant_for_byte_range(start, end)
    if node is None or node.type != "raw_text" or node.parent is None:
        return None
    known = _STYLES if node.parent.type == "style_element" else _SCRIPTS
    language = language_for(known.get(_kind(node.parent), "plaintext"))
    if language is None or not language.available:
        return None
    return Piece(language.bounded(tree.language.watch), node.start_byte, node.end_byte)


def _kind(element: Node) -> str:
    """What the element's `type` or `lang` says; "" when it has neither."""
    tag = element.child(0)
    said = {"": ""}
    for attribute in tag.named_children if tag is not None else ():
        name, _, value = (attribute.text or b"").decode("utf-8", "replace").partition("=")
        said[name.strip().lower()] = value.strip().strip("\"'").strip().lower()
    return said.get("lang", said.get("type", ""))
