"""Finds secrets that span several lines or are recognised by lines above: private keys and the
values of Kubernetes Secrets.

Returns only the lines (or values) themselves, so masking keeps the lines of the text. Knows nothing
of files.
"""

import re
from collections.abc import Iterator
from itertools import zip_longest

from lsp_server.guard.multiline_values import indented
from lsp_server.guard.value_shapes import stands_for_another
from lsp_server.text.span import Span

_KEY_BEGINS = re.compile(
    r"-----BEGIN (?:[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----"
    r"|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----|Private-Lines: ?\d{1,4}"
)
_KEY_WORDS = ("PRIVATE KEY", "Private-Lines", "Static key")
_KEY_ENDS = re.compile(
    r"-----END (?:[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----"
    r"|---- END SSH2 ENCRYPTED PRIVATE KEY ----|Private-(?:MAC|Hash):"
)
_KEY_LINE = re.compile(r"(?:(?<=\\[nr])|(?<![\\A-Za-z0-9+/=]))[A-Za-z0-9+/=]{16,}")
"""A line of Base64, also in a literal that writes its line ends as `\\n`."""
_KEY_REST = re.compile(
    r"[ \t]*(?:\\[nr]|[\r\n\"'+,# \t]){1,80}(?P<rest>=?[A-Za-z0-9+/]{1,15}={0,2})(?=\\[nr]"
    r"|[\r\n\"']|-----)"
)
"""The last line of a key, which may be short."""
_MOST_OF_A_KEY = 20_000
"""Code points of a private key. One of 16,384 bits has 13,000."""
_PUTTY_MAC = re.compile(r"(?m)^Private-(?:MAC|Hash): (?P<secret>[0-9a-f]{40,64})")
_SECRET_KIND = re.compile(r"kind[\"']?:[ \t]{0,9}[\"']?Secret[\"']?[ \t]{0,9}(?:#|,|\r|\n|\Z)")
_DATA = re.compile(r"(?m)^(?P<indent>[ \t]{0,20})[\"']?(?:data|stringData)[\"']?:[ \t]{0,9}\{?\r?$")
_ENTRY = re.compile(
    r"(?m)^(?P<indent>[ \t]{1,40})[\"']?[\w./-]{1,120}[\"']?:[ \t]{1,9}[\"']?(?P<secret>[^\s\"'"
    r"|>][^\"'\r\n]{2,4000}?)[\"']?,?[ \t]{0,9}\r?$"
)
_BLOCK = re.compile(r":[ \t]{1,9}[|>][-+1-9]{0,2}[ \t]{0,9}(?:#.{0,200})?\Z")
_MOST_OF_A_SECRET = 20_000
"""Code points before and after the line that says that something is a Secret."""


def private_keys(text: str) -> Iterator[Span]:
    """The lines between the BEGIN and END lines of a private key in text form (RFC 7468).

    A key without its END line, as where a scope cuts it, extends to its last Base64 line.
    """
    if not any(word in text for word in _KEY_WORDS):
        return
    begins = list(_KEY_BEGINS.finditer(text))
    for begin, following in zip_longest(begins, begins[1:]):
        stop = min(len(text), begin.end() + _MOST_OF_A_KEY)
        stop = stop if following is None else min(stop, following.start())
        end = _KEY_ENDS.search(text, begin.end(), stop)
        stop = end.start() if end else stop
        place = begin.end()
        while (line := _KEY_LINE.search(text, place, stop)) is not None:
            between = text[place : line.start()]
            if end is None and len(between.strip("\\nr \t\r\n\"'+,#*/")) > 0:
                break
            yield Span(*line.span())
            place = line.end()
        if end is not None and (rest := _KEY_REST.match(text, place, end.end())):
            yield Span(*rest.span("rest"))
    if begins:
        for match in _PUTTY_MAC.finditer(text):
            yield Span(*match.span("secret"))


def values_of_secrets(text: str) -> Iterator[Span]:
    """The values of `data` and `stringData` in a Kubernetes object of `kind: Secret`."""
    end = 0
    for kind in _SECRET_KIND.finditer(text):
        if kind.start() < end:
            continue
        first = max(end, kind.start() - _MOST_OF_A_SECRET)
        start = max(first, text.rfind("\n---", first, kind.start()) + 1)
        last = min(len(text), kind.end() + _MOST_OF_A_SECRET)
        end = text.find("\n---", kind.end(), last)
        end = last if end < 0 else end
        for data in _DATA.finditer(text, start, end):
            yield from _entries(text, data.end() + 1, end, len(data["indent"]))


def _entries(text: str, place: int, end: int, margin: int) -> Iterator[Span]:
    """The values in a table indented by more than `margin`, including blocks of lines."""
    done = 0
    for line in indented(text, place, end, margin):
        start = text.rfind("\n", 0, line.start) + 1
        if line.start < done or text[line.start] == "#":
            continue
        if (entry := _ENTRY.match(text, start, end)) is not None:
            if not stands_for_another(entry["secret"]):
                yield Span(*entry.span("secret"))
        elif _BLOCK.search(text, line.start, line.end):
            for inner in indented(text, line.end + 1, end, line.start - start):
                yield inner
                done = inner.end
