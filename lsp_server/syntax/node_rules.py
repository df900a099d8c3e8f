"""What a language says about its grammar's kinds of nodes, and the sets that many grammars share.

Scopes and the gate go by these kinds. The names are those of the grammars that `pyproject.toml`
pins.
"""

from dataclasses import dataclass

__all__ = ["HEADER_FIELDS", "SHARED_LISTS", "SHARED_ROWS", "Kinds", "NodeRules", "kinds"]

Kinds = frozenset[str]


def kinds(names: str) -> Kinds:
    """Kinds of nodes, separated by white space."""
    return frozenset(names.split())


HEADER_FIELDS: Kinds = frozenset(
    {"alternative", "communication", "condition", "pattern", "value", "variable"}
)
"""Fields of a body that hold no statement or member: what a `case` compares with, for example."""

SHARED_LISTS = kinds(
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
"""Lists whose names many grammars share."""

SHARED_ROWS = kinds(
    """
    module program source_file translation_unit compilation_unit document stylesheet chunk stream
    body content section namespace_declaration file_scoped_namespace_declaration

    block statement_block statement_list compound_statement constructor_body body_statement
    block_body do_block do_group begin_block then else ensure colon_block class_static_block
    else_clause elif_clause indented_block

    switch_body switch_block switch_block_statement_group switch_section match_block
    case_statement case_item switch_case switch_default default_statement when in_clause
    expression_case type_case default_case communication_case case_block indented_cases case_clause
    when_expression lambda_literal

    class_body template_body interface_body enum_class_body enum_body enum_body_declarations
    object_type module_body
    declaration_list field_declaration_list enum_variant_list enum_member_declaration_list
    enumerator_list annotation_type_body accessor_list enum_declaration_list
    preproc_if preproc_ifdef preproc_else preproc_elif preproc_elifdef

    object array list dictionary table_constructor block_mapping block_sequence flow_mapping
    flow_sequence table table_array_element initializer_list element block_quote list_item
    pipe_table keyframe_block_list
    """
)
"""Rows whose names many grammars share: whole files; statements; branches of a switch, which hold
statements without a block; members; data and markup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRules:
    """The meaning of one grammar's kinds of nodes.

    Invariant: `bodies` is not empty, or the constructor raises `ValueError`.
    """

    bodies: Kinds
    """Nodes that hold statements or members. The root always does."""
    lists: Kinds
    """Other nodes from which a selection may take several neighbours without the whole."""
    rows: Kinds
    """Nodes that hold any number of members: the gate lets an answer add or remove some. A kind
    with another meaning in this grammar has to be taken out of `SHARED_ROWS`."""
    loose: Kinds = frozenset()
    """Literals and the like: an element counts as a member where it is the first on its line."""
    headers: Kinds = frozenset()
    """Children of a body that are no statement or member: tags, labels, clauses, plain text."""
    functions: Kinds = frozenset()
    classes: Kinds = frozenset()
    carriers: Kinds = frozenset()
    """Nodes that are a function or class because of what they end in: `const f = () => …`."""
    attributes: Kinds = frozenset()
    """Nodes that adorn a declaration, from inside it or as the sibling before it."""
    comments: Kinds = frozenset({"comment"})
    atoms: Kinds = frozenset()
    """Nodes that are one token to a reader, though the grammar divides them: strings, headings."""
    holes: Kinds = frozenset()
    """Code inside an atom: interpolations."""
    repeats: Kinds = frozenset()
    """Clauses that a selection may take several of from any parent, if they are neighbours."""
    wrappers: Kinds = frozenset()
    """Nodes that only allow a comment at that place: `{/* … */}` in JSX."""
    transparent: Kinds = frozenset()
    """Nodes that come and go without a meaning of their own: a heading in Markdown regroups what
    follows it into a section."""
    terminator: bool = False
    """Whether a `;` right after a statement or member belongs to it."""

    def __post_init__(self) -> None:
        if not self.bodies:
            raise ValueError("NodeRules.bodies is empty: name the nodes that hold statements.")
