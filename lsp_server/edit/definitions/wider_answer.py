"""Extracts the part of an answer that replaces the scope, if the answer contains more than that.

Models that are asked for a method write its class around it, or other functions of the file; asked
for lines of a function, they write the function. Taken as the scope's new text, that code would be
in the file twice, or nested in itself. What the document defines outside of the scope is left out.
The check goes by names.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.edit.definitions.definition_protocol import DefinitionLike, DefinitionReader
from lsp_server.edit.definitions.partial_answer import CONTROL
from lsp_server.edit.reply.placeholder import is_placeholder
from lsp_server.edit.reply.reply_context import is_blank

__all__ = ["WiderAnswer", "narrowed"]

_UNNAMED = frozenset({"import", "statement", "value"})
_FUNCTIONS = frozenset({"function", "method"})
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class WiderAnswer:
    """An answer that contains more than the scope."""

    code: str | None
    """The part that replaces the scope; `None` if that isn't clear."""
    name: str
    """The name of what it contains besides that part, or around it."""
    header: int | None = None
    """The offset of that definition's header in the document, if it is around the scope."""


@dataclass(frozen=True, slots=True)
class Around:
    """The document around the scope, with "\\n" as line ends."""

    before: str
    original: str
    after: str


def narrowed(place: Around, answer: str, names: DefinitionReader) -> WiderAnswer | None:
    """The part of `answer` that replaces the scope; `None` if it contains nothing else."""
    found = names.alone(answer)
    # Parsing the whole document takes long, and most answers define only what the scope does.
    alone = names.alone(place.original)
    own = {one.name for one in alone if not _is_call(one.span.text(place.original))}
    if all(one.name in own for one in found if _is_named(one)):
        return None
    scope = [one for one in names.known() if _is_named(one)]
    within = names.around()
    if not scope and not within:
        return None
    if scope:
        return _definitions(scope, within, found, answer, names)
    function = within[-1]
    if function.kind not in _FUNCTIONS or is_blank(place.original):
        return None
    same = [one for one in found if one.kind in _FUNCTIONS and one.name == function.name]
    if len(same) != 1:
        renamed = _is_all(found[0], answer)
        return WiderAnswer(None, function.name, function.header) if renamed else None
    return WiderAnswer(_lines_of(place, function, same[0], answer), function.name, function.header)


# -- the scope is definitions --


def _definitions(
    scope: Sequence[DefinitionLike],
    within: Sequence[DefinitionLike],
    found: Sequence[DefinitionLike],
    answer: str,
    names: DefinitionReader,
) -> WiderAnswer | None:
    outermost = [one for one in scope if not any(o is not one and _holds(o, one) for o in scope)]
    wanted = {one.name for one in outermost}
    holder = _holder(within, found, wanted)
    path = (*holder.path, holder.name) if holder is not None else ()
    items = [one for one in found if one.path == path]
    if not any(one.name in wanted and _is_named(one) for one in items):
        return None
    path = (*within[-1].path, within[-1].name) if within else ()
    beside = [(o, text) for o, text in names.beside() if o.path == path]
    outside = {(o.name, _bare(o)) for o, _ in beside if o.name}
    texts = {"".join(text.split()) for _, text in beside}
    own = {(one.name, _bare(one)) for one in outermost}
    called = {name for name, _ in outside} - wanted

    def is_outside(one: DefinitionLike) -> bool:
        key = (one.name, _bare(one))
        if not one.name:
            return "".join(one.span.text(answer).split()) in texts
        return one.name in called or (key in outside and key not in own)

    gone = [one for one in items if is_outside(one)]
    if holder is None and not gone:
        return None
    kept = [
        one
        for one in items
        if one not in gone and (holder is None or one.kind not in ("import", "statement"))
    ]
    if holder is None:
        return WiderAnswer(_joined(kept, items, answer), gone[0].name)
    header = within[-1].header
    if set(_WORD.findall(holder.signature)) - set(_WORD.findall(within[-1].signature)):
        return WiderAnswer(None, holder.name, header)  # The class itself changes.
    return WiderAnswer(_joined(kept, items, answer), holder.name, header)


def _holder(
    within: Sequence[DefinitionLike], found: Sequence[DefinitionLike], wanted: set[str]
) -> DefinitionLike | None:
    """The class around the scope in the answer, with a definition of the scope in it."""
    if not within or within[-1].kind in _FUNCTIONS:
        return None
    named = [one for one in found if one.name == within[-1].name and one.kind == within[-1].kind]
    for one in named:
        path = (*one.path, one.name)
        if any(o.path == path and o.name in wanted for o in found):
            return one
    return None


def _joined(
    kept: Sequence[DefinitionLike], items: Sequence[DefinitionLike], answer: str
) -> str | None:
    """The text of the kept items in whole lines, with the text between neighbours."""
    pieces: list[str] = []
    last: DefinitionLike | None = None
    for one in kept:
        start = answer.rfind("\n", 0, one.span.start) + 1
        if not is_blank(answer[start : one.span.start]):
            return None
        if last is not None:
            neighbours = items.index(one) == items.index(last) + 1
            pieces.append(answer[last.span.end : start] if neighbours else "\n\n")
        pieces.append(_without_placeholders(answer[start : one.span.end]))
        last = one
    return "".join(pieces) or None


def _without_placeholders(text: str) -> str:
    lines = text.split("\n")
    while len(lines) > 1 and is_placeholder(lines[0]):
        lines = lines[1:]
    return "\n".join(lines)


# -- the scope is lines of a function --


def _lines_of(
    place: Around, function: DefinitionLike, found: DefinitionLike, answer: str
) -> str | None:
    """The lines of the answer's function that replace the scope.

    The others must equal the lines around the scope; else `None`.
    """
    document = place.before + place.original + place.after
    opening = document[function.header : len(place.before)]
    if not is_blank(opening.rpartition("\n")[2]):
        return None
    closing = document[len(place.before) + len(place.original) : function.span.end]
    lines = answer[found.header : found.span.end].split("\n")
    first, last = _taken(lines, opening.split("\n")), _taken(lines[::-1], closing.split("\n")[::-1])
    if first is None or last is None or first + last >= len(lines):
        return None
    return "\n".join(lines[first : len(lines) - last])


def _taken(lines: Sequence[str], wanted: Sequence[str]) -> int | None:
    """How many lines match `wanted`, with blank ones between; `None` if others come first."""
    at = 0
    for line in wanted:
        if is_blank(line):
            continue
        while at < len(lines) and is_blank(lines[at]):
            at += 1
        if at == len(lines) or "".join(lines[at].split()) != "".join(line.split()):
            return None
        at += 1
    return at


def _is_call(text: str) -> bool:
    """Whether it may be a statement that the grammar of a class takes for a method: `call(x);`."""
    return text.rstrip().endswith(";") and "{" not in text


def _is_all(one: DefinitionLike, answer: str) -> bool:
    """Whether the answer is nothing but this function.

    If the scope is lines of a function, such an answer is that function with a new name.
    """
    rest = answer[: one.span.start] + answer[one.span.end :]
    return one.kind in _FUNCTIONS and one.name not in CONTROL and is_blank(rest)


def _is_named(one: DefinitionLike) -> bool:
    return one.kind not in _UNNAMED and bool(one.name)


def _holds(outer: DefinitionLike, inner: DefinitionLike) -> bool:
    return outer.span.start <= inner.span.start and inner.span.end <= outer.span.end


def _bare(one: DefinitionLike) -> str:
    return "".join(one.signature.split())
