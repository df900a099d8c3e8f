"""Go."""

from lsp_server.syntax.declarations import Declarations, always, declared
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["GO"]

GO = Language(
    id="go",
    name="Go",
    module="tree_sitter_go",
    aliases=("golang",),
    endings=(".go",),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=NodeRules(
        bodies=kinds(
            """
            source_file block statement_list field_declaration_list interface_type import_spec_list
            expression_switch_statement type_switch_statement select_statement expression_case
            type_case default_case communication_case
            """
        ),
        loose=kinds("const_declaration type_declaration var_declaration var_spec_list"),
        lists=SHARED_LISTS,
        rows=SHARED_ROWS,
        # The grammar puts the first and last comments of a block beside its statements; a block's
        # statements are the units, their list is none.
        headers=kinds("statement_list"),
        functions=kinds("function_declaration method_declaration func_literal"),
        classes=kinds("struct_type interface_type"),
        carriers=kinds(
            """
            type_declaration type_spec var_declaration var_spec short_var_declaration
            assignment_statement expression_list
            """
        ),
        atoms=kinds("interpreted_string_literal raw_string_literal"),
        repeats=kinds("expression_case default_case type_case communication_case"),
    ),
    declarations=Declarations(
        kinds=declared(
            function="function_declaration func_literal",
            method="method_declaration method_elem",
            type="type_spec type_alias",
        ),
        imports=always("import_declaration"),
    ),
    text=TextRules(never=rb"[@#$?]", quotes_pair=True),
)
