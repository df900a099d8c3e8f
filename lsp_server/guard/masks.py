"""Puts placeholders where secrets are, and the secrets back where the placeholders come back.

A placeholder is a word that a model copies like any other name, `MIDSTREAM_SECRET_1_`. Its number
is the secret's place in the order in which a session met its secrets, so the same code gives the
same prompt. Only what this session has sent can come back: a placeholder of another session, or
one that the model made up, stays the word that it is.

Knows nothing of how secrets look, of prompts or of models.
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
"""What a model may make of a placeholder that it does not copy: other case, other or no number."""
_LOOK_BACK = 80
"""Code points of what was given out that are looked at again: more than such a word can have."""
_STEM = "MIDSTREAM_"
"""From here on the beginning of a placeholder can be nothing else."""
_LEAST_INSIDE = 8
"""A secret of this many code points is masked wherever it stands, if it is neither a word nor
made of words: the password `postgres` is also what a file calls its database, and `utf-8` may be
one too. Others are masked where they are recognised."""
_MOST_STRANGE = 3
"""Strange words that are kept to be told."""
_LEAST_REPEATED = 5
"""One of this many is masked so too if the text was cut beside it, but not inside of a word."""
_NO_WORD = 16
"""Letters alone that are so many are no word."""
_TEXTS = 6
"""Texts whose secrets are kept: at each attempt the same ones come again."""


def placeholders_in(text: str) -> Counter[str]:
    """How often each placeholder stands in a text."""
    return Counter(match[0] for match in _PLACEHOLDER.finditer(text))


class Masks:
    """The secrets of one session and their placeholders."""

    def __init__(self, find: Finder) -> None:
        self._find = lru_cache(_TEXTS)(find)
        self._known: dict[str, list[str]] = {}  # by their first code points
        self._numbers: dict[str, int] = {}
        self._secrets: list[str] = []

    def __len__(self) -> int:
        return len(self._secrets)

    def learn(self, text: str, find: Finder | None = None, cuts: Sequence[int] = ()) -> None:
        """Remember the secrets of a text. What of it is sent in pieces is recognised by them.

        `find` is how to look for them, where that is not the way for everything that is sent.
        `cuts` are the places at which the text is cut into such pieces: a secret in their lines
        may lose the name that tells it, so even a short one is masked wherever it stands.
        """
        for span in (find or self._find)(text):
            self._number(span.text(text))
            start = text.rfind("\n", 0, span.start) + 1
            end = text.find("\n", span.end)
            if any(start <= cut <= (len(text) if end < 0 else end) for cut in cuts):
                self._make_known(span.text(text), _LEAST_REPEATED)

    def mask(self, text: str, whole: str = "") -> str:
        """`text` with a placeholder for every secret, those learned and those that it shows.

        If it stands in `whole`, which was searched before, it is not searched anew.
        """
        # A word that only looks like a placeholder is masked too, so it comes back as it was.
        lookalikes = [Span(*match.span()) for match in _PLACEHOLDER.finditer(text)]
        shown = self._shown(text, whole)
        for span in shown:
            self._number(span.text(text))
        parts: list[str] = []
        done = 0
        for span in _merged([*shown, *self._known_in(text), *lookalikes]):
            parts += [text[done : span.start], self._placeholder(span.text(text))]
            done = span.end
        return "".join([*parts, text[done:]])

    def _shown(self, text: str, whole: str) -> Sequence[Span]:
        """What is recognised in `text`, by what stands around it in `whole` too."""
        place = whole.find(text) if text else -1
        if place < 0:
            return self._find(text)
        end = place + len(text)
        return [
            Span(max(span.start, place) - place, min(span.end, end) - place)
            for span in self._find(whole)
            if span.start < end and span.end > place
        ]

    def unmask(self, text: str) -> str:
        """`text` with the secrets in the place of their placeholders."""
        return _PLACEHOLDER.sub(self._secret, text)

    def _known_in(self, text: str) -> list[Span]:
        """Where a secret stands that is known from elsewhere."""
        spans: list[Span] = []
        for length in {len(start) for start in self._known}:
            for place in range(len(text) - length + 1):
                for secret in self._known.get(text[place : place + length], ()):
                    if text.startswith(secret, place) and _stands_alone(secret, text, place):
                        spans.append(Span(place, place + len(secret)))
        return spans

    def _make_known(self, secret: str, least: int) -> None:
        """From now on it is masked wherever it stands, if that gives it away."""
        if len(secret) < (_NO_WORD if secret.isalpha() else least):
            return
        secrets = self._known.setdefault(secret[:_LEAST_INSIDE], [])
        if secret not in secrets:
            secrets.append(secret)

    def _placeholder(self, secret: str) -> str:
        return f"{_NAME}{self._number(secret)}_"

    def _number(self, secret: str) -> int:
        if secret not in self._numbers:
            self._secrets.append(secret)
            if not is_slug(secret):
                self._make_known(secret, _LEAST_INSIDE)
            self._numbers[secret] = len(self._secrets)
        return self._numbers[secret]

    def _secret(self, match: re.Match[str]) -> str:
        number = int(match[1])
        return self._secrets[number - 1] if 0 < number <= len(self._secrets) else match[0]


class Unmasker:
    """Restores the secrets of a stream; holds back what may become a placeholder."""

    def __init__(self, masks: Masks) -> None:
        self._masks = masks
        self._held = ""
        self._seen = ""  # the end of what was given out, from where a strange word may still grow
        self.strange: dict[str, None] = {}
        """What looks like a placeholder and stands for no secret, in the order of its coming: the
        first few."""

    def push(self, chunk: str) -> str:
        """More of the stream; returns what of it is certain."""
        if not len(self._masks):  # Nothing was masked, so nothing has to wait.
            return chunk
        text = self._held + chunk
        keep = _kept_back(text)
        self._held = text[len(text) - keep :]
        return self._restored(text[: len(text) - keep])

    def finish(self, *, whole: bool = True) -> str:
        """The stream has ended; returns the rest. Of one that broke off no half placeholder."""
        rest, self._held = self._held, ""
        if not whole and rest.startswith(_STEM):
            rest = ""
        self._look(rest, ended=True)
        return self._masks.unmask(rest)

    def _restored(self, text: str) -> str:
        self._look(text)
        return self._masks.unmask(text) if _NAME in text else text

    def _look(self, text: str, *, ended: bool = False) -> None:
        """Note the strange words, those at the end only once nothing can follow them."""
        if len(self.strange) >= _MOST_STRANGE:
            return
        text = self._seen + text
        done = max(0, len(text) - _LOOK_BACK)
        for match in _LIKE.finditer(text):
            if match.end() == len(text) and not ended:
                done = min(done, match.start())
                break
            done = max(done, match.end())
            if self._masks.unmask(match[0]) == match[0]:
                self.strange[match[0]] = None
                if len(self.strange) >= _MOST_STRANGE:
                    break
        self._seen = text[done:]


def _stands_alone(secret: str, text: str, place: int) -> bool:
    """Whether it is no piece of a word there, as a short one may be by chance."""
    if len(secret) >= _LEAST_INSIDE:
        return True
    around = text[max(0, place - 1) : place] + text[place + len(secret) : place + len(secret) + 1]
    return not any(c.isalnum() or c == "_" for c in around)


def _merged(spans: Sequence[Span]) -> Sequence[Span]:
    """The spans in order, those that overlap as one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged


def _kept_back(text: str) -> int:
    """How many code points at the end of `text` may be the beginning of a placeholder."""
    if (match := _UNFINISHED.search(text)) is not None:
        return len(text) - match.start()
    for length in range(min(len(_NAME) - 1, len(text)), 0, -1):
        if text.endswith(_NAME[:length]):
            return length
    return 0
