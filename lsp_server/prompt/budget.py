"""How many tokens a text takes, and how much of a text fits.

Every provider counts with a tokenizer of its own, and asking one costs a dependency or a round
trip. A budget only has to be safe and quick, so here is one rule for all: a token is 3.5 code
points. Source code in English runs at 3 to 4 for the usual byte-pair vocabularies, and prose at
more than 4; counting a few tokens too many only means a little less context. Scripts that take
more tokens than that (Chinese, Japanese, emoji) are counted as one token for each code point.

Knows nothing of prompts, documents or models.
"""

import re
from collections.abc import Iterable

from lsp_server.text.lines import split_lines

_UNITS_PER_TOKEN = 7
"""Counted in sevenths of a token, so that the sum over the lines is the sum of the text."""

_UNITS_PER_CODE_POINT = 2
"""Two sevenths: 3.5 code points make a token of source code (see above)."""

_LINE_END = re.compile("\r\n|\n|\r")

_WIDE_LEADS = bytes(range(0xE3, 0xF5))
_WIDE_PAIR = b"\xe2\xba"
_SECOND_AS_ONE = bytes(0xBA if 0xBA <= byte < 0xC0 else byte for byte in range(256))
"""How the scripts that are counted at a token for each code point begin in UTF-8: those from the
CJK radicals (U+2E80) on. Behind 0xE2 six bytes may stand, which are taken for one. To count bytes
takes a tenth of the time of finding characters."""


def tokens_of(text: str) -> int:
    """About how many tokens `text` takes; 0 only for an empty text."""
    return -(-_units_of(text) // _UNITS_PER_TOKEN)


def last_lines(text: str, tokens: int) -> str:
    """As many whole lines from the end of `text` as fit into `tokens`."""
    most = _most_code_points(tokens)
    piece = text[len(text) - most :] if most < len(text) else text
    if not _wide_in(piece):  # All count the same, so nothing has to be counted.
        return piece[_line_from(piece, len(piece) - _fitting(tokens)) :]
    lines = split_lines(piece)
    count = _count_fitting(reversed(lines), tokens)
    return "".join(lines[len(lines) - count :])


def first_lines(text: str, tokens: int) -> str:
    """As many whole lines from the start of `text` as fit into `tokens`."""
    piece = text[: _most_code_points(tokens)]
    if not _wide_in(piece):
        return piece[: _line_until(piece, _fitting(tokens))]
    lines = split_lines(piece)
    return "".join(lines[: _count_fitting(lines, tokens)])


def around(before: str, after: str, tokens: int) -> tuple[str, str]:
    """The lines nearest to a place: the end of `before` and the start of `after`.

    Each side gets half of `tokens`; what one does not need goes to the other.
    """
    need_before, need_after = tokens_of(before), tokens_of(after)
    half = tokens // 2
    for_before = min(need_before, max(half, tokens - need_after))
    nearest_before = last_lines(before, for_before)
    return nearest_before, first_lines(after, tokens - for_before)


def _most_code_points(tokens: int) -> int:
    """More than can fit: a longer text need not be looked at whole.

    It ends inside of a line that does not fit, or at the end of the text.
    """
    return max(0, tokens) * _UNITS_PER_TOKEN // _UNITS_PER_CODE_POINT + 2


def _fitting(tokens: int) -> int:
    """How many code points that are not wide fit."""
    return max(0, tokens) * _UNITS_PER_TOKEN // _UNITS_PER_CODE_POINT


def _line_from(text: str, place: int) -> int:
    """Where the first line starts at or behind `place`; the end of `text` when none does."""
    if place <= 0:
        return 0
    found = _LINE_END.search(text, place - 1)
    return len(text) if found is None else found.end()


def _line_until(text: str, place: int) -> int:
    """Where the last line ends at or before `place`; the end of `text` ends a line too."""
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
    """How many of `lines`, from the first on, take no more than `tokens` together."""
    count = used = 0
    for line in lines:
        used += _units_of(line)
        if used > tokens * _UNITS_PER_TOKEN:
            break
        count += 1
    return count
