"""Clients that have connected but not authenticated yet.

One client may come in for the whole life of the process; its first message decides
(`lsp/client_authentication`). The others do not take its place: a client that sends anything but a
valid header, another message first, or nothing for too long, is disconnected, and the next may try.
"""

import asyncio
import logging
from typing import Protocol

import orjson

from lsp_server.lsp.client_authentication import AuthenticationRefused, proven
from lsp_server.lsp.framing import MAX_BODY, Garbage, StrictFramer
from lsp_server.lsp.listeners import ClientListener

log = logging.getLogger(__name__)

PROOF_SECONDS = 10.0
"""How long a client may take to authenticate."""
MOST_GUESTS = 16
"""The number of clients that may try at the same time. One more replaces the oldest."""
MAX_FIRST = 4 * 1024 * 1024
"""Bytes of a first message. An editor sends about ten thousand."""


class ClientHost(Protocol):
    """Takes over the connection that has authenticated."""

    def welcome(self, transport: asyncio.Transport, framer: StrictFramer, first: bytes) -> None:
        """From here on the connection is the host's. `first` is its first message."""
        ...


class PendingClients:
    """Lets one client in through a listener, and nobody after it."""

    def __init__(self, door: ClientListener, host: ClientHost) -> None:
        self.door = door
        self._host = host
        self._pending_clients: list[PendingClient] = []
        self._taken = False
        self._warned = False

    def greet(self) -> "PendingClient":
        """A client is connecting."""
        return PendingClient(self)

    def arrived(self, pending_client: "PendingClient") -> bool:
        """Whether the client may try to authenticate."""
        client = pending_client.transport.get_extra_info("socket")
        try:
            if self._taken or not self.door.admits(client):
                return False
        except OSError:
            return False
        if len(self._pending_clients) >= MOST_GUESTS:
            self._pending_clients[0].leave()
        self._pending_clients.append(pending_client)
        return True

    def left(self, pending_client: "PendingClient") -> None:
        """The client has gone or was disconnected."""
        if pending_client in self._pending_clients:
            self._pending_clients.remove(pending_client)

    def said(self, pending_client: "PendingClient", body: bytes) -> None:
        """A first message has arrived."""
        first = proven(body, self.door.token)
        if isinstance(first, AuthenticationRefused):
            answer = orjson.dumps(first.message())
            pending_client.transport.write(b"Content-Length: %d\r\n\r\n%b" % (len(answer), answer))
            self.refuse(pending_client, first.sentence)
            return
        self._taken = True
        self.left(pending_client)
        pending_client.alarm.cancel()
        for other in tuple(self._pending_clients):
            other.leave()
        pending_client.framer.max_body = MAX_BODY
        self._host.welcome(pending_client.transport, pending_client.framer, first)

    def refuse(self, pending_client: "PendingClient", reason: str) -> None:
        """Disconnect the client. Logged once: a page that tries for hours must not fill the log."""
        if not self._warned:
            self._warned = True
            log.warning("A client was refused, and maybe more after it: %s", reason)
        pending_client.leave()


class PendingClient(asyncio.Protocol):
    """One connection that has not authenticated yet."""

    transport: asyncio.Transport
    alarm: asyncio.TimerHandle

    def __init__(self, keeper: PendingClients) -> None:
        self._keeper = keeper
        self._gone = False
        self.framer = StrictFramer(MAX_FIRST)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The time to authenticate starts now."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.alarm = asyncio.get_running_loop().call_later(PROOF_SECONDS, self._late)
        if not self._keeper.arrived(self):
            self.leave()

    def data_received(self, data: bytes) -> None:
        """Bytes have arrived. Nothing happens with them before they are a whole valid message."""
        if self._gone:
            return
        self.framer.feed(data)
        item = self.framer.next()
        if isinstance(item, Garbage):
            self._keeper.refuse(self, item.reason)
        elif item is not None:
            self._keeper.said(self, item)

    def connection_lost(self, error: Exception | None) -> None:
        """The client has gone."""
        self.alarm.cancel()
        self._keeper.left(self)

    def leave(self) -> None:
        """Disconnect when the reply has left."""
        self._gone = True
        self.alarm.cancel()
        self._keeper.left(self)
        self.transport.close()

    def _late(self) -> None:
        self._keeper.refuse(self, f"It didn't authenticate within {PROOF_SECONDS:g} seconds.")
