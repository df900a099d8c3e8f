"""Finds secret values of several lines: after a telling name, or in an Ansible vault.

A YAML block, a triple-quoted string, a here-document, or what `ansible-vault` has encrypted.
Returns only the lines themselves, so masking keeps the lines of the text. Knows nothing of files.
"""

import re
from collections.abc import Iterator

from lsp_server.guard.telling_names import Trust, trust_in_code
from lsp_server.guard.value_shapes import (
    is_slug,
    looks_chosen,
    looks_keyed,
    looks_lettered,
    looks_random,
    stands_for_another,
)
from lsp_server.text.span import Span

_VAULT = "$ANSIBLE_VAULT;"
_VAULT_LINE = re.compile(r"[ \t]*(?P<secret>[0-9a-f]{8,200})[ \t]*\r?(?:\n|\Z)")
_OPENS = re.compile(
    r":[ \t]{1,9}(?:![\w!:/.-]{1,40}[ \t]{1,9})?(?P<block>[|>])[-+1-9]{0,2}[ \t]{0,9}"
    r"(?:#[^\r\n]{0,200})?\r?\n"
    r"|[=:(][ \t]{0,9}(?:[bBrRuUfF@$]{0,2}(?P<quotes>\"{3}|'{3})\\?"
    r"|<{2,3}[-~]?[ \t]?[\"'\\]?(?P<word>[A-Za-z_]\w{0,30})[\"']?)[ \t]{0,9}\r?\n"
)
"""Where a value of several lines begins: a YAML block, a triple-quoted string, a here-document."""
_MARKS = ("|", ">", '"""', "'''", "<<")
_NAMES = re.compile(r"[\w.$-]{2,80}")
_MOST_BEFORE = 200
"""Code points before the value, in its first line, that are searched for its name."""
_LEAST_TELLING = 6
"""A line with fewer code points does not show that the value is a secret."""
_MOST_OF_A_VALUE = 20_000
"""Code points of one value."""
_NAMED_ABOVE = re.compile(
    r"name[\"']?[ \t]{0,9}:[ \t]{0,9}[\"']?(?P<name>[\w.-]{2,80})[\"']?[ \t]*\r?\n\Z"
)
_NAMED_BY = frozenset({"value", "default"})
# `(?>`: see `tests/support/patterns.py`; with `(?:` Python 3.11.2 matches less of a line.
_LINE = re.compile(r"(?P<indent>[ \t]*+)(?P<text>(?>[^\s]++|[ \t]++(?=[^\s]))*+)[ \t]*+(?:\r?\n)?")


def vaults(text: str) -> Iterator[Span]:
    """The lines that `ansible-vault` has encrypted."""
    place = text.find(_VAULT)
    while place >= 0:
        place = text.find("\n", place) + 1 or len(text)
        while (line := _VAULT_LINE.match(text, place)) is not None:
            yield Span(*line.span("secret"))
            place = line.end()
        place = text.find(_VAULT, place)


def values_of_lines(text: str) -> Iterator[Span]:
    """The lines of each value of several lines that has a telling name."""
    if not any(mark in text for mark in _MARKS):
        return
    done = 0
    for opening in _OPENS.finditer(text):
        if opening.start() < done:
            continue
        start = text.rfind("\n", max(0, opening.start() - _MOST_BEFORE), opening.start()) + 1
        trust = _trust(text, start, opening.start())
        if trust is Trust.NONE:
            continue
        lines = list(_value_lines(text, start, opening))
        done = lines[-1].end if lines else 0
        if any(_is_secret(line.text(text), trust) for line in lines):
            yield from (line for line in lines if _is_piece(line.text(text)))


def _trust(text: str, start: int, end: int) -> Trust:
    """What the names in a line say of its value. For `value: |`, the names in the line above."""
    names = _NAMES.findall(text, start, end)
    if len(names) == 1 and names[0].strip("-") in _NAMED_BY:
        above = _NAMED_ABOVE.search(text, max(0, start - _MOST_BEFORE), start)
        names = [above["name"]] if above else []
    return max(map(trust_in_code, names[-3:]), default=Trust.NONE)


def _value_lines(text: str, start: int, opening: re.Match[str]) -> Iterator[Span]:
    """The lines of a value, without the white space around them."""
    place, last = opening.end(), min(len(text), opening.end() + _MOST_OF_A_VALUE)
    if (quotes := opening["quotes"]) is not None:
        last = _or_last(text.find(quotes, place, last), last)
    elif (word := opening["word"]) is not None:
        end = re.compile(rf"(?m)^[ \t]*{word}\b").search(text, place, last)
        last = end.start() if end else last
    yield from indented(text, place, last, _column(text, start) if opening["block"] else -1)


def indented(text: str, place: int, last: int, margin: int) -> Iterator[Span]:
    """The non-empty lines from `place` on, without the white space around them, as long as they are
    indented by more than `margin`."""
    while place < last:
        line = _LINE.match(text, place, last)
        assert line is not None, "It fits everything."
        if line["text"]:
            if len(line["indent"]) <= margin:
                return
            yield Span(*line.span("text"))
        place = max(line.end(), place + 1)


def _or_last(offset: int, last: int) -> int:
    return last if offset < 0 else offset


def _column(text: str, start: int) -> int:
    """The column of the name in its line, after the dash of a list."""
    line = text[start : start + _MOST_BEFORE]
    return len(line) - len(line.lstrip(" \t-"))


def _is_secret(line: str, trust: Trust) -> bool:
    """Whether a line can only be a secret, after a name of this trust."""
    if len(line) < _LEAST_TELLING or not _is_piece(line) or trust is Trust.PIN:
        return False
    if trust >= Trust.SECRET:
        return not is_slug(line) and looks_chosen(line, quoted=False, letters=False)
    if trust is Trust.TOKEN:
        return looks_random(line) or looks_lettered(line)
    return looks_keyed(line)


def _is_piece(line: str) -> bool:
    """Whether a line may be part of the same secret. The last one is often short."""
    return not (" " in line or line.startswith(("-----", "#!")) or stands_for_another(line))
