"""Plain instructions as steps: "rename tmp to total and use f-strings, please".

An instruction is cut into clauses. A clause is understood only when every word of it is: a recipe's
own words, its verbs, and small words that change nothing. So "add docstrings in French" is not
taken for "add docstrings"; the part that is not understood is handed back, word for word.

Knows nothing of code; whether a name exists is the recipe's question.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lsp_server.practice.recipe import RecipeName
from lsp_server.practice.vocabulary import DENIALS, POLITE, RECIPE_WORDS

_CLAUSES = re.compile(r"[;,]\s*|[.!?](?:\s+|$)|\s*\n+\s*|\s+(?:and|then|plus|but)\s+|\s+&\s+", re.I)
_INSTEAD = re.compile(r"\binstead\b(?! of)|\brather\b(?! than)|^\W*(no|nope|wait)\b\W*[,.!]", re.I)
_WRAP = r"[`'\"“”‘’]?"
_OLD = rf"{_WRAP}(?P<old>[\w$#.]+?){_WRAP}"
_NEW = rf"{_WRAP}(?P<new>[^\s`'\"“”‘’]+?){_WRAP}"
_KIND = (
    r"(?:(?:the |this |that )?(?P<kind>variable|name|function|method|class|parameter|param|argument"
    r"|attribute|property|field|constant|identifier|local)s? )?(?:called |named )?(?:the )?"
)
_TO = r"\s+(?:to|into|as|->|=>|→)\s+(?:be )?(?:called )?"
_LEAD_WORDS = (
    "please|also|then|and|now|just|actually|ok|okay|no|wait|hmm|rather|can you|could you|let's|but"
)
_LEAD = rf"(?:(?:{_LEAD_WORDS}) )*"
_TAIL = r"(?: (?:please|too|instead|everywhere|here|as well|now|throughout|rather|again|for me))*"

_EXPLICIT = tuple(
    re.compile(rf"{_LEAD}{pattern}{_TAIL}", re.I)
    for pattern in (
        rf"rename {_KIND}{_OLD}{_TO}{_NEW}",
        rf"(?:change|alter|set) (?:the )?name (?:of )?{_KIND}{_OLD}{_TO}{_NEW}",
        rf"{_KIND}{_OLD} (?:should|must|shall|ought to) (?:be )?(?:called|named|renamed to) {_NEW}",
        rf"(?:call|name) {_KIND}(?!it |that |this |them ){_OLD} {_NEW}",
    )
)
_OF_IT = tuple(
    re.compile(rf"{_LEAD}{pattern}{_TAIL}", re.I)
    for pattern in (
        rf"(?:call|name) (?:it|that|this) (?:as )?{_NEW}",
        rf"rename (?:it|that|this)(?:{_TO}|\s+){_NEW}",
        rf"(?:make|let) (?:it|that)(?: be)? (?:called|named) {_NEW}",
        rf"(?:use|pick|take) (?:the )?name {_NEW}",
        rf"(?:it|that) (?:should|must) be (?:called|named) {_NEW}",
    )
)
_LOOSE = tuple(
    re.compile(rf"{_LEAD}{pattern}{_TAIL}", re.I)
    for pattern in (
        rf"(?:change|replace|turn|convert|swap) {_KIND}{_OLD}\s+(?:to|into|with|by|for)\s+{_NEW}",
        rf"use {_NEW} (?:instead of|rather than|in place of) {_OLD}",
        rf"{_OLD}\s*(?:->|=>|→)\s*{_NEW}",
    )
)
_AGAIN = re.compile(rf"{_OLD}{_TO}{_NEW}{_TAIL}", re.I)
"""What follows a rename: "rename a to b and c to d"."""

_ATTRIBUTE = re.compile(r"^(?:self|this|cls)\.")
_ATTRIBUTE_KINDS = frozenset({"attribute", "property", "field"})


@dataclass(frozen=True, slots=True)
class RenameStep:
    """Rename `old`; `None` stands for what was renamed last ("call it …")."""

    old: str | None
    new: str
    attribute: bool = False


@dataclass(frozen=True, slots=True)
class RecipeStep:
    """Use one of the other recipes; or, not `wanted`, leave its matter alone."""

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
        if step is not None:
            if step not in steps:
                steps.append(step)
        elif not _is_polite(clause):
            unknown.append(clause)
    instead = _INSTEAD.search(text) is not None
    return Instruction(tuple(steps), tuple(unknown), instead)


def _clauses(text: str) -> Iterator[str]:
    for clause in _CLAUSES.split(text[:2000]):
        clean = " ".join(clause.split()).rstrip(".!?:")
        if clean:
            yield clean


def _step(clause: str, before: list[Step]) -> Step | None:
    return (
        _rename_of_it(clause)
        or _rename(clause, _EXPLICIT)
        or _recipe(clause, before)
        or _rename(clause, _LOOSE)
        or (_rename(clause, (_AGAIN,)) if before and isinstance(before[-1], RenameStep) else None)
    )


def _rename(clause: str, patterns: tuple[re.Pattern[str], ...]) -> RenameStep | None:
    for pattern in patterns:
        found = pattern.fullmatch(clause)
        if found is not None:
            groups = found.groupdict()
            old, new = _bare(groups["old"]), _bare(groups["new"])
            kind = (groups.get("kind") or "").lower()
            attribute = bool(_ATTRIBUTE.match(old)) or kind in _ATTRIBUTE_KINDS
            plain = _ATTRIBUTE.sub("", old)
            return RenameStep(plain, _ATTRIBUTE.sub("", new), attribute)
    return None


def _rename_of_it(clause: str) -> RenameStep | None:
    for pattern in _OF_IT:
        found = pattern.fullmatch(clause)
        if found is not None and found["new"].lower() not in POLITE:
            return RenameStep(None, _ATTRIBUTE.sub("", _bare(found["new"])))
    return None


def _bare(name: str) -> str:
    """Without the brackets of `total()` and the like."""
    return name.removesuffix("()").strip("`'\"")


def _recipe(clause: str, before: list[Step]) -> RecipeStep | None:
    low = clause.lower().replace("’", "'")
    words = set(_plain_words(low))
    denied = bool(words & DENIALS) and not low.startswith("why not")
    for recipe in RECIPE_WORDS:
        key = recipe.key.search(low)
        if key is None:
            continue
        rest = set(_plain_words(recipe.key.sub(" ", low))) - DENIALS
        if not rest <= recipe.around:
            continue
        again = (
            bool(before) and isinstance(before[-1], RecipeStep) and before[-1].name is recipe.name
        )
        if recipe.verbs_needed and not (
            words & recipe.verbs_needed or denied or again or "no" in words
        ):
            continue
        keeps = denied and not (recipe.name is RecipeName.DEBUG_OUTPUT and "without" in words)
        return RecipeStep(recipe.name, wanted=not keeps)
    return None


def _is_polite(clause: str) -> bool:
    return set(_plain_words(clause)) <= POLITE


def _plain_words(text: str) -> list[str]:
    stripped = (word.strip("`'\"“”‘’():,.!?") for word in text.lower().split())
    return [word for word in stripped if word and word not in ("let's", "i'd")]
