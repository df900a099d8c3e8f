"""Scala."""

from lsp_server.syntax.declarations import Declarations, always, declared
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.nesting_depth import Nesting
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["SCALA"]

SCALA = Language(
    id="scala",
    name="Scala",
    module="tree_sitter_scala",
    extra=True,
    aliases=("sc", "sbt"),
    endings=(".scala", ".sc", ".sbt", ".mill"),
    interpreters=("scala", "scala-cli", "amm"),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=NodeRules(
        bodies=kinds(
            """
            compilation_unit template_body enum_body block indented_block case_block indented_cases
            case_clause
            """
        ),
        lists=SHARED_LISTS | kinds("class_parameters bindings enumerators enum_case_definitions"),
        rows=SHARED_ROWS,
        headers=kinds("guard self_type end_marker"),
        functions=kinds("function_definition function_declaration lambda_expression"),
        classes=kinds(
            "class_definition trait_definition object_definition enum_definition package_object"
        ),
        carriers=kinds("val_definition"),
        attributes=kinds("annotation modifiers"),
        comments=kinds("comment block_comment"),
        atoms=kinds("string interpolated_string_expression character_literal"),
        holes=kinds("interpolation"),
        repeats=kinds("case_clause catch_clause finally_clause annotation"),
    ),
    declarations=Declarations(
        kinds=declared(
            function="function_definition function_declaration lambda_expression",
            class_="class_definition",
            module="object_definition package_object",
            trait="trait_definition",
            enum="enum_definition",
            type="type_definition",
        ),
        imports=always("import_declaration"),
        through=frozenset({"extension_definition"}),
    ),
    text=TextRules(quotes_pair=True),
    nesting=Nesting(ambiguous=True),
)
