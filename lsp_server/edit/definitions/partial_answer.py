"""Whether an answer to "write the whole scope" holds only a part of it.

Models that are asked for a class or a file write the one function that changes, or for a function
the two lines. Read as the whole answer, these would take the place of everything else. Goes by
the names that the scope and the answer define, and by what the instruction asks to go; knows no
grammar and not how the answer came in.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from enum import Enum, auto

from rapidfuzz import fuzz

from lsp_server.edit.definitions.language_names import UNNAMED, DefinitionLike, DefinitionReader
from lsp_server.edit.reply.fence import blocks_of
from lsp_server.edit.reply.json_wrapper import bare
from lsp_server.edit.reply.reply_context import indent_of, is_blank, unify

__all__ = ["PartialAnswer", "holds_most", "in_context", "part_of"]

MOST = 200_000
"""Code points of the scope and the answer together; longer ones would keep all else waiting."""
MOST_NAMES = 100
"""Names that an answer may leave out for it to be asked of each why."""
_LONGEST_BEFORE, _BEFORE = 80, re.compile(r"(\w+)[ \t*&]+$")
# So many code points of two definitions are compared.
_ALIKE = 2_000
# By so much (of 100) a new definition must be like one that is gone to be that one renamed.
_RENAMED = 70.0
# So much of the scope's lines an answer must hold to be taken for all of it, where it was asked for
# in another form and nothing else tells.
_MOST_OF_IT = 0.6
# A line of so few letters and digits is no context: others may be like it.
_LEAST_CONTEXT = 4

CONTROL = frozenset(
    ("if", "for", "foreach", "while", "switch", "catch", "with", "do", "else", "try", "return")
)
"""What the grammar of a class takes for a method's name where a statement stands in one."""
_WORD = re.compile(r"\w+")
_TAKES_AWAY = re.compile(
    r"\b(remov|delet|drop|inlin|merg|fold|combin|join|mov|unif|collaps|replac|renam|turn|convert|"
    r"transform|split|simplif|refactor|restructur|rewrit|clean|dead|unused|rid\b|only\b|"
    r"without\b|instead\b|no longer\b|commen)",
    re.IGNORECASE,
)
"""Words of an instruction after which definitions may go that it does not name, or names."""
_CALLABLE = re.compile(r"\blambda\b|=>|->|\bfunc|\bfn\b|\bpartial\b|\bproc\b")
_THE_WHOLE = r"(?:it|them|everything|all|code|selection|function|method|class|definition|helper)s?"
_TURNS = re.compile(
    r"\b(?:remov|delet|drop|inlin|turn|convert|transform|replac|comment|empt|chang|mak|rewrit|get)"
    rf"\w*\s+(?:(?:(?:the|this|that|these|those|whole|entire|out|rid|of|both)\s+)*{_THE_WHOLE}\b"
    r"|(?:in)?to\b|as\b|$|\W*$)",
    re.IGNORECASE,
)
"""An instruction that the whole of what is selected goes or becomes something else."""


class PartialAnswer(Enum):
    """What an answer holds of the scope."""

    WHOLE = auto()
    DEFINITIONS = auto()
    """Some of its definitions, each whole; nothing says that the others should go."""
    FRAGMENT = auto()
    """Statements, where the scope is a definition or several."""


def part_of(
    original: str, answer: str, names: Callable[[str], DefinitionReader], instruction: str
) -> tuple[PartialAnswer, tuple[str, ...]]:
    """What `answer` holds of `original`, and the names that it leaves out; both use "\\n".

    `names` reads what would stand in the scope. Never raises.
    """
    whole = (PartialAnswer.WHOLE, ())
    if is_blank(answer) or is_blank(original) or len(original) + len(answer) > MOST:
        return whole
    if not Counter(_WORD.findall(original)) - Counter(_WORD.findall(answer)):
        return whole  # Every word is still there.
    old = [one for one in names(original).known() if _is_named(one)]
    items = names(answer).known() if old else ()
    if not old:
        return whole
    bodiless = {one.name for one in old if _is_call(one, original)}
    new = [o for o in items if _is_named(o) and (o.name in bodiless or not _is_call(o, answer))]
    said = Counter(one.name for one in new)
    given = Counter(_given(items, answer, callable_alone=not new))
    # In an answer that does not parse, only its words tell what it defines.
    missing = [one for one in old if one.name not in said]
    headed = {o.name for o in missing[:MOST_NAMES] if _is_headed(o, original, answer)}
    absent = Counter(o.name for o in old if o.name not in headed) - said - given
    gone = tuple(dict.fromkeys(one.name for one in old if one.name in absent))
    if not new:
        turns = not gone or _turns(instruction, old)
        return whole if turns else (PartialAnswer.FRAGMENT, gone)
    if len(gone) > MOST_NAMES:
        return whole  # The outlines tell that.
    kept = [name for name in gone if not _is_meant(name, old, original, answer, instruction)]
    known = {one.name for one in old}
    fresh = [one for one in new if one.name not in known]
    if not kept or len(fresh) == len(new):
        return whole
    if any(not _fits(one, original, answer) for one in _outermost(items)):
        return whole
    if len(kept) <= len(fresh) and all(
        _is_renamed(one, fresh, original, answer) for one in old if one.name in kept
    ):
        return whole
    return PartialAnswer.DEFINITIONS, gone


def in_context(original: str, fragment: str, indent: str) -> str | None:
    """`original` with a piece of it replaced, where the place is certain: the fragment's first and
    last line each stand in it once, in this order and with columns that fit, and most of what it
    leaves out between them has something in its place. None elsewhere.

    `indent` is the white space before both on their first line.
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
    stood = Counter(line.strip() for line in lines[first : last + 1] if not is_blank(line))
    come = Counter(line.strip() for line in piece if not is_blank(line))
    if (stood - come).total() > (come - stood).total() or stood == come:
        return None
    return "\n".join([*lines[:first], *moved, *lines[last + 1 :]]).removeprefix(indent)


def _only(lines: Sequence[str], line: str) -> int | None:
    """Where the line stands, if it stands there once and says enough."""
    if sum(map(str.isalnum, line)) < _LEAST_CONTEXT:
        return None
    found = [index for index, known in enumerate(lines) if known.strip() == line.strip()]
    return found[0] if len(found) == 1 else None


def _is_named(one: DefinitionLike) -> bool:
    """Whether it is a function, class or the like."""
    return one.kind not in UNNAMED and bool(one.name) and one.name not in CONTROL


def _is_call(one: DefinitionLike, text: str) -> bool:
    """Whether it may be a statement that a class's grammar takes for a method: `call(x);`."""
    words = one.span.text(text).rstrip()
    return words.endswith(";") and "{" not in words and "=>" not in words


def _is_headed(one: DefinitionLike, original: str, answer: str) -> bool:
    """Whether the answer has a line that begins this definition: `def f(`, `String text(`.

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


def _given(items: Sequence[DefinitionLike], answer: str, *, callable_alone: bool) -> list[str]:
    """The names that the answer gives a value to. With nothing else in it to go by, a name that a
    function shares with one of its variables tells only where it is all, and can be called."""
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
    """Whether the reader of definitions knows what to do with it."""
    if one.kind != "statement":
        return True
    known = {line.strip() for line in original.split("\n")}
    return all(line.strip() in known for line in one.span.text(answer).split("\n"))


def _is_meant(
    name: str, old: Sequence[DefinitionLike], original: str, answer: str, instruction: str
) -> bool:
    """Whether the instruction lets a definition go, or the answer has taken up what it did."""
    if _TAKES_AWAY.search(instruction) is None:
        return False
    said = frozenset(_WORD.findall(instruction))
    speaks = any(
        said.issuperset(_WORD.findall(word))
        for one in old
        if one.name == name
        for word in (one.name, *one.path)
    )
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    itself = sum(len(word.findall(o.span.text(original))) for o in old if o.name == name)
    used = len(word.findall(original)) > itself
    return speaks or (used and word.search(answer) is None)


def _is_renamed(
    gone: DefinitionLike, fresh: Sequence[DefinitionLike], original: str, answer: str
) -> bool:
    """Whether one of the new definitions is one that is gone, by another name."""
    before = gone.span.text(original)[:_ALIKE].replace(gone.name, "")
    texts = (one.span.text(answer)[:_ALIKE].replace(one.name, "") for one in fresh[:MOST_NAMES])
    return any(fuzz.ratio(before, after) >= _RENAMED for after in texts)


def _turns(instruction: str, old: Sequence[DefinitionLike]) -> bool:
    """Whether the instruction asks that the definitions go, or become something else."""
    if _TURNS.search(instruction) is not None:
        return True
    names = "|".join(re.escape(one.name) for one in old)
    verb = r"\b(?:remov|delet|drop|inlin|turn|convert|replac|comment)\w*"
    goes = re.compile(rf"{verb}\s+(?:\w+\s+)?\W?(?:{names})\b", re.IGNORECASE)
    return goes.search(instruction) is not None


def holds_most(original: str, answer: str) -> bool:
    """Whether an answer holds most of the scope's lines, or as many between its first and its last
    one, so that it can only be meant as all of the scope."""
    said = {line.strip() for line in unify(answer).split("\n")}
    wanted = _lines_of(original)
    if sum(line in said for line in wanted) >= _MOST_OF_IT * len(wanted):
        return True
    for block in blocks_of(unify(answer)) or [bare(answer)]:
        lines = _lines_of(block)
        spans = bool(lines) and (lines[0], lines[-1]) == (wanted[0], wanted[-1])
        if spans and len(lines) >= _MOST_OF_IT * len(wanted):
            return True
    return False


def _lines_of(text: str) -> list[str]:
    """What stands in the lines of a text that are not blank, without the blanks around it."""
    return [line.strip() for line in text.split("\n") if line.strip()]
