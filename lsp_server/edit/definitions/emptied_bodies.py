"""Functions whose bodies an answer leaves empty, where the scope's own do something.

Models shorten what they do not change to `def f(): ...`, `{ /* as before */ }` or `{}`. Written
into the file that would delete the body. Goes by names and by how the text ends; knows no grammar.
"""

import re
from collections.abc import Sequence

from lsp_server.edit.definitions.language_names import DefinitionLike, DefinitionReader

__all__ = ["emptied"]

_FUNCTIONS = frozenset({"function", "method"})
# How a function ends that does nothing: a colon and no statement but a docstring, or brackets
# around no code.
_EMPTY = re.compile(
    r"(?::\s*(?:#[^\n]*\s*)*(?:(\"\"\"|'''|\"|')(?:(?!\1).)*\1\s*(?:#[^\n]*\s*)*)?"
    r"(?:\.\.\.|pass)[ \t]*(?:#[^\n]*)?"
    r"|\{\s*(?:(?://[^\n]*\n|/\*(?:(?!\*/).)*\*/|\.\.\.|…)\s*)*\})\s*\Z",
    re.DOTALL,
)
# What an answer holds somewhere if it may hold one; cheap to look for.
_MAY_BE = re.compile(r"\{\s*(?:\}|//|/\*|\.\.\.|…)|:\s*(?:#[^\n]*\s*)*(?:\.\.\.|pass\b|[\"'])")


def emptied(original: str, answer: str, names: DefinitionReader) -> tuple[str, ...]:
    """The names of the scope's functions that do something and in `answer` nothing."""
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
    """By path and name the text of each function from its header on; none that is there twice."""
    found: dict[tuple[str, ...], str] = {}
    twice: set[tuple[str, ...]] = set()
    for one in all_:
        if one.kind in _FUNCTIONS and one.name:
            key = (*one.path, one.name)
            twice |= {key} & found.keys()
            found[key] = text[one.header : one.span.end]
    return {key: code for key, code in found.items() if key not in twice}
