"""The types that follow from literals, in the notation of the language."""

from tree_sitter import Node

from lsp_server.practice.fragment import Fragment

_PYTHON = {
    "integer": "int",
    "float": "float",
    "concatenated_string": "str",
    "true": "bool",
    "false": "bool",
    "none": "None",
    "not_operator": "bool",
    "list_comprehension": "list",
    "set_comprehension": "set",
    "dictionary_comprehension": "dict",
}
_BUILTINS = {
    "len": "int",
    "int": "int",
    "str": "str",
    "float": "float",
    "bool": "bool",
    "repr": "str",
    "list": "list",
    "dict": "dict",
    "set": "set",
    "tuple": "tuple",
    "sorted": "list",
    "isinstance": "bool",
    "any": "bool",
    "all": "bool",
}
_PYTHON_CONTAINERS = {"list": "list", "set": "set", "tuple": "tuple"}
_SCRIPT = {
    "number": "number",
    "string": "string",
    "template_string": "string",
    "true": "boolean",
    "false": "boolean",
    "null": "null",
    "regex": "RegExp",
}
_COMPARISONS = frozenset({"===", "!==", "==", "!=", "<", ">", "<=", ">=", "in", "instanceof"})


def type_of(fragment: Fragment, node: Node) -> str | None:
    """The type of an expression that shows it. None for any other."""
    if fragment.is_python:
        return _in_python(fragment, node)
    return _in_script(fragment, node)


def _in_python(fragment: Fragment, node: Node) -> str | None:
    text = fragment.source_of(node)
    match node.type:
        case "string":
            prefix = text[: len(text) - len(text.lstrip("rRbBuUfF"))].lower()
            return "bytes" if "b" in prefix else "str"
        case "parenthesized_expression" if node.named_child_count == 1:
            return _in_python(fragment, node.named_children[0])
        case "unary_operator" if node.child_count == 2 and text[0] in "+-":
            inner = _in_python(fragment, node.children[1])
            return inner if inner in ("int", "float") else None
        case "comparison_operator" if node.child_count == 3:
            is_bool = fragment.source_of(node.children[1]).split()[0] in ("is", "in", "not")
            return "bool" if is_bool else None
        case "call":
            function = node.child_by_field_name("function")
            return _BUILTINS.get(fragment.source_of(function)) if function else None
        case "dictionary":
            return _dict(fragment, node)
        case "list" | "set" | "tuple":
            return _container(fragment, node)
        case kind:
            return _PYTHON.get(kind)


def _container(fragment: Fragment, node: Node) -> str:
    kinds = {_in_python(fragment, child) for child in node.named_children}
    outer = _PYTHON_CONTAINERS[node.type]
    if len(kinds) != 1 or None in kinds or "None" in kinds:
        return outer
    (kind,) = kinds
    return f"{outer}[{kind}, ...]" if outer == "tuple" else f"{outer}[{kind}]"


def _dict(fragment: Fragment, node: Node) -> str:
    keys, values = set(), set()
    for pair in node.named_children:
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        keys.add(_in_python(fragment, key) if key else None)
        values.add(_in_python(fragment, value) if value else None)
    known = len(keys) == len(values) == 1 and not {None, "None"} & (keys | values)
    return f"dict[{keys.pop()}, {values.pop()}]" if known else "dict"


def _in_script(fragment: Fragment, node: Node) -> str | None:
    text = fragment.source_of(node)
    match node.type:
        case "parenthesized_expression" if node.named_child_count == 1:
            return _in_script(fragment, node.named_children[0])
        case "unary_expression" if text.startswith("!"):
            return "boolean"
        case "unary_expression" if text[0] in "+-":
            inner = _in_script(fragment, node.children[-1])
            return "number" if inner == "number" else None
        case "binary_expression":
            operator = node.child_by_field_name("operator")
            return "boolean" if operator and fragment.source_of(operator) in _COMPARISONS else None
        case "array":
            kinds = {_in_script(fragment, child) for child in node.named_children}
            kind = kinds.pop() if len(kinds) == 1 else None
            return f"{kind}[]" if kind and kind != "null" else None
        case "new_expression":
            return _instance(fragment, node)
        case kind:
            return _SCRIPT.get(kind)


def _instance(fragment: Fragment, node: Node) -> str | None:
    """The class of `new Date()`. None for generic ones such as `new Map()`."""
    constructor = node.child_by_field_name("constructor")
    name = fragment.source_of(constructor) if constructor else ""
    generic = ("Map", "Set", "WeakMap", "WeakSet", "Array", "Promise")
    return name if name.isidentifier() and name not in generic else None
