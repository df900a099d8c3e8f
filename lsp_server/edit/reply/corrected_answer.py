"""Finds out whether a reply corrects its own answer: a draft in a block, prose, and the block
again.

The prose before the later block says so, in any order of words, and the block has the same shape as
the one before it. Knows the text of the scope and nothing else about it.
"""

import re

from rapidfuzz import fuzz

from lsp_server.edit.reply.fence import Fence, read_fence
from lsp_server.edit.reply.reply_context import MARKDOWN

__all__ = ["corrected_code", "doubts_itself"]

_TAKES_BACK = re.compile(
    r"\b(?:correct(?:ed|ion|ing)|fix(?:ed|ing)|final(?:ly|ised|ized)?|revis(?:ed|ion|ing)|wait|oops"
    r"|sorry|apolog\w+|mistake\w*|wrong|bug|missed|forgot\w*|scratch that|on second thought"
    r"|(?:better|improved|updated|clean(?:ed|er)?|complete|full) (?:version|code|solution)"
    r"|let me (?:re|fix|try|correct|improve)\w*|korrig\w+|endgültig\w*|fehler|corrig\w+|erreur)\b"
    r"|修正|更正|改正|最终|抱歉|訂正|最終|정정|최종",
    re.IGNORECASE,
)
_DOUBTS_ITSELF = re.compile(
    r"\b(?:wait|oops|sorry|apolog\w+|mistake|correction|corrected|actually|scratch that"
    r"|on second thought|let me (?:re|fix|try|correct|improve)\w*)\b|更正|抱歉|訂正|정정",
    re.IGNORECASE,
)
_MOST_WORDS = 2_000
"""The number of code points of prose before a block that are searched."""
_MOST = 20_000
"""Blocks that are longer together (code points) are not compared."""
_SAME_HEAD, _SAME = 60.0, 50.0
"""How similar (0 to 100) the first lines, and the blocks, of two versions must be."""


def doubts_itself(words: str) -> bool:
    """Whether prose after an answer says that it is wrong, so that another one may follow."""
    return _DOUBTS_ITSELF.search(words) is not None


def corrected_code(reply: str, original: str, language: str) -> str | None:
    """The code of the last block that corrects the one before it; None if there is none.

    Always None in Markdown, which has blocks of its own. `reply` must use "\\n" as its line end.
    """
    if language in MARKDOWN:
        return None
    answer: str | None = None
    found: str | None = None
    for words, code in _blocks(reply):
        if (
            answer is not None
            and _TAKES_BACK.search(words[-_MOST_WORDS:])
            and _is_new_version(answer, code)
        ):
            if _lines(code) != _lines(original):
                answer = found = code
        elif answer is None and _lines(code) != _lines(original):
            answer = code
    return found


def _blocks(reply: str) -> list[tuple[str, str]]:
    """The prose before each closed block, and the code of the block."""
    found: list[tuple[str, str]] = []
    opened: Fence | None = None
    words: list[str] = []
    code: list[str] = []
    for line in reply.split("\n"):
        fence = read_fence(line)
        if opened is None and fence is not None:
            opened, code = fence, []
        elif opened is None:
            words.append(line)
        elif fence is not None and not fence.info and opened.rivals(fence):
            found.append(("\n".join(words), "\n".join(code)))
            opened, words = None, []
        else:
            code.append(line)
    return found


def _is_new_version(answer: str, later: str) -> bool:
    """Whether the later block is a new version of the answer: it begins like it and is like it."""
    before, after = _lines(answer), _lines(later)
    if not before or not after or before == after or len(answer) + len(later) > _MOST:
        return False
    if fuzz.ratio(before[0], after[0]) < _SAME_HEAD:
        return False
    return fuzz.ratio("\n".join(before), "\n".join(after)) >= _SAME


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
