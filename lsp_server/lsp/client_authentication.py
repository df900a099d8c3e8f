"""What a client must prove before anything that it sends is used. Pure.

Over standard input and output, the client is whoever started this process. A socket or a port can
be reached by every program on this machine, and a port by every web page in the user's browser.
Settings can name programs that are run (`apiKeyCommand`). So nothing from a connection, neither a
setting nor a document nor a recording, reaches the protocol before its first message has passed
`proven`.
"""

import hmac
import json
from dataclasses import dataclass
from typing import Any

from lsp_server.lsp.convert import Json
from lsp_server.lsp.json_rpc import NOT_INITIALIZED, REQUEST_FAILED

FIRST = "The first message must be `initialize`. The connection is closed."
NO_TOKEN = (
    "The token is missing or wrong. Send it as `initializationOptions.token`. `midstream "
    "serve` printed it when it started, or it is in the file of --token-file."
)


@dataclass(frozen=True, slots=True)
class AuthenticationRefused:
    """The first message proves nothing. `id` is the id of the request, if it was one."""

    id: str | int | None
    code: int
    sentence: str

    def message(self) -> Json:
        """The reply to the client before the connection is closed."""
        error = {"code": self.code, "message": self.sentence}
        return {"jsonrpc": "2.0", "id": self.id, "error": error}


def proven(body: bytes, token: str | None) -> bytes | AuthenticationRefused:
    """The first message without its token, or why it is not acceptable.

    It must be the request `initialize` and, if there is a `token`, contain it as
    `initializationOptions.token`. Without a token, the system has already identified the client.
    """
    try:
        message: Any = json.loads(body)
    except (ValueError, RecursionError):
        return AuthenticationRefused(None, NOT_INITIALIZED, FIRST)
    id_ = message.get("id") if isinstance(message, dict) else None
    if isinstance(id_, bool) or not isinstance(id_, str | int):
        return AuthenticationRefused(None, NOT_INITIALIZED, FIRST)
    if message.get("method") != "initialize":
        return AuthenticationRefused(id_, NOT_INITIALIZED, FIRST)
    params = message.get("params")
    options = params.get("initializationOptions") if isinstance(params, dict) else None
    given = options.pop("token", None) if isinstance(options, dict) else None
    if token is not None and not _same(given, token):
        return AuthenticationRefused(id_, REQUEST_FAILED, NO_TOKEN)
    return json.dumps(message).encode()


def _same(given: object, token: str) -> bool:
    """Whether the token is right. Takes the same time however much of it is right."""
    text = given if isinstance(given, str) else ""
    return hmac.compare_digest(text.encode("utf-8", "surrogatepass"), token.encode())
