"""Masks secrets in what goes to a model, and filters the model's answer.

`guard` knows what a secret or an invisible character is.
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
from lsp_server.lsp.searched_sections import SearchedSections
from lsp_server.session import events as ev
from lsp_server.text.span import Span

_FENCE = re.compile(r"`{3,}[^`\n]{0,40}\n")

_CONTEXT = 2000
"""How far (code points) around each end of the scope to look for a secret that it cuts in two."""

_TOO_MANY = (
    f"The request has more than {MOST_SECRETS:,} secrets, so nothing was sent. Select less "
    "code, or move the secrets to another file."
)

_TOO_MANY_HERE = (
    f"This file has more than {MOST_SECRETS:,} lines of keys and other long secrets, so "
    "nothing was sent. Move them to another file."
)

_SEARCHED = SearchedSections()

Sink = Callable[[ev.ModelEvent], None]


class Redaction:
    """The secrets of one session: masked in its requests, put back into its answers.

    A placeholder means the same in all attempts of the session, and nothing in another session.
    """

    def __init__(self) -> None:
        self._masks: Masks | None = None
        self._sent = Counter[str]()

    def masked(
        self, document: str, scope: Span, request: ModelRequest, *, redact: bool
    ) -> ModelRequest:
        """The request as it may leave. `scope` is in code points of `document`.

        Raises `RequestFailed` if there are more secrets than can be masked.
        """
        return self.masking(document, scope, request, redact=redact)()

    def masking(
        self,
        document: str,
        scope: Span,
        request: ModelRequest,
        *,
        redact: bool,
        part: tuple[str, Span] | None = None,
        others: tuple[str, ...] = (),
    ) -> Callable[[], ModelRequest]:
        """A function that does the same. It may run in any thread, but only one at a time.

        `part` is a text that is sent whole, and the piece of it that is sent once more by itself.
        `others` are texts of other files of which the request may hold pieces.
        The function searches the whole document, also for the hidden characters that `filtering`
        needs.
        """
        if not redact:
            self._masks = None
            return lambda: request
        self._masks = masks = Masks(_found) if self._masks is None else self._masks
        self._sent = sent = Counter[str]()

        def work() -> ModelRequest:
            invisible_in(document)  # The result is cached.
            for text in (document, *others):
                masks.learn(text, _long_found)
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
            # A longer prefix may end inside a secret, and half a secret is not recognised.
            prefix = request.prefix if _is_fence(request.prefix) else None
            return replace(request, input=text, prediction=ahead, prefix=prefix)

        return work

    def filtering(
        self,
        document: str,
        sink: Sink,
        warn: Callable[[str], None],
        *,
        refuse: bool,
        patch: bool = False,
    ) -> Sink:
        """A sink that passes an attempt's events on to `sink`, with the secrets put back.

        With `refuse` it removes invisible characters that `document` does not hold. It warns once
        of each: removed characters, names that look like those of `document`, placeholders without
        a secret, and secrets of the scope that the answer, or the `patch`, drops or repeats.
        """
        masks = self._masks or Masks(lambda text: ())
        sent = SentText(self._sent, patch) if len(masks) else None
        names = LookalikeNames(document) if refuse else None
        answer_filter = AnswerFilter(
            masks, invisible_in(document), refuse=refuse, sent=sent, names=names
        )
        warned: set[str] = set()

        def filtered(event: ev.ModelEvent) -> None:
            match event:
                case ev.Delta():
                    event = replace(event, text=answer_filter.push(event.text))
                case ev.Finished(attempt) | ev.Failed(attempt):
                    complete = isinstance(event, ev.Finished) and event.completed
                    if rest := answer_filter.finish(complete=complete):
                        sink(ev.Delta(attempt, rest))
            sink(event)
            for topic, sentence in answer_filter.sentences.items():
                if topic not in warned:
                    warned.add(topic)
                    warn(sentence)

        return filtered


def not_searched(request: ModelRequest) -> int:
    """How many code points of a request are still to be searched for secrets."""
    return _SEARCHED.new_in(request.input, find_secrets)


def _found(text: str) -> tuple[Span, ...]:
    """The secrets of a text. Raises `RequestFailed` if there are too many."""
    try:
        return _SEARCHED.find(text, MOST_SECRETS, find_secrets)
    except TooManySecrets:
        raise RequestFailed(_TOO_MANY) from None


def _long_found(text: str) -> tuple[Span, ...]:
    """The lines of its secrets of many lines. Raises `RequestFailed` if there are too many."""
    spans = find_long_secrets(text)
    if len(spans) > MOST_SECRETS:
        raise RequestFailed(_TOO_MANY_HERE)
    return spans


def _is_fence(prefix: str | None) -> bool:
    """Whether a prefix only opens a code block, so that it holds nothing of the document."""
    return prefix is not None and _FENCE.fullmatch(prefix) is not None


def _lines_near(text: str, place: int) -> tuple[int, int]:
    """Start and end of the whole lines within `_CONTEXT` of a place.

    A line without an end in that range is cut there.
    """
    first, last = max(0, place - _CONTEXT), min(len(text), place + _CONTEXT)
    start, end = text.find("\n", first, place) + 1, text.rfind("\n", place, last)
    return (0 if first == 0 else start or first), (last if last == len(text) or end < 0 else end)
