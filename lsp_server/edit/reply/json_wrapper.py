"""Code that a reply wraps in an object of JSON: `{"code": "def f(): ..."}`.

Known by its beginning, and read when it is whole. Knows nothing of the scope but its text.
"""

import json
import re

from lsp_server.edit.reply.fence import read_fence
from lsp_server.edit.reply.reply_context import MARKDOWN, unify

WRAPPINGS = frozenset({"json", "jsonc", "json5"})
"""Info strings of a block in which code may be wrapped."""
_OBJECT = re.compile(r'\s*(?:[{\[]|"[^"\n]*"\s*:)')
_BEGINS = re.compile(r'\s*\[?\s*\{\s*"[\w -]*"\s*:')
_MAY_BEGIN = re.compile(r'\s*(?:\[\s*)?(?:\{\s*(?:"[\w -]*(?:"\s*)?)?)?')
# Keys that name code, or an answer; a text under another one has to be like the scope.
_NAMES_CODE = re.compile(r"(?i)code|content|text|new|replace|answer|result|output|rewr|source|body")
_LANGUAGES = frozenset({"json", "jsonc", "json5", "jsonl", "yaml", "plaintext"}) | MARKDOWN
"""Languages in which an object may be the answer itself."""
_WORD = re.compile(r"\w+")
# No beginning is looked at for longer than this, in code points.
_LONGEST = 200


def begins_wrapped(text: str, original: str, language: str) -> bool | None:
    """Whether the answer that begins so is an object with code in it; None while it may be.

    A verdict on a beginning is the verdict on all that may follow it.
    """
    if not may_wrap(original, language):
        return False
    if _BEGINS.match(text):
        return True
    return None if len(text) <= _LONGEST and _MAY_BEGIN.fullmatch(text) else False


def may_wrap(original: str, language: str) -> bool:
    """Whether an object may be a wrapping, and is not the answer itself."""
    return language not in _LANGUAGES and _OBJECT.match(original) is None


def bare(reply: str) -> str:
    """The reply without the one fence that is around all of it."""
    lines = unify(reply).strip().split("\n")
    if len(lines) > 1 and read_fence(lines[0]) is not None and read_fence(lines[-1]) is not None:
        lines = lines[1:-1]
    return "\n".join(lines).strip("\n")


def code_in(reply: str, original: str) -> str | None:
    """The text in a reply's object that shares most words with the scope; None for none."""
    text = bare(reply).lstrip()
    try:
        # Line ends within a text are against the rules, and common.
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
    """Each text in the value, with the key that it stands under."""
    if isinstance(value, str):
        return [(key, value)]
    if isinstance(value, dict):
        return [text for name, each in value.items() for text in _texts(str(name), each)]
    inner = value if isinstance(value, list) else ()
    return [text for each in inner for text in _texts(key, each)]
