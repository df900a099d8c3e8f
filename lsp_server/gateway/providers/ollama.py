"""What only Ollama has: loading a model ahead, and going on from a prefix.

Its compatible endpoint always begins a new answer. `/api/generate` with `raw: true` takes the whole
prompt as it is, so the model's own template has to be written out here; there are few families, and
`/api/show` tells which one a model is of. A model of another family begins anew, as others do.
(Ollama's docs/api.md: "Generate a completion", "Show Model Information", "Load a model".)
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
from lsp_server.gateway.providers.read_chat import count, told_text
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

_UNTOLD_S = 0.5
"""A model that is loaded within that is not spoken of."""

_SIGN_OF_LIFE_S = 5.0

_STAYS_S = 240.0
"""How long a model stays loaded for certain; Ollama lets go of it after five minutes."""

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
"""By a mark in its template: how a family writes one message, and how an answer begins."""

_ENDS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>")


class Loads:
    """Lets one Ollama load models, each once: a request without a prompt does only that.

    While Ollama loads it answers nothing, and who leaves makes it stop and begin anew the next
    time. So a load belongs to nobody who waits for it, and goes on when they leave.
    """

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stays_until: dict[str, float] = {}

    async def load(self, model: str) -> None:
        """Until it is loaded, or cannot be. Never raises."""
        await asyncio.wait([self._begin(model)])

    async def waiting(self, model: str) -> AsyncGenerator[ServerReport, None]:
        """Until it is loaded, or cannot be; tells from time to time that this goes on."""
        if time.monotonic() < self._stays_until.get(model, 0.0):
            return
        if await _loaded(self._client, model) is not False:
            return
        task = self._begin(model)
        await asyncio.wait([task], timeout=_UNTOLD_S)
        if task.done():
            return
        while not task.done():
            yield ServerReport(model=model, loading=True)
            await asyncio.wait([task], timeout=_SIGN_OF_LIFE_S)
        yield ServerReport(model=model)

    def used(self, model: str) -> None:
        """It has just answered."""
        self._stays_until[model] = time.monotonic() + _STAYS_S

    async def aclose(self) -> None:
        """Nobody needs a model any more."""
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
    """Whether a model is loaded; None where Ollama does not say."""
    with contextlib.suppress(Exception):
        body = await client.fetch("GET", f"{_root(client)}/api/ps", _LOOK_TIMEOUT_S)
        models = (parse_object(body) or {}).get("models")
        if isinstance(models, list):
            named = [m.get(name) for m in models for name in ("name", "model")]
            return model in named or f"{model}:latest" in named
    return None


async def learn_context(client: ApiClient, model: str) -> None:
    """Find out how much of a model's context Ollama has made room for, which is 4,096 tokens on
    most machines, whatever the model could read: `/api/ps` tells it of a model that is loaded, and
    `num_ctx` of `/api/show` what it is to be. Never raises."""
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
    """An answer that goes on from `create.prefix`; None for a model whose template is not known."""
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
    """The whole prompt with the prefix at its end; None for a template of no known family."""
    for mark, (message, answer) in _FAMILIES.items():
        if mark not in template:
            continue
        said = [(m.role, m.text) for m in create.messages]
        if create.instructions:
            said.insert(0, ("system", create.instructions))
        if mark == "<start_of_turn>":  # Gemma knows no system, and calls itself the model.
            said = [("model" if role == "assistant" else "user", text) for role, text in said]
        if any(end in text for _, text in said for end in (*_FAMILIES, *_ENDS)):
            return None  # Written out, the user's text would be taken for the template's.
        texts = [message.format(role=role, text=text) for role, text in said]
        return "".join(texts) + answer + (create.prefix or "")
    return None


class Lines:
    """JSON lines instead of server-sent events."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that end in this chunk. Raises `TooLong`."""
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
            model = told_text(line.get("model"))
            pieces.append(ServerReport(model=model, usage=usage, incomplete=cut))
        return pieces or [ServerReport()]

    def end(self) -> ProviderError | None:
        """The stream has ended: the fault when it ended before the answer did."""
        return None if self.over else self._faults.cut()


def _root(client: ApiClient) -> str:
    return client.upstream.base_url.removesuffix("/v1")
