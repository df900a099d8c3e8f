"""Providers for tests: scripted, endless, failing."""

import asyncio
from collections.abc import AsyncIterator

from lsp_server.gateway.model_provider import ProviderError
from lsp_server.gateway.request_protocol import Piece, ResponseCreate


class Scripted:
    """Answers with the given pieces; remembers what it was asked."""

    def __init__(self, *pieces: Piece) -> None:
        self.pieces = pieces
        self.asked: list[ResponseCreate] = []

    async def stream(self, create: ResponseCreate) -> AsyncIterator[Piece]:
        self.asked.append(create)
        for piece in self.pieces:
            yield piece


class Endless:
    """Never ends; tells when it was asked and when it was cancelled."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def stream(self, create: ResponseCreate) -> AsyncIterator[Piece]:
        self.asked.set()
        try:
            while True:
                yield "word "
                await asyncio.sleep(0)
        finally:
            self.cancelled.set()


class Waiting(Endless):
    """Never says a word."""

    async def stream(self, create: ResponseCreate) -> AsyncIterator[Piece]:
        self.asked.set()
        try:
            await asyncio.Event().wait()
            yield ""
        finally:
            self.cancelled.set()


class Failing:
    """Says a word, then fails: as a provider may, or by a fault of its own."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error or ProviderError("The model has no credit.", "insufficient_quota")

    async def stream(self, create: ResponseCreate) -> AsyncIterator[Piece]:
        yield "word"
        raise self.error
