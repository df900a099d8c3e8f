"""Trees of files, and small questions about their nodes."""

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from tree_sitter import Language, Node, Parser

__all__ = ["below", "inner_text", "line_of", "parse", "walk"]

_GRAMMARS = {
    ".c": ("tree_sitter_c", "language"),
    ".cjs": ("tree_sitter_javascript", "language"),
    ".cs": ("tree_sitter_c_sharp", "language"),
    ".cts": ("tree_sitter_typescript", "language_typescript"),
    ".go": ("tree_sitter_go", "language"),
    ".h": ("tree_sitter_c", "language"),
    ".java": ("tree_sitter_java", "language"),
    ".js": ("tree_sitter_javascript", "language"),
    ".jsx": ("tree_sitter_javascript", "language"),
    ".mjs": ("tree_sitter_javascript", "language"),
    ".mts": ("tree_sitter_typescript", "language_typescript"),
    ".php": ("tree_sitter_php", "language_php"),
    ".rb": ("tree_sitter_ruby", "language"),
    ".rs": ("tree_sitter_rust", "language"),
    ".ts": ("tree_sitter_typescript", "language_typescript"),
    ".tsx": ("tree_sitter_typescript", "language_tsx"),
}


@cache
def _parser(ending: str) -> Parser:
    module, factory = _GRAMMARS[ending]
    return Parser(Language(getattr(import_module(module), factory)()))


def parse(file: Path) -> Node:
    """The root of a file's tree."""
    return _parser(file.suffix).parse(file.read_bytes()).root_node


def walk(node: Node, into: Callable[[Node], bool] = lambda node: True) -> Iterator[Node]:
    """The node and all below it, in the order of the text. Does not go into what `into` denies."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        if into(here):
            waiting += here.named_children[::-1]


def below(node: Node | None, *kinds: str) -> Iterator[Node]:
    """The nodes of these types below a node."""
    if node is not None:
        yield from (inner for inner in walk(node) if inner.type in kinds)


def inner_text(node: Node | None) -> str:
    """The text of a node; empty for none."""
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")


def line_of(node: Node) -> int:
    """The line, from 0, on which it begins."""
    return node.start_point.row
