"""The socket of one client of the gateway, with a bound on every buffer.

Built on `websockets`' server connection. Does not know what a frame means.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.frames import DATA_OPCODES, Frame
from websockets.protocol import Event, State

MAX_UNREAD_BYTES = 64 * 2**20
"""Bytes, pongs included, that may wait for a client that does not read. An answer is paced long
before that; this bounds clients that keep sending requests without reading."""

MAX_FRAGMENTS = 4096
"""Fragments of one message. Empty fragments do not count in its length, so they need a bound."""


class ClientConnection(ServerConnection):
    """A client's socket.

    Frames posted in one turn of the event loop leave in one write. `on_closing` is called as soon
    as the client's close frame arrives, before the closing handshake ends. A client that exceeds a
    bound of this module is disconnected.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._flush_planned = False
        self._fragments = 0
        self._on_closing: Callable[[], object] | None = None

    def on_closing(self, callback: Callable[[], object]) -> None:
        """Call `callback` as soon as the client closes or is lost, perhaps more than once."""
        self._on_closing = callback

    def post(self, *frames: bytes) -> None:
        """Send text frames at the end of this turn of the loop. Ignored on a closed socket."""
        if self.state is not State.OPEN:
            return
        for frame in frames:
            self.protocol.send_text(frame)
        if not self._flush_planned:
            self._flush_planned = True
            self.loop.call_soon(self._flush)

    async def drained(self) -> None:
        """Yield to the loop once, and wait while the client is slow to read."""
        await asyncio.sleep(0)
        await self.drain()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._drop_slow_reader()
        if self.request is not None and self.state in (State.CLOSING, State.CLOSED):
            self._report_closing()

    def process_event(self, event: Event) -> None:
        if isinstance(event, Frame) and event.opcode in DATA_OPCODES:
            self._fragments = 0 if event.fin else self._fragments + 1
            if self._fragments > MAX_FRAGMENTS:
                self.transport.abort()
                return
        super().process_event(event)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._report_closing()

    def _report_closing(self) -> None:
        if self._on_closing is not None:
            self._on_closing()

    def _flush(self) -> None:
        self._flush_planned = False
        data = b"".join(self.protocol.data_to_send())
        if data and not self.transport.is_closing():
            self.transport.write(data)
            self._drop_slow_reader()

    def _drop_slow_reader(self) -> None:
        if self.transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            self.transport.abort()
