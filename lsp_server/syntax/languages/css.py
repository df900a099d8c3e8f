"""CSS."""

import re

from tree_sitter import Node

from lsp_server.syntax.captures import captured
from lsp_server.syntax.declarations import NoDeclarations
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["CSS"]

_VALUES = "[(integer_value) (float_value) (color_value)] @found"
"""Values that end where another one begins only by a blank or a mark."""
_MAY_GLUE = re.compile(rb"[0-9]\.[0-9]*\.[0-9]|[0-9][a-z%]+[0-9]|#[0-9a-f]+#", re.IGNORECASE)
_GLUED_UNIT = re.compile(rb"[A-Za-z%]+\.?[0-9]")
_FREE = {"declaration": b"--", "call_expression": b"url("}
"""Nodes that may hold anything when they begin so."""


def _values_in_one(root: Node, source: bytes, language: Language) -> int:
    """Values that go on in another one with nothing between: `10.5.5px`, `1px2px`."""
    if not _MAY_GLUE.search(source):
        return 0
    return sum(_touches_the_next(node) for node in captured(_VALUES, root, language))


def _touches_the_next(value: Node) -> bool:
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
    """Whether it is in a custom property or an address, or in no value at all."""
    node = value.parent
    while node is not None:
        begins = _FREE.get(node.type)
        if begins is not None and (node.text or b"")[: len(begins)].lower() == begins:
            return True
        if node.type == "declaration":
            return False
        node = node.parent
    return True


CSS = Language(
    id="css",
    name="CSS",
    module="tree_sitter_css",
    endings=(".css",),
    line_comments=(),
    block_comments=C_COMMENTS,
    nodes=NodeRules(
        bodies=kinds("stylesheet block keyframe_block_list"),
        lists=SHARED_LISTS,
        rows=SHARED_ROWS,
        comments=kinds("comment js_comment"),
        atoms=kinds("string_value integer_value float_value"),
    ),
    declarations=NoDeclarations(reason="It holds rules for styles.", entries=kinds("rule_set")),
    text=TextRules(
        operands=False,
        keywords=False,
        templated=True,
        leading_mark=True,
        quotes_pair=True,
    ),
    silent_errors=_values_in_one,
)
