"""Python's rules of names, for `bindings`."""

from tree_sitter import Node

from lsp_server.practice.node_shapes import word_set

_COMPREHENSIONS = word_set(
    """
    list_comprehension set_comprehension dictionary_comprehension generator_expression
    """
)
_CALLABLES = frozenset({"function_definition", "lambda"})
_PATTERNS = word_set(
    """
    pattern_list tuple_pattern list_pattern list_splat_pattern dictionary_splat_pattern
    as_pattern_target splat_pattern tuple list list_splat parenthesized_expression
    """
)
_BINDING_FIELDS = {
    "assignment": "left",
    "augmented_assignment": "left",
    "for_statement": "left",
    "for_in_clause": "left",
    "named_expression": "name",
    "function_definition": "name",
    "class_definition": "name",
    "default_parameter": "name",
    "typed_default_parameter": "name",
    "as_pattern": "alias",
    "aliased_import": "alias",
}
_ALWAYS_BINDING = word_set("parameters lambda_parameters delete_statement case_pattern")
_REDIRECTS = {"global_statement": "global", "nonlocal_statement": "nonlocal"}


class PythonRules:
    """See `bindings.BindingRules`."""

    def is_name(self, node: Node) -> bool:
        above = node.parent
        if node.type != "identifier" or above is None:
            return False
        if above.type == "attribute":
            return not _is_field(above, "attribute", node)
        if above.type == "keyword_argument":
            return not _is_field(above, "name", node)
        if above.type == "keyword_pattern":
            return above.children[0].id != node.id
        if above.type == "dotted_name":
            return _is_name_in_dotted(above, node)
        return True

    def scope_of(self, node: Node) -> Node:
        below, above = node, node.parent
        in_default = in_source = False
        while above is not None:
            if above.type == "for_in_clause" and _is_field(above, "right", below):
                in_source = _is_first_clause(above)
            if above.type in ("default_parameter", "typed_default_parameter", "typed_parameter"):
                outside = _is_field(above, "value", below) or _is_field(above, "type", below)
                in_default = in_default or outside
            if _is_scope_for(above, below, in_default, in_source):
                return above
            if above.type in _CALLABLES:
                in_default = False
            if above.type in _COMPREHENSIONS:
                in_source = False
            below, above = above, above.parent
        return below

    def outer(self, scope: Node) -> Node | None:
        return None if scope.parent is None else self.scope_of(scope)

    def binds(self, node: Node) -> Node | None:
        below, above = node, node.parent
        while above is not None and _is_pattern(above, below):
            below, above = above, above.parent
        if above is None or not _binds_here(above, below):
            return None
        scope = self.scope_of(node)
        if above.type == "named_expression":
            while scope.type in _COMPREHENSIONS:
                scope = self.outer(scope) or scope
        return scope

    def redirected(self, node: Node) -> str | None:
        return _REDIRECTS.get(node.parent.type) if node.parent is not None else None

    def hides(self, scope: Node) -> bool:
        return scope.type == "class_definition"


def _is_field(node: Node, name: str, child: Node) -> bool:
    return any(found.id == child.id for found in node.children_by_field_name(name))


def _is_name_in_dotted(dotted: Node, node: Node) -> bool:
    """Whether `node` is looked up: the `a` of `a.b`, but not of `import a as b` or `from a import
    …`."""
    above = dotted.parent
    if above is None or dotted.children[0].id != node.id:
        return False
    if above.type == "aliased_import":
        return False
    return above.type != "import_from_statement" or not _is_field(above, "module_name", dotted)


def _is_pattern(above: Node, below: Node) -> bool:
    """Whether `above` is an assignment target that contains `below`."""
    if above.type == "typed_parameter":
        return not _is_field(above, "type", below)
    if above.type == "dotted_name":
        return above.named_child_count == 1 or (
            above.parent is not None and above.parent.type == "import_statement"
        )
    return above.type in _PATTERNS


def _binds_here(above: Node, below: Node) -> bool:
    if above.type in _ALWAYS_BINDING:
        return above.type != "case_pattern" or below.type in ("dotted_name", "splat_pattern")
    if above.type in ("import_statement", "import_from_statement"):
        return _is_field(above, "name", below)
    name = _BINDING_FIELDS.get(above.type)
    return name is not None and _is_field(above, name, below)


def _is_scope_for(above: Node, below: Node, in_default: bool, in_source: bool) -> bool:
    """Whether names in the child `below` of `above` are looked up in `above`."""
    if above.type in _CALLABLES:
        is_list = _is_field(above, "parameters", below)
        return _is_field(above, "body", below) or (is_list and not in_default)
    if above.type == "class_definition":
        return _is_field(above, "body", below)
    if above.type in _COMPREHENSIONS:
        return not in_source
    return above.parent is None


def _is_first_clause(clause: Node) -> bool:
    """Whether it is the first `for` of a comprehension, whose source is evaluated outside."""
    above = clause.parent
    clauses = [c for c in above.children if c.type == "for_in_clause"] if above else []
    return bool(clauses) and clauses[0].id == clause.id
