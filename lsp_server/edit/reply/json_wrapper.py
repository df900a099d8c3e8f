"""Unwraps code that a reply puts into a JSON object: `{"code": "def f(): ..."}`.

The object is recognised by its beginning, and read when it is complete. Knows the text of the scope
and nothing else about it.
"""

import json
import re

from lsp_server.edit.reply.fence import read_fence
from lsp_server.edit.reply.reply_context import MARKDOWN, unify

WRAPPINGS = frozenset({"json", "jsonc", "json5"})
"""Info strings of a block that may wrap code."""
_OBJECT = re.compile(r'\s*(?:[{\[]|"[^"\n]*"\s*:)')
_BEGINS = re.compile(r'\s*\[?\s*\{\s*"[\w -]*"\s*:')
_MAY_BEGIN = re.compile(r'\s*(?:\[\s*)?(?:\{\s*(?:"[\w -]*(?:"\s*)?)?)?')
# Keys that name code or an answer. A string under another key must share words with the scope.
_NAMES_CODE = re.compile(r"(?i)code|content|text|new|replace|answer|result|output|rewr|source|body")
_LANGUAGES = frozenset({"json", "jsonc", "json5", "jsonl", "yaml", "plaintext"}) | MARKDOWN
"""Languages in which a JSON object may be the answer itself."""
_WORD = re.compile(r"\w+")
# The longest beginning that is examined, in code points.
_LONGEST = 200


def begins_wrapped(text: str, original: str, language: str) -> bool | None:
    """Whether an answer with this beginning is an object with code in it; None while undecided.

    A decision about a beginning holds for every continuation of it.
    """
    if not may_wrap(original, language):
        return False
    if _BEGINS.match(text):
        return True
    return None if len(text) <= _LONGEST and _MAY_BEGIN.fullmatch(text) else False


def may_wrap(original: str, language: str) -> bool:
    """Whether an object may wrap the answer, and cannot be the answer itself."""
    return language not in _LANGUAGES and _OBJECT.match(original) is None


def without_outer_fence(reply: str) -> str:
    """The reply without the fence around all of it, if there is one."""
    lines = unify(reply).strip().split("\n")
    if len(lines) > 1 and read_fence(lines[0]) is not None and read_fence(lines[-1]) is not None:
        lines = lines[1:-1]
    return "\n".join(lines).strip("\n")


def code_in(reply: str, original: str) -> str | None:
    """The string in a reply's object that shares the most words with the scope; None for none."""
    text = without_outer_fence(reply).lstrip()
    try:
        # Line ends within a string violate the JSON standard but are common.
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    known = frozenset(_WORD.findall(original))

    def shared(found: tuple[str, str]) -> tuple[int, bool]:
        named = _NAMES_CODE.search(found[0]) is not None
        return len(known.intersection(_WORD.findall(found[1]))), named

    best = max(_texts("", value), key=shared, default=None)
    return None if best is None or not any(shared(best)) else best[1]


def _texts(key: str, value: object) -> list[tuple[str, str]]:
    """All strings in the value, each with the key that holds it."""
    if isinstance(value, str):
        return [(key, value)]
    if isinstance(value, dict):
        return [text for name, each in value.items() for text in _texts(str(name), each)]
    inner = value if isinstance(value, list) else ()
    return [text for each in inner for text in _texts(key, each)]
