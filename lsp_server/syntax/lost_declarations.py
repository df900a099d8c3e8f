"""Finds the declarations of a scope that its new text no longer has.

Compares the outlines of both texts, each parsed by itself, so the cost depends on the scope and not
on its document. Knows no instruction.
"""

import re
from collections.abc import Iterator
from textwrap import dedent

from lsp_server.syntax.declarations import NoDeclarations
from lsp_server.syntax.language import Language
from lsp_server.syntax.node_rules import Kinds
from lsp_server.syntax.outline import OutlineEntry, outline
from lsp_server.syntax.tree import DocumentTree

__all__ = ["lost"]

_SAME = {"method": "function"}
"""Kinds that count as one: a function may become a method."""
_ASSIGNED = re.compile(
    r"(?:(?:export|pub|public|private|static|final|const|let|var|local|readonly)\s+)*"
    r"([^\W\d][\w$]*)\s*(?::[^=\n]+)?=(?![=>])"
)
_WORD = re.compile(r"\w+")
MOST = 200_000
"""Code points of both texts together. Longer ones are not compared: everything else would wait."""


def lost(before: str, after: str, language: Language | None, first_indent: str = "") -> list[str]:
    """The names that `before` declares and `after` does not, in order.

    As many new declarations of a kind as are lost count as renamed. `first_indent` is the white
    space before both texts on their first line. Never raises.
    """
    if language is None or before == after or len(before) + len(after) > MOST:
        return []
    old = list(_declared(before, language, first_indent))
    new = list(_declared(after, language, first_indent))
    if old and not first_indent and not _entry_kinds(language):
        # Next to declarations an assigned name counts too; among mere statements it does not.
        written = set(_WORD.findall(after))
        old += [pair for pair in _assigned(before, language) if pair[1] not in written]
        new += _assigned(after, language)
    old_names, new_names = {name for _, name in old}, {name for _, name in new}
    gone = [(kind, name) for kind, name in old if name not in new_names]
    come = [kind for kind, name in new if name not in old_names]
    kinds = [kind for kind, _ in gone]
    found = (name for kind, name in gone if kinds.count(kind) > come.count(kind))
    return list(dict.fromkeys(found))


def _declared(text: str, language: Language, first_indent: str) -> Iterator[tuple[str, str]]:
    if _entry_kinds(language):
        yield from _entries(dedent(first_indent + text), language)
    for entry in outline(dedent(first_indent + text), language):
        if entry.name:
            yield _kind(entry), entry.name


def _entry_kinds(language: Language) -> Kinds:
    """The nodes that a text without functions is made of."""
    facts = language.declarations
    return facts.entries if isinstance(facts, NoDeclarations) else frozenset()


def _entries(text: str, language: Language) -> Iterator[tuple[str, str]]:
    """The outermost keys or selectors."""
    kinds = _entry_kinds(language)
    tree = DocumentTree(language, text)
    waiting = [tree.root] if tree.readable else []
    while waiting:
        node = waiting.pop()
        if node.type not in kinds:
            waiting.extend(reversed(node.named_children))
        elif node.named_children:
            name = node.named_children[0]
            key = text[tree.offset_of(name.start_byte) : tree.offset_of(name.end_byte)]
            yield "entry", " ".join(key.strip("\"'").split())


def _assigned(text: str, language: Language) -> list[tuple[str, str]]:
    """The names that top-level statements assign."""
    tree = DocumentTree(language, text)
    if not tree.readable:
        return []
    starts = (tree.offset_of(node.start_byte) for node in tree.root.named_children)
    heads = (_ASSIGNED.match(text, start) for start in starts)
    return [("name", head[1]) for head in heads if head is not None]


def _kind(entry: OutlineEntry) -> str:
    return _SAME.get(entry.kind, entry.kind)
