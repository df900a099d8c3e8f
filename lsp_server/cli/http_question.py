"""Sends one short HTTP request to a server on this machine, for `midstream doctor`.

Connects only to loopback addresses, without a proxy and without an API key, so nothing leaves the
machine. Never raises, and takes little time whatever the other side does.
"""

import contextlib
import http.client
import json
import socket
import threading
from dataclasses import dataclass
from typing import Any

TIMEOUT_S = 1.0
"""Seconds that a server on this machine may take for one answer."""
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The HTTP status, and the body as JSON (`None` if it is not JSON)."""

    status: int
    body: Any = None


def ask(host: str, port: int, path: str, given: object = None) -> HttpAnswer | None:
    """GET `path`, or POST `given` as JSON. `None` if nothing answers like an HTTP server."""
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    hang_up = None
    try:
        connection.connect()
        # The timeout applies to each read. This also cuts off a server that sends byte by byte.
        hang_up = threading.Timer(TIMEOUT_S, _shut, [connection.sock])
        hang_up.start()
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        body = None if given is None else json.dumps(given)
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        return HttpAnswer(answer.status, _json(answer.read(_MOST_BYTES)))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        if hang_up is not None:
            hang_up.cancel()
        connection.close()


def listens(host: str, port: int) -> bool:
    """Whether something accepts connections there, whatever its protocol."""
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT_S):
            return True
    except OSError:
        return False


def entries_of(answer: HttpAnswer | None) -> list[dict[str, Any]] | None:
    """The entries of a list of models; `None` if the answer is not one."""
    if answer is None or answer.status != 200 or not isinstance(answer.body, dict):
        return None
    listed = answer.body.get("data")
    if not isinstance(listed, list):
        return None
    named = [entry for entry in listed if isinstance(entry, dict)]
    return [entry for entry in named if isinstance(entry.get("id"), str) and entry["id"]]


def _json(body: bytes) -> object:
    try:
        read: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return read


def _shut(connected: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
