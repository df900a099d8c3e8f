"""Who is at fault when a connection fails: the proxy, the server, or this machine's network.

Judged by the stage that it reached and by the type of the exception, for WebSockets and HTTP alike.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from socket import gaierror

from lsp_server.backends.network_route import Proxy

CERTIFICATE = "upstream_certificate"
PROXY = "upstream_proxy"
TIMEOUT = "upstream_timeout"
UNREACHABLE = "upstream_unreachable"

_NO_TLS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")
_NO_TLS_EITHER = ("RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE", "BAD_RECORD_TYPE")
NO_WEBSOCKET = (200, 400, 403, 404, 405, 407, 426, 501)
"""Statuses of an answer where something on the route removed or blocked the request for a
WebSocket. The server itself may answer with them too; over HTTP it says what it means."""

_EXPIRED, _NOT_YET, _OTHER_NAME, _OTHER_ADDRESS = 10, 9, 62, 64
"""OpenSSL's numbers for what is wrong with a certificate."""


class ConnectionStage(IntEnum):
    """How far a connection attempt got."""

    REACH = 0
    """Reaching the server, or the proxy and through it."""
    SECURE = 1
    """TLS with the server."""
    ASK = 2
    """Waiting for the server's own answer."""


@dataclass(frozen=True, slots=True)
class ConnectionProgress:
    """One attempt to reach `place`. `address` is the setting that names it (`url`, `baseUrl`);
    `seconds` is the timeout of each stage."""

    place: str
    proxy: Proxy | None
    address: str
    seconds: float

    def fault(
        self, stage: ConnectionStage, error: BaseException, status: int | None = None
    ) -> tuple[str, str] | None:
        """A sentence and a code. None if the server answered and its answer has to be judged.
        `status` is the proxy's answer."""
        if stage is ConnectionStage.REACH and self.proxy is not None:
            return self._of_proxy(self.proxy, error, status), PROXY
        if stage is ConnectionStage.REACH:
            return self._of_network(error)
        if stage is ConnectionStage.SECURE:
            return self._of_tls(error)
        return None

    def refusing_websockets(self, status: int) -> str | None:
        """The sentence for an upgrade that something on the route may have refused. None if it was
        the server."""
        if status == 407:
            return (
                f"A proxy on the way to {self.place} asks for a name and password (407); they "
                "belong into HTTPS_PROXY, before the host: http://NAME:PASSWORD@host:port."
            )
        if self.proxy is None or status not in NO_WEBSOCKET:
            return None
        return (
            f"No WebSocket came about with {self.place} ({status}): the server refuses it, or the "
            f"proxy {self.proxy.place} lets none through. Check the {self.address} and the key; "
            "ask who runs the proxy, or reach the model by a provider, over HTTP."
        )

    def _of_proxy(self, proxy: Proxy, error: BaseException, status: int | None) -> str:
        named = f"The proxy {proxy.place}, which {proxy.source} names,"
        if status == 407:
            return (
                f"{named} asks for a name and password (407), or does not take those it was given; "
                f"they belong into {proxy.source}, before the host: http://NAME:PASSWORD@host:port."
            )
        if status in (502, 503, 504):
            return (
                f"{named} could not reach {self.place} ({status}); check {self.address}, or ask "
                "who runs the proxy."
            )
        if status is not None:
            return (
                f"{named} does not let us through to {self.place} ({status}); ask who runs it, or "
                "put the host into NO_PROXY if it can be reached without."
            )
        chain = list(chained(error))
        if any(isinstance(e, gaierror) for e in chain):
            return f"The host of the proxy that {proxy.source} names is not known; correct it."
        if is_timeout(chain):
            return (
                f"{named} did not open the way to {self.place} within {self.seconds:g} s; ask who "
                f"runs it, or correct {proxy.source}."
            )
        if any(isinstance(e, ssl.SSLCertVerificationError) for e in chain):
            return (
                f"The certificate of the proxy {proxy.place} could not be verified; point "
                "SSL_CERT_FILE to its authority."
            )
        if any(isinstance(e, ConnectionRefusedError) for e in chain):
            return f"{named} does not answer; start it, or correct or unset {proxy.source}."
        if proxy.encrypted and _reason(chain) in (*_NO_TLS, *_NO_TLS_EITHER):
            return f"{named} does not speak TLS; it most likely has to begin with http:// there."
        return (
            f"{named} does not answer as a proxy does or refused the way to {self.place}; "
            f"correct {proxy.source}, or ask who runs it."
        )

    def _of_network(self, error: BaseException) -> tuple[str, str]:
        chain = list(chained(error))
        check = f"check the {self.address} of the profile"
        if any(isinstance(e, gaierror) for e in chain):
            return f"The host of {self.place} is not known; {check} and your network.", UNREACHABLE
        if is_timeout(chain):
            return (
                f"{self.place} could not be reached within {self.seconds:g} s; check your network, "
                "and set HTTPS_PROXY if it has a proxy.",
                TIMEOUT,
            )
        if any(isinstance(e, ConnectionRefusedError) for e in chain):
            sentence = f"Nothing answers at {self.place}; start that server or {check}."
            return sentence, UNREACHABLE
        sentence = (
            f"This machine's network has no way to {self.place}; check the network, or {check}."
        )
        return sentence, UNREACHABLE

    def _of_tls(self, error: BaseException) -> tuple[str, str]:
        chain = list(chained(error))
        way = f" by way of the proxy {self.proxy.place}" if self.proxy is not None else ""
        if is_timeout(chain):
            return (
                f"What answers at {self.place}{way} takes connections and says nothing: no TLS "
                f"within {self.seconds:g} s; check the {self.address} and its port.",
                TIMEOUT,
            )
        for one in chain:
            if isinstance(one, ssl.SSLCertVerificationError):
                return self._of_certificate(getattr(one, "verify_code", 0)), CERTIFICATE
        if _reason(chain) in (*_NO_TLS, *_NO_TLS_EITHER):
            return (
                f"What answers at {self.place}{way} does not speak TLS; check the scheme and port "
                f"of the {self.address}.",
                CERTIFICATE,
            )
        return (
            f"What answers at {self.place}{way} ended the connection while TLS began; check the "
            f"{self.address} and its port, or ask who runs the server or a firewall in between.",
            CERTIFICATE,
        )

    def _of_certificate(self, code: int) -> str:
        whose = f"The certificate of {self.place}"
        if code == _EXPIRED:
            return (
                f"{whose} has expired: who runs that server has to renew it, or the clock of this "
                "machine is wrong."
            )
        if code == _NOT_YET:
            return f"{whose} is not valid yet: the clock of this machine may be wrong."
        if code in (_OTHER_NAME, _OTHER_ADDRESS):
            return (
                f"{whose} is for another name; check the {self.address}, or ask who runs that "
                "server."
            )
        opened = f" The proxy {self.proxy.place} may open what is encrypted." if self.proxy else ""
        return (
            f"{whose} could not be verified; if your company has its own authority, "
            f"point SSL_CERT_FILE to it.{opened}"
        )


def _reason(chain: list[BaseException]) -> str:
    """OpenSSL's reason for the failure, if TLS failed."""
    told = (str(getattr(e, "reason", "")) for e in chain if isinstance(e, ssl.SSLError))
    return next(told, "")


def is_timeout(chain: list[BaseException]) -> bool:
    """Whether it was a timeout of any library."""
    return any(isinstance(e, TimeoutError) or "Timeout" in type(e).__name__ for e in chain)


def chained(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, its causes, and the members of exception groups."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from chained(member)
        error = error.__cause__ or error.__context__
