"""Options that a model's server refuses: found in its refusal, left out from then on.

An option that a profile or the table in `gateway/capabilities` asks for is not essential: an answer
without it is better than an error. The same for every route. Pure except for the log.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.backends.refusals import RefusalKind

log = logging.getLogger(__name__)

UNSAID_CAP = 4096
"""Tokens to ask for when a server refuses a limit as too large and does not name its own."""

_SMALLEST = 512
"""Tokens. A smaller limit for an answer is useless."""

_LEARNABLE = frozenset(
    {
        RefusalKind.REFUSED,
        RefusalKind.NO_PATH,
        RefusalKind.NO_SYSTEM,
        RefusalKind.TEMPLATE,
        RefusalKind.SERVER,
        RefusalKind.UNKNOWN,
    }
)
_STATUSES = frozenset({400, 404, 415, 422, 500, 501})
"""HTTP statuses that can mean an unknown option."""


class Option(StrEnum):
    """A part of a request that can be left out."""

    PREDICTION = "predicted output"
    PREFIX = "continuing a prefix"
    CACHE_KEY = "prompt_cache_key"
    STREAM_OPTIONS = "stream_options"
    TIER = "service_tier"
    EFFORT = "reasoning effort"
    LIMIT_NAME = "the usual name of the token limit"
    LIMIT = "Midstream's token limit"
    SYSTEM = "a system message"
    TEMPERATURE = "temperature"


_WORDS = {
    Option.PREDICTION: ("prediction", "predicted"),
    Option.PREFIX: (
        "prefix",
        "prefill",
        "continue_final_message",
        "add_generation_prompt",
        "assistant",
        "last message",
    ),
    Option.CACHE_KEY: ("prompt_cache_key",),
    Option.STREAM_OPTIONS: ("stream_options", "include_usage", "include_obfuscation"),
    Option.TIER: ("service_tier", "service tier"),
    Option.EFFORT: ("reasoning", "effort", "thinking", "output_config"),
    Option.LIMIT_NAME: ("max_tokens", "max_completion_tokens"),
    Option.LIMIT: ("max_tokens", "max_completion_tokens", "max_output_tokens", "num_predict"),
    Option.TEMPERATURE: ("temperature",),
}
"""Words in a refusal that identify an option. They are searched for, never shown."""

_GUESSED = frozenset(
    {
        Option.PREDICTION,
        Option.PREFIX,
        Option.CACHE_KEY,
        Option.STREAM_OPTIONS,
        Option.TEMPERATURE,
        Option.LIMIT,
    }
)
"""Options that the profile did not ask for."""


class Refusals:
    """What one server has refused, by model."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._refused: dict[str, set[Option]] = {}
        self._guesses: dict[str, set[Option]] = {}
        self._suspects: dict[str, set[Option]] = {}
        self._caps: dict[str, int] = {}
        self._floors: dict[str, int] = {}

    def allows(self, option: Option, model: str) -> bool:
        """Whether an option may be sent."""
        return option not in self._refused.get(model, ())

    def leave_out(self, option: Option, model: str) -> None:
        """Leave the option out from now on."""
        self._refused.setdefault(model, set()).add(option)

    def capped(self, tokens: int, model: str) -> int:
        """`tokens` of an answer, within what the model was found to allow and to require."""
        return max(min(tokens, self._caps.get(model, tokens)), self._floors.get(model, 0))

    def learn(
        self,
        verdict: RefusalReading,
        sent: frozenset[Option],
        model: str,
        tokens: int | None = None,
    ) -> bool:
        """Whether a refusal is worth another try, with fewer options than `sent` or another limit
        than `tokens`.

        If the server names an option, only that is left out. If it names none, first those go that
        the profile did not ask for, then the rest.
        """
        if verdict.least is not None and tokens is not None and tokens < verdict.least:
            self._floors[model] = verdict.least
            return True
        if verdict.kind is RefusalKind.OUTPUT_LIMIT:
            return tokens is not None and self._learn_cap(verdict.limit, tokens, model)
        # Names of models may contain such words.
        own_name = rf"(?<![\w-]){re.escape(model.lower())}(?![\w-])"
        verdict = replace(verdict, text=re.sub(own_name, " ", verdict.text))
        if (
            verdict.kind is RefusalKind.OVER_MINUTE
            and verdict.over is not None
            and tokens is not None
        ):
            left = tokens - verdict.over
            return left >= _SMALLEST and self._learn_cap(left, tokens, model)
        dropped = _options_to_leave_out(verdict, sent)
        if not dropped:
            return False
        self._refused.setdefault(model, set()).update(dropped)
        if _named(verdict, sent):
            self._log_left_out(dropped, model)
            return True
        self._guesses.setdefault(model, set()).update(dropped)
        if verdict.kind is not RefusalKind.SERVER:
            self._suspects.setdefault(model, set()).update(dropped)
        return True

    def settle(self, model: str, well: bool) -> None:
        """The last request ended, well or not. Options left out by a guess stay out if that helped;
        after an error of the server itself, only if it helped a second time."""
        guesses = self._guesses.pop(model, None)
        if guesses is None:
            return
        suspects = self._suspects.setdefault(model, set())
        sure = guesses & suspects if well else set()
        if well:
            suspects |= guesses
        self._refused[model] -= guesses - sure
        if sure:
            self._log_left_out(sure, model)

    def _log_left_out(self, options: Iterable[Option], model: str) -> None:
        log.warning(
            "%s refused %s for %s. Midstream leaves it out from now on.",
            self._place,
            " and ".join(sorted(options)),
            model,
        )

    def _learn_cap(self, limit: int | None, tokens: int, model: str) -> bool:
        cap = limit or UNSAID_CAP
        if cap >= tokens:
            return False
        self._caps[model] = cap
        log.warning(
            "%s allows %s only %d tokens for an answer. Midstream asks for no more from now on.",
            self._place,
            model,
            cap,
        )
        return True


def _options_to_leave_out(verdict: RefusalReading, sent: frozenset[Option]) -> frozenset[Option]:
    """The options that a refusal is about, named or guessed."""
    status = verdict.status
    if verdict.kind not in _LEARNABLE or (status is not None and status not in _STATUSES):
        return frozenset()
    if (
        status is None
        and verdict.kind in (RefusalKind.SERVER, RefusalKind.UNKNOWN)
        and not verdict.params
    ):
        return frozenset()
    named = _named(verdict, sent)
    # Many templates fail on two turns of one role, some on a system turn before the user's.
    if verdict.kind in (RefusalKind.TEMPLATE, RefusalKind.NO_SYSTEM):
        order = (Option.PREFIX, Option.SYSTEM)
        first = order if verdict.kind is RefusalKind.TEMPLATE else order[::-1]
        return frozenset([o for o in first if o in sent][:1])
    if verdict.kind is RefusalKind.SERVER and status not in (None, 501):
        return named & {Option.PREFIX} or sent & {Option.PREFIX}
    if verdict.kind is RefusalKind.NO_PATH:
        return named & {Option.PREDICTION, Option.TIER}
    return named or (sent & _GUESSED) or (sent - {Option.LIMIT_NAME, Option.SYSTEM})


def _named(verdict: RefusalReading, sent: frozenset[Option]) -> frozenset[Option]:
    """The options that a refusal names: by their fields, else the first one in its words. A later
    one is a condition ("when thinking is enabled"), or is left out at the next try."""
    named = frozenset(o for o in sent if any(w in p for w in _words(o) for p in verdict.params))
    if not named:
        found = [(verdict.text.find(w), o) for o in sent for w in _words(o) if w in verdict.text]
        first = min((place for place, _ in found), default=0)
        named = frozenset(option for place, option in found if place == first)
    return named - {Option.LIMIT} if Option.LIMIT_NAME in named else named


def _words(option: Option) -> tuple[str, ...]:
    return _WORDS.get(option, ())
