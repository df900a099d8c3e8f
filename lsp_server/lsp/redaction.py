"""The border between this machine and the models: what leaves is masked, what comes is sifted.

For each session one set of masks, so that a placeholder means the same in all its attempts and
nothing in another session. What counts as a secret or as invisible is the guard's business.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from lsp_server.backends.base import ModelRequest
from lsp_server.errors import RequestFailed
from lsp_server.guard.answer_filter import AnswerFilter, SentText
from lsp_server.guard.invisible_filter import invisible_in
from lsp_server.guard.lookalikes import LookalikeNames
from lsp_server.guard.masks import Masks, placeholders_in
from lsp_server.guard.secrets import (
    MOST_SECRETS,
    TooManySecrets,
    find_long_secrets,
    find_secrets,
)
from lsp_server.session import events as ev
from lsp_server.text.span import Span

_FENCE = re.compile(r"`{3,}[^`\n]{0,40}\n")

_CONTEXT = 2000
"""Code points on both sides of an end of the scope in which a secret is looked for that it cuts."""
_TOO_MANY = (
    f"What would be sent holds more than {MOST_SECRETS:,} secrets, so nothing was sent. "
    "Select less, or move them into a file of their own."
)

_TOO_MANY_HERE = (
    f"This file holds more than {MOST_SECRETS:,} lines of keys and other long secrets, so nothing "
    "of it was sent. Move them into a file of their own."
)

Sink = Callable[[ev.ModelEvent], None]


class Redaction:
    """The masks of all sessions of a conversation."""

    def __init__(self) -> None:
        self._masks: dict[str, Masks] = {}
        self._sent: dict[str, Counter[str]] = {}

    def masked(
        self, session: str, document: str, scope: Span, request: ModelRequest, *, redact: bool
    ) -> ModelRequest:
        """The request as it may leave. `scope` is in code points of `document`.

        Raises `RequestFailed` where there are more secrets than are masked.
        """
        return self.masking(session, document, scope, request, redact=redact)()

    def masking(
        self,
        session: str,
        document: str,
        scope: Span,
        request: ModelRequest,
        *,
        redact: bool,
        part: tuple[str, Span] | None = None,
    ) -> Callable[[], ModelRequest]:
        """What does so when it is called: in any thread, one at a time for each session.

        `part` is a text that is sent whole, and a piece of it that is sent by itself too. It looks
        at the whole document, also for the hidden characters that `sifting` asks about.
        """
        if not redact:
            self.forget(session)
            return lambda: request
        masks = self._masks.setdefault(session, Masks(_found))
        sent = self._sent[session] = Counter[str]()

        def work() -> ModelRequest:
            invisible_in(document)  # Is kept.
            masks.learn(document, _long_found)
            for edge in (scope.start, scope.end):
                start, end = _lines_near(document, edge)
                masks.learn(document[start:end], cuts=[edge - start])
            if part is not None:
                masks.learn(part[0], cuts=[part[1].start, part[1].end])
            text = masks.mask(request.input)
            sent.update(placeholders_in(masks.mask(scope.text(document), request.input)))
            if not len(masks):
                return replace(request, input=text)
            ahead = masks.mask(request.prediction, request.input) if request.prediction else None
            # A longer prefix may end inside a secret, where half of it would not be known for one.
            opened = request.prefix if _is_fence(request.prefix) else None
            return replace(request, input=text, prediction=ahead, prefix=opened)

        return work

    def sifting(
        self,
        session: str,
        document: str,
        sink: Sink,
        tell: Callable[[str], None],
        *,
        refuse: bool,
        patch: bool = False,
    ) -> Sink:
        """`sink`, which gets an attempt's answer as it may be read.

        Invisible characters that `document` does not hold are taken out if `refuse` says so. That
        is told once, and so are names that look like those of `document`, placeholders that stand
        for nothing, and secrets of the scope that the answer, or the `patch`, leaves out or
        repeats.
        """
        masks = self._masks.get(session) or Masks(lambda text: ())
        asked = SentText(self._sent[session], patch) if len(masks) else None
        names = LookalikeNames(document) if refuse else None
        inlet = AnswerFilter(masks, invisible_in(document), refuse=refuse, asked=asked, names=names)
        told: set[str] = set()

        def sifted(event: ev.ModelEvent) -> None:
            match event:
                case ev.Delta():
                    event = replace(event, text=inlet.push(event.text))
                case ev.Finished(attempt) | ev.Failed(attempt):
                    whole = isinstance(event, ev.Finished) and event.completed
                    if rest := inlet.finish(whole=whole):
                        sink(ev.Delta(attempt, rest))
            sink(event)
            for about, sentence in inlet.sentences.items():
                if about not in told:
                    told.add(about)
                    tell(sentence)

        return sifted

    def forget(self, session: str) -> None:
        """The session has ended."""
        self._masks.pop(session, None)
        self._sent.pop(session, None)


def _found(text: str) -> tuple[Span, ...]:
    """The secrets of a text. Raises `RequestFailed` if they are too many."""
    try:
        return find_secrets(text, MOST_SECRETS)
    except TooManySecrets:
        raise RequestFailed(_TOO_MANY) from None


def _long_found(text: str) -> tuple[Span, ...]:
    """The lines of its secrets of many lines. Raises `RequestFailed` if they are too many."""
    spans = find_long_secrets(text)
    if len(spans) > MOST_SECRETS:
        raise RequestFailed(_TOO_MANY_HERE)
    return spans


def _is_fence(prefix: str | None) -> bool:
    """Whether a prefix only opens a block, and so holds nothing of the document."""
    return prefix is not None and _FENCE.fullmatch(prefix) is not None


def _lines_near(text: str, place: int) -> tuple[int, int]:
    """The whole lines around a place, as far as is looked; where a line has no end there, less."""
    first, last = max(0, place - _CONTEXT), min(len(text), place + _CONTEXT)
    start, end = text.find("\n", first, place) + 1, text.rfind("\n", place, last)
    return (0 if first == 0 else start or first), (last if last == len(text) or end < 0 else end)
