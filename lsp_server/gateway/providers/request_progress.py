"""How far an HTTP request got, and who is at fault when it fails.

`backends/network_route` decides the route (proxy, certificates) and `backends/connection_progress`
has the sentences; both are the same for a WebSocket.
"""

import re
import ssl
from collections.abc import Callable, Coroutine
from socket import gaierror
from typing import Any

from lsp_server.backends.connection_progress import (
    UNREACHABLE,
    ConnectionProgress,
    ConnectionStage,
    chained,
)
from lsp_server.backends.network_route import Proxy, proxy_of, trust
from lsp_server.gateway.model_provider import ProviderError
from lsp_server.gateway.upstream import Upstream
from lsp_server.wording import setting

CONNECT_TIMEOUT_S = 15.0
"""Seconds for each step: reaching the proxy or the server, the proxy's answer, TLS."""

_PROGRESS = "midstream_progress"
_STATUS = re.compile(r"[1-5]\d\d\b")


class RequestProgress:
    """The progress of one request, from the HTTP client's trace events."""

    def __init__(self, proxy: Proxy | None, timeouts: dict[str, float | None]) -> None:
        self.proxy = proxy
        self.stage = ConnectionStage.REACH
        self.answered = False
        self._past_proxy = proxy is None
        self._timeouts = timeouts
        self._read = timeouts.get("read")
        if proxy is not None:
            # A proxy must answer soon; only a model may think for minutes.
            timeouts["read"] = CONNECT_TIMEOUT_S

    async def __call__(self, name: str, info: dict[str, Any]) -> None:
        """A step begins or has ended."""
        event = name.partition(".")[2]
        if event == "send_request_headers.started":
            if info["request"].method == b"CONNECT":
                self._past_proxy = True
            else:
                self.stage = ConnectionStage.ASK
                self._timeouts["read"] = self._read
        elif event == "receive_response_headers.complete":
            self.answered = self.stage is ConnectionStage.ASK
        elif event == "setup_socks5_connection.complete":
            self._past_proxy = True
        elif event == "start_tls.started" and self._past_proxy:
            self.stage = ConnectionStage.SECURE


def following(proxy: Proxy | None) -> Callable[[Any], Coroutine[Any, Any, None]]:
    """A request hook that records the progress of each request in its extensions."""

    async def follow(request: Any) -> None:
        progress = RequestProgress(proxy, request.extensions.get("timeout", {}))
        request.extensions = {**request.extensions, _PROGRESS: progress, "trace": progress}

    return follow


def route_options(httpx: Any, upstream: Upstream) -> dict[str, Any]:
    """Options of an HTTP client for the route: proxy, certificates, and nothing else from the
    environment. Reads files. Raises `RouteError`."""
    proxy = proxy_of(upstream.base_url)
    context = trust() if upstream.base_url.startswith("https:") else None
    secured = {} if proxy is None or not proxy.encrypted else {"ssl_context": context}
    return {
        "proxy": None if proxy is None else httpx.Proxy(proxy.url, **secured),
        "verify": True if context is None else context,
        "trust_env": False,
    }


def fault_of(upstream: Upstream, error: BaseException) -> ProviderError | None:
    """The error if the request did not reach the server. None if it did, and also if nothing
    listens there and no proxy was used: the caller has a better sentence for that."""
    chain = list(chained(error))
    progress = next((found for e in chain if (found := _progress_of(e)) is not None), None)
    if progress is None and any(type(e).__module__.startswith("socksio") for e in chain):
        proxy, stage = proxy_of(upstream.base_url), ConnectionStage.REACH
    elif progress is None:
        proxy, stage = None, _stage_of(chain)
    else:
        proxy, stage = progress.proxy, progress.stage
    if proxy is None and any(isinstance(e, ConnectionRefusedError) for e in chain):
        return None
    attempt = ConnectionProgress(upstream.place, proxy, setting("base_url"), CONNECT_TIMEOUT_S)
    known = attempt.fault(stage, error, _status_of(chain))
    if known is None:
        unanswered = progress is not None and not progress.answered and stage is ConnectionStage.ASK
        return _no_http(upstream, chain) if unanswered else None
    sentence, code = known
    return ProviderError(sentence, code, 504 if "timeout" in code else 502)


def _stage_of(chain: list[BaseException]) -> ConnectionStage:
    """The stage by the kind of error, where there is no request to ask."""
    if any(isinstance(e, gaierror) for e in chain):
        return ConnectionStage.REACH
    return (
        ConnectionStage.SECURE
        if any(isinstance(e, ssl.SSLError) for e in chain)
        else ConnectionStage.ASK
    )


def _no_http(upstream: Upstream, chain: list[BaseException]) -> ProviderError | None:
    """The error for a server that hung up or does not speak HTTP. One reached by plain HTTP most
    likely speaks TLS."""
    kinds = ("RemoteProtocolError", "ReadError")
    broken = next((e for e in chain if type(e).__name__ in kinds), None)
    if broken is None:
        return None
    if type(broken).__name__ == "ReadError" or "disconnected" in str(broken):
        return ProviderError(
            f"{upstream.place} accepted the request and hung up without an answer. Send the "
            "instruction again, or look at that server's log.",
            UNREACHABLE,
            502,
        )
    plain = upstream.base_url.startswith("http:")
    what = (
        f"If it speaks TLS, {setting('base_url')} must begin with https://"
        if plain
        else f"Check {setting('base_url')} in the profile"
    )
    sentence = f"The server at {upstream.place} doesn't speak HTTP. {what}."
    return ProviderError(sentence, "upstream_malformed", 502)


def _progress_of(error: BaseException) -> RequestProgress | None:
    try:
        request = getattr(error, "request", None)
    except RuntimeError:  # httpx raises this when an exception has no request
        return None
    found = getattr(request, "extensions", {}).get(_PROGRESS)
    return found if isinstance(found, RequestProgress) else None


def _status_of(chain: list[BaseException]) -> int | None:
    """The proxy's status, which the HTTP client keeps only in its message."""
    for error in chain:
        if type(error).__name__ == "ProxyError" and (found := _STATUS.match(str(error))):
            return int(found[0])
    return None
