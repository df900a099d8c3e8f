"""Pieces of a document that are written in another language: scripts in HTML, fences in Markdown.

To the grammar of the document they are plain text, so a scope within one has no structure at all.
Knows which language a piece is in and where it lies; what is asked of it is the business of
`gate.py` and `scope.py`. All numbers are bytes.
"""

import re
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.syntax.languages import Language, language_for
from lsp_server.syntax.tree import DocumentTree

__all__ = ["EmbeddedPiece", "Foreign", "foreign_around", "piece_around"]

_SCRIPTS = {
    **dict.fromkeys(("", "module", "text/javascript", "application/javascript"), "javascript"),
    **dict.fromkeys(("text/babel", "text/jsx", "js", "jsx"), "javascript"),
    **dict.fromkeys(("application/json", "application/ld+json", "importmap"), "json"),
    **dict.fromkeys(("ts", "text/typescript"), "typescript"),
    "tsx": "typescriptreact",
}
"""The language ids of scripts, by their `type` or `lang`; templates and the like are no code."""

_STYLES = {"": "css", "text/css": "css"}


_FOREIGN = {
    "html": frozenset({"raw_text"}),
    "markdown": frozenset(
        {"fenced_code_block", "html_block", "indented_code_block", "minus_metadata"}
        | {"plus_metadata"}
    ),
    "php": frozenset({"php_tag", "text", "text_interpolation"}),
}
"""What the grammar of a language takes for one text, though it is code of another."""
_METADATA = {"minus_metadata": "yaml", "plus_metadata": "toml"}
_NAME = re.compile(rb"[`~]{3,}[ \t]*(?:\{[ \t]*\.?)?([^\s{},`]+)")


@dataclass(frozen=True, slots=True)
class Foreign:
    """The bytes from `start` to `end` are text to the document's grammar, and code to its reader.

    `language` is None where nothing tells it, or where the lines around belong to it as well.
    """

    language: Language | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class EmbeddedPiece:
    """The bytes from `start` to `end`, which are written in `language`."""

    language: Language
    start: int
    end: int


def piece_around(tree: DocumentTree, start: int, end: int) -> EmbeddedPiece | None:
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
    return EmbeddedPiece(language.bounded(tree.language.watch), node.start_byte, node.end_byte)


def foreign_around(tree: DocumentTree, node: Node, start: int, end: int) -> Foreign | None:
    """The piece of other code that the bytes from `start` to `end` lie in, if `node` is in one."""
    kinds = _FOREIGN.get(tree.language.id, frozenset())
    around: Node | None = node
    while around is not None and around.type not in kinds:
        around = around.parent
    if around is None:
        return None
    if start == end and tree.language.id == "markdown":
        return None  # A blank line in a fence is a part of the fence.
    if tree.language.id == "php":  # The tags of a page go on behind its code.
        return Foreign(None, 0, len(tree.source))
    piece = Foreign(_language_of(tree, around), *_content(around))
    return piece if piece.start <= start and end <= piece.end else None


def _content(node: Node) -> tuple[int, int]:
    """The bytes of what a piece holds, without the marks around it."""
    held = [child for child in node.children if child.type == "code_fence_content"]
    if node.type == "fenced_code_block":
        return (held[0].start_byte, held[0].end_byte) if held else (node.end_byte, node.end_byte)
    if node.type in _METADATA:
        text = node.text or b""
        first, last = text.find(b"\n") + 1, text.rstrip().rfind(b"\n") + 1
        return node.start_byte + first, node.start_byte + max(first, last)
    return node.start_byte, node.end_byte


def _language_of(tree: DocumentTree, node: Node) -> Language | None:
    """What a piece is written in, if it stands at the margin and there is a grammar for it."""
    if node.type == "raw_text":
        piece = piece_around(tree, node.start_byte, node.end_byte)
        return None if piece is None else piece.language
    named = _NAME.match(node.text or b"") if node.type == "fenced_code_block" else None
    said = _METADATA.get(node.type, "")
    if named is not None:
        said = named[1].decode("utf-8", "replace").removeprefix("language-")
    language = language_for(said, f"a.{said}") if said else None
    if language is None or not language.available or node.start_point.column:
        return None
    return language.bounded(tree.language.watch)


def _kind(element: Node) -> str:
    """What the element's `type` or `lang` says; "" when it has neither."""
    tag = element.child(0)
    said = {"": ""}
    for attribute in tag.named_children if tag is not None else ():
        name, _, value = (attribute.text or b"").decode("utf-8", "replace").partition("=")
        said[name.strip().lower()] = value.strip().strip("\"'").strip().lower()
    return said.get("lang", said.get("type", ""))
