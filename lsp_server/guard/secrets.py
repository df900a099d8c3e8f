"""Finds what must not leave the machine: keys, tokens, private keys, passwords in addresses.

By the formats that their makers document, so that a find is one for certain or nearly so; and by
name, where a literal that looks random is given to something called a password or a token. What is
found is masked and comes back, so a find too many costs nothing but a little of the model's sight.
Passwords without a name cannot be told from other text and are not found, nor are short ones of
letters alone unless they stand where a manual says that a password stands.

Knows nothing of prompts, sessions or files.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest

from lsp_server.guard.formats import patterns_for, rules_for
from lsp_server.text.span import Span

_NAMED = re.compile(
    r"(?i)(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|auth_?key|"
    r"private_?key|signing_?key|encryption_?key|client_?secret|credential)s?[a-z0-9_]{0,20}[\"']?"
    r"\s*(?::\s*[A-Za-z_.&\[\]]{1,40}\s*)?(?:=>|:=|[=:,])\s*"
    r"(?:[bBrRuUfF]{0,2}(?P<quote>[\"'`])(?P<secret>[^\s\"'`]{12,200})(?P=quote)"
    r"|(?P<bare>[A-Za-z0-9+/_.~!@#%^&*-]{16,200}={0,2})(?=[\"';&]|[ \t]*(?:[\r\n]|\Z)|[ \t]{1,9}#))"
)
_PASSWORD = re.compile(
    r"(?i)(?:passw(?:or)?d|passphrase|pwd|(?<![a-z])pass|secret)[_0-9]{0,4}[\"']?[ \t]{0,20}"
    r"(?::[ \t]*[A-Za-z_.&\[\]]{1,40}[ \t]*)?(?:=>|:=|={1,3}|[:(])[ \t]{0,20}"
    r"(?:[bBrRuUfF]{0,2}(?P<quote>[\"'`])(?P<secret>[^\s\"'`]{5,200})(?P=quote)"
    r"|(?P<bare>[^\s\"'`;&,(){}\[\]<>$#][^\s\"'`;&,(){}\[\]<>$]{4,200})"
    r"(?=[\"';&]|[ \t]*(?:[\r\n]|\Z)|[ \t]{1,9}#))"
)
"""A password may be short and chosen by a person, so its name must end with the word."""
_CONFIGURED = re.compile(r"(?:\A|[\r\n;?&\"'])[ \t]*(?:(?:export|set|ENV|-)[ \t]+)?[\w.-]*\Z")
"""What comes before the name of a value without quotes, as in .env, YAML or a connection string."""
_SAID = re.compile(r"(?:\A|\s)[\w.-]*\Z")
"""Behind a colon also in prose: `log in with password: …`."""
_MOST_BEFORE = 100
_PATH = re.compile(r"[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)+")
_SIGNS = frozenset("!@#%^&*+?~")
_NO_WORD = 16
"""So many lower-case letters are no word. With capitals among them they are likely a name."""
_NAME_BEGINS = re.compile("pass|pwd|secret|token|api|access|auth|private|sign|encr|client|cred")
"""Finds in lower case where `_NAMED` may match: in large files ten times as fast as itself."""
_LEAST_ENTROPY = 3.2
"""Bits for each character, over the characters of the literal itself. Words and paths in snake
case come to 2.5 to 3.3 and seldom hold a digit; random ones of this length to 3.5 and more."""

_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_KEY_ENDS = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINE = re.compile(r"(?:(?<=\\[nr])|(?<![\\A-Za-z0-9+/=]))[A-Za-z0-9+/=]{16,}")
"""A line of Base64, also in a literal that writes its line ends as `\\n`."""
_MOST_OF_A_KEY = 20_000
"""Code points of a private key; one of 16,384 bits has 13,000."""


def find_secrets(text: str) -> tuple[Span, ...]:
    """Where the secrets in `text` are, in code points; sorted, disjoint, none across a line end.

    Of a private key each line is one, so that the lines of the text stay lines. Never raises.
    """
    folded = text.lower()
    found = [*_by_format(text, folded), *_private_keys(text), *_by_name(text, folded)]
    spans: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not spans or span.start >= spans[-1].end:
            spans.append(span)
        elif span.end > spans[-1].end:
            spans[-1] = Span(spans[-1].start, span.end)
    return tuple(spans)


def find_private_keys(text: str) -> tuple[Span, ...]:
    """The lines of all private keys in `text`; sorted, disjoint.

    They are the one secret that reaches over many lines, so a piece of a text may hold the middle
    of one and nothing that tells. Costs next to nothing where there is none.
    """
    return tuple(_private_keys(text))


def _by_format(text: str, folded: str) -> Iterator[Span]:
    for pattern in patterns_for(text):
        for match in pattern.finditer(text):
            before = text[match.start() - 1 : match.start()]
            if not (before.isalnum() or before == "_"):
                yield Span(*match.span())
    for rule in rules_for(folded):
        for match in rule.pattern.finditer(text):
            yield Span(*match.span("secret"))


def _by_name(text: str, folded: str) -> Iterator[Span]:
    """Literals that look random and that are given to something with a telling name."""
    if len(folded) != len(text):  # A few letters are longer in lower case.
        folded = "".join(c.lower() if c.isascii() else c for c in text)
    for begin in _NAME_BEGINS.finditer(folded):
        match = _NAMED.match(text, begin.start())
        if match is not None:
            group = "secret" if match["secret"] is not None else "bare"
            if _looks_random(match[group]) and not (
                match["bare"] and _PATH.fullmatch(match["bare"])
            ):
                yield Span(*match.span(group))
                continue
        if folded[begin.start()] in "ps" and (match := _PASSWORD.match(text, begin.start())):
            group = "secret" if match["secret"] is not None else "bare"
            before = text[max(0, begin.start() - _MOST_BEFORE) : begin.start()]
            told = group == "secret" or _CONFIGURED.search(before)
            if not told and "=" not in text[match.start() : match.start("bare")]:
                told = _SAID.search(before)
            if told and _looks_chosen(match[group], quoted=group == "secret"):
                yield Span(*match.span(group))


def _looks_random(literal: str) -> bool:
    """Whether it has digits and letters, and no order that one can see."""
    has_digit = any(character.isdigit() for character in literal)
    has_letter = any(character.isalpha() for character in literal)
    if not (has_digit and has_letter) or "{" in literal or "://" in literal or "(" in literal:
        return False
    counts = Counter(literal).values()
    bits = -sum(n / len(literal) * math.log2(n / len(literal)) for n in counts)
    return bits >= _LEAST_ENTROPY


def _looks_chosen(value: str, *, quoted: bool) -> bool:
    """Whether it may be a password: more than letters, or in quotes so many that they are no word;
    and no expression of a language."""
    if "{" in value or "://" in value or "(" in value or _PATH.fullmatch(value):
        return False
    if any(character.isdigit() or character in _SIGNS for character in value):
        return True
    return quoted and len(value) >= _NO_WORD and value.isalpha() and value.islower()


def _private_keys(text: str) -> Iterator[Span]:
    """The lines between the two lines that every private key in text form has (RFC 7468).

    A key without its last line, as where a scope cuts it, is one up to its last Base64 line.
    """
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
