"""Java."""

from lsp_server.syntax.declarations import IN_CLASS, Declarations, always, declared
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.nesting_depth import Nesting
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["JAVA"]

JAVA = Language(
    id="java",
    name="Java",
    module="tree_sitter_java",
    endings=(".java", ".jav"),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=NodeRules(
        bodies=kinds(
            """
            program block class_body interface_body enum_body enum_body_declarations
            constructor_body annotation_type_body switch_block switch_block_statement_group
            module_body
            """
        ),
        lists=SHARED_LISTS,
        rows=SHARED_ROWS,
        headers=kinds("switch_label"),
        functions=kinds(
            """
            method_declaration constructor_declaration compact_constructor_declaration
            lambda_expression
            """
        ),
        classes=kinds(
            """
            class_declaration interface_declaration enum_declaration record_declaration
            annotation_type_declaration
            """
        ),
        carriers=kinds("local_variable_declaration field_declaration variable_declarator"),
        attributes=kinds("modifiers marker_annotation annotation"),
        comments=kinds("line_comment block_comment"),
        atoms=kinds("string_literal character_literal"),
        holes=kinds("string_interpolation"),
        repeats=kinds("catch_clause finally_clause marker_annotation annotation"),
        terminator=True,
    ),
    declarations=Declarations(
        kinds=declared(
            method="method_declaration constructor_declaration compact_constructor_declaration",
            class_="class_declaration record_declaration",
            interface="interface_declaration annotation_type_declaration",
            enum="enum_declaration",
        ),
        imports=always("import_declaration"),
        surroundings=(("", ""), IN_CLASS),
    ),
    text=TextRules(never=rb"[`#]", quotes_pair=True),
    nesting=Nesting(ambiguous=True),
)
