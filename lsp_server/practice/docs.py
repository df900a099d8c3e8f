"""Recipe: docstring and JSDoc skeletons from signatures.

They contain only what the source says: the name in words, the parameters, the result, the
exceptions with their messages. Existing documentation stays as it is.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from lsp_server.practice.fragment import Edit, Fragment, first_child, walk
from lsp_server.practice.literals import type_of
from lsp_server.practice.node_shapes import FUNCTIONS, statements_of, word_set
from lsp_server.practice.recipe import RecipeResult
from lsp_server.practice.signatures import (
    Function,
    Parameter,
    functions_of,
    raised,
    result_type,
    returned,
)

_CLASSES = frozenset({"class_definition", "class_declaration", "abstract_class_declaration"})
_DECLARATIONS = _CLASSES | word_set(
    """
    function_declaration generator_function_declaration method_definition lexical_declaration
    variable_declaration field_definition public_field_definition
    """
)
_PYTHON_DEFINITIONS = word_set("decorated_definition function_definition class_definition")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NOTHING = "Everything here has documentation already."


def add_docstrings(fragment: Fragment) -> RecipeResult:
    """Add a skeleton to every function and class without documentation."""
    if fragment.is_python:
        return RecipeResult.of(_python(fragment), _NOTHING)
    return RecipeResult.of(_jsdoc(fragment), _NOTHING)


def jsdoc_for_types(fragment: Fragment) -> Iterator[Edit]:
    """JSDoc blocks with only the types that follow from defaults and literals."""
    for function in functions_of(fragment):
        lines = list(_type_lines(fragment, function))
        anchor = _anchor(fragment, function.node)
        if lines and anchor is not None:
            yield _block(fragment, anchor, lines)


def _python(fragment: Fragment) -> Iterator[Edit]:
    functions = {function.node.id: function for function in functions_of(fragment)}
    for node in walk(fragment.root):
        body = node.child_by_field_name("body")
        if node.has_error or body is None or not fragment.holds(node):
            continue
        if node.type not in ("function_definition", "class_definition"):
            continue
        statements = statements_of(body)
        if not statements or _is_string(statements[0]):
            continue
        function = functions.get(node.id)
        lines = _class_lines(fragment, node) if function is None else _lines(fragment, function)
        yield _docstring(fragment, node, statements[0], lines)


def _is_string(statement: Node) -> bool:
    inner = first_child(statement)
    kinds = ("string", "concatenated_string")
    return statement.type == "expression_statement" and inner is not None and inner.type in kinds


def _docstring(fragment: Fragment, node: Node, first: Node, lines: list[str]) -> Edit:
    """The edit that puts a docstring before the first statement of a body."""
    place = first.start_byte
    apart = node.type == "class_definition" or first.type in _PYTHON_DEFINITIONS
    after = "\n\n" if apart else "\n"
    if fragment.opens_line(place):
        indent = fragment.indent_at(place)
        return Edit(place, place, _quoted(lines, indent) + after + indent)
    head = fragment.slice(node.start_byte, place)
    indent = fragment.indent_at(node.start_byte) + "    "
    start = place - (len(head) - len(head.rstrip(" \t")))
    return Edit(start, place, f"\n{indent}{_quoted(lines, indent)}{after}{indent}")


def _quoted(lines: list[str], indent: str) -> str:
    text = [line.replace("\\", "\\\\").replace('"""', "'''") for line in lines]
    if len(text) == 1:
        return f'"""{text[0]}"""'
    rest = [indent + line if line else "" for line in text[1:]]
    return "\n".join([f'"""{text[0]}', *rest, f'{indent}"""'])


def _lines(fragment: Fragment, function: Function) -> list[str]:
    """A function's docstring, line by line, without indentation."""
    lines = [_summary(function.name)]
    arguments = [f"    {_argument(fragment, p)}" for p in function.parameters if p.name]
    if arguments:
        lines += ["", "Args:", *arguments]
    result = _result(fragment, function)
    if result:
        lines += ["", "Yields:" if function.yields else "Returns:", f"    {result}"]
    errors = raised(fragment, function)
    if errors:
        lines += ["", "Raises:", *(f"    {n}: {why}".rstrip(": ") for n, why in errors.items())]
    return lines


def _argument(fragment: Fragment, parameter: Parameter) -> str:
    kind = f" ({parameter.type})" if parameter.type else ""
    default = parameter.default
    ending = f" Defaults to {_one_line(fragment, default)}." if default is not None else ""
    return f"{parameter.star}{parameter.name}{kind}: The {_words(parameter.name)}.{ending}"


def _result(fragment: Fragment, function: Function) -> str:
    """The result in words. "" if there is none."""
    values = [value for value in returned(function) if value is not None]
    kind = function.result or result_type(fragment, function) or ""
    if kind and not function.result and function.awaited and not fragment.is_python:
        kind = f"Promise<{kind}>"
    if function.yields:
        return f"{kind}: What comes next." if kind else "What comes next."
    if not values or kind in ("None", "void") or function.name == "__init__":
        return ""
    names = {fragment.source_of(value) for value in values if value.type == "identifier"}
    only = names.pop() if len(names) == 1 and len(values) == 1 else ""
    what = f"The {_words(only)}." if only else "The result."
    return f"{kind}: {what}" if kind else what


def _class_lines(fragment: Fragment, node: Node) -> list[str]:
    name = node.child_by_field_name("name")
    lines = [f"{_words(fragment.source_of(name)).capitalize()}." if name else "A class."]
    body = node.child_by_field_name("body")
    fields = []
    for statement in statements_of(body) if body and fragment.is_python else ():
        inner = first_child(statement)
        if inner is None or inner.type != "assignment":
            continue
        left, kind = inner.child_by_field_name("left"), inner.child_by_field_name("type")
        if left is not None and kind is not None and left.type == "identifier":
            field = fragment.source_of(left)
            fields.append(f"    {field} ({fragment.source_of(kind)}): The {_words(field)}.")
    return [*lines, "", "Attributes:", *fields] if fields else lines


def _jsdoc(fragment: Fragment) -> Iterator[Edit]:
    functions = {function.node.id: function for function in functions_of(fragment)}
    for node in walk(fragment.root):
        if node.has_error or not fragment.holds(node):
            continue
        function = functions.get(node.id)
        if function is None and node.type not in _CLASSES:
            continue
        anchor = _anchor(fragment, node)
        if anchor is None:
            continue
        lines = _class_lines(fragment, node) if function is None else _tags(fragment, function)
        yield _block(fragment, anchor, lines)


def _anchor(fragment: Fragment, node: Node) -> Node | None:
    """The declaration above which JSDoc belongs. None for callbacks and documented declarations."""
    anchor = node
    if node.type in ("arrow_function", "function_expression"):
        owner = node.parent
        if owner is not None and owner.type == "variable_declarator":
            owner = owner.parent
        if owner is None:
            return None
        anchor = owner
    if anchor.type not in _DECLARATIONS:
        return None
    if anchor.parent is not None and anchor.parent.type == "export_statement":
        anchor = anchor.parent
    above = anchor.prev_sibling
    while above is not None and above.type == "decorator":
        anchor, above = above, above.prev_sibling
    head = fragment.slice(0, anchor.start_byte).rstrip()
    documented = head.endswith("*/") or (
        anchor.start_byte == fragment.start and fragment.before.rstrip().endswith("*/")
    )
    in_place = fragment.opens_line(anchor.start_byte) and fragment.holds(anchor)
    return anchor if in_place and not documented else None


def _block(fragment: Fragment, anchor: Node, lines: list[str]) -> Edit:
    indent = fragment.indent_at(anchor.start_byte)
    if len(lines) == 1:
        only = lines[0].replace("*/", "* /")
        return Edit(anchor.start_byte, anchor.start_byte, f"/** {only} */\n{indent}")
    inner = [
        f"{indent} * {line}".rstrip() for line in (text.replace("*/", "* /") for text in lines)
    ]
    text = "\n".join(["/**", *inner, f"{indent} */", indent])
    return Edit(anchor.start_byte, anchor.start_byte, text)


def _tags(fragment: Fragment, function: Function) -> list[str]:
    """The lines of a function's JSDoc. TypeScript has its types in the signature."""
    tags = [_param(fragment, p, n) for n, p in enumerate(function.parameters)]
    result = _result(fragment, function)
    if result:
        kind, _, what = result.rpartition(": ")
        braced = f"{{{kind}}} " if kind and not fragment.is_typed else ""
        tags.append(f"@{'yields' if function.yields else 'returns'} {braced}{what}")
    errors = raised(fragment, function)
    tags += [f"@throws {{{name}}} {why}".rstrip() for name, why in errors.items()]
    summary = _summary("create" if function.name == "constructor" else function.name)
    return [summary, "", *tags] if tags else [summary]


def _param(fragment: Fragment, parameter: Parameter, number: int) -> str:
    name = parameter.name or ("options" if number else "input")
    what = _words(name)
    if fragment.is_typed:
        return f"@param {name} - The {what}."
    kind = type_of(fragment, parameter.default) if parameter.default is not None else None
    braced = f"{{{kind}}} " if kind and kind != "null" else ""
    default = parameter.default
    shown = name if default is None else f"[{name}={_one_line(fragment, default)}]"
    return f"@param {braced}{shown} - The {what}."


def _type_lines(fragment: Fragment, function: Function) -> Iterator[str]:
    for parameter in function.parameters:
        default = parameter.default
        kind = type_of(fragment, default) if default is not None else None
        if default is not None and kind not in (None, "null") and parameter.name:
            yield f"@param {{{kind}}} [{parameter.name}={_one_line(fragment, default)}]"
    kind = result_type(fragment, function)
    if kind is not None and kind not in ("void", "null") and function.node.type in FUNCTIONS:
        yield f"@returns {{{f'Promise<{kind}>' if function.awaited else kind}}}"


def _one_line(fragment: Fragment, node: Node) -> str:
    return " ".join(fragment.source_of(node).split())


def _summary(name: str) -> str:
    """The name as a sentence: `load_orders` says "Load orders."."""
    special = {"__init__": "Set up the object.", "": "A function without a name."}
    words = _words(name)
    return special.get(name) or f"{words[:1].upper()}{words[1:]}."


def _words(name: str) -> str:
    """`maxItems`, `max_items` and `MAX_ITEMS` in words: "max items"."""
    words = [word.group() for word in _WORD.finditer(name)]
    # Abbreviations such as HTTP stay, unless the whole name is in capitals.
    keep = not name.isupper()
    return " ".join(w if keep and len(w) > 1 and w.isupper() else w.lower() for w in words) or name
