"""What the kinds of nodes mean in each language: the data behind scopes.

A grammar names its nodes as it likes; these tables say which of them hold statements, which are
functions, which belong to what follows them. Adding a language is adding a table. The names are
those of the grammars that `pyproject.toml` pins.
"""

from collections.abc import Mapping
from dataclasses import replace

from lsp_server.syntax.extra_node_kinds import EXTRA_RULES
from lsp_server.syntax.node_rules import HEADER_FIELDS, SHARED_LISTS, NodeRules, kinds

__all__ = ["HEADER_FIELDS", "SHARED_LISTS", "NodeRules", "rules_for"]

_PYTHON = NodeRules(
    bodies=kinds("module block"),
    lists=SHARED_LISTS,
    functions=kinds("function_definition"),
    classes=kinds("class_definition"),
    carriers=kinds("decorated_definition"),
    attributes=kinds("decorator"),
    atoms=kinds("string"),
    holes=kinds("interpolation"),
    repeats=kinds("elif_clause else_clause except_clause finally_clause decorator"),
)

_JAVASCRIPT = NodeRules(
    bodies=kinds("program statement_block class_body switch_body switch_case switch_default"),
    loose=kinds("object jsx_element"),
    lists=SHARED_LISTS,
    headers=kinds("jsx_text jsx_opening_element jsx_closing_element"),
    functions=kinds(
        """
        function_declaration generator_function_declaration function_expression generator_function
        arrow_function method_definition
        """
    ),
    classes=kinds("class_declaration class"),
    carriers=kinds(
        """
        export_statement lexical_declaration variable_declaration variable_declarator
        expression_statement assignment_expression field_definition pair
        """
    ),
    attributes=kinds("decorator"),
    comments=kinds("comment html_comment"),
    atoms=kinds("string template_string regex"),
    holes=kinds("template_substitution"),
    repeats=kinds("catch_clause finally_clause decorator jsx_attribute"),
    wrappers=kinds("jsx_expression"),
    terminator=True,
)

_TSX = NodeRules(
    bodies=_JAVASCRIPT.bodies | kinds("interface_body object_type enum_body"),
    loose=_JAVASCRIPT.loose,
    lists=SHARED_LISTS | kinds("union_type intersection_type tuple_type"),
    headers=_JAVASCRIPT.headers,
    functions=_JAVASCRIPT.functions | kinds("function_signature"),
    classes=_JAVASCRIPT.classes
    | kinds("abstract_class_declaration interface_declaration enum_declaration"),
    carriers=_JAVASCRIPT.carriers - {"field_definition"}
    | kinds("ambient_declaration public_field_definition"),
    attributes=_JAVASCRIPT.attributes,
    comments=_JAVASCRIPT.comments,
    atoms=_JAVASCRIPT.atoms,
    holes=_JAVASCRIPT.holes,
    repeats=_JAVASCRIPT.repeats,
    wrappers=_JAVASCRIPT.wrappers,
    terminator=True,
)

_TYPESCRIPT = replace(
    _TSX,
    loose=kinds("object"),
    headers=frozenset(),
    repeats=kinds("catch_clause finally_clause decorator"),
    wrappers=frozenset(),
)

_GO = NodeRules(
    bodies=kinds(
        """
        source_file block statement_list field_declaration_list interface_type import_spec_list
        expression_switch_statement type_switch_statement select_statement expression_case
        type_case default_case communication_case
        """
    ),
    loose=kinds("const_declaration type_declaration var_declaration var_spec_list"),
    lists=SHARED_LISTS,
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
)

_RUST = NodeRules(
    bodies=kinds(
        """
        source_file block declaration_list field_declaration_list enum_variant_list match_block
        """
    ),
    lists=SHARED_LISTS | kinds("ordered_field_declaration_list token_tree"),
    headers=kinds("label visibility_modifier"),
    functions=kinds("function_item function_signature_item closure_expression"),
    classes=kinds("struct_item enum_item union_item trait_item impl_item"),
    carriers=kinds("let_declaration"),
    attributes=kinds("attribute_item"),
    comments=kinds("line_comment block_comment"),
    atoms=kinds("string_literal raw_string_literal char_literal"),
    repeats=kinds("attribute_item"),
)

_JAVA = NodeRules(
    bodies=kinds(
        """
        program block class_body interface_body enum_body enum_body_declarations constructor_body
        annotation_type_body switch_block switch_block_statement_group module_body
        """
    ),
    lists=SHARED_LISTS,
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
)

_C = NodeRules(
    bodies=kinds(
        """
        translation_unit compound_statement field_declaration_list enumerator_list declaration_list
        case_statement preproc_if preproc_ifdef preproc_elif preproc_else
        """
    ),
    lists=SHARED_LISTS,
    headers=kinds("identifier preproc_defined preproc_else preproc_elif preproc_elifdef"),
    functions=kinds("function_definition"),
    classes=kinds("struct_specifier union_specifier enum_specifier"),
    attributes=kinds("attribute_declaration attribute_specifier"),
    atoms=kinds("string_literal char_literal system_lib_string preproc_arg"),
    repeats=kinds("else_clause"),
    terminator=True,
)

_CPP = NodeRules(
    bodies=_C.bodies | kinds("requirement_seq"),
    lists=SHARED_LISTS,
    headers=_C.headers | kinds("access_specifier"),
    functions=_C.functions | kinds("lambda_expression"),
    classes=_C.classes | kinds("class_specifier concept_definition"),
    carriers=kinds("template_declaration declaration init_declarator"),
    attributes=_C.attributes,
    atoms=_C.atoms | kinds("raw_string_literal"),
    repeats=_C.repeats | kinds("catch_clause"),
    terminator=True,
)

_CSHARP = NodeRules(
    bodies=kinds(
        """
        compilation_unit declaration_list block switch_body switch_section accessor_list
        enum_member_declaration_list preproc_if preproc_else preproc_elif
        """
    ),
    loose=kinds("switch_expression initializer_expression"),
    lists=SHARED_LISTS | kinds("switch_expression"),
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
)

_RUBY = NodeRules(
    bodies=kinds("program body_statement block_body then else do begin ensure begin_block"),
    lists=SHARED_LISTS,
    headers=kinds("rescue ensure else heredoc_body"),
    functions=kinds("method singleton_method lambda"),
    classes=kinds("class module singleton_class"),
    carriers=kinds("assignment"),
    atoms=kinds("string regex simple_symbol delimited_symbol heredoc_body subshell"),
    holes=kinds("interpolation"),
    repeats=kinds("when in_clause elsif else rescue ensure"),
)

_PHP = NodeRules(
    bodies=kinds(
        """
        program compound_statement declaration_list colon_block switch_block case_statement
        default_statement enum_declaration_list match_block property_hook_list
        """
    ),
    lists=SHARED_LISTS,
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
)

_LUA = NodeRules(
    bodies=kinds("chunk block"),
    loose=kinds("table_constructor"),
    lists=SHARED_LISTS,
    functions=kinds("function_declaration function_definition"),
    carriers=kinds("variable_declaration assignment_statement expression_list field"),
    atoms=kinds("string"),
    repeats=kinds("elseif_statement else_statement"),
)

_BASH = NodeRules(
    bodies=kinds(
        """
        program compound_statement do_group if_statement elif_clause else_clause case_statement
        case_item subshell
        """
    ),
    lists=SHARED_LISTS | kinds("list pipeline"),
    headers=kinds("elif_clause else_clause"),
    functions=kinds("function_definition"),
    atoms=kinds("string raw_string ansi_c_string heredoc_body translated_string"),
    holes=kinds("command_substitution"),
    repeats=kinds("elif_clause else_clause"),
)

_JSON = NodeRules(
    bodies=kinds("document object"),
    loose=kinds("array"),
    lists=SHARED_LISTS,
    atoms=kinds("string"),
)

_YAML = NodeRules(
    bodies=kinds("stream block_mapping block_sequence"),
    lists=SHARED_LISTS,
    atoms=kinds(
        "double_quote_scalar single_quote_scalar plain_scalar block_scalar flow_node anchor tag"
    ),
    holes=kinds("flow_mapping flow_sequence"),
)

_TOML = NodeRules(
    bodies=kinds("document table table_array_element"),
    loose=kinds("array"),
    lists=SHARED_LISTS,
    headers=kinds("bare_key quoted_key dotted_key"),
    atoms=kinds("string bare_key dotted_key quoted_key"),
)

_HTML = NodeRules(
    bodies=kinds("document element"),
    headers=kinds("start_tag end_tag self_closing_tag text raw_text entity erroneous_end_tag"),
    atoms=kinds("quoted_attribute_value end_tag"),
    repeats=kinds("attribute"),
)

_CSS = NodeRules(
    bodies=kinds("stylesheet block keyframe_block_list"),
    lists=SHARED_LISTS,
    comments=kinds("comment js_comment"),
    atoms=kinds("string_value integer_value float_value"),
)

_MARKDOWN = NodeRules(
    bodies=kinds("document section list block_quote"),
    headers=kinds("block_quote_marker block_continuation"),
    comments=frozenset(),
    atoms=kinds(
        """
        paragraph atx_heading setext_heading fenced_code_block indented_code_block html_block
        link_reference_definition thematic_break
        """
    ),
    repeats=kinds("pipe_table_row"),
)

_RULES: Mapping[str, NodeRules] = {
    "python": _PYTHON,
    "javascript": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "typescriptreact": _TSX,
    "go": _GO,
    "rust": _RUST,
    "java": _JAVA,
    "c": _C,
    "cpp": _CPP,
    "csharp": _CSHARP,
    "ruby": _RUBY,
    "php": _PHP,
    "lua": _LUA,
    "shellscript": _BASH,
    "json": _JSON,
    "yaml": _YAML,
    "toml": _TOML,
    "html": _HTML,
    "css": _CSS,
    "markdown": _MARKDOWN,
    **EXTRA_RULES,
}


def rules_for(language_id: str) -> NodeRules:
    """The rules of a language by its id. A language without a table has a root and nothing else."""
    return _RULES.get(language_id, NodeRules())
