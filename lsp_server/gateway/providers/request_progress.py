"""How far a request over HTTP has come, and who is at fault when it comes no further.

The way itself (proxy, certificates) is `backends.way`'s to decide and the sentences are
`backends.passage`'s: they are the same for a WebSocket.
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

CONNECT_TIMEOUT_S = 15.0
"""For each step of the way: reaching the proxy or the server, the proxy's word, TLS."""

_COURSE = "midstream_course"
_STATUS = re.compile(r"[1-5]\d\d\b")


class RequestProgress:
    """One request on its way, told by the HTTP client's events."""

    def __init__(self, proxy: Proxy | None, timeouts: dict[str, float | None]) -> None:
        self.proxy = proxy
        self.stage = ConnectionStage.REACH
        self.answered = False
        self._through = proxy is None
        self._timeouts = timeouts
        self._read = timeouts.get("read")
        if proxy is not None:
            # What a proxy says is no answer of a model, which may think for minutes.
            timeouts["read"] = CONNECT_TIMEOUT_S

    async def __call__(self, name: str, info: dict[str, Any]) -> None:
        """Something begins or has ended."""
        event = name.partition(".")[2]
        if event == "send_request_headers.started":
            if info["request"].method == b"CONNECT":
                self._through = True
            else:
                self.stage = ConnectionStage.ASK
                self._timeouts["read"] = self._read
        elif event == "receive_response_headers.complete":
            self.answered = self.stage is ConnectionStage.ASK
        elif event == "setup_socks5_connection.complete":
            self._through = True
        elif event == "start_tls.started" and self._through:
            self.stage = ConnectionStage.SECURE


def following(proxy: Proxy | None) -> Callable[[Any], Coroutine[Any, Any, None]]:
    """A hook for requests that notes in each of them how far it has come."""

    async def follow(request: Any) -> None:
        course = RequestProgress(proxy, request.extensions.get("timeout", {}))
        request.extensions = {**request.extensions, _COURSE: course, "trace": course}

    return follow


def way_options(httpx: Any, upstream: Upstream) -> dict[str, Any]:
    """What an HTTP client is told of the way: the proxy, the certificates, and to look at nothing
    else in the environment. Reads files. Raises `RouteError`."""
    proxy = proxy_of(upstream.base_url)
    context = trust() if upstream.base_url.startswith("https:") else None
    secured = {} if proxy is None or not proxy.encrypted else {"ssl_context": context}
    return {
        "proxy": None if proxy is None else httpx.Proxy(proxy.url, **secured),
        "verify": True if context is None else context,
        "trust_env": False,
    }


def fault_of(upstream: Upstream, error: BaseException) -> ProviderError | None:
    """The fault when the request did not get to the server; None when it did, and when nobody
    listens where no proxy was asked, of which others know more."""
    chain = list(chained(error))
    course = next((found for e in chain if (found := _course_of(e)) is not None), None)
    if course is None and any(type(e).__module__.startswith("socksio") for e in chain):
        proxy, stage = proxy_of(upstream.base_url), ConnectionStage.REACH
    elif course is None:
        proxy, stage = None, _stage_of(chain)
    else:
        proxy, stage = course.proxy, course.stage
    if proxy is None and any(isinstance(e, ConnectionRefusedError) for e in chain):
        return None
    passage = ConnectionProgress(upstream.place, proxy, "baseUrl", CONNECT_TIMEOUT_S)
    told = passage.fault(stage, error, _status_of(chain))
    if told is None:
        unanswered = course is not None and not course.answered and stage is ConnectionStage.ASK
        return _no_http(upstream, chain) if unanswered else None
    sentence, code = told
    return ProviderError(sentence, code, 504 if "timeout" in code else 502)


def _stage_of(chain: list[BaseException]) -> ConnectionStage:
    """What the kind of the fault tells, where no request is at hand."""
    if any(isinstance(e, gaierror) for e in chain):
        return ConnectionStage.REACH
    return (
        ConnectionStage.SECURE
        if any(isinstance(e, ssl.SSLError) for e in chain)
        else ConnectionStage.ASK
    )


def _no_http(upstream: Upstream, chain: list[BaseException]) -> ProviderError | None:
    """What answered hung up, or speaks something else; TLS most likely, where it was reached in
    plain words."""
    kinds = ("RemoteProtocolError", "ReadError")
    broken = next((e for e in chain if type(e).__name__ in kinds), None)
    if broken is None:
        return None
    if type(broken).__name__ == "ReadError" or "disconnected" in str(broken):
        return ProviderError(
            f"{upstream.place} took the request and hung up without an answer; send the "
            "instruction again, or look into that server's log.",
            UNREACHABLE,
            502,
        )
    plain = upstream.base_url.startswith("http:")
    what = "if it speaks TLS, its baseUrl begins with https://" if plain else "check baseUrl"
    sentence = f"What answers at {upstream.place} does not speak HTTP; {what}."
    return ProviderError(sentence, "upstream_malformed", 502)


def _course_of(error: BaseException) -> RequestProgress | None:
    try:
        request = getattr(error, "request", None)
    except RuntimeError:  # httpx, where an exception was not given its request
        return None
    found = getattr(request, "extensions", {}).get(_COURSE)
    return found if isinstance(found, RequestProgress) else None


def _status_of(chain: list[BaseException]) -> int | None:
    """What the proxy has answered; the HTTP client keeps it in its words alone."""
    for error in chain:
        if type(error).__name__ == "ProxyError" and (found := _STATUS.match(str(error))):
            return int(found[0])
    return None
