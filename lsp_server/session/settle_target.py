"""What a session that settles still has to write."""

from enum import Enum

__all__ = ["SettleTarget"]


class SettleTarget(Enum):
    """What a session that settles still has to write."""

    ANSWER = "all of the answer that may be shown"
    NOTHING = "nothing: only an edit in flight is waited for"
    RAW = "everything that came"
    VALID = "the newest state that parses"
    BASE = "what would be there without the model"
    RESULT = "the result of an earlier attempt"
