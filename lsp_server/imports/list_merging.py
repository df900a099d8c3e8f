"""Adds a name to the list of a statement that imports others from the same module.

Every change only inserts text, so that several at one place can be applied together.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tree_sitter import Node

from lsp_server.imports.import_blocks import ImportEntry
from lsp_server.imports.origins import item_orders
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.changes import Change
from lsp_server.text.span import Span

__all__ = ["NameList", "added", "lists_of", "names_in", "order_of"]

_LISTS = {
    "named_imports": "import_specifier",
    "object_pattern": "",
    "use_list": "",
    "namespace_use_group": "namespace_use_clause",
    "namespace_selectors": "",
}
_COMMENTS = ("comment", "line_comment", "block_comment")


@dataclass(frozen=True, slots=True)
class NameList:
    """The names between the brackets of a statement, or behind Python's `import`."""

    items: tuple[Node, ...]
    prefix: tuple[str, ...] = ()
    """The path that all items of a Rust list are below."""


def order_of(
    keys: Sequence[Callable[[Any], Any]],
    items: Sequence[Any],
    others: Sequence[Sequence[Any]] = (),
) -> Callable[[Any], Any] | None:
    """The order that sorts `items`; of several the one that sorts the most of `others`.

    None if no order sorts `items`.
    """
    fitting = [key for key in keys if _sorts(key, items)]
    return max(fitting, key=lambda key: sum(_sorts(key, other) for other in others), default=None)


def _sorts(key: Callable[[Any], Any], items: Sequence[Any]) -> bool:
    return all(one <= other for one, other in pairwise([key(item) for item in items]))


def lists_of(entry: ImportEntry, language_id: str, tree: DocumentTree) -> Iterator[NameList]:
    """The lists of a statement, the outer ones first."""
    if language_id == "python":
        names = tuple(entry.node.children_by_field_name("name"))
        if names and entry.statement.form == "from" and not entry.statement.wildcard:
            yield NameList(names)
        return
    waiting: list[tuple[Node, tuple[str, ...]]] = [(entry.node, ())]
    while waiting:
        node, prefix = waiting.pop()
        if node.type == "scoped_use_list":
            path = node.child_by_field_name("path")
            text = "" if path is None else tree.span_of(path).text(tree.text)
            prefix = (*prefix, *(part.strip() for part in text.split("::") if part.strip()))
        if node.type in _LISTS:
            wanted = _LISTS[node.type]
            # PHP's grammar takes a last comma for one before a name that is missing.
            items = [
                child
                for child in node.named_children
                if child.type not in _COMMENTS and child.start_byte < child.end_byte
            ]
            if items and all(not wanted or n.type == wanted for n in items):
                yield NameList(tuple(items), prefix)
        waiting += [(child, prefix) for child in reversed(node.named_children)]


def names_in(tree: DocumentTree, names: NameList) -> list[str]:
    """The names of a list as they are sorted: without `type` and without their aliases."""
    return [_bare(tree.span_of(item).text(tree.text)) for item in names.items]


def added(
    tree: DocumentTree, names: NameList, text: str, widest: int, others: Sequence[Sequence[str]]
) -> Change | None:
    """Insert `text` at its place among the names; None where that is not safe.

    A line does not become wider than `widest` code points. `others` are the names of all lists.
    """
    spans = [tree.span_of(item) for item in names.items]
    shown = names_in(tree, names)
    place = len(spans)
    order = order_of(item_orders(tree.language.id), shown, others)
    if order is not None:
        place = bisect_right([order(each) for each in shown], order(_bare(text)))
    # A wildcard stays the last one in Scala, and `self` the first in Rust.
    while place and shown[place - 1] in ("_", "*", "given"):
        place -= 1
    if place == 0 and shown[0] == "self":
        place = 1
    rows = [tree.lines.line_of(span.start) for span in spans]
    opening = tree.lines.line_of(tree.offset_of(_start_of_list(names)))
    vertical = rows[0] != opening and len(set(rows)) == len(rows)
    if vertical:
        return _on_own_line(tree, spans, place, text)
    if _too_wide(tree, spans[min(place, len(spans) - 1)], text, widest):
        return None
    if place == 0:
        return Change(spans[0].start, spans[0].start, f"{text}, ")
    return Change(spans[place - 1].end, spans[place - 1].end, f", {text}")


def _start_of_list(names: NameList) -> int:
    parent = names.items[0].parent
    return names.items[0].start_byte if parent is None else parent.start_byte


def _bare(item: str) -> str:
    """What an item is sorted by: its name without `type` and without its alias."""
    words = item.split()
    return words[1] if len(words) > 1 and words[0] in ("type", "function", "const") else words[0]


def _too_wide(tree: DocumentTree, beside: Span, text: str, widest: int) -> bool:
    line = tree.lines.line_span(tree.lines.line_of(beside.start))
    return line.length + len(text) + 2 > widest


def _on_own_line(tree: DocumentTree, spans: list[Span], place: int, text: str) -> Change | None:
    """Insert a line between the lines of the names."""
    source, lines = tree.text, tree.lines
    beside = spans[max(place - 1, 0)]
    start = lines.line_span(lines.line_of(beside.start)).start
    indentation = source[start : beside.start]
    if indentation.strip():
        return None
    end_of_line = _line_end(tree, beside)
    if place == 0:
        return Change(start, start, f"{indentation}{text},{end_of_line}")
    line = lines.line_span(lines.line_of(beside.end), with_end=True)
    after = source[beside.end : line.end].strip()
    if after.startswith(","):
        return Change(line.end, line.end, f"{indentation}{text},{end_of_line}")
    if after and not after.startswith((")", "}")):
        return None  # A comment, which would move to the next name.
    return Change(beside.end, beside.end, f",{end_of_line}{indentation}{text}")


def _line_end(tree: DocumentTree, span: Span) -> str:
    line = tree.lines.line_of(span.start)
    bare, whole = tree.lines.line_span(line), tree.lines.line_span(line, with_end=True)
    return tree.text[bare.end : whole.end] or "\n"
