"""Errors that a grammar does not mind: text that parses, and that its language does not take.

Python: what `python_lines.py` and `python_names.py` find. HTML: an end tag without a beginning.
Ruby: a here-document without its end. Kotlin: a comment without its end, read as `a / *b`. CSS: a
value that goes on in another one with nothing between (`10.5.5px`, `1px2px`). They are counted like
other errors, so that a state in the middle of an answer is not taken for sound because of them. All
numbers are bytes.
"""

import re
from functools import cache

from tree_sitter import Node, Query

from lsp_server.syntax.captures import captures
from lsp_server.syntax.languages import Language
from lsp_server.syntax.python_lines import errors_in_lines
from lsp_server.syntax.python_names import errors_in_names

__all__ = ["silent_errors"]

_VALUES = "[(integer_value) (float_value) (color_value)] @found"
"""Values of CSS that end where another one begins only by a blank or a mark."""
_MAY_GLUE = re.compile(rb"[0-9]\.[0-9]*\.[0-9]|[0-9][a-z%]+[0-9]|#[0-9a-f]+#", re.IGNORECASE)
_GLUED_UNIT = re.compile(rb"[A-Za-z%]+\.?[0-9]")
_FREE = {"declaration": b"--", "call_expression": b"url("}
"""How begins what may hold anything."""


def silent_errors(root: Node, source: bytes, language: Language) -> int:
    """How many there are in the tree at `root`, parsed from `source`.

    Looks at the text first, and into the tree only where the text gives reason to.
    """
    match language.id:
        case "python":
            lines = errors_in_lines(root, source, language.reading())
            return lines + errors_in_names(root, source, language)
        case "html" if b"</" in source:
            return len(_found(root, language, "(erroneous_end_tag) @found"))
        case "ruby" if b"<<" in source:
            # An open one reaches the end of the file, where its end is found, of no length.
            ends = _found(root, language, "(heredoc_end) @found")
            return sum(node.start_byte == node.end_byte for node in ends)
        case "kotlin" if b"/*" in source:
            found = _found(root, language, "(spread_expression) @found")
            return sum(source[node.start_byte - 1 : node.start_byte] == b"/" for node in found)
        case "css" if _MAY_GLUE.search(source):
            return sum(_goes_on(node) for node in _found(root, language, _VALUES))
        case _:
            return 0


def _goes_on(value: Node) -> bool:
    """Whether the next value touches this one. A sign or a mark between them would be its first."""
    next_one = value.next_sibling
    if next_one is None or next_one.start_byte != value.end_byte or _is_free(value):
        return False
    text = next_one.text or b""
    match next_one.type:
        case "integer_value" | "float_value":
            return not text.startswith((b"+", b"-"))
        case "color_value":
            return True
        case "plain_value":
            return _GLUED_UNIT.match(text) is not None
        case _:
            return False


def _is_free(value: Node) -> bool:
    """Whether it stands in a property of the author's own, or in an address, or in no value."""
    node = value.parent
    while node is not None:
        begins = _FREE.get(node.type)
        if begins is not None and (node.text or b"")[: len(begins)].lower() == begins:
            return True
        if node.type == "declaration":
            return False
        node = node.parent
    return True


def _found(root: Node, language: Language, source: str) -> list[Node]:
    return captures(_query(language, source), root, language).get("found", [])


@cache
def _query(language: Language, source: str) -> Query:
    return Query(language.grammar, source)
