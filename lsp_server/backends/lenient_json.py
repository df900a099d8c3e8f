"""JSON and text as models' servers really write them. Pure, and imports nothing else of the
backends: the gateway needs it too.

A token may end inside an emoji. A server written in JavaScript then sends the two halves of a
surrogate pair in two messages. Half a pair is not valid Unicode, so orjson refuses it.
"""

import json
from typing import Any

import orjson

MAX_STRUCTURE = 256 * 2**10
"""Bytes of a message outside its strings."""


def parse_object(data: str | bytes) -> dict[str, Any] | None:
    """The JSON object in a message. None if it is not one. Strings may hold half a pair."""
    if mostly_structure(data):
        return None
    try:
        value = orjson.loads(data)
    except ValueError:
        value = _parse_halves(data)
    return value if isinstance(value, dict) else None


def mostly_structure(data: str | bytes) -> bool:
    """Whether a message, such as millions of `{}`, would take far more memory than its length."""
    if len(data) <= MAX_STRUCTURE:
        return False
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    # Each value follows one of these, so few of them mean few values: strings need no check.
    if raw.count(b"{") + raw.count(b"[") + raw.count(b",") <= MAX_STRUCTURE // 2:
        return False
    # Strings are between quotes, so too many quotes mean too many strings.
    if raw.count(b'"') - raw.count(b'\\"') > MAX_STRUCTURE:
        return True
    plain = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    return sum(map(len, plain.split(b'"')[::2])) > MAX_STRUCTURE


def sound_text(text: str) -> str:
    """The text with surrogate pairs joined and lone surrogates replaced by U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


class Joiner:
    """Joins surrogate pairs across pieces: half a pair at the end waits for the next piece."""

    def __init__(self) -> None:
        self._half = ""

    def push(self, text: str) -> str:
        """Add text. Returns what is complete."""
        text = self._half + text
        self._half = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return sound_text(text)

    def finish(self) -> str:
        """The text has ended. Returns U+FFFD for half a pair that still waits."""
        half, self._half = self._half, ""
        return sound_text(half)

    def forget(self) -> None:
        """Drop what waits: the whole text is known from elsewhere."""
        self._half = ""


def _parse_halves(data: str | bytes) -> object:
    marker: str | bytes = "\\ud" if isinstance(data, str) else b"\\ud"
    if marker not in data.lower():  # type: ignore[operator]
        return None
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
