"""Detects answers that contain only a part of the scope, although the whole was requested.

Models that are asked for a class or a file write only the function that changes; asked for a
function, only the changed lines. Taken as the whole answer, these would replace everything else.
The check compares the names that the scope and the answer define, and reads in the instruction what
is to be deleted.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from enum import Enum, auto

from rapidfuzz import fuzz

from lsp_server.edit.definitions.definition_protocol import (
    UNNAMED,
    DefinitionLike,
    DefinitionReader,
)
from lsp_server.edit.reply.fence import blocks_of
from lsp_server.edit.reply.json_wrapper import without_outer_fence
from lsp_server.edit.reply.reply_context import indent_of, is_blank, unify

__all__ = ["PartialAnswer", "holds_most", "in_context", "part_of"]

MOST = 200_000
"""Code points of the scope and the answer together. Longer ones take too long to check."""
MOST_NAMES = 100
"""Names that an answer may leave out for each to be checked."""
_LONGEST_BEFORE, _BEFORE = 80, re.compile(r"(\w+)[ \t*&]+$")
# Code points of two definitions that are compared.
_ALIKE = 2_000
# The least similarity (of 100) of a missing definition and a new one that is it, renamed.
_RENAMED = 70.0
# An answer with this fraction of the scope's lines is the whole scope, if another form was
# requested and nothing else tells.
_MOST_OF_IT = 0.6
# Lines with fewer letters and digits are no context: others may equal them.
_LEAST_CONTEXT = 4

CONTROL = frozenset(
    ("if", "for", "foreach", "while", "switch", "catch", "with", "do", "else", "try", "return")
)
"""Keywords that the grammar of a class takes for the name of a method."""
_WORD = re.compile(r"\w+")
_REMOVES = re.compile(
    r"\b(remov|delet|drop|inlin|merg|fold|combin|join|mov|unif|collaps|replac|renam|turn|convert|"
    r"transform|split|simplif|refactor|restructur|rewrit|clean|dead|unused|rid\b|only\b|"
    r"without\b|instead\b|no longer\b|commen)",
    re.IGNORECASE,
)
"""Words of an instruction that may delete definitions, named or not."""
_CALLABLE = re.compile(r"\blambda\b|=>|->|\bfunc|\bfn\b|\bpartial\b|\bproc\b")
_EVERYTHING = r"(?:it|them|everything|all|code|selection|function|method|class|definition|helper)s?"
_REPLACES = re.compile(
    r"\b(?:remov|delet|drop|inlin|turn|convert|transform|replac|comment|empt|chang|mak|rewrit|get)"
    rf"\w*\s+(?:(?:(?:the|this|that|these|those|whole|entire|out|rid|of|both)\s+)*{_EVERYTHING}\b"
    r"|(?:in)?to\b|as\b|$|\W*$)",
    re.IGNORECASE,
)
"""An instruction to delete everything selected or to turn it into something else."""


class PartialAnswer(Enum):
    """How much of the scope an answer contains."""

    WHOLE = auto()
    DEFINITIONS = auto()
    """Some of its definitions, each complete; nothing says to delete the others."""
    FRAGMENT = auto()
    """Statements, although the scope is one or more definitions."""


def part_of(
    original: str, answer: str, names: Callable[[str], DefinitionReader], instruction: str
) -> tuple[PartialAnswer, tuple[str, ...]]:
    """How much of `original` the answer contains, and the names that it leaves out.

    Both texts use "\\n". `names` gives the reader for a text of the scope. Never raises.
    """
    all_of_it = (PartialAnswer.WHOLE, ())
    if is_blank(answer) or is_blank(original) or len(original) + len(answer) > MOST:
        return all_of_it
    if not Counter(_WORD.findall(original)) - Counter(_WORD.findall(answer)):
        return all_of_it  # Every word is still there.
    old = [one for one in names(original).known() if _is_named(one)]
    items = names(answer).known() if old else ()
    if not old:
        return all_of_it
    bodiless = {one.name for one in old if _is_call(one, original)}
    new = [o for o in items if _is_named(o) and (o.name in bodiless or not _is_call(o, answer))]
    defined = Counter(one.name for one in new)
    assigned = Counter(_assigned_names(items, answer, callable_alone=not new))
    # If the answer doesn't parse, only its words tell what it defines.
    missing = [one for one in old if one.name not in defined]
    headed = {o.name for o in missing[:MOST_NAMES] if _has_header_for(o, original, answer)}
    absent = Counter(o.name for o in old if o.name not in headed) - defined - assigned
    missing_names = tuple(dict.fromkeys(one.name for one in old if one.name in absent))
    if not new:
        is_whole = not missing_names or _asks_to_replace(instruction, old)
        return all_of_it if is_whole else (PartialAnswer.FRAGMENT, missing_names)
    if len(missing_names) > MOST_NAMES:
        return all_of_it  # The outlines show that.
    kept = [
        name
        for name in missing_names
        if not _is_deleted_on_purpose(name, old, original, answer, instruction)
    ]
    known = {one.name for one in old}
    fresh = [one for one in new if one.name not in known]
    if not kept or len(fresh) == len(new):
        return all_of_it
    if any(not _fits(one, original, answer) for one in _outermost(items)):
        return all_of_it
    if len(kept) <= len(fresh) and all(
        _is_renamed(one, fresh, original, answer) for one in old if one.name in kept
    ):
        return all_of_it
    return PartialAnswer.DEFINITIONS, missing_names


def in_context(original: str, fragment: str, indent: str) -> str | None:
    """`original` with a part replaced by `fragment`, if the place is certain; else `None`.

    It is certain if the fragment's first and last line each occur once, in this order and with
    matching indentation, and the fragment doesn't lose more lines between them than it adds.
    `indent` is the white space before both texts on their first line.
    """
    lines = (indent + original).split("\n")
    piece = (indent + fragment).rstrip("\n").split("\n")
    first, last = _only(lines, piece[0]), _only(lines, piece[-1])
    if first is None or last is None or first >= last:
        return None
    column, wanted = indent_of(piece[0]), indent_of(lines[first])
    if any(not line.startswith(column) for line in piece if not is_blank(line)):
        return None
    moved = [line if is_blank(line) else wanted + line[len(column) :] for line in piece]
    if (moved[0], moved[-1]) != (lines[first], lines[last]):
        return None
    old_lines = Counter(line.strip() for line in lines[first : last + 1] if not is_blank(line))
    new_lines = Counter(line.strip() for line in piece if not is_blank(line))
    if (old_lines - new_lines).total() > (new_lines - old_lines).total() or old_lines == new_lines:
        return None
    return "\n".join([*lines[:first], *moved, *lines[last + 1 :]]).removeprefix(indent)


def _only(lines: Sequence[str], line: str) -> int | None:
    """The index of the line, if it occurs once and has enough letters."""
    if sum(map(str.isalnum, line)) < _LEAST_CONTEXT:
        return None
    found = [index for index, known in enumerate(lines) if known.strip() == line.strip()]
    return found[0] if len(found) == 1 else None


def _is_named(one: DefinitionLike) -> bool:
    """Whether the item is a function, class or the like."""
    return one.kind not in UNNAMED and bool(one.name) and one.name not in CONTROL


def _is_call(one: DefinitionLike, text: str) -> bool:
    """Whether it may be a statement that the grammar of a class takes for a method: `call(x);`."""
    words = one.span.text(text).rstrip()
    return words.endswith(";") and "{" not in words and "=>" not in words


def _has_header_for(one: DefinitionLike, original: str, answer: str) -> bool:
    """Whether the answer has a header for this definition: `def f(`, `String text(`.

    A method that has become a property keeps its type: `int size() …` is `int size => …`.
    """
    text = one.span.text(original)
    found = re.search(rf"(?<!\w){re.escape(one.name)}(?!\w)\s*(\(?)", text)
    if found is None:
        return False
    word = _BEFORE.search(text[max(found.start() - _LONGEST_BEFORE, 0) : found.start()])
    before, bracket = word[1] if word else "", re.escape(found[1])
    ends = "" if before else r"[^\n;]*\{[ \t]*$"
    if before and bracket:
        bracket = rf"(?:{bracket}|=>|\{{)"
    start = rf"\b{before}[ \t*&]+" if before else r"^[ \t]*"
    again = re.compile(rf"{start}{re.escape(one.name)}(?!\w)\s*{bracket}{ends}", re.M)
    return again.search(answer) is not None


def _assigned_names(
    items: Sequence[DefinitionLike], answer: str, *, callable_alone: bool
) -> list[str]:
    """The names that the answer assigns a value to.

    With `callable_alone`, only if the answer contains nothing else, and only callable values: a
    variable may share its name with a function.
    """
    values = [one for one in items if one.kind == "value"]
    if callable_alone:
        rest = answer
        for one in items:
            if one.kind in ("value", "import"):
                rest = rest.replace(one.span.text(answer), "")
        if not is_blank(rest):
            return []
        values = [one for one in values if _CALLABLE.search(one.span.text(answer))]
    return [one.name for one in values]


def _outermost(items: Sequence[DefinitionLike]) -> list[DefinitionLike]:
    found: list[DefinitionLike] = []
    for one in items:
        if not found or one.span.start >= found[-1].span.end:
            found.append(one)
    return found


def _fits(one: DefinitionLike, original: str, answer: str) -> bool:
    """Whether `DefinitionsReader` can handle the item."""
    if one.kind != "statement":
        return True
    known = {line.strip() for line in original.split("\n")}
    return all(line.strip() in known for line in one.span.text(answer).split("\n"))


def _is_deleted_on_purpose(
    name: str, old: Sequence[DefinitionLike], original: str, answer: str, instruction: str
) -> bool:
    """Whether the instruction deletes a definition, or the answer has absorbed it."""
    if _REMOVES.search(instruction) is None:
        return False
    instruction_words = frozenset(_WORD.findall(instruction))
    is_named = any(
        instruction_words.issuperset(_WORD.findall(word))
        for one in old
        if one.name == name
        for word in (one.name, *one.path)
    )
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    itself = sum(len(word.findall(o.span.text(original))) for o in old if o.name == name)
    used = len(word.findall(original)) > itself
    return is_named or (used and word.search(answer) is None)


def _is_renamed(
    gone: DefinitionLike, fresh: Sequence[DefinitionLike], original: str, answer: str
) -> bool:
    """Whether one of the new definitions is a missing one with another name."""
    before = gone.span.text(original)[:_ALIKE].replace(gone.name, "")
    texts = (one.span.text(answer)[:_ALIKE].replace(one.name, "") for one in fresh[:MOST_NAMES])
    return any(fuzz.ratio(before, after) >= _RENAMED for after in texts)


def _asks_to_replace(instruction: str, old: Sequence[DefinitionLike]) -> bool:
    """Whether the instruction asks to delete the definitions or turn them into something else."""
    if _REPLACES.search(instruction) is not None:
        return True
    names = "|".join(re.escape(one.name) for one in old)
    verb = r"\b(?:remov|delet|drop|inlin|turn|convert|replac|comment)\w*"
    goes = re.compile(rf"{verb}\s+(?:\w+\s+)?\W?(?:{names})\b", re.IGNORECASE)
    return goes.search(instruction) is not None


def holds_most(original: str, answer: str) -> bool:
    """Whether an answer can only mean the whole scope.

    It contains most of the scope's lines, or begins and ends like it and has most of its length.
    """
    answer_lines = {line.strip() for line in unify(answer).split("\n")}
    wanted = _lines_of(original)
    if sum(line in answer_lines for line in wanted) >= _MOST_OF_IT * len(wanted):
        return True
    for block in blocks_of(unify(answer)) or [without_outer_fence(answer)]:
        lines = _lines_of(block)
        spans = bool(lines) and (lines[0], lines[-1]) == (wanted[0], wanted[-1])
        if spans and len(lines) >= _MOST_OF_IT * len(wanted):
            return True
    return False


def _lines_of(text: str) -> list[str]:
    """The lines of a text that aren't blank, stripped."""
    return [line.strip() for line in text.split("\n") if line.strip()]
