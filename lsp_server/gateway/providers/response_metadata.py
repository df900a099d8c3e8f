"""Facts in a model API's HTTP headers, under the names that our protocol uses.

Only numbers, durations and dates under known names pass: any other header could hold anything, a
key included. Pure.
"""

import re
from collections.abc import Mapping
from datetime import datetime

QUEUE_HEADER = "x-queue-time-ms"
"""Our own header: milliseconds that the request waited before the model began."""

_PREFIX = "x-ratelimit-"
_ANTHROPIC = re.compile(r"anthropic-ratelimit-([a-z-]+)-(limit|remaining|reset)")
_NAME = re.compile(r"x-ratelimit-(limit|remaining|reset)-[a-z-]{1,40}")
_VALUE = re.compile(r"\d{1,15}(\.\d{1,9})?|(\d{1,9}(\.\d{1,9})?(ms|s|m|h|d)){1,5}")


def header_facts(headers: Mapping[str, str], now: float) -> dict[str, str]:
    """Rate limits and `retry-after`, with lower-case names. `now` is in seconds since 1970."""
    known: dict[str, str] = {}
    for given, value in headers.items():
        name = given.lower()
        found = _ANTHROPIC.fullmatch(name)
        if found is not None:
            name = f"{_PREFIX}{found[2]}-{found[1]}"
            value = _from_now(value, now) if found[2] == "reset" else value
        accepted = name == "retry-after" or _NAME.fullmatch(name) is not None
        if accepted and _VALUE.fullmatch(value.strip()):
            known[name] = value.strip()
    return known


def _from_now(date: str, now: float) -> str:
    """A time of RFC 3339 as a duration from now, which is how the other providers send it."""
    try:
        moment = datetime.fromisoformat(date.strip()).timestamp()
    except ValueError:
        return ""
    return f"{max(0.0, moment - now):.3f}s"
