"""Replaces secrets by placeholders, and placeholders that come back by their secrets.

A placeholder is a word that a model copies like any other name, `MIDSTREAM_SECRET_1_`. Secrets are
numbered in the order in which a session met them, so the same code gives the same prompt. Only what
this session has sent can come back: a placeholder of another session, or one that the model made
up, stays as it is.

Knows nothing of what secrets look like, of prompts or of models.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

from lsp_server.guard.value_shapes import is_slug
from lsp_server.text.span import Span

Finder = Callable[[str], Sequence[Span]]

_NAME = "MIDSTREAM_SECRET_"
_PLACEHOLDER = re.compile(rf"{_NAME}(\d{{1,9}})_")
_UNFINISHED = re.compile(rf"{_NAME}\d{{0,9}}\Z")
_LIKE = re.compile(r"(?i)midstream[_-]?secrets?(?:[_-]?\w{0,20})?")
"""What a model may turn a placeholder into if it does not copy it: other case, other or no
number."""
_LOOK_BACK = 80
"""Code points of earlier output that are checked again. No such word is longer."""
_STEM = "MIDSTREAM_"
"""A beginning of a placeholder this long can be nothing else."""
_LEAST_INSIDE = 8
"""A secret of at least this many code points is masked at every occurrence, if it is not a word and
not made of words: the password `postgres` is also what a file calls its database, and `utf-8` may
be a password too. Others are masked where they are recognised."""
_MOST_GARBLED = 3
"""Garbled placeholders that are kept for the report."""
_LEAST_REPEATED = 5
"""A secret of at least this many code points is also masked at every occurrence if the text was cut
in its lines, but not inside a word."""
_NO_WORD = 16
"""So many letters alone are not a word."""
_CACHED_TEXTS = 6
"""Texts whose secrets are cached: each attempt asks for the same ones again."""


def placeholders_in(text: str) -> Counter[str]:
    """How often each placeholder occurs in a text."""
    return Counter(match[0] for match in _PLACEHOLDER.finditer(text))


class Masks:
    """The secrets of one session and their placeholders."""

    def __init__(self, find: Finder) -> None:
        self._find = lru_cache(_CACHED_TEXTS)(find)
        self._masked_everywhere: dict[str, list[str]] = {}  # by their first code points
        self._numbers: dict[str, int] = {}
        self._secrets: list[str] = []

    def __len__(self) -> int:
        return len(self._secrets)

    def learn(self, text: str, find: Finder | None = None, cuts: Sequence[int] = ()) -> None:
        """Remember the secrets of a text. They are then recognised in the pieces of it that are
        sent.

        `find` replaces the usual search for secrets. `cuts` are the offsets at which the text is
        cut into pieces: a secret in the same lines may lose the name that reveals it, so even a
        short one is masked at every occurrence.
        """
        for span in (find or self._find)(text):
            self._number(span.text(text))
            start = text.rfind("\n", 0, span.start) + 1
            end = text.find("\n", span.end)
            if any(start <= cut <= (len(text) if end < 0 else end) for cut in cuts):
                self._mask_everywhere(span.text(text), _LEAST_REPEATED)

    def mask(self, text: str, context: str = "") -> str:
        """`text` with a placeholder for every secret, those learned before and those recognised in
        it.

        If `text` is part of `context`, which was searched before, it is not searched again.
        """
        # A word that only looks like a placeholder is masked too, so it comes back unchanged.
        lookalikes = [Span(*match.span()) for match in _PLACEHOLDER.finditer(text)]
        recognised = self._recognised(text, context)
        for span in recognised:
            self._number(span.text(text))
        parts: list[str] = []
        done = 0
        for span in _merged([*recognised, *self._known_in(text), *lookalikes]):
            parts += [text[done : span.start], self._placeholder(span.text(text))]
            done = span.end
        return "".join([*parts, text[done:]])

    def _recognised(self, text: str, context: str) -> Sequence[Span]:
        """The secrets recognised in `text`, also by the text around it in `context`."""
        place = context.find(text) if text else -1
        if place < 0:
            return self._find(text)
        end = place + len(text)
        return [
            Span(max(span.start, place) - place, min(span.end, end) - place)
            for span in self._find(context)
            if span.start < end and span.end > place
        ]

    def unmask(self, text: str) -> str:
        """`text` with its placeholders replaced by the secrets."""
        return _PLACEHOLDER.sub(self._secret, text)

    def _known_in(self, text: str) -> list[Span]:
        """Every occurrence of a secret that is known from elsewhere."""
        spans: list[Span] = []
        for length in {len(start) for start in self._masked_everywhere}:
            for place in range(len(text) - length + 1):
                for secret in self._masked_everywhere.get(text[place : place + length], ()):
                    if text.startswith(secret, place) and _stands_alone(secret, text, place):
                        spans.append(Span(place, place + len(secret)))
        return spans

    def _mask_everywhere(self, secret: str, least: int) -> None:
        """Mask this secret at every occurrence from now on, if it is long enough."""
        if len(secret) < (_NO_WORD if secret.isalpha() else least):
            return
        secrets = self._masked_everywhere.setdefault(secret[:_LEAST_INSIDE], [])
        if secret not in secrets:
            secrets.append(secret)

    def _placeholder(self, secret: str) -> str:
        return f"{_NAME}{self._number(secret)}_"

    def _number(self, secret: str) -> int:
        if secret not in self._numbers:
            self._secrets.append(secret)
            if not is_slug(secret):
                self._mask_everywhere(secret, _LEAST_INSIDE)
            self._numbers[secret] = len(self._secrets)
        return self._numbers[secret]

    def _secret(self, match: re.Match[str]) -> str:
        number = int(match[1])
        return self._secrets[number - 1] if 0 < number <= len(self._secrets) else match[0]


class Unmasker:
    """Restores the secrets of a stream. Holds back text that may become a placeholder."""

    def __init__(self, masks: Masks) -> None:
        self._masks = masks
        self._held = ""
        self._tail = ""  # the end of the output, in which a garbled placeholder may still grow
        self.garbled: dict[str, None] = {}
        """Words that look like a placeholder and stand for no secret, in the order in which they
        came: the first few."""

    def push(self, chunk: str) -> str:
        """Take more of the stream; return the part that is certain."""
        if not len(self._masks):  # Nothing was masked, so nothing has to wait.
            return chunk
        text = self._held + chunk
        keep = _possible_start(text)
        self._held = text[len(text) - keep :]
        return self._restored(text[: len(text) - keep])

    def finish(self, *, complete: bool = True) -> str:
        """The stream has ended; returns the rest, without half a placeholder if it broke off."""
        rest, self._held = self._held, ""
        if not complete and rest.startswith(_STEM):
            rest = ""
        self._collect_garbled(rest, ended=True)
        return self._masks.unmask(rest)

    def _restored(self, text: str) -> str:
        self._collect_garbled(text)
        return self._masks.unmask(text) if _NAME in text else text

    def _collect_garbled(self, text: str, *, ended: bool = False) -> None:
        """Collect the garbled placeholders; one at the end only once nothing can follow it."""
        if len(self.garbled) >= _MOST_GARBLED:
            return
        text = self._tail + text
        done = max(0, len(text) - _LOOK_BACK)
        for match in _LIKE.finditer(text):
            if match.end() == len(text) and not ended:
                done = min(done, match.start())
                break
            done = max(done, match.end())
            if self._masks.unmask(match[0]) == match[0]:
                self.garbled[match[0]] = None
                if len(self.garbled) >= _MOST_GARBLED:
                    break
        self._tail = text[done:]


def _stands_alone(secret: str, text: str, place: int) -> bool:
    """Whether it is not part of a word there. A short secret may be one by chance."""
    if len(secret) >= _LEAST_INSIDE:
        return True
    around = text[max(0, place - 1) : place] + text[place + len(secret) : place + len(secret) + 1]
    return not any(c.isalnum() or c == "_" for c in around)


def _merged(spans: Sequence[Span]) -> Sequence[Span]:
    """The spans in order, overlapping ones joined."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged


def _possible_start(text: str) -> int:
    """How many code points at the end of `text` may be the beginning of a placeholder."""
    if (match := _UNFINISHED.search(text)) is not None:
        return len(text) - match.start()
    for length in range(min(len(_NAME) - 1, len(text)), 0, -1):
        if text.endswith(_NAME[:length]):
            return length
    return 0
