"""Swift."""

from tree_sitter import Node

from lsp_server.syntax.captures import captured
from lsp_server.syntax.declarations import Declarations, always, declared
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.nesting_depth import Nesting
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["SWIFT"]


def _open_comments(root: Node, source: bytes, language: Language) -> int:
    """Comments without their end, which the grammar reads as an operator `/*`."""
    if b"/*" not in source:
        return 0
    found = captured("(custom_operator) @found", root, language)
    return sum(b"/*" in source[node.start_byte : node.end_byte] for node in found)


SWIFT = Language(
    id="swift",
    name="Swift",
    module="tree_sitter_swift",
    extra=True,
    endings=(".swift", ".swiftinterface"),
    interpreters=("swift",),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=NodeRules(
        bodies=kinds(
            """
            source_file class_body enum_class_body protocol_body function_body statements
            computed_property computed_getter computed_setter switch_statement switch_entry
            lambda_literal
            """
        ),
        lists=SHARED_LISTS
        | kinds("array_literal dictionary_literal value_arguments tuple_expression"),
        rows=SHARED_ROWS
        | kinds("protocol_body function_body statements switch_statement computed_property"),
        # The first comments of a block are beside its statements: those are the members.
        headers=kinds("statements switch_pattern where_keyword lambda_function_type"),
        functions=kinds(
            """
            function_declaration init_declaration deinit_declaration subscript_declaration
            protocol_function_declaration
            """
        ),
        classes=kinds("class_declaration protocol_declaration"),
        carriers=kinds("property_declaration"),
        attributes=kinds("modifiers attribute"),
        comments=kinds("comment multiline_comment"),
        atoms=kinds("line_string_literal multi_line_string_literal raw_string_literal"),
        holes=kinds("interpolated_expression"),
        repeats=kinds("catch_block switch_entry attribute"),
        terminator=True,
    ),
    declarations=Declarations(
        kinds=declared(
            function="function_declaration protocol_function_declaration",
            method="init_declaration deinit_declaration subscript_declaration",
            class_="class_declaration",
            interface="protocol_declaration",
            type="typealias_declaration",
        ),
        imports=always("import_declaration"),
    ),
    text=TextRules(quotes_pair=True, conditional_groups=True),
    nesting=Nesting(ambiguous=True, nests_comments=True),
    silent_errors=_open_comments,
)
