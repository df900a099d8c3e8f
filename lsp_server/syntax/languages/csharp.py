"""C#."""

from lsp_server.syntax.declarations import IN_CLASS, Declarations, always, declared
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.nesting_depth import Nesting
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["CSHARP"]

CSHARP = Language(
    id="csharp",
    name="C#",
    module="tree_sitter_c_sharp",
    aliases=("cs", "c#", "c-sharp"),
    endings=(".cs", ".csx", ".cake"),
    interpreters=("dotnet-script",),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=NodeRules(
        bodies=kinds(
            """
            compilation_unit declaration_list block switch_body switch_section accessor_list
            enum_member_declaration_list preproc_if preproc_else preproc_elif
            """
        ),
        loose=kinds("switch_expression initializer_expression"),
        lists=SHARED_LISTS | kinds("switch_expression"),
        rows=SHARED_ROWS,
        headers=kinds(
            """
            constant_pattern declaration_pattern recursive_pattern relational_pattern var_pattern
            type_pattern and_pattern or_pattern negated_pattern list_pattern parenthesized_pattern
            when_clause
            """
        ),
        functions=kinds(
            """
            method_declaration constructor_declaration destructor_declaration operator_declaration
            conversion_operator_declaration local_function_statement lambda_expression
            anonymous_method_expression
            """
        ),
        classes=kinds(
            """
            class_declaration interface_declaration struct_declaration record_declaration
            enum_declaration
            """
        ),
        carriers=kinds(
            """
            local_declaration_statement variable_declaration variable_declarator field_declaration
            global_statement
            """
        ),
        attributes=kinds("attribute_list"),
        atoms=kinds(
            """
            string_literal verbatim_string_literal raw_string_literal interpolated_string_expression
            character_literal
            """
        ),
        holes=kinds("interpolation"),
        repeats=kinds("catch_clause finally_clause attribute_list"),
        terminator=True,
    ),
    declarations=Declarations(
        kinds=declared(
            function="local_function_statement",
            method="method_declaration constructor_declaration destructor_declaration "
            "operator_declaration conversion_operator_declaration",
            class_="class_declaration record_declaration",
            struct="struct_declaration",
            interface="interface_declaration",
            enum="enum_declaration",
            module="namespace_declaration file_scoped_namespace_declaration",
        ),
        imports=always("using_directive extern_alias_directive"),
        surroundings=(IN_CLASS, ("", "")),
    ),
    text=TextRules(
        conditional_groups=True,
        never=rb"`",
        quotes_pair=True,
    ),
    nesting=Nesting(ambiguous=True),
)
