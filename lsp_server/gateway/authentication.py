"""Decides which clients may connect, from the HTTP request that asks for a WebSocket.

The gateway spends the user's money and reads the user's code, and every web page in the user's
browser can reach a loopback port. So a request needs the token, no foreign `Origin`, and a `Host`
that means this machine (a page can point a name of its own to 127.0.0.1). Pure.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from lsp_server.addresses import is_loopback

PATH = "/v1/responses"


@dataclass(frozen=True, slots=True)
class HandshakeRefusal:
    """An HTTP status and the sentence for the client."""

    status: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Authenticator:
    """The rules of one gateway that listens on `host`. Its token is left out of `repr`."""

    host: str
    token: str

    def __repr__(self) -> str:
        return f"Authenticator(host={self.host!r})"

    def judge(self, path: str, headers: Mapping[str, str]) -> HandshakeRefusal | None:
        """Why a request is refused; None accepts it. `headers` have lower-case names."""
        host = headers.get("host", "")
        if is_loopback(self.host) and not is_loopback(_name(host)):
            return HandshakeRefusal(
                403, "This gateway serves this machine only, but the Host header names another one."
            )
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return HandshakeRefusal(403, "Web pages can't use this gateway.")
        if path.partition("?")[0] != PATH:
            return HandshakeRefusal(404, f"The only path here is {PATH}.")
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(
            given.strip().encode("utf-8", "replace"), self.token.encode()
        ):
            return HandshakeRefusal(
                401, "The gateway's token is missing or wrong. Send it as Authorization: Bearer."
            )
        return None


def _name(host: str) -> str:
    """The host without its port and brackets."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
