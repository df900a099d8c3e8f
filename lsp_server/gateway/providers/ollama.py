"""What only Ollama needs: loading a model ahead, and continuing from a prefix.

Its OpenAI-compatible endpoint always starts a new answer. `/api/generate` with `raw: true` takes
the whole prompt as it is, so the model's template must be written out here. There are few template
families, and `/api/show` tells a model's. A model of another family starts a new answer. (Ollama's
docs/api.md: "Generate a completion", "Show Model Information", "Load a model".)
"""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncGenerator
from typing import Any

from lsp_server.backends.lenient_json import parse_object
from lsp_server.backends.pacing import LOAD_TIMEOUT_S
from lsp_server.gateway.model_provider import ProviderError
from lsp_server.gateway.providers.api_clients import ApiClient
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.providers.http_stream import Judge, streamed
from lsp_server.gateway.providers.read_chat import count, name_in
from lsp_server.gateway.providers.sse import MAX_EVENT_BYTES, EventTooLong
from lsp_server.gateway.request_protocol import (
    Json,
    Piece,
    ResponseCreate,
    ServerReport,
    TokenUsage,
)

_SHOW_TIMEOUT_S = 10.0
_LOOK_TIMEOUT_S = 1.0

_QUIET_S = 0.5
"""Seconds of loading before the client gets a report."""

_SIGN_OF_LIFE_S = 5.0

_STAYS_S = 240.0
"""Seconds that a model certainly stays loaded. Ollama unloads it after five minutes."""

_FAMILIES = {
    "<|im_start|>": ("<|im_start|>{role}\n{text}<|im_end|>\n", "<|im_start|>assistant\n"),
    "<|start_header_id|>": (
        "<|start_header_id|>{role}<|end_header_id|>\n\n{text}<|eot_id|>",
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    "<start_of_turn>": (
        "<start_of_turn>{role}\n{text}<end_of_turn>\n",
        "<start_of_turn>model\n",
    ),
}
"""By a mark in the template: how a family writes one message, and how an answer begins."""

_ENDS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>")


class ModelLoads:
    """Makes one Ollama server load models, each once. A request without a prompt only loads.

    While Ollama loads, it answers nothing, and a client that leaves makes it start over the next
    time. So a load is a task of its own, and continues when those who wait for it leave.
    """

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stays_until: dict[str, float] = {}

    async def load(self, model: str) -> None:
        """Wait until the model is loaded, or cannot be. Never raises."""
        await asyncio.wait([self._begin(model)])

    async def waiting(self, model: str) -> AsyncGenerator[ServerReport, None]:
        """Wait until the model is loaded, or cannot be, and report from time to time."""
        if time.monotonic() < self._stays_until.get(model, 0.0):
            return
        if await _loaded(self._client, model) is not False:
            return
        task = self._begin(model)
        await asyncio.wait([task], timeout=_QUIET_S)
        if task.done():
            return
        while not task.done():
            yield ServerReport(model=model, loading=True)
            await asyncio.wait([task], timeout=_SIGN_OF_LIFE_S)
        yield ServerReport(model=model)

    def used(self, model: str) -> None:
        """Note that the model has just answered."""
        self._stays_until[model] = time.monotonic() + _STAYS_S

    async def aclose(self) -> None:
        """Cancel all loads."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values())
        self._tasks.clear()

    def _begin(self, model: str) -> asyncio.Task[None]:
        task = self._tasks.get(model)
        if task is None or task.done():
            task = self._tasks[model] = asyncio.create_task(self._load(model))
        return task

    async def _load(self, model: str) -> None:
        with contextlib.suppress(Exception):
            url = f"{_root(self._client)}/api/generate"
            body = await self._client.fetch("POST", url, LOAD_TIMEOUT_S, json={"model": model})
            if "error" not in (parse_object(body) or {"error": ""}):
                self.used(model)


async def _loaded(client: ApiClient, model: str) -> bool | None:
    """Whether a model is loaded. None if Ollama does not say."""
    with contextlib.suppress(Exception):
        body = await client.fetch("GET", f"{_root(client)}/api/ps", _LOOK_TIMEOUT_S)
        models = (parse_object(body) or {}).get("models")
        if isinstance(models, list):
            named = [m.get(name) for m in models for name in ("name", "model")]
            return model in named or f"{model}:latest" in named
    return None


async def learn_context(client: ApiClient, model: str) -> None:
    """Learn the context that Ollama has allocated for a model: 4,096 tokens on most machines,
    whatever the model supports. `/api/ps` has it for a loaded model; `num_ctx` of `/api/show` is
    what it will be. Never raises."""
    if model in client.reads:
        return
    with contextlib.suppress(Exception):
        body = await client.fetch("GET", f"{_root(client)}/api/ps", _SHOW_TIMEOUT_S)
        for loaded in (parse_object(body) or {}).get("models") or []:
            names = (loaded.get("name"), loaded.get("model"))
            context = count(loaded, "context_length")
            if context and (model in names or f"{model}:latest" in names):
                client.reads[model] = context
                return
        asked = {"model": model}
        shown = await client.fetch("POST", f"{_root(client)}/api/show", _SHOW_TIMEOUT_S, json=asked)
        parameters = (parse_object(shown) or {}).get("parameters")
        found = re.search(r"^num_ctx\s+(\d{3,9})$", str(parameters), re.MULTILINE)
        if found is not None:
            client.reads[model] = int(found[1])


async def continued(
    client: ApiClient,
    create: ResponseCreate,
    temperature: float | None,
    faults: Faults,
    judge: Judge,
) -> AsyncGenerator[Piece, None] | None:
    """An answer that continues `create.prefix`. None for a model whose template is not known."""
    http = await client.http()
    shown: Json | None = None
    with contextlib.suppress(Exception):
        url = f"{_root(client)}/api/show"
        asked = {"model": create.model}
        shown = parse_object(await client.fetch("POST", url, _SHOW_TIMEOUT_S, json=asked))
    template = (shown or {}).get("template")
    prompt = raw_prompt(create, template) if isinstance(template, str) else None
    if prompt is None:
        return None
    options: Json = {"stop": list(_ENDS)}
    if create.max_output_tokens is not None:
        options["num_predict"] = create.max_output_tokens
    if temperature is not None:
        options["temperature"] = temperature
    body = {"model": create.model, "prompt": prompt, "raw": True, "options": options}

    @contextlib.asynccontextmanager
    async def send() -> AsyncGenerator[Any, None]:
        async with http.stream("POST", f"{_root(client)}/api/generate", json=body) as response:
            if response.status_code != 200:
                await response.aread()
                raise StatusError(response)
            yield response

    return streamed(send, GenerateReader(faults), faults, judge, Lines())


class StatusError(Exception):
    """An HTTP error, in the form of the makers' clients."""

    def __init__(self, response: Any) -> None:
        super().__init__(response.text)
        self.status_code = response.status_code
        self.response = response


def raw_prompt(create: ResponseCreate, template: str) -> str | None:
    """The whole prompt, ending in the prefix. None for a template of no known family."""
    for mark, (message, answer) in _FAMILIES.items():
        if mark not in template:
            continue
        messages = [(m.role, m.text) for m in create.messages]
        if create.instructions:
            messages.insert(0, ("system", create.instructions))
        if mark == "<start_of_turn>":  # Gemma has no system role, and calls the assistant "model".
            messages = [
                ("model" if role == "assistant" else "user", text) for role, text in messages
            ]
        if any(end in text for _, text in messages for end in (*_FAMILIES, *_ENDS)):
            return None  # The user's text would be read as part of the template.
        texts = [message.format(role=role, text=text) for role, text in messages]
        return "".join(texts) + answer + (create.prefix or "")
    return None


class Lines:
    """Splits a stream into JSON lines, in place of server-sent events."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that end in this chunk. Raises `EventTooLong`."""
        *lines, rest = chunk.split(b"\n")
        if lines and self._rest:
            lines[0] = bytes(self._rest) + lines[0]
            self._rest.clear()
        self._rest += rest
        if len(self._rest) > MAX_EVENT_BYTES:
            raise EventTooLong
        return [line for line in lines if line.strip()]


class GenerateReader:
    """Reads the lines of `/api/generate`."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.over = False

    def read(self, data: bytes) -> list[Piece]:
        """One line. Raises `ProviderError`."""
        line = parse_object(data)
        if line is None:
            raise self._faults.malformed()
        if line.get("error"):
            raise self._faults.of_event({"message": line["error"]})
        text = line.get("response")
        pieces: list[Piece] = [text] if isinstance(text, str) and text else []
        if line.get("thinking"):
            pieces.append(ServerReport(thought=True))
        if line.get("done") is True:
            self.over = True
            usage = TokenUsage(
                input=count(line, "prompt_eval_count"), output=count(line, "eval_count")
            )
            cut = "max_output_tokens" if line.get("done_reason") == "length" else None
            model = name_in(line.get("model"))
            pieces.append(ServerReport(model=model, usage=usage, incomplete=cut))
        return pieces or [ServerReport()]

    def end(self) -> ProviderError | None:
        """The stream has ended: the error if the answer had not."""
        return None if self.over else self._faults.cut()


def _root(client: ApiClient) -> str:
    return client.upstream.base_url.removesuffix("/v1")
