"""The Chat Completions API: OpenAI's older API, which most servers offer.

Among them are Ollama, llama.cpp, vLLM, LM Studio, Cerebras, Groq, OpenRouter and Gemini's
compatible endpoint. `gateway/capabilities` lists the options that each accepts.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import replace
from typing import Any

from lsp_server.backends.option_fallback import Option, Refusals
from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.gateway.capabilities import Capabilities, Prefix, Warm
from lsp_server.gateway.providers import ollama
from lsp_server.gateway.providers.api_clients import KNOW_TIMEOUT_S
from lsp_server.gateway.providers.context_window import ContextWindow
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.providers.http_provider import HttpProvider
from lsp_server.gateway.providers.http_stream import streamed
from lsp_server.gateway.providers.prefix_continuation import Continuation
from lsp_server.gateway.providers.read_chat import ChatReader
from lsp_server.gateway.providers.token_limit import TokenLimit
from lsp_server.gateway.request_protocol import Json, Message, Piece, ResponseCreate
from lsp_server.gateway.upstream import Upstream

_OTHER_LIMIT = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}


class OpenAIChat(HttpProvider):
    """One server of the Chat Completions API, with its connections."""

    def __init__(self, upstream: Upstream) -> None:
        super().__init__(upstream)
        self._models = ollama.ModelLoads(self.client)
        self._ahead: asyncio.Task[None] | None = None
        """Makes the server read a prompt before an edit needs it."""

    async def warm(self, create: ResponseCreate | None) -> None:
        """Open a connection. Let Ollama load the model of `create`, and let a server that caches
        prompts read the prompt."""
        await self.client.warm()
        if create is not None and self.client.row.name == "Ollama":
            await self._models.load(create.model)
            await ollama.learn_context(self.client, create.model)
        elif create is not None and create.messages and self.client.row.reads_ahead:
            self._ahead = asyncio.create_task(self._read_ahead(create))
            await self._ahead

    async def _read_ahead(self, create: ResponseCreate) -> None:
        """Ask for one token, for which the server must read the continuation prompt."""
        with contextlib.suppress(Exception):
            one = replace(create, prefix=None, prediction=None, max_output_tokens=1)
            request = ChatRequest(one, self.client.row, self.refusals)
            async with aclosing(await self._chat(request, self.faults(one))) as pieces:
                async for _ in pieces:
                    pass

    async def attempt(self, create: ResponseCreate) -> AsyncGenerator[Piece, None]:
        """One request."""
        if self._ahead is not None:
            # The server keeps what it has read; with one slot it would otherwise finish this first.
            self._ahead.cancel()
            self._ahead = None
        if self.client.row.warm is Warm.MODELS:
            await (
                self.client.sdk()
            )  # Loading our package takes a second, which must not count against the server.
            await self.client.know(KNOW_TIMEOUT_S)
        row = self.client.row
        if row.name == "Ollama":
            async for report in self._models.waiting(create.model):
                yield report
        faults = self.faults(create)
        reads = await self._reads(create)
        window = ContextWindow(create, reads, faults)
        window.refuse_what_would_be_cut(row)
        limit = TokenLimit(create, row, self.refusals, reads)
        request = ChatRequest(create, row, self.refusals, limit)
        continuation = Continuation(request.prefix or "")
        source = None
        if request.raw:
            temperature = request.fields.get("temperature")
            limited = replace(create, max_output_tokens=limit.tokens)
            source = await ollama.continued(
                self.client, limited, temperature, faults, request.judge_raw
            )
        if source is None:
            source = await self._chat(request, faults)
        else:
            continuation = Continuation(create.prefix or "")
        async with aclosing(source) as pieces:
            async for piece in pieces:
                for part in continuation.feed(limit.noted(window.noted(piece))):
                    yield part
        for part in continuation.end():
            yield part
        self._models.used(create.model)

    async def aclose(self) -> None:
        """Close all connections, and load nothing any more."""
        await self._models.aclose()
        await super().aclose()

    async def _reads(self, create: ResponseCreate) -> int | None:
        if self.client.row.name == "Ollama":
            await ollama.learn_context(self.client, create.model)
        reads = self.client.reads
        return reads.get(create.model) or reads.get("")

    async def _chat(self, request: "ChatRequest", faults: Faults) -> Any:
        sdk = await self.client.sdk()
        headers = self.client.headers()

        def send() -> AbstractAsyncContextManager[Any]:
            create = sdk.chat.completions.with_streaming_response.create
            sent: AbstractAsyncContextManager[Any] = create(**request.fields, extra_headers=headers)
            return sent

        return streamed(send, ChatReader(faults), faults, request.judge)


class ChatRequest:
    """One request, and the options in it that the server may refuse."""

    def __init__(
        self,
        create: ResponseCreate,
        row: Capabilities,
        refusals: Refusals,
        enough: TokenLimit | None = None,
    ) -> None:
        self._create = create
        self._row = row
        self._refusals = refusals
        self._sent: set[Option] = set()
        self.raw = self._continues() is Prefix.RAW
        """Whether the server continues a prefix only through another kind of request."""
        self._enough = enough or TokenLimit(create, row, refusals, None)
        self._tokens = self._enough.tokens
        self.prefix = self._prefix()
        self.fields = self._fields()

    def judge(self, verdict: RefusalReading) -> bool:
        """Whether a refusal is worth another try with fewer options."""
        sent = frozenset(self._sent)
        return self._refusals.learn(verdict, sent, self._create.model, self._tokens)

    def judge_raw(self, verdict: RefusalReading) -> bool:
        """The same for the raw request, whose only option is the prefix."""
        return self._refusals.learn(verdict, frozenset({Option.PREFIX}), self._create.model)

    def _continues(self) -> Prefix:
        create = self._create
        wanted = create.prefix is not None
        if not wanted or not self._refusals.allows(Option.PREFIX, create.model):
            return Prefix.NONE
        return self._row.continues(create.model)

    def _prefix(self) -> str | None:
        if self._continues() in (Prefix.NONE, Prefix.RAW):
            return None
        self._sent.add(Option.PREFIX)
        return self._create.prefix

    def _fields(self) -> Json:
        create, row = self._create, self._row
        extra: Json = {}
        fields: Json = {
            "model": create.model,
            "messages": self._messages(),
            "stream": True,
            "extra_body": extra,
        }
        if row.progress:
            extra["return_progress"] = True
        if self._may(Option.STREAM_OPTIONS):
            fields["stream_options"] = {"include_usage": True}
        if self._tokens is not None:
            name = row.limit_field
            name = name if self._may(Option.LIMIT_NAME) else _OTHER_LIMIT[name]
            if not self._enough.is_ours or self._may(Option.LIMIT):
                fields[name] = self._tokens
        if create.service_tier is not None and self._may(Option.TIER):
            fields["service_tier"] = create.service_tier
        if create.reasoning_effort is not None and self._may(Option.EFFORT):
            if row.thinking_switch and create.reasoning_effort == "none":
                extra["thinking"] = {"type": "disabled"}
            else:
                fields["reasoning_effort"] = create.reasoning_effort
        if create.prompt_cache_key is not None and row.cache_key and self._may(Option.CACHE_KEY):
            fields["prompt_cache_key"] = create.prompt_cache_key
        if self.prefix is not None:
            answer_start: Json = {"role": "assistant", "content": self.prefix}
            fields["messages"].append(answer_start)
            match row.continues(create.model):
                case Prefix.CONTINUE_FINAL:
                    extra.update(add_generation_prompt=False, continue_final_message=True)
                case Prefix.FLAGGED:
                    answer_start["prefix"] = True
        elif self._predicts():
            fields["prediction"] = {"type": "content", "content": create.prediction}
        temperature = self._temperature("prediction" in fields)
        if temperature is not None and self._may(Option.TEMPERATURE):
            fields["temperature"] = temperature
        return fields

    def _temperature(self, predicts: bool) -> float | None:
        """The profile's temperature, or the best one for an edit. None: the server's default."""
        create, row = self._create, self._row
        if create.temperature is not None:
            return create.temperature
        if predicts and row.temperature_with_prediction is not None:
            return row.temperature_with_prediction
        thinks = create.reasoning_effort not in (None, "none")
        return 0.0 if not thinks and row.is_steady(create.model) else None

    def _messages(self) -> list[Json]:
        messages = _messages(self._create)
        if any(message["role"] == "system" for message in messages):
            return messages if self._may(Option.SYSTEM) else _folded(messages)
        return messages

    def _predicts(self) -> bool:
        create, row = self._create, self._row
        if create.prediction is None or not row.predicts(create.model):
            return False
        if self._tokens is not None and not row.prediction_with_limit:
            return False
        return self._may(Option.PREDICTION)

    def _may(self, option: Option) -> bool:
        """Whether to send an option. Notes that it was sent."""
        allowed = self._refusals.allows(option, self._create.model)
        if allowed:
            self._sent.add(option)
        return allowed


def _messages(create: ResponseCreate) -> list[Json]:
    system = [Message("system", create.instructions)] if create.instructions else []
    return [
        {"role": "system" if message.role == "developer" else message.role, "content": message.text}
        for message in (*system, *create.messages)
    ]


def _folded(messages: list[Json]) -> list[Json]:
    """Messages for a model without a system role: its text goes into the user's first message."""
    system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
    rest = [message for message in messages if message["role"] != "system"]
    if not rest or rest[0]["role"] != "user":
        return [{"role": "user", "content": system}, *rest]
    first = {**rest[0], "content": f"{system}\n\n{rest[0]['content']}"}
    return [first, *rest[1:]]
