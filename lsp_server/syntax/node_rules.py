"""What the words of the tables in `rules.py` are, and the lists that many grammars share."""

from dataclasses import dataclass

__all__ = ["HEADER_FIELDS", "SHARED_LISTS", "Kinds", "NodeRules", "kinds"]

Kinds = frozenset[str]


@dataclass(frozen=True, slots=True)
class NodeRules:
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


def kinds(names: str) -> Kinds:
    """Kinds of nodes, written with blanks between them."""
    return frozenset(names.split())


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
"""Lists by names that many grammars share."""
