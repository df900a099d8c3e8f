"""How long a server asks to wait, read by strict patterns from its words and headers.

A duration is kept as seconds, a time as its text, which the pattern restricts to figures. Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_LONGEST_S = 90 * 86400.0

_UNIT = r"(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)"
_PART = re.compile(rf"(\d+(?:\.\d+)?)\s*({_UNIT})(?![a-z])", re.I)
_SPAN = rf"(?:\d+(?:\.\d+)?\s*{_UNIT}(?![a-z])[\s,]*(?:and\s+)?){{1,4}}"
_IN = re.compile(
    rf"(?:(?:try|retry|again|wait|resets?|available)\b[^.\d\n]{{0,40}}?(?:in|after|for|:)?\s*)"
    rf"(?:about\s+)?({_SPAN})",
    re.I,
)
_DELAY = re.compile(
    r"\A(?:(?:retry_after|resets_in_seconds|estimated_time): (\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)s)\Z"
)
"""A member that holds nothing else. Google writes "34s"."""
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_AT = re.compile(
    r"(?:at|on|until|after)\s+("
    r"\d{4}-\d{2}-\d{2}(?:(?:t|\s+|\s+at\s+)\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?)?(?:\s*(?:z|utc))?"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?(?:,?\s+(?:at\s+)?\d{{1,2}}:\d{{2}}"
    r"(?:\s*[ap]m)?)?(?:\s*utc)?"
    r"|\d{1,2}(?::\d{2})?\s*[ap]m(?:\s*utc)?"
    r"|\d{1,2}:\d{2}(?:\s*utc)?)",
    re.I,
)
_AGAIN = re.compile(r"\b(again|regain|resets?|until|retry|available|renews?)\b", re.I)
_SECONDS = {"ms": 0.001, "m": 60.0, "s": 1.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """`seconds` from now, or the time `at`, in the server's own time zone."""

    seconds: float | None = None
    at: str | None = None

    def __str__(self) -> str:
        if self.seconds is None:
            return f"until {self.at}"
        whole = max(1, round(self.seconds))
        if whole < 120:
            return f"{whole} s"
        if whole < 2 * 3600:
            return f"{round(whole / 60)} min"
        return f"{round(whole / 3600)} h" if whole < 2 * 86400 else f"{round(whole / 86400)} days"


def wait_in(text: str, headers: Mapping[str, str]) -> RetryAfter | None:
    """How long to wait, by the words of a refusal or the `retry-after` header. None: unknown."""
    if found := _IN.search(text):
        return _span(found[1])
    if (found := _AT.search(text)) and _AGAIN.search(text):
        return RetryAfter(at=re.sub(r"\s+", " ", found[1]))
    for line in text.splitlines():
        if found := _DELAY.match(line):
            return RetryAfter(min(float(found[1] or found[2]), _LONGEST_S))
    # Read here, because `backends.headers` imports the session, which the gateway does not need.
    header = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,8}(\.\d{1,9})?", header) and float(header) <= _LONGEST_S:
        return RetryAfter(float(header))
    return None


def _span(text: str) -> RetryAfter | None:
    total = 0.0
    for amount, unit in _PART.findall(text):
        unit = unit.lower()
        # "ms" and "milliseconds" begin like minutes.
        milli = unit == "ms" or unit.startswith("milli")
        total += float(amount) * (0.001 if milli else _SECONDS[unit[0]])
    return RetryAfter(total) if 0 <= total <= _LONGEST_S else None
