"""The rules of names in JavaScript and TypeScript, for `bindings`.

Values and types share names here: a class is both, and a value and a type of one name are rare.
"""

from tree_sitter import Node

from lsp_server.practice.node_shapes import FUNCTIONS, word_set

_NAMES = word_set(
    """
    identifier type_identifier shorthand_property_identifier shorthand_property_identifier_pattern
    """
)
_CALLABLES = FUNCTIONS | {
    "function_signature",
    "function_type",
    "constructor_type",
    "method_signature",
    "abstract_method_signature",
    "call_signature",
    "construct_signature",
    "index_signature",
}
_TYPES = word_set(
    """
    class_declaration abstract_class_declaration class interface_declaration
    type_alias_declaration
    """
)
_NAMED_OUTSIDE = word_set(
    """
    function_declaration generator_function_declaration function_signature class_declaration
    abstract_class_declaration interface_declaration type_alias_declaration enum_declaration
    internal_module
    """
)
"""Declarations whose name belongs to the scope around them."""

_BLOCKS = word_set("statement_block for_statement for_in_statement catch_clause switch_body")
_PATTERN_FIELDS = {
    "pair_pattern": "value",
    "assignment_pattern": "left",
    "object_assignment_pattern": "left",
    "required_parameter": "pattern",
    "optional_parameter": "pattern",
}
_PATTERNS = frozenset({"object_pattern", "array_pattern", "rest_pattern"})
_BINDING_FIELDS = {
    "variable_declarator": "name",
    "catch_clause": "parameter",
    "arrow_function": "parameter",
    "type_parameter": "name",
    "function_expression": "name",
    "generator_function": "name",
    "class": "name",
    "index_signature": "name",
} | dict.fromkeys(_NAMED_OUTSIDE, "name")
_ALWAYS_BINDING = frozenset({"formal_parameters", "import_clause", "namespace_import"})


class ScriptRules:
    """See `bindings.BindingRules`."""

    def is_name(self, node: Node) -> bool:
        above = node.parent
        if node.type not in _NAMES or above is None:
            return False
        if above.type == "import_specifier":
            return _is_field(above, "alias", node) or not above.child_by_field_name("alias")
        if above.type == "export_specifier":
            return not _is_field(above, "alias", node)
        if above.type.startswith("jsx_") and _is_field(above, "name", node):
            # <div> is an element of HTML, <Order> a name.
            return (node.text or b"")[:1].isupper()
        return above.type != "nested_type_identifier" or not _is_field(above, "name", node)

    def scope_of(self, node: Node) -> Node:
        below, above = node, node.parent
        while above is not None:
            if _is_scope_for(above, below):
                return above
            below, above = above, above.parent
        return below

    def outer(self, scope: Node) -> Node | None:
        if scope.parent is None:
            return None
        below, above = scope, scope.parent
        while above.parent is not None and not _is_scope_for(above, below):
            below, above = above, above.parent
        return above

    def binds(self, node: Node) -> Node | None:
        below, above = node, node.parent
        while above is not None and _is_pattern(above, below):
            below, above = above, above.parent
        if above is None or not _binds_here(above, below):
            return None
        scope = self.scope_of(node)
        if _is_var(above):
            while scope.type in _BLOCKS:
                scope = self.outer(scope) or scope
        return scope

    def redirected(self, node: Node) -> str | None:
        del node
        return None

    def hides(self, scope: Node) -> bool:
        del scope
        return False


def _is_field(node: Node, name: str, child: Node) -> bool:
    return any(found.id == child.id for found in node.children_by_field_name(name))


def _is_pattern(above: Node, below: Node) -> bool:
    if above.type in _PATTERNS:
        return True
    name = _PATTERN_FIELDS.get(above.type)
    return name is not None and _is_field(above, name, below)


def _binds_here(above: Node, below: Node) -> bool:
    if above.type in _ALWAYS_BINDING:
        return True
    if above.type == "import_specifier":
        alias = above.child_by_field_name("alias")
        return alias is None or alias.id == below.id
    if above.type == "for_in_statement":
        return _is_field(above, "left", below) and above.child_by_field_name("kind") is not None
    name = _BINDING_FIELDS.get(above.type)
    return name is not None and _is_field(above, name, below)


def _is_var(above: Node) -> bool:
    """Whether the declaration is hoisted out of its block."""
    if above.type == "for_in_statement":
        kind = above.child_by_field_name("kind")
        return kind is not None and kind.type == "var"
    declaration = above.parent if above.type == "variable_declarator" else None
    return declaration is not None and declaration.type == "variable_declaration"


def _is_scope_for(above: Node, below: Node) -> bool:
    """Whether names in the child `below` of `above` are looked up in `above`."""
    if above.type in _NAMED_OUTSIDE and _is_field(above, "name", below):
        return False
    if above.type in _CALLABLES:
        # The name of a method may be computed, and is evaluated outside.
        is_method = above.type in ("method_definition", "method_signature")
        return not (is_method and _is_field(above, "name", below))
    if above.type in _TYPES:
        return True
    if above.type == "statement_block":
        # A function's parameters and its body are one scope.
        return above.parent is None or above.parent.type not in FUNCTIONS
    return above.type in _BLOCKS or above.parent is None
