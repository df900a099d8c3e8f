"""Anthropic's Messages API, which other servers speak too (llama.cpp, LiteLLM)."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any

from lsp_server.backends.option_fallback import Option
from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.gateway.capabilities import Prefix
from lsp_server.gateway.providers.http_provider import HttpProvider
from lsp_server.gateway.providers.http_stream import streamed
from lsp_server.gateway.providers.prefix_continuation import Continuation
from lsp_server.gateway.providers.read_messages import MessagesReader
from lsp_server.gateway.providers.token_limit import TokenLimit
from lsp_server.gateway.request_protocol import Json, Piece, ResponseCreate

DEFAULT_MAX_TOKENS = 16_384
"""The API requires a limit, even for a model that may think."""

_TIERS = {"auto": "auto", "default": "standard_only", "standard_only": "standard_only"}
"""Service tiers of the API, by the words that profiles use."""

_EFFORTS = frozenset({"low", "medium", "high", "xhigh", "max"})
"""Values of `output_config.effort`, by the types of the `anthropic` package
(`output_config_param.py`). A model that does not accept it refuses, and is request without it."""


class AnthropicMessages(HttpProvider):
    """One server of the Messages API, with its connections."""

    async def attempt(self, create: ResponseCreate) -> AsyncGenerator[Piece, None]:
        """One request."""
        faults = self.faults(create)
        enough = TokenLimit(create, self.client.row, self.refusals, None)
        sent, prefix, fields = self._request(create, enough)
        sdk = await self.client.sdk()
        headers = self.client.headers()
        continuation = Continuation(prefix)

        def send() -> AbstractAsyncContextManager[Any]:
            create_message = sdk.messages.with_streaming_response.create
            request: AbstractAsyncContextManager[Any] = create_message(
                **fields, extra_headers=headers
            )
            return request

        def judge(verdict: RefusalReading) -> bool:
            return self.refusals.learn(verdict, sent, create.model, fields["max_tokens"])

        source: Any = streamed(send, MessagesReader(faults), faults, judge)
        async with aclosing(source) as pieces:
            async for piece in pieces:
                for part in continuation.feed(enough.noted(piece)):
                    yield part
        for part in continuation.end():
            yield part

    def _request(
        self, create: ResponseCreate, enough: TokenLimit
    ) -> tuple[frozenset[Option], str, Json]:
        """The options in the request, the prefix that it continues, and the request."""
        sent: set[Option] = set()
        messages, system = _conversation(create)
        fields: Json = {
            "model": create.model,
            "max_tokens": enough.tokens or self.refusals.capped(DEFAULT_MAX_TOKENS, create.model),
            "messages": messages,
            "stream": True,
        }
        if system and self.refusals.allows(Option.SYSTEM, create.model):
            sent.add(Option.SYSTEM)
            # Helps other clients of the gateway; our own instructions are too short to be cached.
            fields["system"] = [
                {"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}
            ]
        elif system:
            messages[0]["content"] = f"{system}\n\n{messages[0]['content']}"
        effort = create.reasoning_effort
        if effort in _EFFORTS and self.refusals.allows(Option.EFFORT, create.model):
            fields["output_config"] = {"effort": effort}
            sent.add(Option.EFFORT)
        temperature = create.temperature
        if temperature is not None and self.refusals.allows(Option.TEMPERATURE, create.model):
            fields["temperature"] = min(temperature, 1.0)
            sent.add(Option.TEMPERATURE)
        tier = _TIERS.get(create.service_tier or "")
        if tier is not None and self.refusals.allows(Option.TIER, create.model):
            fields["service_tier"] = tier
            sent.add(Option.TIER)
        # A last message that ends in white space is refused.
        prefix = (create.prefix or "").rstrip()
        continues = self.client.row.continues(create.model) is not Prefix.NONE
        if not prefix or not continues or not self.refusals.allows(Option.PREFIX, create.model):
            return frozenset(sent), "", fields
        messages.append({"role": "assistant", "content": prefix})
        sent.add(Option.PREFIX)
        return frozenset(sent), prefix, fields


def _conversation(create: ResponseCreate) -> tuple[list[Json], str]:
    """Messages of the two roles, and everything else as the system prompt."""
    system = [create.instructions] if create.instructions else []
    messages: list[Json] = []
    for message in create.messages:
        if message.role not in ("user", "assistant"):
            system.append(message.text)
        elif messages and messages[-1]["role"] == message.role:
            messages[-1]["content"] += "\n\n" + message.text
        else:
            messages.append({"role": message.role, "content": message.text})
    return messages, "\n\n".join(system)
