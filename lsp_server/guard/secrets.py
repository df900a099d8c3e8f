"""Finds what must not leave the machine: keys, tokens, private keys, passwords in URLs.

It recognises a secret in four ways. By the formats that makers document, which are certain or
nearly so. By the places where a manual says that a secret stands. By name, where a possible secret
is assigned to something called a password or a token. By its looks, where a literal can only be
random and nothing nearby says that it is a hash. What is found is masked and restored later, so a
false find only hides a little text from the model. Passwords without a name, a format or a known
place look like any other text and are not found.

Knows nothing of prompts, sessions or files.
"""

import re
from collections.abc import Iterator
from itertools import chain

from lsp_server.guard.block_secrets import private_keys, values_of_secrets
from lsp_server.guard.formats import RULES
from lsp_server.guard.multiline_values import values_of_lines, vaults
from lsp_server.guard.named_values import by_name
from lsp_server.guard.pattern_search import by_rules, fold, with_prefix
from lsp_server.guard.secret_places import CALLS, COMMANDS
from lsp_server.guard.value_shapes import looks_drawn, plain_text
from lsp_server.text.span import Span

_ALL = (*RULES, *CALLS, *COMMANDS)
_DRAWN = re.compile(r"[\"'`](?P<secret>[\w+/=.~-]{20,200})[\"'`]")
_SET = re.compile(
    r"(?m)^(?:export[ \t]+)?[A-Z][A-Z0-9_]{1,60}=(?P<secret>[\w+/=.~-]{24,200})[ \t]*$"
)
_NEAR = 60
_HARMLESS = re.compile(
    r"(?i)integrity|sha\d|sha-|hash|digest|checksum|fingerprint|thumbprint|etag|public|publish"
    r"|pubkey|\bpub_|commit"
    r"|\brev\b|revision|version|resolved|base64,|data:|\burl|uri|image|logo|icon|font|svg|nonce"
    r"|certificate|"
    r"\bcert\b|csrf|uuid|guid|\bid\b|_id\b|Id\b|path|file|src|href|ssh-|regex|pattern|alphabet"
    r"|charset|assert|"
    r"expect|equal|video|watch|signature|\bsig\b|mac\b|cursor|etag|anchor|selector|class"
)
"""Words that show that the random text after them is not a secret."""


MOST_SECRETS = 1000
"""Secrets of one text that are masked. A text with more is a store of secrets, not code."""


class TooManySecrets(Exception):
    """A text has more secrets than can be masked. Nothing of it may leave."""


def find_secrets(text: str, most: int | None = None) -> tuple[Span, ...]:
    """The secrets in `text`, in code points: sorted, disjoint, none across a line end.

    Each line of a private key is a span of its own, so masking keeps the lines of the text. Raises
    only `TooManySecrets`, as soon as there are more than `most`.
    """
    folded = fold(text)
    places: dict[int, Span] = {}
    for span in chain(
        with_prefix(text, folded),
        by_rules(_ALL, text, folded),
        _over_lines(text),
        by_name(text, folded),
        _by_looks(text),
    ):
        places[span.start] = max(span, places.get(span.start, span))
        if most is not None and len(places) > most:
            raise TooManySecrets
    found = places.values()
    spans: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not spans or span.start >= spans[-1].end:
            spans.append(span)
        elif span.end > spans[-1].end:
            spans[-1] = Span(spans[-1].start, span.end)
    return tuple(spans)


def find_long_secrets(text: str) -> tuple[Span, ...]:
    """The lines of all secrets in `text` that span several lines or are recognised by lines above.

    A piece of a text may contain the middle of such a secret and nothing that reveals it. Costs
    almost nothing if there is none.
    """
    return tuple(_over_lines(text))


def _over_lines(text: str) -> Iterator[Span]:
    return chain(private_keys(text), values_of_secrets(text), vaults(text), values_of_lines(text))


def _by_looks(text: str) -> Iterator[Span]:
    """Literals that can only be random and that nothing nearby calls a hash or a name."""
    for pattern in (_DRAWN, _SET):
        for match in pattern.finditer(text):
            if not looks_drawn(match["secret"]) or plain_text(match["secret"]):
                continue
            start = text.rfind("\n", max(0, match.start() - _NEAR), match.start()) + 1
            if not _HARMLESS.search(
                text, start or max(0, match.start() - _NEAR), match.start("secret")
            ):
                yield Span(*match.span("secret"))
