"""Reads a function's signature and body: parameters, defaults, results, exceptions.

A type is known only if it is annotated or follows from a literal.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.practice.fragment import (
    Fragment,
    ancestors,
    first_child,
    walk,
    walk_within,
)
from lsp_server.practice.literals import type_of
from lsp_server.practice.node_shapes import BLOCKS, COMPOUND, FUNCTIONS, leaves, statements_of

_RECEIVERS = frozenset({"self", "cls", "this"})
_NESTED = FUNCTIONS | {"class_definition", "class_declaration", "class", "lambda"}
_UNDECIDED = COMPOUND - {"if_statement"}
"""Statements after which it is unknown whether the end of a function is reached."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `type` is its annotation, "" without one; `star` is "", "*" or "**"."""

    name: str
    node: Node
    """The node of the name. An annotation goes behind it."""
    type: str = ""
    default: Node | None = None
    star: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """One function or method with a body."""

    node: Node
    name: str
    parameters: tuple[Parameter, ...]
    list: Node | None
    """The list of parameters with its brackets."""
    body: Node
    result: str
    """The annotation of the result, "" without one."""
    awaited: bool
    yields: bool


def functions_of(fragment: Fragment) -> Iterator[Function]:
    """All functions in the scope without syntax errors, in source order."""
    for node in walk(fragment.root):
        body = node.child_by_field_name("body")
        if node.type not in FUNCTIONS or body is None or not fragment.holds(node):
            continue
        if node.has_error:
            continue
        listed = node.child_by_field_name("parameters")
        result = node.child_by_field_name("return_type")
        yields = any(n.type in ("yield", "yield_expression") for n in walk_within(body, _NESTED))
        yield Function(
            node,
            _name_of(fragment, node),
            tuple(_parameters(fragment, node)),
            listed,
            body,
            fragment.source_of(result).lstrip(": ") if result else "",
            any(child.type == "async" for child in node.children),
            yields,
        )


def returned(function: Function) -> list[Node | None]:
    """The returned values, in order. None for a `return` without a value."""
    if function.body.type not in BLOCKS:
        return [function.body]
    found: list[Node | None] = []
    for node in walk_within(function.body, _NESTED):
        if node.type == "return_statement":
            values = [child for child in node.named_children if child.type != "comment"]
            found.append(values[0] if values else None)
    return found


def result_type(fragment: Fragment, function: Function) -> str | None:
    """The type that follows from the returned values. None if it is not known."""
    if function.yields or _is_stub(fragment, function):
        return None
    values = returned(function)
    python = fragment.is_python
    nothing = "None" if python else "void"
    if all(value is None for value in values):
        return nothing
    types: list[str] = []
    for value in values:
        kind = nothing if value is None else type_of(fragment, value)
        if kind is None:
            return None
        types.append(kind)
    if function.body.type in BLOCKS and not leaves(function.body):
        if statements_of(function.body)[-1].type in _UNDECIDED:
            return None
        types.append(nothing)
    several = [kind for kind in dict.fromkeys(types) if kind != nothing]
    if nothing in types:
        several.append("None" if python else "undefined")
    return " | ".join(several) if len(several) <= 2 else None


def raised(fragment: Fragment, function: Function) -> dict[str, str]:
    """The exceptions that the body raises, each with the reason in the source."""
    reasons: dict[str, str] = {}
    for node in walk_within(function.body, _NESTED):
        if node.type in ("raise_statement", "throw_statement"):
            error = first_child(node)
            name = _error_name(fragment, error) if error else ""
            if error is not None and name[:1].isupper() and not reasons.get(name):
                reasons[name] = _reason(fragment, error, node)
    return reasons


def _name_of(fragment: Fragment, node: Node) -> str:
    name = node.child_by_field_name("name")
    if name is None and node.parent is not None:
        name = node.parent.child_by_field_name("name") or node.parent.child_by_field_name(
            "property"
        )
    return fragment.source_of(name).lstrip("#") if name else ""


def _parameters(fragment: Fragment, function: Node) -> Iterator[Parameter]:
    listed = function.child_by_field_name("parameters")
    single = function.child_by_field_name("parameter")
    for node in listed.named_children if listed else [single] if single else []:
        parameter = _parameter(fragment, node)
        if parameter is not None and parameter.name not in _RECEIVERS:
            yield parameter


def _parameter(fragment: Fragment, node: Node) -> Parameter | None:
    """The parameter in `node`. None for a comment, `*` or `/`."""
    kind = node.child_by_field_name("type")
    annotation = fragment.source_of(kind).lstrip(": ") if kind else ""
    default = node.child_by_field_name("value")
    target = (
        node.child_by_field_name("name")
        or node.child_by_field_name("pattern")
        or node.child_by_field_name("left")
        or (first_child(node) if node.type == "typed_parameter" else None)
        or node
    )
    if node.type == "assignment_pattern":
        default = node.child_by_field_name("right")
    star = ""
    if target.type in ("list_splat_pattern", "rest_pattern", "dictionary_splat_pattern"):
        star = "**" if target.type.startswith("dictionary") else "*"
        target = first_child(target) or target
    if target.type in ("object_pattern", "array_pattern"):
        return Parameter("", target, annotation, default, star)
    if target.type not in ("identifier", "this"):
        return None
    return Parameter(fragment.source_of(target), target, annotation, default, star)


def _is_stub(fragment: Fragment, function: Function) -> bool:
    """Whether the body is a stub: only a docstring, `...`, `pass` or a raised exception."""
    if function.body.type not in BLOCKS:
        return False
    return all(
        node.type in ("pass_statement", "raise_statement", "throw_statement")
        or fragment.source_of(node) == "..."
        or (
            node.type == "expression_statement"
            and first_child(node) is not None
            and node.named_children[0].type == "string"
        )
        for node in statements_of(function.body)
    )


def _error_name(fragment: Fragment, error: Node) -> str:
    called = error.child_by_field_name("function") or error.child_by_field_name("constructor")
    return fragment.source_of(error if called is None else called)


def _reason(fragment: Fragment, error: Node, node: Node) -> str:
    """The exception's message if it is one plain string, else the condition around it."""
    arguments = error.child_by_field_name("arguments")
    first = first_child(arguments) if arguments else None
    if first is not None and first.type == "string":
        parts = [child.type for child in first.named_children]
        if parts in (["string_start", "string_content", "string_end"], ["string_fragment"]):
            return _sentence(fragment.source_of(first).strip("\"'"))
    for above in ancestors(node):
        if above.type in _NESTED or above.type == "else_clause":
            break
        condition = above.child_by_field_name("condition")
        if above.type == "if_statement" and condition is not None:
            text = " ".join(fragment.source_of(condition).split())
            inner = text[1:-1] if condition.type == "parenthesized_expression" else text
            return f"If `{inner}`."
    return ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
