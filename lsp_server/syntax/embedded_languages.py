"""Pieces of a document that are written in another language: scripts in HTML, fences in Markdown.

They are plain text to the document's grammar, so a scope inside one has no structure in its tree.
Finds the piece and its language for `gate.py` and `scope.py`. All numbers are bytes.
"""

from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.syntax.embedded_rules import EmbeddedRules
from lsp_server.syntax.languages import Language, language_for
from lsp_server.syntax.tree import DocumentTree

__all__ = ["EmbeddedPiece", "Foreign", "foreign_around", "piece_around"]


@dataclass(frozen=True, slots=True)
class Foreign:
    """The bytes from `start` to `end` are text to the document's grammar and code to its reader.

    `language` is None where it is unknown, or where the lines around belong to the piece as well.
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
    """The piece that the gate has to judge too and that holds the bytes from `start` to `end`."""
    rules = tree.language.embedded
    if rules is None or not rules.gated:
        return None
    node = tree.root.descendant_for_byte_range(start, end)
    if node is None or node.type not in rules.kinds:
        return None
    language = _language_of(tree, rules, node)
    return None if language is None else EmbeddedPiece(language, *rules.content(node))


def foreign_around(tree: DocumentTree, node: Node, start: int, end: int) -> Foreign | None:
    """The piece of other code that the bytes from `start` to `end` lie in, if `node` is in one."""
    rules = tree.language.embedded
    if rules is None:
        return None
    around: Node | None = node
    while around is not None and around.type not in rules.kinds:
        around = around.parent
    if around is None or (start == end and rules.keeps_blank_lines):
        return None
    if rules.reaches_everywhere:
        return Foreign(None, 0, len(tree.source))
    piece = Foreign(_language_of(tree, rules, around), *rules.content(around))
    return piece if piece.start <= start and end <= piece.end else None


def _language_of(tree: DocumentTree, rules: EmbeddedRules, node: Node) -> Language | None:
    """What a piece is written in, if there is a grammar for it."""
    name = rules.language(node)
    language = language_for(name, f"a.{name}") if name else None
    if language is None or not language.available:
        return None
    return language.bounded(tree.language.watch)
