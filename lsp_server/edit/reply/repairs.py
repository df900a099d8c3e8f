"""What a reader has to mend in a model's answer, by kind.

A user can so see which model misbehaves how. A kind counts once for an answer, however often it
comes up in it: so an answer that is read again counts no more than one that is read once.
Knows nothing of how anything is mended.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum


class Repair(StrEnum):
    """One way in which an answer was not what was asked for. Its value is its name in the ledger,
    and is explained in `docs/protocol.md`."""

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
    """In how many answers each kind came up; the most common first, none that did not."""
    counts = Counter(mend.value for mended in answers for mend in frozenset(mended))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
