"""Whether a piece of text is closed: its brackets pair, and no string stays open.

Goes by the tokens of a tree, which exist even where the grammar finds no structure. So brackets in
strings, comments and regular expressions do not count. All numbers are bytes.
"""

from collections.abc import Iterator

from tree_sitter import Node

__all__ = ["is_closed", "leaves_between", "open_brackets"]

_PAIRS = {")": "(", "]": "[", "}": "{"}
_OPENERS = frozenset(_PAIRS.values())
_QUOTES = frozenset(("string_start", '"', "'", "`", '"""', "'''", 'f"', "/*", "<!--", "string"))
_CASES = frozenset({"case_item", "last_case_item"})
"""Kinds that end a pattern with a bracket which nothing opens: `a) echo;;` in a shell."""


def leaves_between(root: Node, start: int, end: int) -> Iterator[Node]:
    """The tokens that have something between `start` and `end`, in order; missing ones too."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.end_byte < start or node.start_byte > end:
            continue
        if node.child_count:
            waiting.extend(reversed(node.children))
        elif node.end_byte > start or node.start_byte >= start:
            yield node


_BRACKETS = {"(": (0, 1), ")": (0, -1), "[": (1, 1), "]": (1, -1), "{": (2, 1), "}": (2, -1)}
"""Of each bracket the number of its kind and how it changes the balance."""


def open_brackets(root: Node) -> tuple[tuple[int, int], ...]:
    """For each kind of bracket how many more are opened than closed, and the least on the way.

    Brackets in strings and comments are no tokens, so they do not count.
    """
    balance, least = [0, 0, 0], [0, 0, 0]
    for leaf in leaves_between(root, 0, root.end_byte):
        if leaf.type in _BRACKETS and not leaf.is_missing:
            kind, step = _BRACKETS[leaf.type]
            balance[kind] += step
            least[kind] = min(least[kind], balance[kind])
    return tuple(zip(balance, least, strict=True))


def is_closed(root: Node, source: bytes, start: int, end: int) -> bool:
    """Whether the brackets between `start` and `end` pair, and no token reaches beyond.

    A quote that is missing or under an ERROR belongs to a string that stays open.
    """
    open_ones: list[str] = []
    for leaf in leaves_between(root, start, end):
        if leaf.start_byte < start < leaf.end_byte or leaf.start_byte < end < leaf.end_byte:
            return False
        parent = leaf.parent
        if leaf.type in _QUOTES and (leaf.is_missing or (parent is not None and parent.is_error)):
            return False
        if leaf.is_missing or (leaf.is_named and not leaf.is_error):
            continue
        text = source[leaf.start_byte : leaf.end_byte].decode("utf-8", "replace")
        for mark in text:
            if mark in _OPENERS:
                open_ones.append(mark)
            elif mark in _PAIRS:
                if mark == ")" and parent is not None and parent.type in _CASES:
                    continue
                if not open_ones or open_ones.pop() != _PAIRS[mark]:
                    return False
    return not open_ones
