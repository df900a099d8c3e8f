"""Recipe: type hints that follow from defaults and literals.

Parameters get the type of their default. Functions get the type of their result if every `return`
shows it. A default of `None` shows no type. In JavaScript the types go into JSDoc. A scope without
a function gets hints at its plain assignments instead.
"""

from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.practice.docs import jsdoc_for_types
from lsp_server.practice.fragment import Edit, Fragment, ancestors, walk
from lsp_server.practice.literals import type_of
from lsp_server.practice.recipe import RecipeResult
from lsp_server.practice.signatures import Function, functions_of, result_type

_NOTHING = "No missing type follows from a default or a literal here."
_UNTYPED_RESULTS = frozenset({"constructor", "set"})
_CLASSES = frozenset({"class_definition"})


def add_type_hints(fragment: Fragment) -> RecipeResult:
    """Add the types that the scope itself shows."""
    functions = list(functions_of(fragment))
    if not (fragment.is_python or fragment.is_typed):
        return RecipeResult.of(jsdoc_for_types(fragment), _NOTHING)
    edits: list[Edit] = []
    for function in functions:
        edits += _of_parameters(fragment, function)
        edits += _of_result(fragment, function)
    if fragment.is_typed:
        edits += _of_fields(fragment)
    if not functions:
        edits += _of_assignments(fragment)
    return RecipeResult.of(edits, _NOTHING)


def _of_parameters(fragment: Fragment, function: Function) -> Iterator[Edit]:
    for parameter in function.parameters:
        if parameter.type or parameter.default is None or not parameter.name:
            continue
        kind = type_of(fragment, parameter.default)
        if kind in (None, "None", "null"):
            continue
        yield Edit(parameter.node.end_byte, parameter.node.end_byte, f": {kind}")
        if fragment.is_python:
            yield from _spaced(fragment, parameter.node, parameter.default)


def _spaced(fragment: Fragment, name: Node, default: Node) -> Iterator[Edit]:
    """Blanks around the `=`, which PEP 8 asks for beside an annotation."""
    if fragment.slice(name.end_byte, default.start_byte) == "=":
        yield Edit(name.end_byte, default.start_byte, " = ")


def _of_result(fragment: Fragment, function: Function) -> Iterator[Edit]:
    if function.result or function.list is None or not _takes_result(fragment, function.node):
        return
    kind = result_type(fragment, function)
    if kind is None or kind == "null":
        return
    if fragment.is_python:
        text = f" -> {kind}"
    else:
        text = f": Promise<{kind}>" if function.awaited else f": {kind}"
    yield Edit(function.list.end_byte, function.list.end_byte, text)


def _takes_result(fragment: Fragment, node: Node) -> bool:
    """Whether it may have one: not a callback, and not where TypeScript forbids it."""
    if fragment.is_python:
        return True
    if node.type in ("arrow_function", "function_expression"):
        return node.parent is not None and node.parent.type == "variable_declarator"
    name = node.child_by_field_name("name")
    words = {child.type for child in node.children} | {fragment.source_of(name) if name else ""}
    return not words & _UNTYPED_RESULTS


def _of_fields(fragment: Fragment) -> Iterator[Edit]:
    """Fields of TypeScript classes, except `readonly` ones, whose literal type is narrower."""
    for node in walk(fragment.root):
        if node.type != "public_field_definition" or not fragment.holds(node):
            continue
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        narrow = any(child.type == "readonly" for child in node.children)
        kind = type_of(fragment, value) if value is not None else None
        typed = node.child_by_field_name("type") is not None
        if name is not None and kind not in (None, "null") and not typed and not narrow:
            yield Edit(name.end_byte, name.end_byte, f": {kind}")


def _of_assignments(fragment: Fragment) -> Iterator[Edit]:
    """The first assignment to each name. Not in classes, where a hint would make a field."""
    seen: set[str] = set()
    for node in walk(fragment.root):
        if node.type not in ("assignment", "variable_declarator") or not fragment.holds(node):
            continue
        name = node.child_by_field_name("left") or node.child_by_field_name("name")
        value = node.child_by_field_name("right") or node.child_by_field_name("value")
        if name is None or value is None or name.type != "identifier":
            continue
        known = fragment.source_of(name) in seen or node.child_by_field_name("type") is not None
        seen.add(fragment.source_of(name))
        kind = type_of(fragment, value)
        if known or kind in (None, "None", "null"):
            continue
        if _is_chained(node) or any(above.type in _CLASSES for above in ancestors(node)):
            continue
        yield Edit(name.end_byte, name.end_byte, f": {kind}")


def _is_chained(node: Node) -> bool:
    """Whether it is part of `a = b = 1`, which cannot have an annotation."""
    right = node.child_by_field_name("right")
    inner = right is not None and right.type == "assignment"
    return inner or (node.parent is not None and node.parent.type == "assignment")
