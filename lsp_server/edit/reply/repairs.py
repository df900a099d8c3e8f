"""The kinds of repairs that a reader makes to a model's answer.

They show users which model makes which mistakes. A kind counts once per answer, however often the
answer needs it and however often the answer is read. Knows nothing about how repairs are made.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum


class Repair(StrEnum):
    """One way in which an answer was not as requested.

    Its value is the name under which it is counted; `docs/protocol.md` explains each one.
    """

    THOUGHTS = "thoughts"
    TOKENS = "tokens"
    REQUEST = "request"
    CHAT = "chat"
    BLOCK = "block"
    FENCE = "fence"
    INNER_FENCE = "innerFence"
    FORM = "form"
    WRAPPING = "wrapping"
    LINE_NUMBERS = "lineNumbers"
    PROMPTS = "prompts"
    ESCAPES = "escapes"
    QUOTES = "quotes"
    FILE_NAME = "fileName"
    INDENTATION = "indentation"
    ECHO = "echo"
    ELISION = "elision"
    PART = "part"
    WIDER = "wider"


def counted(answers: Iterable[Iterable[Repair]]) -> dict[str, int]:
    """The number of answers with each kind that occurs, the most common kind first."""
    counts = Counter(repair.value for repairs in answers for repair in frozenset(repairs))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
