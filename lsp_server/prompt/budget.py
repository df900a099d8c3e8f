"""Estimates how many tokens a text takes, and how much of a text fits.

Every provider counts with its own tokenizer, and using one costs a dependency or a round trip. A
budget only has to be safe and fast, so one rule serves for all: a token is 3.5 code points. English
source code has 3 to 4 with the usual byte-pair vocabularies, prose more than 4. Overestimating only
means a little less context. Scripts that take more tokens (Chinese, Japanese, emoji) count as one
token for each code point.

Knows no prompts, documents or models.
"""

import re
from collections.abc import Iterable

from lsp_server.text.lines import split_lines

_UNITS_PER_TOKEN = 7
"""Tokens are counted in sevenths, so the counts of the lines add up to that of the text."""

_UNITS_PER_CODE_POINT = 2
"""Two sevenths: a token is 3.5 code points of source code (see above)."""

_LINE_END = re.compile("\r\n|\n|\r")

_WIDE_LEADS = bytes(range(0xE3, 0xF5))
_WIDE_PAIR = b"\xe2\xba"
_SECOND_AS_ONE = bytes(0xBA if 0xBA <= byte < 0xC0 else byte for byte in range(256))
"""First bytes in UTF-8 of the scripts that count as a token for each code point: from the CJK
radicals (U+2E80) on. After 0xE2 six second bytes are possible, which are mapped to one. Counting
bytes takes a tenth of the time of finding characters."""


def tokens_of(text: str) -> int:
    """About how many tokens `text` takes; 0 only for an empty one."""
    return -(-_units_of(text) // _UNITS_PER_TOKEN)


def last_lines(text: str, tokens: int) -> str:
    """As many whole lines from the end of `text` as fit into `tokens`."""
    most = _most_code_points(tokens)
    piece = text[len(text) - most :] if most < len(text) else text
    if not _wide_in(piece):  # All code points count the same, so no line needs to be counted.
        return piece[_line_from(piece, len(piece) - _most_narrow(tokens)) :]
    lines = split_lines(piece)
    count = _count_fitting(reversed(lines), tokens)
    return "".join(lines[len(lines) - count :])


def first_lines(text: str, tokens: int) -> str:
    """As many whole lines from the start of `text` as fit into `tokens`."""
    piece = text[: _most_code_points(tokens)]
    if not _wide_in(piece):
        return piece[: _line_until(piece, _most_narrow(tokens))]
    lines = split_lines(piece)
    return "".join(lines[: _count_fitting(lines, tokens)])


def around(before: str, after: str, tokens: int) -> tuple[str, str]:
    """The lines nearest to a place: the end of `before` and the start of `after`.

    Each side gets half of `tokens`, and what one side does not need goes to the other.
    """
    need_before, need_after = tokens_of(before), tokens_of(after)
    half = tokens // 2
    for_before = min(need_before, max(half, tokens - need_after))
    nearest_before = last_lines(before, for_before)
    return nearest_before, first_lines(after, tokens - for_before)


def _most_code_points(tokens: int) -> int:
    """More code points than can fit: no more of a text needs to be looked at."""
    return max(0, tokens) * _UNITS_PER_TOKEN // _UNITS_PER_CODE_POINT + 2


def _most_narrow(tokens: int) -> int:
    """How many code points fit if none is wide."""
    return max(0, tokens) * _UNITS_PER_TOKEN // _UNITS_PER_CODE_POINT


def _line_from(text: str, place: int) -> int:
    """Where the first line at or after `place` starts; the end of `text` if there is none."""
    if place <= 0:
        return 0
    found = _LINE_END.search(text, place - 1)
    return len(text) if found is None else found.end()


def _line_until(text: str, place: int) -> int:
    """Where the last line at or before `place` ends; the end of `text` also ends a line."""
    if place >= len(text):
        return len(text)
    end = max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1
    if text[end - 1 : end + 1] == "\r\n":  # `place` is between the two.
        return _line_until(text, end - 1)
    return end


def _units_of(text: str) -> int:
    if text.isascii():
        return _UNITS_PER_CODE_POINT * len(text)
    wide = _wide_in(text)
    return _UNITS_PER_TOKEN * wide + _UNITS_PER_CODE_POINT * (len(text) - wide)


def _wide_in(text: str) -> int:
    """How many code points are from U+2E80 on."""
    if text.isascii():
        return 0
    raw = text.encode("utf-8", "surrogatepass")
    leads = len(raw) - len(raw.translate(None, _WIDE_LEADS))
    return leads + raw.translate(_SECOND_AS_ONE).count(_WIDE_PAIR)


def _count_fitting(lines: Iterable[str], tokens: int) -> int:
    """How many of the first `lines` fit into `tokens` together."""
    count = used = 0
    for line in lines:
        used += _units_of(line)
        if used > tokens * _UNITS_PER_TOKEN:
            break
        count += 1
    return count
