"""Reads plain instructions as steps: "rename tmp to total and use f-strings, please".

An instruction is cut into clauses. A clause is understood only when every word of it is: the
recipe's own words, and small words that change nothing. So "add docstrings in French" is not taken
for "add docstrings"; a clause that is not understood is returned word for word.

Knows nothing of code; whether a name exists is for the recipe to find out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lsp_server.practice.node_shapes import word_set
from lsp_server.practice.recipe import RecipeName

_CLAUSES = re.compile(r"[;,]\s*|[.!?](?:\s+|$)|\s*\n+\s*|\s+(?:and|then|plus|but)\s+", re.I)
_INSTEAD = re.compile(r"\binstead\b(?! of)|\brather\b(?! than)|^\W*(no|nope|wait)\b\W*[,.!]", re.I)

_LEAD = r"(?:(?:please|also|then|and|now|just|no|rather|can you|could you) )*"
_TAIL = r"(?: (?:please|too|instead|everywhere|here|now|throughout|rather|again))*"
_KIND = (
    r"(?:(?:the )?(?P<kind>variable|name|function|method|class|parameter|argument|attribute"
    r"|property|field|constant) )?"
)
_OLD = r"[`'\"“”]?(?P<old>[\w$#.]+?)[`'\"“”]?"
_NEW = r"[`'\"“”]?(?P<new>[^\s`'\"“”]+?)[`'\"“”]?"


def _rename_pattern(words: str) -> re.Pattern[str]:
    return re.compile(f"{_LEAD}{words}{_TAIL}", re.I)


_OF_IT = _rename_pattern(rf"(?:(?:call|name) it|rename (?:it|this|that) to) {_NEW}")
_RENAME = (
    _rename_pattern(rf"rename {_KIND}{_OLD} (?:to|into|as|->) {_NEW}"),
    _rename_pattern(rf"call {_KIND}{_OLD} {_NEW}"),
)
_AGAIN = _rename_pattern(rf"{_OLD} (?:to|into|as|->) {_NEW}")
"""What follows a rename: "rename a to b and c to d"."""

_RECEIVER = re.compile(r"^(?:self|this|cls)\.")
_ATTRIBUTE_KINDS = frozenset({"attribute", "property", "field"})

_POLITE = word_set(
    """
    a again all also and any can class classes clean code could do each every everywhere for from
    function functions get go has have hello hi here i in instead into is it its just let make me
    method methods missing need needs no none now of ok on please possible rather rid some sure
    thank thanks that the then these this to too up use using want with would you your
    """
)
"""Words that change nothing about what is asked."""
_DENIALS = word_set("not dont don't never without except keep leave")
_PUT = "add write insert generate put give include"
_REWORK = "turn convert change rewrite refactor transform replace switch update"
_TAKE_AWAY = "remove delete drop strip clear clean rid"


@dataclass(frozen=True, slots=True)
class _Wording:
    """How a recipe is asked for: its key, and the words that may be around the key."""

    name: RecipeName
    key: re.Pattern[str]
    around: frozenset[str]
    needed: frozenset[str] = frozenset()
    """If there are any, one of them must be in the clause."""


def _wording(name: RecipeName, key: str, around: str, needed: str = "") -> _Wording:
    words = word_set(f"{around} {needed}")
    return _Wording(name, re.compile(key), _POLITE | words, word_set(needed))


_WORDINGS = (
    _wording(
        RecipeName.GUARD_CLAUSES,
        r"\b(guard[- ]?clauses?|early[- ](returns?|exits?))\b",
        f"nested ifs if-statements statements conditions nesting flatten {_REWORK}",
    ),
    _wording(
        RecipeName.GUARD_CLAUSES,
        r"\b(nested[- ]ifs?|nesting|(flatten|unnest)|(?<=invert the )ifs)\b",
        f"flatten unnest reduce invert less avoid ifs nested code {_REWORK} {_TAKE_AWAY}",
    ),
    _wording(
        RecipeName.DOCSTRINGS,
        r"\b(doc[- ]?strings?|js[- ]?docs?|tsdoc|doc[- ]comments?|docs|documentation|document)\b",
        f"skeleton skeletons comments {_PUT}",
    ),
    _wording(
        RecipeName.TYPE_HINTS,
        r"\b(type[- ]?(hint|annotation)s?|annotations|types|annotate)\b",
        f"annotate the types type parameters {_PUT}",
    ),
    _wording(
        RecipeName.STRINGS,
        r"(?<!\w)(f[- ]?strings?|template[- ](literals?|strings?)|string interpolation)\b",
        "string strings formatting format concatenation % + .format .format() %-formatting "
        f"{_REWORK}",
    ),
    _wording(
        RecipeName.DEBUG_OUTPUT,
        r"(?<!\w)((debug(ging)?[- ])?(prints?|output|logs?|logging|statements?|calls?)"
        r"|breakpoints?|console\.logs?|debuggers?)(?!\w)",
        "print debug debugging statement statements calls call output logs console.log",
        f"{_TAKE_AWAY} no",
    ),
)


@dataclass(frozen=True, slots=True)
class RenameStep:
    """Rename `old`. None stands for what was renamed last ("call it …")."""

    old: str | None
    new: str
    attribute: bool = False


@dataclass(frozen=True, slots=True)
class RecipeStep:
    """Use one of the other recipes. Not `wanted`: leave its subject alone."""

    name: RecipeName
    wanted: bool = True


Step = RenameStep | RecipeStep


@dataclass(frozen=True, slots=True)
class Instruction:
    """What was understood of an instruction, and what was not."""

    steps: tuple[Step, ...]
    unknown: tuple[str, ...]
    instead: bool
    """Whether it takes back what was asked for before."""


def understand(text: str) -> Instruction:
    """Read an instruction. Never raises."""
    steps: list[Step] = []
    unknown: list[str] = []
    for clause in _clauses(text):
        step = _step(clause, steps)
        if step is None:
            if not set(_words_of(clause)) <= _POLITE:
                unknown.append(clause)
        elif step not in steps:
            steps.append(step)
    return Instruction(tuple(steps), tuple(unknown), _INSTEAD.search(text) is not None)


def _clauses(text: str) -> Iterator[str]:
    for clause in _CLAUSES.split(text[:2000]):
        clean = " ".join(clause.split()).rstrip(".!?:")
        if clean:
            yield clean


def _step(clause: str, before: list[Step]) -> Step | None:
    found = _OF_IT.fullmatch(clause)
    if found is not None:
        return RenameStep(None, _RECEIVER.sub("", _bare(found["new"])))
    follows = before and isinstance(before[-1], RenameStep)
    for pattern in (*_RENAME, _AGAIN) if follows else _RENAME:
        if (found := pattern.fullmatch(clause)) is not None:
            return _rename_step(found)
    return _recipe_step(clause, before)


def _rename_step(found: re.Match[str]) -> RenameStep:
    old, new = _bare(found["old"]), _bare(found["new"])
    kind = (found.groupdict().get("kind") or "").lower()
    attribute = _RECEIVER.match(old) is not None or kind in _ATTRIBUTE_KINDS
    return RenameStep(_RECEIVER.sub("", old), _RECEIVER.sub("", new), attribute)


def _bare(name: str) -> str:
    """Without the brackets of `total()` and the like."""
    return name.removesuffix("()").strip("`'\"")


def _recipe_step(clause: str, before: list[Step]) -> RecipeStep | None:
    lower = clause.lower().replace("’", "'")
    words = set(_words_of(lower))
    denied = bool(words & _DENIALS)
    for wording in _WORDINGS:
        if wording.key.search(lower) is None:
            continue
        if not set(_words_of(wording.key.sub(" ", lower))) - _DENIALS <= wording.around:
            continue
        last = before[-1] if before else None
        repeated = isinstance(last, RecipeStep) and last.name is wording.name
        if wording.needed and not (words & wording.needed or denied or repeated):
            continue
        return RecipeStep(wording.name, wanted=not denied)
    return None


def _words_of(text: str) -> list[str]:
    stripped = (word.strip("`'\"“”‘’():,.!?") for word in text.lower().split())
    return [word for word in stripped if word]
