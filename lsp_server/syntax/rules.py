"""What the kinds of nodes mean in each language: the data behind scopes.

A grammar names its nodes as it likes; these tables say which of them hold statements, which are
functions, which belong to what follows them. Adding a language is adding a table. The names are
those of the grammars that `pyproject.toml` pins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

__all__ = ["HEADER_FIELDS", "SHARED_LISTS", "Rules", "rules_for"]

Kinds = frozenset[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """The meaning of one grammar's kinds of nodes."""

    bodies: Kinds = frozenset()
    """What holds statements or members. The root always does, and need not be named."""
    loose: Kinds = frozenset()
    """Literals and the like: an element counts as a member where it is the first on its line."""
    lists: Kinds = frozenset()
    """Other nodes from which several neighbours may be taken without the whole."""
    headers: Kinds = frozenset()
    """Children of a body that are no statement or member: tags, labels, clauses, plain text."""
    functions: Kinds = frozenset()
    classes: Kinds = frozenset()
    carriers: Kinds = frozenset()
    """What is a function or class because of what it ends in: `const f = () => …`, `@d def …`."""
    attributes: Kinds = frozenset()
    """What adorns a declaration, from inside it or as the sibling before it."""
    comments: Kinds = frozenset({"comment"})
    atoms: Kinds = frozenset()
    """One token to a reader, though the grammar divides it: strings, headings."""
    holes: Kinds = frozenset()
    """Code inside an atom: interpolations."""
    repeats: Kinds = frozenset()
    """Clauses of which several neighbours may be taken from any parent."""
    wrappers: Kinds = frozenset()
    """What only makes a comment possible where it stands: `{/* … */}` in JSX."""
    terminator: bool = False
    """Whether a `;` right after a statement or member belongs to it."""


HEADER_FIELDS: Kinds = frozenset(
    {"alternative", "communication", "condition", "pattern", "value", "variable"}
)
"""Fields of a body that hold no statement or member: what a `case` compares with, for example."""


def _kinds(names: str) -> Kinds:
    """Kinds of nodes, written with blanks between them."""
    return frozenset(names.split())


SHARED_LISTS = _kinds(
    """
    argument_list arguments array array_creation_expression array_expression array_initializer
    array_pattern block_parameters bracketed_argument_list dictionary export_clause expression_list
    field_initializer_list flow_mapping flow_sequence formal_parameters hash initializer_expression
    initializer_list inline_table list literal_value method_parameters
    named_imports object object_pattern parameter_list parameters pattern_list selectors set
    string_array symbol_array table_constructor template_argument_list template_parameter_list
    tuple tuple_expression tuple_pattern type_argument_list type_arguments type_parameter_list
    type_parameters use_list
    """
)
"""Lists by names that many grammars share."""

_PYTHON = Rules(
    bodies=_kinds("module block"),
    lists=SHARED_LISTS,
    functions=_kinds("function_definition"),
    classes=_kinds("class_definition"),
    carriers=_kinds("decorated_definition"),
    attributes=_kinds("decorator"),
    atoms=_kinds("string"),
    holes=_kinds("interpolation"),
    repeats=_kinds("elif_clause else_clause except_clause finally_clause decorator"),
)

_JAVASCRIPT = Rules(
    bodies=_kinds("program statement_block class_body switch_body switch_case switch_default"),
    loose=_kinds("object jsx_element"),
    lists=SHARED_LISTS,
    headers=_kinds("jsx_text jsx_opening_element jsx_closing_element"),
    functions=_kinds(
        """
        function_declaration generator_function_declaration function_expression generator_function
        arrow_function method_definition
        """
    ),
    classes=_kinds("class_declaration class"),
    carriers=_kinds(
        """
        export_statement lexical_declaration variable_declaration variable_declarator
        expression_statement assignment_expression field_definition pair
        """
    ),
    attributes=_kinds("decorator"),
    comments=_kinds("comment html_comment"),
    atoms=_kinds("string template_string regex"),
    holes=_kinds("template_substitution"),
    repeats=_kinds("catch_clause finally_clause decorator jsx_attribute"),
    wrappers=_kinds("jsx_expression"),
    terminator=True,
)

_TSX = Rules(
    bodies=_JAVASCRIPT.bodies | _kinds("interface_body object_type enum_body"),
    loose=_JAVASCRIPT.loose,
    lists=SHARED_LISTS | _kinds("union_type intersection_type tuple_type"),
    headers=_JAVASCRIPT.headers,
    functions=_JAVASCRIPT.functions | _kinds("function_signature"),
    classes=_JAVASCRIPT.classes
    | _kinds("abstract_class_declaration interface_declaration enum_declaration"),
    carriers=_JAVASCRIPT.carriers - {"field_definition"}
    | _kinds("ambient_declaration public_field_definition"),
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
    loose=_kinds("object"),
    headers=frozenset(),
    repeats=_kinds("catch_clause finally_clause decorator"),
    wrappers=frozenset(),
)

_GO = Rules(
    bodies=_kinds(
        """
        source_file block statement_list field_declaration_list interface_type import_spec_list
        expression_switch_statement type_switch_statement select_statement expression_case
        type_case default_case communication_case
        """
    ),
    loose=_kinds("const_declaration type_declaration var_declaration var_spec_list"),
    lists=SHARED_LISTS,
    # The grammar puts the first and last comments of a block beside its statements; a block's
    # statements are the units, their list is none.
    headers=_kinds("statement_list"),
    functions=_kinds("function_declaration method_declaration func_literal"),
    classes=_kinds("struct_type interface_type"),
    carriers=_kinds(
        """
        type_declaration type_spec var_declaration var_spec short_var_declaration
        assignment_statement expression_list
        """
    ),
    atoms=_kinds("interpreted_string_literal raw_string_literal"),
    repeats=_kinds("expression_case default_case type_case communication_case"),
)

_RUST = Rules(
    bodies=_kinds(
        """
        source_file block declaration_list field_declaration_list enum_variant_list match_block
        """
    ),
    lists=SHARED_LISTS | _kinds("ordered_field_declaration_list token_tree"),
    headers=_kinds("label visibility_modifier"),
    functions=_kinds("function_item function_signature_item closure_expression"),
    classes=_kinds("struct_item enum_item union_item trait_item impl_item"),
    carriers=_kinds("let_declaration"),
    attributes=_kinds("attribute_item"),
    comments=_kinds("line_comment block_comment"),
    atoms=_kinds("string_literal raw_string_literal char_literal"),
    repeats=_kinds("attribute_item"),
)

_JAVA = Rules(
    bodies=_kinds(
        """
        program block class_body interface_body enum_body enum_body_declarations constructor_body
        annotation_type_body switch_block switch_block_statement_group module_body
        """
    ),
    lists=SHARED_LISTS,
    headers=_kinds("switch_label"),
    functions=_kinds(
        """
        method_declaration constructor_declaration compact_constructor_declaration
        lambda_expression
        """
    ),
    classes=_kinds(
        """
        class_declaration interface_declaration enum_declaration record_declaration
        annotation_type_declaration
        """
    ),
    carriers=_kinds("local_variable_declaration field_declaration variable_declarator"),
    attributes=_kinds("modifiers marker_annotation annotation"),
    comments=_kinds("line_comment block_comment"),
    atoms=_kinds("string_literal character_literal"),
    holes=_kinds("string_interpolation"),
    repeats=_kinds("catch_clause finally_clause marker_annotation annotation"),
    terminator=True,
)

_C = Rules(
    bodies=_kinds(
        """
        translation_unit compound_statement field_declaration_list enumerator_list declaration_list
        case_statement preproc_if preproc_ifdef preproc_elif preproc_else
        """
    ),
    lists=SHARED_LISTS,
    headers=_kinds("identifier preproc_defined preproc_else preproc_elif preproc_elifdef"),
    functions=_kinds("function_definition"),
    classes=_kinds("struct_specifier union_specifier enum_specifier"),
    attributes=_kinds("attribute_declaration attribute_specifier"),
    atoms=_kinds("string_literal char_literal system_lib_string preproc_arg"),
    repeats=_kinds("else_clause"),
    terminator=True,
)

_CPP = Rules(
    bodies=_C.bodies | _kinds("requirement_seq"),
    lists=SHARED_LISTS,
    headers=_C.headers | _kinds("access_specifier"),
    functions=_C.functions | _kinds("lambda_expression"),
    classes=_C.classes | _kinds("class_specifier concept_definition"),
    carriers=_kinds("template_declaration declaration init_declarator"),
    attributes=_C.attributes,
    atoms=_C.atoms | _kinds("raw_string_literal"),
    repeats=_C.repeats | _kinds("catch_clause"),
    terminator=True,
)

_CSHARP = Rules(
    bodies=_kinds(
        """
        compilation_unit declaration_list block switch_body switch_section accessor_list
        enum_member_declaration_list preproc_if preproc_else preproc_elif
        """
    ),
    loose=_kinds("switch_expression initializer_expression"),
    lists=SHARED_LISTS | _kinds("switch_expression"),
    headers=_kinds(
        """
        constant_pattern declaration_pattern recursive_pattern relational_pattern var_pattern
        type_pattern and_pattern or_pattern negated_pattern list_pattern parenthesized_pattern
        when_clause
        """
    ),
    functions=_kinds(
        """
        method_declaration constructor_declaration destructor_declaration operator_declaration
        conversion_operator_declaration local_function_statement lambda_expression
        anonymous_method_expression
        """
    ),
    classes=_kinds(
        """
        class_declaration interface_declaration struct_declaration record_declaration
        enum_declaration
        """
    ),
    carriers=_kinds(
        """
        local_declaration_statement variable_declaration variable_declarator field_declaration
        global_statement
        """
    ),
    attributes=_kinds("attribute_list"),
    atoms=_kinds(
        """
        string_literal verbatim_string_literal raw_string_literal interpolated_string_expression
        character_literal
        """
    ),
    holes=_kinds("interpolation"),
    repeats=_kinds("catch_clause finally_clause attribute_list"),
    terminator=True,
)

_RUBY = Rules(
    bodies=_kinds("program body_statement block_body then else do begin ensure begin_block"),
    lists=SHARED_LISTS,
    headers=_kinds("rescue ensure else heredoc_body"),
    functions=_kinds("method singleton_method lambda"),
    classes=_kinds("class module singleton_class"),
    carriers=_kinds("assignment"),
    atoms=_kinds("string regex simple_symbol delimited_symbol heredoc_body subshell"),
    holes=_kinds("interpolation"),
    repeats=_kinds("when in_clause elsif else rescue ensure"),
)

_PHP = Rules(
    bodies=_kinds(
        """
        program compound_statement declaration_list colon_block switch_block case_statement
        default_statement enum_declaration_list match_block property_hook_list
        """
    ),
    lists=SHARED_LISTS,
    headers=_kinds("php_tag text_interpolation"),
    functions=_kinds(
        """
        function_definition method_declaration anonymous_function arrow_function
        """
    ),
    classes=_kinds("class_declaration interface_declaration trait_declaration enum_declaration"),
    carriers=_kinds("expression_statement assignment_expression"),
    attributes=_kinds("attribute_list"),
    atoms=_kinds("string encapsed_string heredoc nowdoc shell_command_expression"),
    holes=_kinds("dynamic_variable_name"),
    repeats=_kinds("else_if_clause else_clause catch_clause finally_clause"),
    terminator=True,
)

_LUA = Rules(
    bodies=_kinds("chunk block"),
    loose=_kinds("table_constructor"),
    lists=SHARED_LISTS,
    functions=_kinds("function_declaration function_definition"),
    carriers=_kinds("variable_declaration assignment_statement expression_list field"),
    atoms=_kinds("string"),
    repeats=_kinds("elseif_statement else_statement"),
)

_BASH = Rules(
    bodies=_kinds(
        """
        program compound_statement do_group if_statement elif_clause else_clause case_statement
        case_item subshell
        """
    ),
    lists=SHARED_LISTS | _kinds("list pipeline"),
    headers=_kinds("elif_clause else_clause"),
    functions=_kinds("function_definition"),
    atoms=_kinds("string raw_string ansi_c_string heredoc_body translated_string"),
    holes=_kinds("command_substitution"),
    repeats=_kinds("elif_clause else_clause"),
)

_JSON = Rules(
    bodies=_kinds("document object"),
    loose=_kinds("array"),
    lists=SHARED_LISTS,
    atoms=_kinds("string"),
)

_YAML = Rules(
    bodies=_kinds("stream block_mapping block_sequence"),
    lists=SHARED_LISTS,
    atoms=_kinds(
        "double_quote_scalar single_quote_scalar plain_scalar block_scalar flow_node anchor tag"
    ),
    holes=_kinds("flow_mapping flow_sequence"),
)

_TOML = Rules(
    bodies=_kinds("document table table_array_element"),
    loose=_kinds("array"),
    lists=SHARED_LISTS,
    headers=_kinds("bare_key quoted_key dotted_key"),
    atoms=_kinds("string bare_key dotted_key quoted_key"),
)

_HTML = Rules(
    bodies=_kinds("document element"),
    headers=_kinds("start_tag end_tag self_closing_tag text raw_text entity erroneous_end_tag"),
    atoms=_kinds("quoted_attribute_value end_tag"),
    repeats=_kinds("attribute"),
)

_CSS = Rules(
    bodies=_kinds("stylesheet block keyframe_block_list"),
    lists=SHARED_LISTS,
    comments=_kinds("comment js_comment"),
    atoms=_kinds("string_value integer_value float_value"),
)

_MARKDOWN = Rules(
    bodies=_kinds("document section list block_quote"),
    headers=_kinds("block_quote_marker block_continuation"),
    comments=frozenset(),
    atoms=_kinds(
        """
        paragraph atx_heading setext_heading fenced_code_block indented_code_block html_block
        link_reference_definition thematic_break
        """
    ),
    repeats=_kinds("pipe_table_row"),
)

_RULES: Mapping[str, Rules] = {
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
}


def rules_for(language_id: str) -> Rules:
    """The rules of a language by its id. A language without a table has a root and nothing else."""
    return _RULES.get(language_id, Rules())
