"""Streams the practice model's answer at a set rate, token by token.

The rate holds on average: each wake-up sends what has become due since the last one, so a late
timer costs nothing. After a long pause of the process the backlog is sent in bounded bursts, and
other streams get their turn in between.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from lsp_server.gateway.request_protocol import ResponseCreate
from lsp_server.practice.practice_model import answer

DEFAULT_TOKENS_PER_SECOND: Final = 1000.0
"""The rate of fast hosted models."""

_LONGEST_PIECE = 8
"""Code points of a word in one token. With blanks and signs the average is about 3.5."""

_TOKEN = re.compile(
    rf"[ ]?[^\W\d]{{1,{_LONGEST_PIECE}}}|[ ]?\d{{1,3}}|\r?\n[ \t]*|[ ]?[^\w\s]{{1,3}}|[ \t]+|.",
    re.DOTALL,
)
_RATE = re.compile(r"@(\d{1,6}(?:\.\d+)?)$")

_SHORTEST_SLEEP = 0.002
"""Seconds. Timers fire about a millisecond late, so shorter sleeps do not pace."""

_BURST_SECONDS = 0.05
"""Seconds of the stream that are sent at most before other streams get their turn."""


def tokens_of(text: str) -> list[str]:
    """`text` in pieces like those of a tokenizer. Joined they are `text` again."""
    return _TOKEN.findall(text)


def rate_of(model: str, default: float) -> float:
    """The rate in a model's name (`practice@250`) in tokens per second, or `default`."""
    found = _RATE.search(model)
    rate = float(found[1]) if found else 0.0
    return rate if rate > 0 else default


class PracticeProvider:
    """The practice model as a provider of the gateway. Needs no key and no network.

    `clock` is monotonic, in seconds. Tests replace it and `sleep`.
    """

    def __init__(
        self,
        tokens_per_second: float = DEFAULT_TOKENS_PER_SECOND,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rate = tokens_per_second
        self._clock = clock
        self._sleep = sleep

    async def stream(self, create: ResponseCreate) -> AsyncIterator[str]:
        """The answer, one token after the other."""
        rate = rate_of(create.model, self._rate)
        # In a thread, so that a large scope does not delay other streams.
        tokens = tokens_of(await asyncio.to_thread(answer, create.input))
        burst = max(1, int(rate * _BURST_SECONDS))
        start = self._clock()
        sent = 0
        while sent < len(tokens):
            due = 1 + int((self._clock() - start) * rate)
            until = min(due, sent + burst, len(tokens))
            for token in tokens[sent:until]:
                yield token
            sent = max(sent, until)
            if sent == len(tokens):
                return
            wait = start + sent / rate - self._clock()
            await self._sleep(0.0 if due > until else max(wait, _SHORTEST_SLEEP))
