"""Who is at fault when a connection fails: the proxy, the server, or this machine's network.

Judged by the stage that it reached and by the type of the exception, for WebSockets and HTTP alike.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from socket import gaierror

from lsp_server.backends.network_route import Proxy
from lsp_server.wording import setting

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
    """One attempt to reach `place`. `address` is the setting that names it (a slot of `wording`);
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
                f"A proxy in front of {self.place} asks for a name and password (407). Put them "
                "into HTTPS_PROXY, before the host: http://NAME:PASSWORD@host:port."
            )
        if self.proxy is None or status not in NO_WEBSOCKET:
            return None
        return (
            f"No WebSocket to {self.place} ({status}): the server refuses it, or the proxy "
            f"{self.proxy.place} blocks it. Check {self.address} in the profile and the key, ask "
            f"the proxy's administrator, or reach the model over HTTP with {setting('provider')} "
            "in the profile."
        )

    def _of_proxy(self, proxy: Proxy, error: BaseException, status: int | None) -> str:
        named = f"The proxy {proxy.place} (from {proxy.source})"
        if status == 407:
            return (
                f"{named} asks for a name and password (407) or rejects the ones it got. Put them "
                f"into {proxy.source}, before the host: http://NAME:PASSWORD@host:port."
            )
        if status in (502, 503, 504):
            return (
                f"{named} couldn't reach {self.place} ({status}). Check {self.address} in the "
                "profile, or ask the proxy's administrator."
            )
        if status is not None:
            return (
                f"{named} doesn't allow connections to {self.place} ({status}). Ask its "
                "administrator, or put the host into NO_PROXY if it can be reached directly."
            )
        chain = list(chained(error))
        if any(isinstance(e, gaierror) for e in chain):
            return f"The host of the proxy in {proxy.source} isn't known. Correct it."
        if is_timeout(chain):
            return (
                f"{named} didn't connect to {self.place} within {self.seconds:g} s. Ask its "
                f"administrator, or correct {proxy.source}."
            )
        if any(isinstance(e, ssl.SSLCertVerificationError) for e in chain):
            return (
                f"The certificate of the proxy {proxy.place} couldn't be verified. Set "
                "SSL_CERT_FILE to its certificate authority."
            )
        if any(isinstance(e, ConnectionRefusedError) for e in chain):
            return f"{named} doesn't answer. Start it, or correct or unset {proxy.source}."
        if proxy.encrypted and _reason(chain) in (*_NO_TLS, *_NO_TLS_EITHER):
            return f"{named} doesn't speak TLS. Its address probably has to begin with http://."
        return (
            f"{named} doesn't answer like a proxy, or refused the connection to {self.place}. "
            f"Correct {proxy.source}, or ask its administrator."
        )

    def _of_network(self, error: BaseException) -> tuple[str, str]:
        chain = list(chained(error))
        check = f"check {self.address} in the profile"
        if any(isinstance(e, gaierror) for e in chain):
            sentence = f"The host of {self.place} isn't known. Check {self.address} in the profile."
            return sentence, UNREACHABLE
        if is_timeout(chain):
            return (
                f"{self.place} couldn't be reached within {self.seconds:g} s. Check your network. "
                "If it has a proxy, set HTTPS_PROXY.",
                TIMEOUT,
            )
        if any(isinstance(e, ConnectionRefusedError) for e in chain):
            sentence = f"Nothing answers at {self.place}. Start that server or {check}."
            return sentence, UNREACHABLE
        sentence = f"Your network has no route to {self.place}. Check the network, or {check}."
        return sentence, UNREACHABLE

    def _of_tls(self, error: BaseException) -> tuple[str, str]:
        chain = list(chained(error))
        way = f" through the proxy {self.proxy.place}" if self.proxy is not None else ""
        if is_timeout(chain):
            return (
                f"The server at {self.place}{way} accepts connections but says nothing: no TLS "
                f"within {self.seconds:g} s. Check {self.address} in the profile, and its port.",
                TIMEOUT,
            )
        for one in chain:
            if isinstance(one, ssl.SSLCertVerificationError):
                return self._of_certificate(getattr(one, "verify_code", 0)), CERTIFICATE
        if _reason(chain) in (*_NO_TLS, *_NO_TLS_EITHER):
            return (
                f"The server at {self.place}{way} doesn't speak TLS. Check the scheme and the "
                f"port of {self.address} in the profile.",
                CERTIFICATE,
            )
        return (
            f"The server at {self.place}{way} closed the connection during the TLS handshake. "
            "Check "
            f"{self.address} in the profile and its port, or ask the administrator of the server "
            "or of a firewall in between.",
            CERTIFICATE,
        )

    def _of_certificate(self, code: int) -> str:
        whose = f"The certificate of {self.place}"
        if code == _EXPIRED:
            return (
                f"{whose} has expired. Its administrator must renew it, or the clock of this "
                "machine is wrong."
            )
        if code == _NOT_YET:
            return f"{whose} isn't valid yet. The clock of this machine may be wrong."
        if code in (_OTHER_NAME, _OTHER_ADDRESS):
            return (
                f"{whose} is for another name. Check {self.address} in the profile, or ask the "
                "server's administrator."
            )
        opened = (
            f" The proxy {self.proxy.place} may be decrypting the traffic." if self.proxy else ""
        )
        return (
            f"{whose} couldn't be verified. If your company has its own certificate authority, set "
            f"SSL_CERT_FILE to it.{opened}"
        )


def _reason(chain: list[BaseException]) -> str:
    """OpenSSL's reason for the failure, if TLS failed."""
    reasons = (str(getattr(e, "reason", "")) for e in chain if isinstance(e, ssl.SSLError))
    return next(reasons, "")


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
