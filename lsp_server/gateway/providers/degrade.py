"""Options that a model API turns out not to take: found in its refusal, left out from then on.

What a profile or the table of `capabilities` asks for is an offer, not a demand: an answer without
it is better than an error. Pure but for the log.
"""

import logging
from enum import StrEnum

import orjson

log = logging.getLogger(__name__)

REFUSALS = frozenset({400, 404, 415, 422, 501})
"""HTTP statuses that can mean that an option is not known."""


class Option(StrEnum):
    """What a request may do without."""

    PREDICTION = "predicted output"
    PREFIX = "continuing a prefix"
    CACHE_KEY = "prompt_cache_key"
    USAGE = "usage at the end of the stream"
    TIER = "service_tier"
    EFFORT = "reasoning effort"
    LIMIT_NAME = "the usual name of the token limit"


_WORDS = {
    Option.PREDICTION: ("prediction", "predicted"),
    Option.PREFIX: (
        "prefill",
        "continue_final_message",
        "add_generation_prompt",
        "assistant",
        "last message",
    ),
    Option.CACHE_KEY: ("prompt_cache_key",),
    Option.USAGE: ("stream_options", "include_usage"),
    Option.TIER: ("service_tier", "service tier"),
    Option.EFFORT: ("reasoning", "effort", "thinking", "output_config"),
    Option.LIMIT_NAME: ("max_tokens", "max_completion_tokens"),
}
"""Words in a server's refusal by which an option is known. They are searched, never shown."""

_GUESSED = frozenset({Option.PREDICTION, Option.PREFIX, Option.CACHE_KEY, Option.USAGE})
"""Options that the table asked for, not the user."""


class Refusals:
    """What one model API has refused, by model."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._refused: dict[str, set[Option]] = {}

    def allows(self, option: Option, model: str) -> bool:
        """Whether an option may still be asked for."""
        return option not in self._refused.get(model, ())

    def learn(self, status: int, body: object, sent: frozenset[Option], model: str) -> bool:
        """Whether a refusal is worth another try, with fewer options than `sent`.

        An option that the server names goes alone; where it names none, first those go that
        nobody asked for, then the rest.
        """
        if status not in REFUSALS or not sent:
            return False
        words = _text(body)
        named = {option for option in sent if any(word in words for word in _WORDS[option])}
        blamed = named or (sent & _GUESSED) or (sent - {Option.LIMIT_NAME})
        if status == 404:
            blamed = named & {Option.PREDICTION, Option.TIER}
        if not blamed:
            return False
        self._refused.setdefault(model, set()).update(blamed)
        log.warning(
            "%s refused %s for %s; this is left out from now on.",
            self._place,
            " and ".join(sorted(blamed)),
            model,
        )
        return True


def _text(body: object) -> str:
    if isinstance(body, str):
        return body.lower()
    try:
        return orjson.dumps(body).decode().lower()
    except TypeError:
        return ""
