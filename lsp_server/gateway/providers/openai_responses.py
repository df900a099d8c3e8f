"""The Responses API over HTTP, for servers that have it without the WebSocket.

Nothing is stored on the server (`store: false`) and nothing is continued there: the whole
conversation is sent each time, because not every server can do otherwise.
"""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any

from lsp_server.backends.option_fallback import Option
from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.gateway.providers.http_provider import HttpProvider
from lsp_server.gateway.providers.http_stream import streamed
from lsp_server.gateway.providers.read_responses import ResponsesReader
from lsp_server.gateway.providers.token_limit import TokenLimit
from lsp_server.gateway.request_protocol import Json, Piece, ResponseCreate


class OpenAIResponses(HttpProvider):
    """One server of the Responses API, with its connections."""

    async def attempt(self, create: ResponseCreate) -> AsyncGenerator[Piece, None]:
        """One request."""
        faults = self.faults(create)
        enough = TokenLimit(create, self.client.row, self.refusals, None)
        sent, fields = self._request(create, enough)
        sdk = await self.client.sdk()
        headers = self.client.headers()

        def send() -> AbstractAsyncContextManager[Any]:
            create_response = sdk.responses.with_streaming_response.create
            request: AbstractAsyncContextManager[Any] = create_response(
                **fields, extra_headers=headers
            )
            return request

        def judge(verdict: RefusalReading) -> bool:
            return self.refusals.learn(verdict, sent, create.model, fields.get("max_output_tokens"))

        source: Any = streamed(send, ResponsesReader(faults), faults, judge)
        async with aclosing(source) as pieces:
            async for piece in pieces:
                yield enough.noted(piece)

    def _request(
        self, create: ResponseCreate, enough: TokenLimit
    ) -> tuple[frozenset[Option], Json]:
        """The options in the request, and the request."""
        offers: dict[Option, Json] = {
            Option.TIER: {"service_tier": create.service_tier},
            Option.EFFORT: {"reasoning": {"effort": create.reasoning_effort}},
        }
        if create.service_tier is None:
            del offers[Option.TIER]
        if create.reasoning_effort is None:
            del offers[Option.EFFORT]
        if create.temperature is not None:
            offers[Option.TEMPERATURE] = {"temperature": create.temperature}
        if create.prompt_cache_key is not None and self.client.row.cache_key:
            offers[Option.CACHE_KEY] = {"prompt_cache_key": create.prompt_cache_key}
        sent = {o for o in offers if self.refusals.allows(o, create.model)}
        system = self.refusals.allows(Option.SYSTEM, create.model)
        fields: Json = {
            "model": create.model,
            "input": [
                {
                    "type": "message",
                    "role": message.role if system or message.role == "assistant" else "user",
                    "content": message.text,
                }
                for message in create.messages
            ],
            "stream": True,
            "store": False,
        }
        if create.instructions and system:
            fields["instructions"] = create.instructions
            sent.add(Option.SYSTEM)
        elif create.instructions:
            instructions = {"type": "message", "role": "user", "content": create.instructions}
            fields["input"].insert(0, instructions)
        if enough.tokens is not None:
            fields["max_output_tokens"] = enough.tokens
        if enough.is_ours:
            sent.add(Option.LIMIT)
        for option in sent & offers.keys():
            fields |= offers[option]
        return frozenset(sent), fields
