"""Code that a reply wraps in an object of JSON: `{"code": "def f(): ..."}`.

Known by its beginning, and read when it is whole. Knows nothing of the scope but its text.
"""

import json
import re

from lsp_server.edit.reply.fence import read_fence
from lsp_server.edit.reply.place import MARKDOWN, unify

_BEGINS = re.compile(r'\s*\{\s*"[\w -]*"\s*:')
_MAY_BEGIN = re.compile(r'\s*\{\s*(?:"[\w -]*(?:"\s*)?)?')
_LANGUAGES = frozenset({"json", "jsonc", "json5", "jsonl", "yaml", "plaintext"}) | MARKDOWN
"""Languages in which an object may be the answer itself."""
_WORD = re.compile(r"\w+")
# No beginning is looked at for longer than this, in code points.
_LONGEST = 200


def begins_wrapped(text: str, original: str, language: str) -> bool | None:
    """Whether the answer that begins so is an object with code in it; None while it may be.

    A verdict on a beginning is the verdict on all that may follow it.
    """
    if language in _LANGUAGES or original.lstrip().startswith("{"):
        return False
    if _BEGINS.match(text):
        return True
    return None if len(text) <= _LONGEST and _MAY_BEGIN.fullmatch(text) else False


def bare(reply: str) -> str:
    """The reply without the one fence that is around all of it."""
    lines = unify(reply).strip().split("\n")
    if len(lines) > 1 and read_fence(lines[0]) is not None and read_fence(lines[-1]) is not None:
        lines = lines[1:-1]
    return "\n".join(lines).strip("\n")


def code_in(reply: str, original: str) -> str | None:
    """The text in a reply's object that shares most words with the scope; None for none."""
    try:
        # Line ends within a text are against the rules, and common.
        texts = _texts(json.loads(bare(reply), strict=False))
    except (ValueError, RecursionError):
        return None
    known = frozenset(_WORD.findall(original))
    return max(texts, key=lambda text: len(known.intersection(_WORD.findall(text))), default=None)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _texts(each)]
