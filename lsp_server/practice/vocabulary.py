"""The words by which the recipes are asked for.

A clause asks for a recipe when it has the recipe's key and nothing but words that go with it.
"""

import re
from dataclasses import dataclass

from lsp_server.practice.recipe import RecipeName


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


POLITE = _set(
    """
    a actually again all also always an and any anywhere as at be best but by can clean code could
    do does down each easier else every everything everywhere feel file for free from get give go
    good great hello here hi hmm i id if in inside instead into it its just kindly lets like lines
    make me more my need needs nice no nope now of off ok okay on once only out over own part
    perhaps piece please possible properly rather read readable really scope selected selection
    should simply so some still sure thanks thank that the their them then there these they thing
    things this those to too up us wait want we well where which while whole will with would you
    your function functions method methods class classes body block loop loops module missing
    proper new use using used turn convert change
    """
)
"""Words that change nothing about what is asked."""

TAKE_AWAY = _set("remove delete drop strip clear clean rid eliminate kill discard")
DENIALS = _set("not dont don't never without except keep leave")
_REWORK = _set(
    """
    turn convert change rewrite refactor transform replace use make switch migrate modernise
    modernize update simplify move
    """
)
_PUT = _set("add write insert generate create put give provide include fill")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How one recipe is asked for: its key, the words around the key, the verbs that fit."""

    name: RecipeName
    key: re.Pattern[str]
    around: frozenset[str]
    verbs_needed: frozenset[str] = frozenset()
    """If any: one of them must be there."""


def _words(
    name: RecipeName, key: str, around: str, verbs: frozenset[str], needed: bool = False
) -> Vocabulary:
    allowed = POLITE | verbs | _set(around)
    return Vocabulary(name, re.compile(key), allowed, verbs if needed else frozenset())


RECIPE_WORDS = (
    _words(
        RecipeName.GUARD_CLAUSES,
        r"\b(guard[- ]?clauses?|guards?|early[- ](returns?|exits?)|return(ing)? early)\b",
        "nested ifs if-statements statements statement conditions conditionals nesting deep deeply "
        "invert flatten unnest prefer introduce",
        _REWORK,
    ),
    _words(
        RecipeName.GUARD_CLAUSES,
        r"\b(nested[- ]if(s|[- ]statements?)?|nesting|nested (conditions|conditionals|code|blocks)"
        r"|nest of ifs|arrow code|pyramid of doom|pyramid|(?<=flatten )(the )?ifs"
        r"|(?<=invert )(the )?ifs|if[- ]nest(ing)?|indentation)\b",
        "flatten unnest reduce invert less avoid deep deeply level levels too much ifs un-nest "
        "conditions flat",
        _REWORK | TAKE_AWAY,
    ),
    _words(
        RecipeName.GUARD_CLAUSES,
        r"\b(flatten|unnest|un-nest)\b",
        "ifs if-statements nested deep deeply",
        frozenset(),
    ),
    _words(
        RecipeName.DOCSTRINGS,
        r"\b(doc[- ]?strings?|js[- ]?docs?|tsdoc|doc[- ]comments?|docs|documentation)\b",
        "skeleton skeletons stubs comments",
        _PUT,
    ),
    _words(RecipeName.DOCSTRINGS, r"\bdocument\b", "", _PUT),
    _words(
        RecipeName.TYPE_HINTS,
        r"\b(type[- ]?(hint|annotation)s?|hints|annotations|types|typing)\b",
        "annotate missing obvious jsdoc",
        _PUT,
    ),
    _words(
        RecipeName.TYPE_HINTS, r"\bannotate\b", "parameters arguments returns return types", _PUT
    ),
    _words(
        RecipeName.STRINGS,
        r"(?<!\w)(f[- ]?strings?|template[- ](literals?|strings?)|(string[- ])?interpolation"
        r"|formatted string literals)\b",
        "string strings formatting format formats concatenation concatenations concat concatenated "
        "% + .format .format() %-formatting %-format percent percent-formatting plus old style "
        "old-style",
        _REWORK,
    ),
    _words(
        RecipeName.DEBUG_OUTPUT,
        r"(?<!\w)((debug(ging)?[- ])?(prints?|output|logs?|logging|statements?|calls?)"
        r"|pprints?|print(\(\))?|breakpoints?(\(\))?|console[.\- ]logs?(\(\))?|debuggers?"
        r"|debug(ging)? (code|lines|stuff|leftovers))(?!\w)",
        "print debug debugging statement statements calls call output logs leftover leftovers "
        "noisy console pprint breakpoint console.log lines clean",
        TAKE_AWAY,
        needed=True,
    ),
)
