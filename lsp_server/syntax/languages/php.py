"""PHP."""

from lsp_server.syntax.declarations import IN_CLASS, Declarations, declared
from lsp_server.syntax.embedded_rules import EmbeddedRules
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["PHP"]

PHP = Language(
    id="php",
    name="PHP",
    module="tree_sitter_php",
    factory="language_php",
    endings=(".php", ".phtml", ".php3", ".php4", ".php5", ".phps", ".inc"),
    interpreters=("php",),
    line_comments=("//", "#"),
    block_comments=C_COMMENTS,
    nodes=NodeRules(
        bodies=kinds(
            """
            program compound_statement declaration_list colon_block switch_block case_statement
            default_statement enum_declaration_list match_block property_hook_list
            """
        ),
        lists=SHARED_LISTS,
        rows=SHARED_ROWS,
        headers=kinds("php_tag text_interpolation"),
        functions=kinds(
            """
            function_definition method_declaration anonymous_function arrow_function
            """
        ),
        classes=kinds("class_declaration interface_declaration trait_declaration enum_declaration"),
        carriers=kinds("expression_statement assignment_expression"),
        attributes=kinds("attribute_list"),
        atoms=kinds("string encapsed_string heredoc nowdoc shell_command_expression"),
        holes=kinds("dynamic_variable_name"),
        repeats=kinds("else_if_clause else_clause catch_clause finally_clause"),
        terminator=True,
    ),
    declarations=Declarations(
        kinds=declared(
            function="function_definition anonymous_function arrow_function",
            method="method_declaration",
            class_="class_declaration",
            interface="interface_declaration",
            trait="trait_declaration",
            enum="enum_declaration",
            module="namespace_definition",
        ),
        imports={
            "namespace_use_declaration": (),
            "expression_statement": ("require", "include"),
        },
        surroundings=(("<?php\n", ""), ("<?php\n" + IN_CLASS[0], IN_CLASS[1])),
    ),
    text=TextRules(lone_tags=True, comment=rb"(?://|#(?!\[))[^\n]*"),
    embedded=EmbeddedRules(kinds=kinds("php_tag text text_interpolation"), reaches_everywhere=True),
)
