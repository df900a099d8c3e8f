"""Kotlin."""

import re

from tree_sitter import Node

from lsp_server.syntax.captures import captured
from lsp_server.syntax.declarations import Declarations, always, declared
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.nesting_depth import Nesting
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["KOTLIN"]

_BRACES = rb"\{(?>[^{}\n]|\{(?>[^{}\n]|\{[^{}\n]*+\})*+\})*+\}"
_TEXT = rb'"(?>[^"\\\n]|\\.)*+"'
_CLASS_IN_A_LINE = re.compile(
    rb"(?<![\w.:])(?:class|interface|object)\b[^\n{}\"/;]{0,200}\{ "
    rb"(?>[^{}\"\n/]|" + _TEXT + rb"|" + _BRACES + rb")*+\}"
)
_FULL = (b"{", b",", b";")
"""A last member that ends so needs no `;`."""


def _with_semicolons(source: bytes) -> bytes:
    """`source` as the grammar takes it, in the same length.

    The grammar wants a line end or a `;` after the last member of a class, also where the brace is
    in the same line: `object : Door { override fun open() {} }`. So the `;` takes the place of the
    blank before that brace.
    """
    return _CLASS_IN_A_LINE.sub(_ended, source)


def _ended(found: re.Match[bytes]) -> bytes:
    """A class in one line with its `;`, and so each class inside it."""
    text = found[0][:1] + _CLASS_IN_A_LINE.sub(_ended, found[0][1:])
    if not text.endswith(b" }") or text[:-2].rstrip().endswith(_FULL):
        return text
    return text[:-2] + b";}"


def _open_comments(root: Node, source: bytes, language: Language) -> int:
    """Comments without their end, which the grammar reads as `a / *b`."""
    if b"/*" not in source:
        return 0
    found = captured("(spread_expression) @found", root, language)
    return sum(source[node.start_byte - 1 : node.start_byte] == b"/" for node in found)


KOTLIN = Language(
    id="kotlin",
    name="Kotlin",
    module="tree_sitter_kotlin",
    extra=True,
    aliases=("kt", "kts"),
    endings=(".kt", ".kts", ".ktm"),
    interpreters=("kotlin",),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=NodeRules(
        bodies=kinds("source_file class_body enum_class_body block when_expression lambda_literal"),
        lists=SHARED_LISTS
        | kinds(
            """
            value_arguments function_value_parameters class_parameters delegation_specifiers
            lambda_parameters
            """
        ),
        rows=SHARED_ROWS,
        headers=kinds("when_subject lambda_parameters"),
        functions=kinds("function_declaration secondary_constructor anonymous_function"),
        classes=kinds("class_declaration object_declaration companion_object"),
        attributes=kinds("modifiers annotation"),
        comments=kinds("line_comment block_comment"),
        atoms=kinds("string_literal multiline_string_literal character_literal"),
        holes=kinds("interpolation"),
        repeats=kinds("catch_block finally_block annotation"),
    ),
    declarations=Declarations(
        kinds=declared(
            function="function_declaration anonymous_function",
            method="secondary_constructor",
            class_="class_declaration",
            module="object_declaration",
            type="type_alias",
        ),
        imports=always("import"),
        through=frozenset({"companion_object"}),
    ),
    text=TextRules(quotes_pair=True),
    nesting=Nesting(ambiguous=True, nests_comments=True),
    rewritten=_with_semicolons,
    silent_errors=_open_comments,
)
