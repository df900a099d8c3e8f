"""What the kinds of nodes mean in the languages of the extra: more tables, as in `rules.py`."""

from collections.abc import Mapping

from lsp_server.syntax.node_rules import SHARED_LISTS, NodeRules, kinds

__all__ = ["EXTRA_RULES"]

_HCL = NodeRules(
    bodies=kinds("config_file body"),
    loose=kinds("object tuple"),
    lists=SHARED_LISTS | kinds("function_arguments"),
    functions=kinds("block"),
    classes=kinds("block"),
    atoms=kinds("string_lit quoted_template heredoc_template"),
    holes=kinds("template_interpolation"),
)

_XML = NodeRules(
    bodies=kinds("document prolog content"),
    headers=kinds("STag ETag CharData EntityRef CharRef"),
    comments=kinds("Comment"),
    atoms=kinds("AttValue ETag CDSect XMLDecl doctypedecl"),
    repeats=kinds("Attribute"),
)

_SCALA = NodeRules(
    bodies=kinds(
        """
        compilation_unit template_body enum_body block indented_block case_block indented_cases
        case_clause
        """
    ),
    lists=SHARED_LISTS | kinds("class_parameters bindings enumerators enum_case_definitions"),
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
)

_KOTLIN = NodeRules(
    bodies=kinds("source_file class_body enum_class_body block when_expression lambda_literal"),
    lists=SHARED_LISTS
    | kinds(
        """
        value_arguments function_value_parameters class_parameters delegation_specifiers
        lambda_parameters
        """
    ),
    headers=kinds("when_subject lambda_parameters"),
    functions=kinds("function_declaration secondary_constructor anonymous_function"),
    classes=kinds("class_declaration object_declaration companion_object"),
    attributes=kinds("modifiers annotation"),
    comments=kinds("line_comment block_comment"),
    atoms=kinds("string_literal multiline_string_literal character_literal"),
    holes=kinds("interpolation"),
    repeats=kinds("catch_block finally_block annotation"),
)

EXTRA_RULES: Mapping[str, NodeRules] = {
    "hcl": _HCL,
    "xml": _XML,
    "scala": _SCALA,
    "kotlin": _KOTLIN,
}
"""By language id."""
