"""Finds functions whose bodies an answer leaves empty, although the scope's do something.

Models shorten functions that they don't change to `def f(): ...`, `{ /* as before */ }` or `{}`.
Written into the file, that would delete the body. Goes by names and by the end of the text.
"""

import re
from collections.abc import Sequence

from lsp_server.edit.definitions.definition_protocol import DefinitionLike, DefinitionReader

__all__ = ["emptied"]

_FUNCTIONS = frozenset({"function", "method"})
# The end of a function that does nothing: a colon and no statement but a docstring, or brackets
# without code.
_EMPTY = re.compile(
    r"(?::\s*(?:#[^\n]*\s*)*(?:(\"\"\"|'''|\"|')(?:(?!\1).)*\1\s*(?:#[^\n]*\s*)*)?"
    r"(?:\.\.\.|pass)[ \t]*(?:#[^\n]*)?"
    r"|\{\s*(?:(?://[^\n]*\n|/\*(?:(?!\*/).)*\*/|\.\.\.|…)\s*)*\})\s*\Z",
    re.DOTALL,
)
# What an answer with such a function contains; cheap to search for.
_MAY_BE = re.compile(r"\{\s*(?:\}|//|/\*|\.\.\.|…)|:\s*(?:#[^\n]*\s*)*(?:\.\.\.|pass\b|[\"'])")


def emptied(original: str, answer: str, names: DefinitionReader) -> tuple[str, ...]:
    """The names of functions that do something in `original` and nothing in `answer`."""
    if _MAY_BE.search(answer) is None:
        return ()
    found = _functions(names.alone(answer), answer)
    if not any(_EMPTY.search(text) for text in found.values()):
        return ()
    known = _functions(names.alone(original), original)
    return tuple(
        key[-1]
        for key, text in found.items()
        if _EMPTY.search(text) and key in known and not _EMPTY.search(known[key])
    )


def _functions(all_: Sequence[DefinitionLike], text: str) -> dict[tuple[str, ...], str]:
    """The text of each function from its header on, by path and name; without duplicates."""
    found: dict[tuple[str, ...], str] = {}
    twice: set[tuple[str, ...]] = set()
    for one in all_:
        if one.kind in _FUNCTIONS and one.name:
            key = (*one.path, one.name)
            twice |= {key} & found.keys()
            found[key] = text[one.header : one.span.end]
    return {key: code for key, code in found.items() if key not in twice}
