"""Errors that a grammar does not mind: text that parses, and that its language does not take.

Python: a header without a body, a line that is indented unlike its neighbours, a `try` without
`except` and `finally`. HTML: an end tag without a beginning. Ruby: a here-document without its
end. They are counted like other errors, so that a state in the middle of an answer is not taken
for sound because of them. All numbers are bytes.
"""

import re
from functools import cache

from tree_sitter import Node, Query, QueryCursor

from lsp_server.syntax.languages import Language

__all__ = ["silent_errors"]

_HEADER = re.compile(rb":[ \t]*(?:#.*)?\r?\Z")
"""How a line of Python ends that is a block's header; a key of a dictionary may end so too."""
_TRY = re.compile(rb"try[ \t]*:")
_HANDLERS = frozenset({"except_clause", "except_group_clause", "finally_clause"})
_ROWS = frozenset({"block", "module"})


def silent_errors(root: Node, source: bytes, language: Language) -> int:
    """How many there are in the tree at `root`, parsed from `source`.

    Looks at the text first, and into the tree only where the text gives reason to.
    """
    match language.id:
        case "python":
            return _of_python(root, source)
        case "html" if b"</" in source:
            return len(_found(root, language, "(erroneous_end_tag) @found"))
        case "ruby" if b"<<" in source:
            # An open one reaches the end of the file, where its end is found, of no length.
            ends = _found(root, language, "(heredoc_end) @found")
            return sum(node.start_byte == node.end_byte for node in ends)
        case _:
            return 0


def _of_python(root: Node, source: bytes) -> int:
    colons, lines = _doubtful(source)
    tries = (match.start() for match in _TRY.finditer(source))
    return (
        sum(_has_empty_block(root, place) for place in colons)
        + sum(_is_odd(root, place) for place in lines)
        + sum(_lacks_handler(root, place) for place in tries)
    )


def _doubtful(source: bytes) -> tuple[list[int], list[int]]:
    """The colons of headers that may lack a body, and where lines begin that may stand wrongly.

    Goes by the text alone: what is in doubt may well be in a string or between brackets.
    """
    colons: list[int] = []
    lines: list[int] = []
    columns = [0]
    colon, end = -1, -1
    for line in source.split(b"\n"):
        start, end = end + 1, end + 1 + len(line)
        text = line.lstrip(b" \t")
        if text[:1] in (b"", b"#", b"\r"):
            continue
        column = len(line) - len(text)
        if column > columns[-1]:
            columns.append(column)
            if colon < 0:
                lines.append(start + column)
        else:
            if colon >= 0:
                colons.append(colon)
            if column < columns[-1]:
                while columns[-1] > column:
                    columns.pop()
                if columns[-1] != column:
                    lines.append(start + column)
                    columns.append(column)
        header = _HEADER.search(text) if b":" in text else None
        colon = -1 if header is None else start + column + header.start()
    return (colons if colon < 0 else [*colons, colon]), lines


def _has_empty_block(root: Node, place: int) -> bool:
    """Whether the colon at `place` is followed by a block of no length."""
    header = _parent_at(root, place)
    if header is None:
        return False
    return any(one.type == "block" and one.start_byte == one.end_byte for one in header.children)


def _lacks_handler(root: Node, place: int) -> bool:
    """Whether the word at `place` begins a `try` that handles nothing."""
    whole = _parent_at(root, place)
    if whole is None or whole.type != "try_statement" or whole.start_byte != place:
        return False
    return all(one.type not in _HANDLERS for one in whole.children)


def _parent_at(root: Node, place: int) -> Node | None:
    """What the token at `place` is a part of."""
    token = root.descendant_for_byte_range(place, place + 1)
    return None if token is None else token.parent


def _is_odd(root: Node, place: int) -> bool:
    """Whether a statement begins at `place` in another column than the first one of its row."""
    node = root.descendant_for_byte_range(place, place + 1)
    while node is not None and node.start_byte == place:
        row = node.parent
        if row is not None and row.type in _ROWS:
            return _first(row).start_point.column != node.start_point.column
        node = row
    return False


def _first(row: Node) -> Node:
    """The first statement of a row."""
    first: Node | None = row.child(0)
    while first is not None and first.type == "comment":
        first = first.next_sibling
    return first or row


def _found(root: Node, language: Language, source: str) -> list[Node]:
    return QueryCursor(_query(language, source)).captures(root).get("found", [])


@cache
def _query(language: Language, source: str) -> Query:
    return Query(language.grammar, source)
