"""Turns `"…" % values` and `"…".format(values)` into f-strings.

See `strings` for what stays unchanged, and why.
"""

import re
from dataclasses import dataclass
from string import Formatter

from tree_sitter import Node

from lsp_server.practice.fragment import Fragment, ancestors, walk
from lsp_server.practice.integers import is_whole

_PERCENT = re.compile(
    r"%(?:\((?P<key>[^)]*)\))?(?P<flags>[#0\- +]*)(?P<width>\d*)(?:\.(?P<precision>\d+))?"
    r"(?P<type>[a-zA-Z%])"
)
_OPENING = re.compile(r"""(?P<prefix>[rRuU]?)(?P<quote>\"{3}|'{3}|"|')""")
_FIELD = re.compile(r"(?P<name>\w*)(?P<path>(?:\.[^\W\d]\w*|\[\d+\])*)")
_NUMBER_TYPES = frozenset("eEfFgGxXo")
_AS_TEXT = {"s": "!s", "r": "!r", "a": "!a"}
_SIMPLE = frozenset({"identifier", "attribute", "integer", "float", "string", "none", "true"})
"""Values that may be evaluated twice, or in another order, without any effect."""

_LOOSE = frozenset(
    {"lambda", "conditional_expression", "named_expression", "generator_expression", "yield"}
)
_POSTFIX = frozenset({"identifier", "attribute", "subscript", "call", "parenthesized_expression"})


@dataclass(frozen=True, slots=True)
class _Literal:
    """A string literal: prefix, quote and content."""

    prefix: str
    quote: str
    content: str


def from_percent(fragment: Fragment, node: Node) -> str | None:
    """The f-string that equals the expression `node` with `%`. None if there is none."""
    operator = node.child_by_field_name("operator")
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if operator is None or left is None or right is None or fragment.source_of(operator) != "%":
        return None
    literal = _literal(fragment, left)
    if literal is None or node.has_error or _inside_string(node):
        return None
    values = _percent_values(fragment, right)
    pieces = _percent_pieces(fragment, literal, values) if values else None
    return _assemble(fragment, literal, pieces, node) if pieces else None


def from_format(fragment: Fragment, node: Node) -> str | None:
    """The f-string that equals the call `node` of `.format`. None if there is none."""
    function = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    if function is None or arguments is None or function.type != "attribute":
        return None
    owner = function.child_by_field_name("object")
    method = function.child_by_field_name("attribute")
    if owner is None or method is None or fragment.source_of(method) != "format":
        return None
    literal = _literal(fragment, owner)
    if literal is None or node.has_error or _inside_string(node):
        return None
    values = _format_values(fragment, arguments)
    pieces = _format_pieces(fragment, literal, values) if values else None
    return _assemble(fragment, literal, pieces, node) if pieces else None


@dataclass(frozen=True, slots=True)
class _Hole:
    """A place for a value. `path` follows it (`.name`), `tail` is its conversion and format."""

    value: Node
    path: str
    tail: str


def _literal(fragment: Fragment, node: Node) -> _Literal | None:
    if node.type != "string":
        return None
    text = fragment.source_of(node)
    opening = _OPENING.match(text)
    if opening is None or "\\N{" in text:
        return None
    prefix, quote = opening["prefix"].lower().replace("u", ""), opening["quote"]
    return _Literal(prefix, quote, text[opening.end() : -len(quote)])


def _inside_string(node: Node) -> bool:
    return any(above.type in ("string", "interpolation") for above in ancestors(node))


def _percent_values(fragment: Fragment, right: Node) -> dict[str, Node] | None:
    """The values by key, or by "0", "1", … if they are used in order."""
    if right.type == "dictionary":
        keyed: dict[str, Node] = {}
        for pair in right.named_children:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            literal = _literal(fragment, key) if key else None
            if literal is None or value is None or f"({literal.content})" in keyed:
                return None
            keyed[f"({literal.content})"] = value
        return keyed
    values = right.named_children if right.type == "tuple" else [right]
    if any(value.type in ("list_splat", "comment") for value in values):
        return None
    return {str(n): value for n, value in enumerate(values)}


def _percent_pieces(
    fragment: Fragment, literal: _Literal, values: dict[str, Node]
) -> list[str | _Hole] | None:
    pieces: list[str | _Hole] = []
    used: list[str] = []
    place = taken = 0
    text = literal.content
    while (percent := text.find("%", place)) >= 0:
        found = _PERCENT.match(text, percent)
        if found is None:
            return None
        pieces.append(_braces_doubled(text[place:percent]))
        place = found.end()
        if found["type"] == "%":
            if found[0] != "%%":
                return None
            pieces.append("%")
            continue
        key = f"({found['key']})" if found["key"] is not None else str(taken)
        taken += found["key"] is None
        value = values.get(key)
        tail = None if value is None else _percent_tail(fragment, found, value)
        if value is None or tail is None:
            return None
        used.append(key)
        pieces.append(_Hole(value, "", tail))
    pieces.append(_braces_doubled(text[place:]))
    return pieces if _each_used(used, values) else None


def _percent_tail(fragment: Fragment, found: re.Match[str], value: Node) -> str | None:
    """The conversion and format in an f-string: `!r`, `:>10`, `:.2f`. None if there is none."""
    flags, width, precision, kind = (found[name] or "" for name in _PARTS)
    if "#" in flags:
        return None
    if kind in _AS_TEXT:
        return _text_tail(flags, width, precision, kind)
    if kind in "di":
        if precision or not is_whole(fragment, value):
            return None
        kind = "d" if flags or width else ""
    elif kind not in _NUMBER_TYPES or (kind in "xXo" and (precision or flags)):
        return None
    spec = "<" if "-" in flags and width else ""
    spec += "+" if "+" in flags else " " if " " in flags else ""
    spec += "0" if "0" in flags and width and "-" not in flags else ""
    spec += width + (f".{precision}" if precision else "") + kind
    return f":{spec}" if spec else ""


_PARTS = ("flags", "width", "precision", "type")


def _text_tail(flags: str, width: str, precision: str, kind: str) -> str | None:
    if flags.strip("-"):
        return None
    align = ("<" if "-" in flags else ">") if width else ""
    spec = align + width + (f".{precision}" if precision else "")
    # Without a format, `{x}` is `str(x)`; with one, only a string is formatted as by `%s`.
    conversion = "" if kind == "s" and not spec else _AS_TEXT[kind]
    return conversion + (f":{spec}" if spec else "")


def _format_values(fragment: Fragment, arguments: Node) -> dict[str, Node] | None:
    values: dict[str, Node] = {}
    if arguments.type != "argument_list":
        return None
    for number, argument in enumerate(arguments.named_children):
        if argument.type in ("list_splat", "dictionary_splat", "comment"):
            return None
        if argument.type == "keyword_argument":
            name = argument.child_by_field_name("name")
            value = argument.child_by_field_name("value")
            if name is None or value is None:
                return None
            values[fragment.source_of(name)] = value
        else:
            values[str(number)] = argument
    return values


def _format_pieces(
    fragment: Fragment, literal: _Literal, values: dict[str, Node]
) -> list[str | _Hole] | None:
    pieces: list[str | _Hole] = []
    used: list[str] = []
    try:
        fields = list(Formatter().parse(literal.content))
    except ValueError:
        return None
    for text, field, spec, conversion in fields:
        pieces.append(_braces_doubled(text))
        if field is None:
            continue
        parts = _FIELD.fullmatch(field)
        if parts is None or "{" in (spec or ""):
            return None
        key = parts["name"] or str(len(used))
        value = values.get(key)
        if value is None or (parts["path"] and value.type not in _POSTFIX):
            return None
        used.append(key)
        tail = (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
        pieces.append(_Hole(value, parts["path"], tail))
    again = {key for key in used if used.count(key) > 1}
    if set(used) != set(values) or any(values[key].type not in _SIMPLE for key in again):
        return None
    order = list(dict.fromkeys(used))
    in_order = order == list(values)
    return pieces if in_order or all(v.type in _SIMPLE for v in values.values()) else None


def _each_used(used: list[str], values: dict[str, Node]) -> bool:
    """Whether every value is used once, in the order of its evaluation."""
    if used == list(values):
        return True
    simple = all(value.type in _SIMPLE for value in values.values())
    return bool(used) and set(used) == set(values) and simple


def _braces_doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _assemble(
    fragment: Fragment, literal: _Literal, pieces: list[str | _Hole], node: Node
) -> str | None:
    if not any(isinstance(piece, _Hole) for piece in pieces):
        return None
    if any(part.type == "comment" for part in walk(node)):
        return None
    text = ""
    for piece in pieces:
        value = _value_text(fragment, piece, literal.quote) if isinstance(piece, _Hole) else piece
        if value is None:
            return None
        text += value
    return f"{literal.prefix}f{literal.quote}{text}{literal.quote}"


def _value_text(fragment: Fragment, hole: _Hole, quote: str) -> str | None:
    """The value in braces. None if it is not allowed there before Python 3.12."""
    text = fragment.source_of(hole.value)
    if any(part.type in ("interpolation", "concatenated_string") for part in walk(hole.value)):
        return None
    if quote[0] in text:
        text = _other_quotes(fragment, hole.value, quote[0]) or ""
    if not text or any(sign in text for sign in ("\\", "\n", "#", quote[0])):
        return None
    if hole.value.type in _LOOSE:
        text = f"({text})"
    space = " " if text.startswith("{") else ""
    return f"{{{space}{text}{hole.path}{hole.tail}{space}}}"


def _other_quotes(fragment: Fragment, value: Node, quote: str) -> str | None:
    """The value with its strings in the other kind of quotes."""
    other = "'" if quote == '"' else '"'
    text = fragment.source_of(value)
    pieces: list[str] = []
    place = value.start_byte
    for node in walk(value):
        if node.type != "string":
            continue
        literal = _literal(fragment, node)
        if literal is None or len(literal.quote) > 1 or {'"', "'"} & set(literal.content):
            return None
        pieces.append(fragment.slice(place, node.start_byte))
        pieces.append(f"{literal.prefix}{other}{literal.content}{other}")
        place = node.end_byte
    text = "".join(pieces) + fragment.slice(place, value.end_byte)
    return None if quote in text else text
