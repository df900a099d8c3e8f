"""The makers' client libraries, set up the way an editor needs them.

A library is loaded in a thread when it is first needed, because that takes about a second. What it
would read from the environment or do by itself is switched off: keys, organizations and addresses
meant for other programs, retries (they look like silence), redirects (they would send code
elsewhere) and headers that describe this machine.
"""

import asyncio
import contextlib
import gc
import importlib
import logging
import sys
import warnings
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from lsp_server.backends.lenient_json import parse_object
from lsp_server.backends.network_route import RouteError, proxy_of
from lsp_server.gateway.capabilities import Capabilities, Warm, capabilities_of
from lsp_server.gateway.model_provider import ProviderError
from lsp_server.gateway.providers import missing_package
from lsp_server.gateway.providers.bounded_body import MAX_WHOLE_BYTES, BodyTooLarge, bounding
from lsp_server.gateway.providers.request_progress import (
    CONNECT_TIMEOUT_S,
    following,
    route_options,
)
from lsp_server.gateway.upstream import Upstream
from lsp_server.provider_table import Provider

SILENCE_TIMEOUT_S = 300.0
"""Seconds of silence after which a request fails. A client's own `idleTimeout` is shorter."""
KEEP_OPEN_S = 240.0
"""Seconds that an idle connection is kept. The makers' clients close it after five."""
WARM_TIMEOUT_S = 10.0
KNOW_TIMEOUT_S = 1.0
"""Seconds that an edit waits to learn what kind of server it is for."""

KNOWN_S = 300.0
"""Seconds that a server's facts are believed: it may have been restarted since."""

_NO_KEY = "none"
"""The makers' clients insist on a key. `headers` removes it again where there is none."""

_UNPACKED = {"Accept-Encoding": "identity"}
"""Compression makes servers and proxies wait for more to compress."""

_DESCRIBING = ("Lang", "Package-Version", "OS", "Arch", "Runtime", "Runtime-Version")
_DESCRIBING_REQUESTS = ("Retry-Count", "Read-Timeout", "Timeout", "Async")

# At debug level they print requests, and with them code.
_PACKAGES = {provider.row.package for provider in Provider if provider.row.package}
for _name in (*_PACKAGES, "httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.ERROR)


class ApiClient:
    """One maker's client for one model API, made when it is first needed.

    The provider's row names the package and its client class.
    """

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self._loading = asyncio.Lock()
        self._sdk: Any = None
        self._http: Any = None
        self._owner: str | None = None
        self._known_until = 0.0  # by the loop's clock
        self._asking: asyncio.Task[None] | None = None
        self.reads: dict[str, int] = {}
        """Each model's context in tokens, its answer included, where the server reported it."""

    @property
    def row(self) -> Capabilities:
        """What is known about this model API."""
        return capabilities_of(self.upstream, self._owner)

    async def sdk(self) -> Any:
        """The client. Raises `ProviderError` when its package is not installed."""
        if self._sdk is None:
            async with self._loading:
                if self._sdk is None:
                    await self._make()
        return self._sdk

    @property
    def module(self) -> ModuleType:
        """The maker's package. Only after `sdk`."""
        return sys.modules[self.upstream.row.package]

    def headers(self) -> Mapping[str, Any]:
        """Extra headers for each request. They remove what describes this machine and, without a
        key, the header for it. Only after `sdk`."""
        names = [f"X-Stainless-{name}" for name in _DESCRIBING_REQUESTS]
        if self.upstream.key is None:
            names += ["Authorization", "X-Api-Key"]
        return {name: self.module.Omit() for name in names}

    async def http(self) -> Any:
        """The HTTP client below, for what the maker's client does not offer. Only for answers that
        are streamed: `fetch` reads whole ones."""
        await self.sdk()
        return self._http

    async def fetch(self, method: str, url: str, seconds: float, **options: Any) -> bytes:
        """A short answer, read whole within `seconds`. Raises `BodyTooLarge`, `TimeoutError` and
        any error of the HTTP client."""
        http = await self.http()
        body = bytearray()
        async with (
            asyncio.timeout(seconds),
            http.stream(method, url, timeout=seconds, **options) as response,
        ):
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > MAX_WHOLE_BYTES:
                    raise BodyTooLarge
        return bytes(body)

    async def warm(self) -> None:
        """Open a connection, and learn what kind of server a local one is. Never raises."""
        with contextlib.suppress(Exception):
            if self.row.warm is Warm.MODELS:
                await self.know(WARM_TIMEOUT_S)
                return
            base, row = self.upstream.base_url, self.row
            if row.warm is Warm.TCP_WARMING:
                await self.fetch("GET", f"{base}/tcp_warming", WARM_TIMEOUT_S)
            else:
                await self.fetch("HEAD", f"{base}/models", WARM_TIMEOUT_S)

    async def know(self, seconds: float) -> None:
        """Learn what kind of server a local one is, if not known. Waits `seconds` at most; a later
        answer serves the next request. Never raises."""
        if asyncio.get_running_loop().time() < self._known_until:
            return
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        await asyncio.wait([self._asking], timeout=seconds)

    def forget(self) -> None:
        """Forget what is known: the server does not answer and may come back as another one."""
        self._known_until = 0.0
        self.reads.clear()

    async def _ask(self) -> None:
        with contextlib.suppress(Exception):
            await self._ask_models()

    async def _ask_models(self) -> None:
        key = self.upstream.key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        url = f"{self.upstream.base_url}/models"
        try:
            body = await self.fetch("GET", url, WARM_TIMEOUT_S, headers=headers)
        except BodyTooLarge:
            body = b""
        self._known_until = asyncio.get_running_loop().time() + KNOWN_S
        listed = parse_object(body) or {}
        models = listed.get("data")
        models = models if isinstance(models, list) else []
        self.reads = reads_of(models)
        first = models[0] if models else None
        if isinstance(first, dict) and isinstance(first.get("owned_by"), str):
            self._owner = first["owned_by"]

    async def aclose(self) -> None:
        """Close all connections."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
        http, self._http, self._sdk = self._http, None, None
        if http is not None:
            await http.aclose()

    async def _make(self) -> None:
        sentence = missing_package(self.upstream.provider)
        if sentence is not None:
            raise ProviderError(sentence, "provider_not_installed", 501)
        module = await asyncio.to_thread(importlib.import_module, self.upstream.row.package)
        # Which models are deprecated is nothing for our log.
        warnings.filterwarnings("ignore", message="The model .* is deprecated")
        httpx = importlib.import_module("httpx2")
        try:
            route = await asyncio.to_thread(route_options, httpx, self.upstream)
        except RouteError as error:
            raise ProviderError(str(error), "upstream_unreachable", 502) from None
        self._http = module.DefaultAsyncHttpxClient(
            timeout=httpx.Timeout(SILENCE_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            limits=httpx.Limits(max_connections=None, keepalive_expiry=KEEP_OPEN_S),
            follow_redirects=False,
            event_hooks={
                "request": [following(proxy_of(self.upstream.base_url))],
                "response": [bounding(httpx)],
            },
            **route,
        )
        # Building a client takes some 50 ms, so it is not done on the loop that carries streams.
        self._sdk = await asyncio.to_thread(self._client, module)
        # The maker's package has thousands of objects that stay: see `process.serve_forever`.
        gc.freeze()

    def _client(self, module: ModuleType) -> Any:
        row = self.upstream.row
        quiet = {f"X-Stainless-{name}": module.Omit() for name in _DESCRIBING}
        return getattr(module, row.client)(
            api_key=self.upstream.key or _NO_KEY,
            base_url=self.upstream.base_url.removesuffix(row.client_path),
            http_client=self._http,
            max_retries=0,
            default_headers={**quiet, "User-Agent": "midstream", **_UNPACKED},
        )


def reads_of(models: list[Any]) -> dict[str, int]:
    """The context of each model in a list, in tokens: `meta.n_ctx` (llama.cpp), `max_model_len`
    (vLLM, SGLang). A server with one model answers to any name, so "" stands for it too."""
    found = {}
    for model in models:
        if not isinstance(model, dict):
            continue
        meta = model.get("meta")
        context = meta.get("n_ctx") if isinstance(meta, dict) else model.get("max_model_len")
        if isinstance(context, int) and context > 0:
            found[str(model.get("id"))] = context
    if len(models) == 1 and found:
        found[""] = next(iter(found.values()))
    return found
