"""Which declarations of a piece of code its new text no longer holds.

It compares the outlines of both texts, each read on its own, so the cost is that of the scope and
not of its document. It does not know what was asked for.
"""

from collections.abc import Iterator
from textwrap import dedent

from lsp_server.syntax.languages import Language
from lsp_server.syntax.outline import Entry, outline

__all__ = ["lost"]

_SAME = {"method": "function"}
"""Kinds that are one here: a function that becomes a method took its own place."""


def lost(before: str, after: str, language: Language | None, first_indent: str = "") -> list[str]:
    """The names that `before` declares and `after` does not, in their order.

    A declaration with a new one of its kind in its place counts as renamed. `first_indent` is the
    white space before both on their first line. Never raises.
    """
    if language is None or before == after:
        return []
    old = list(_declared(before, language, first_indent))
    new = list(_declared(after, language, first_indent))
    old_names, new_names = {name for _, name in old}, {name for _, name in new}
    gone = [(kind, name) for kind, name in old if name not in new_names]
    come = [kind for kind, name in new if name not in old_names]
    kinds = [kind for kind, _ in gone]
    found = (name for kind, name in gone if kinds.count(kind) > come.count(kind))
    return list(dict.fromkeys(found))


def _declared(text: str, language: Language, first_indent: str) -> Iterator[tuple[str, str]]:
    for entry in outline(dedent(first_indent + text), language):
        if entry.name:
            yield _kind(entry), entry.name


def _kind(entry: Entry) -> str:
    return _SAME.get(entry.kind, entry.kind)
