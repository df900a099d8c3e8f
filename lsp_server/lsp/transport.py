"""Moves bytes between the editor and the protocol: over standard input and output, or a connection.

The event loop itself reads and writes pipes and sockets, because a switch of threads costs more
than the rest of a message. Regular files, consoles and everything on Windows get two threads. Does
not look into messages.
"""

import asyncio
import gc
import logging
import os
import queue
import signal
import stat
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Protocol, cast

from lsp_server.errors import SettingsError
from lsp_server.lsp.framing import Framer, Garbage, StrictFramer
from lsp_server.lsp.json_rpc import BaseServer, MidstreamProtocol
from lsp_server.lsp.listeners import ClientListener
from lsp_server.lsp.pending_clients import PendingClients

log = logging.getLogger(__name__)

READ_SIZE = 256 * 1024
"""Bytes that a reading thread reads at once."""
CLOSING_TIME = 3.0
"""Seconds that closing everything may take at the end."""
FLUSH_TIME = 1.0
"""Seconds that the last bytes may take to leave."""

Closing = Callable[[], Awaitable[None]]


class MessageWriter(Protocol):
    """What the protocol writes to. Never blocks; bytes that cannot leave yet are kept in order."""

    def write(self, data: bytes) -> None: ...
    def close(self) -> None: ...


def serve_stdio(server: BaseServer, closing: Closing | None = None) -> int:
    """Serve the editor that started this process. Returns the exit code.

    Ends on `exit` or at the end of standard input. Then awaits `closing`, for a limited time. From
    here on `print` writes to standard error, so that nothing gets between the messages.
    """

    # Imported objects live until the end. Without this call the garbage collector walks through all
    # of them now and then: a pause of 16 to 50 ms (measured) in the middle of a stream or a stop.
    gc.freeze()

    async def connect(inbox: Inbox) -> None:
        reading, writing = _taken_stdio()
        loop = asyncio.get_running_loop()
        same = os.path.sameopenfile(reading, writing)
        if _polled(writing) and not same:
            file = os.fdopen(writing, "wb", buffering=0)
            transport, _ = await loop.connect_write_pipe(lambda: Outlet(inbox), file)
            inbox.speak_through(cast(MessageWriter, transport))
        else:
            inbox.speak_through(ThreadWriter(writing, inbox.lost))
        if _polled(reading) and not same:
            await loop.connect_read_pipe(lambda: inbox, os.fdopen(reading, "rb", buffering=0))
        else:
            _read_in_thread(reading, inbox)

    return _run(server, connect, closing)


def serve_at(server: BaseServer, door: ClientListener, closing: Closing | None = None) -> int:
    """Serve the first client that connects to `door` and authenticates, as `serve_stdio` does, and
    no other. The listener is closed at the end, also on SIGTERM."""

    async def connect(inbox: Inbox) -> None:
        loop = asyncio.get_running_loop()
        keeper = PendingClients(door, inbox)
        for listening in door.sockets:
            unix = door.path is not None
            create = loop.create_unix_server if unix else loop.create_server
            inbox.listeners.append(await create(keeper.greet, sock=listening))
        if sys.platform != "win32" and threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGHUP):
                if signal.getsignal(number) is signal.SIG_IGN:
                    continue
                loop.add_signal_handler(number, server.protocol.over)

    try:
        return _run(server, connect, closing)
    finally:
        door.close()


def _run(
    server: BaseServer, connect: Callable[["Inbox"], Awaitable[None]], closing: Closing | None
) -> int:
    # At level INFO pygls logs whole messages, which contain the user's code.
    logging.getLogger("pygls").setLevel(logging.WARNING)

    async def conversation() -> int:
        over = asyncio.Event()
        server.protocol.when_over = over.set
        inbox = Inbox(server.protocol)
        await connect(inbox)
        await over.wait()
        if closing is not None:
            try:
                await asyncio.wait_for(closing(), CLOSING_TIME)
            except Exception:
                log.exception("Not everything could be closed.")
        await inbox.close()
        return 1 if server.protocol.exit_code is None else server.protocol.exit_code

    try:
        return asyncio.run(conversation())
    except KeyboardInterrupt:
        return 1


# -- the loop's side -------------------------------------------------------------------------------


class Inbox(asyncio.Protocol):
    """Takes bytes as they arrive, and passes whole messages on, at once and in order."""

    def __init__(self, protocol: MidstreamProtocol) -> None:
        self._protocol = protocol
        self._framer: Framer = Framer()
        self._writer: MessageWriter | None = None
        self._transport: asyncio.BaseTransport | None = None
        self._flushed = asyncio.Event()
        self._rejected = False
        self._both_ways = False
        self.listeners: list[asyncio.Server] = []

    def speak_through(self, writer: MessageWriter) -> None:
        """From here on the protocol writes to `writer`."""
        self._writer = writer
        self._protocol.set_writer(writer)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The loop has connected us. A connection works both ways."""
        self._transport = transport
        if self._writer is None:
            self._both_ways = True
            self.speak_through(cast(MessageWriter, transport))

    def welcome(self, transport: asyncio.Transport, framer: StrictFramer, first: bytes) -> None:
        """A client has authenticated with its first message: the connection is ours."""
        self._framer = framer
        transport.set_protocol(self)
        self.connection_made(transport)
        self._take(first)
        self.data_received(b"")

    def data_received(self, data: bytes) -> None:
        """Bytes have arrived."""
        self._framer.feed(data)
        while self._protocol.exit_code is None and (item := self._framer.next()) is not None:
            if isinstance(item, Garbage):
                self._reject(item.reason)
            else:
                self._take(item)

    def eof_received(self) -> bool:
        """The editor sends no more. What is left is not answered."""
        if not self._framer.empty:
            log.warning("The editor ended during a message.")
        self._protocol.over()
        return True  # `close` closes the writing side of a connection.

    def connection_lost(self, error: Exception | None) -> None:
        """The reading side is gone."""
        self._protocol.over()
        if self._both_ways:
            self._flushed.set()

    def lost(self) -> None:
        """The writing side is gone."""
        self._flushed.set()
        self._protocol.over()

    async def close(self) -> None:
        """Close both sides when everything written has left, or after a limited time."""
        for listener in self.listeners:
            listener.close()
        if self._writer is not None:
            self._writer.close()
            try:
                await asyncio.wait_for(self._flushed.wait(), FLUSH_TIME)
            except TimeoutError:
                log.warning("The editor didn't read the last messages.")
        if self._transport is not None:
            self._transport.close()

    def _take(self, body: bytes) -> None:
        if self._protocol.receive(body):
            self._rejected = False
            return
        head = self._framer.recover(body)
        if head is None or not self._protocol.receive(head):
            self._reject("The editor sent a message that isn't valid JSON.")

    def _reject(self, reason: str) -> None:
        """Report malformed bytes once: a flood of them must not cause a flood of answers. On a
        connection, the first malformed bytes end it."""
        if not self._rejected:
            self._rejected = True
            self._protocol.reject(reason)
        if self._framer.strict:
            self._protocol.over()


class Outlet(asyncio.BaseProtocol):
    """The loop's view of the writing side. It only reports when that is gone."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def connection_lost(self, error: Exception | None) -> None:
        """Closed by us, with everything written, or by the editor."""
        self._inbox.lost()


# -- threads, where the loop cannot ----------------------------------------------------------------


class ThreadWriter:
    """Writes to a file descriptor from its own thread, in order."""

    def __init__(self, descriptor: int, lost: Callable[[], None]) -> None:
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        loop = asyncio.get_running_loop()

        def work() -> None:
            try:
                while (data := self._queue.get()) is not None:
                    view = memoryview(data)
                    while view:
                        view = view[os.write(descriptor, view) :]
            except OSError:
                log.warning("The editor doesn't read any more.")
            finally:
                os.close(descriptor)
                _tell(loop, lost)

        threading.Thread(target=work, name="midstream-writer", daemon=True).start()

    def write(self, data: bytes) -> None:
        """Write `data` after everything before it."""
        self._queue.put(data)

    def close(self) -> None:
        """Close when everything is written."""
        self._queue.put(None)


def _read_in_thread(descriptor: int, inbox: Inbox) -> None:
    loop = asyncio.get_running_loop()

    def work() -> None:
        try:
            while data := os.read(descriptor, READ_SIZE):
                _tell(loop, inbox.data_received, data)
        except OSError:
            log.warning("The editor can't be read any more.")
        _tell(loop, inbox.eof_received)

    threading.Thread(target=work, name="midstream-reader", daemon=True).start()


def _tell(loop: asyncio.AbstractEventLoop, callback: Callable[..., object], *args: object) -> None:
    """Call a function in the loop from a thread, unless the loop has ended."""
    try:
        loop.call_soon_threadsafe(callback, *args)
    except RuntimeError:
        log.debug("The loop has ended.")


# -- standard input and output -------------------------------------------------------------------


def _taken_stdio() -> tuple[int, int]:
    """Our own descriptors for standard input and output.

    The null device and standard error replace the original ones, so neither a stray `print` nor a
    child process can write into the conversation.
    """
    try:
        reading, writing = os.dup(0), os.dup(1)
    except OSError:
        raise SettingsError("Standard input and output are closed: there is no editor.") from None
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # Some editors close standard error.
        os.dup2(null, 1)
    os.close(null)
    return reading, writing


def _polled(descriptor: int) -> bool:
    """Whether the event loop can wait for this descriptor: pipes and sockets, except on Windows."""
    if sys.platform == "win32":
        return False
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
