"""Facts in HTTP headers: rate limits, and the model that answers.

The same names occur in the response to the upgrade, in `error` frames and in events. No I/O.
"""

import re
from collections.abc import Iterable, Mapping

from lsp_server.backends.base import RateLimit

Headers = Mapping[str, str]
"""Headers with lower-case names."""

ANY_MODEL = "default"
"""The model name for a server with only one model, as in our documentation."""

_PREFIX = "x-ratelimit-"
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8})")
_AN_OLD_DATE = 1_000_000_000.0


def headers_of(items: Iterable[tuple[str, str]]) -> Headers:
    """Headers with lower-case names. Of several with one name the last wins."""
    return {name.lower(): value for name, value in items}


def served_model(headers: Headers) -> str | None:
    """The model that the server says it used. OpenAI and proxies spell the header differently."""
    return headers.get("openai-model") or headers.get("x-openai-model")


def same_model(requested: str, served: str) -> bool:
    """Whether `served` is the requested model: equal except for case, a dated snapshot of it, or
    the same name behind a provider's prefix ("openai/gpt-x"). `default` matches every model."""
    asked, got = requested.casefold(), served.casefold()
    if asked in (got, ANY_MODEL) or asked.endswith("/" + got) or got.endswith("/" + asked):
        return True
    return got.startswith(asked) and _SNAPSHOT.fullmatch(got[len(asked) :]) is not None


def rate_limits(headers: Headers, now: float) -> tuple[RateLimit, ...]:
    """The `x-ratelimit-{limit,remaining,reset}-NAME` triples. `now` is in seconds since 1970."""
    names = [
        name.removeprefix(_PREFIX + "limit-")
        for name in headers
        if name.startswith(_PREFIX + "limit-")
    ]
    return tuple(
        RateLimit(
            name,
            number(headers.get(f"{_PREFIX}limit-{name}")),
            number(headers.get(f"{_PREFIX}remaining-{name}")),
            _reset(headers.get(f"{_PREFIX}reset-{name}"), now),
        )
        for name in names
    )


def queue_ms(headers: Headers, otherwise: float | None = None) -> float | None:
    """Milliseconds that the request waited for the model, as the server or our gateway says."""
    waited = number(headers.get("x-queue-time-ms"))
    return otherwise if waited is None or waited < 0 else waited


def retry_after(headers: Headers) -> float | None:
    """Seconds that `retry-after` asks to wait. Its form as a date is not understood."""
    return number(headers.get("retry-after"))


def number(value: object) -> float | None:
    """A finite number, or one in text. None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if abs(result) < 1e15 else None


def _reset(value: str | None, now: float) -> float | None:
    """Seconds since 1970 from "6m0s", a number of seconds from now, or a date in seconds."""
    if value is None:
        return None
    plain = number(value)
    if plain is not None:
        return plain if plain > _AN_OLD_DATE else now + plain
    parts = _DURATION.findall(value)
    if not parts or "".join(amount + unit for amount, unit in parts) != value:
        return None
    return now + sum(float(amount) * _SECONDS[unit] for amount, unit in parts)
