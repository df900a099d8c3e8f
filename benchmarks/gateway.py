"""What the gateway costs: the delay of a token from a model's HTTP stream to a WebSocket frame.

    python -m benchmarks.gateway

Three processes besides this one: a model API that writes tokens at a steady rate with the time in
each, the real gateway in front of it, and a bare relay that reads the same stream and sends each
event on as it is, which is the least that anything in this place can do. The same client reads from
both, by turns. All times are of one clock (`time.monotonic_ns`) on one machine.

Printed are, in milliseconds: the delay from the model's write to the client's read through the
relay and through the gateway at 1,000 tokens a second; the same with eight streams at once, and
whether every token came; and how long after a client's close the model sees its connection closed.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from lsp_server.gateway.child import GatewayChild
from lsp_server.gateway.upstream import Upstream

RATE = 1000
"""Tokens a second and stream."""
STREAMS = 8
ENDS = (b"response.completed", b"response.failed", b'"type":"error"', b"[DONE]")

_MARKS = {
    "one stream": {"p50": 1.0, "p99": 10.0},
    "closed": {"p99": 20.0},
}
"""Milliseconds that must not be exceeded."""


# -- the model API, in its own process --


async def _model(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers one request with as many tokens as `max_tokens` says, then the next one."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length:")[2].partition("\r\n")[0] or 0)
            body = await reader.readexactly(length)
            if not head.startswith("post"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                continue
            watch = asyncio.create_task(_gone(reader))
            await _stream(writer, int(json.loads(body)["max_tokens"]), watch)
            if watch.done():
                return
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
    writer.close()


async def _gone(reader: asyncio.StreamReader) -> None:
    """Wait until the client closes. Returns when."""
    with contextlib.suppress(ConnectionError):
        if await reader.read(1):
            return
    print(time.monotonic_ns(), flush=True)


async def _stream(writer: asyncio.StreamWriter, count: int, watch: "asyncio.Task[None]") -> None:
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    start = time.monotonic()
    for number in range(count):
        wait = start + number / RATE - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        if watch.done():
            return
        _write(writer, f"{number}:{time.monotonic_ns()} ", None)
    _write(writer, "", "stop")
    _chunk(writer, b"data: [DONE]\n\n")
    writer.write(b"0\r\n\r\n")


def _write(writer: asyncio.StreamWriter, text: str, finish: str | None) -> None:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    event = {"object": "chat.completion.chunk", "model": "steady", "choices": [choice]}
    _chunk(writer, b"data: " + json.dumps(event).encode() + b"\n\n")


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


async def _serve_model() -> None:
    server = await asyncio.start_server(_model, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# -- the bare relay, in its own process --


async def _serve_relay(port: int) -> None:
    async def relay(client: ServerConnection) -> None:
        async for message in client:
            count = json.loads(message)["max_output_tokens"]
            body = json.dumps({"max_tokens": count}).encode()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            async for line in reader:
                if line.startswith(b"data: "):
                    await client.send(line[6:].decode())
                    if b"[DONE]" in line:
                        break
            writer.close()

    async with serve(relay, "127.0.0.1", 0, compression=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await server.serve_forever()


# -- the client --


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds from write to read, and whether every token came, in its place."""

    values: list[float]
    whole: bool

    def at(self, percent: float) -> float:
        """A percentile."""
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

    def __str__(self) -> str:
        parts = (f"p50 {self.at(50):6.2f}  p99 {self.at(99):6.2f}", f"max {max(self.values):7.2f}")
        return "  ".join(parts) + ("" if self.whole else "  TOKENS WERE LOST")


async def _ask(connection: ClientConnection, count: int) -> None:
    event = {"type": "response.create", "model": "steady", "input": "x"}
    await connection.send(json.dumps({**event, "max_output_tokens": count}))


async def _read(connection: ClientConnection, count: int) -> tuple[list[float], bool]:
    """One answer: the delay of each token, and whether it was whole."""
    await _ask(connection, count)
    frames: list[tuple[int, bytes]] = []
    while True:
        frame = await connection.recv(decode=False)
        frames.append((time.monotonic_ns(), frame))
        if any(end in frame for end in ENDS):
            break
    delays, numbers = [], []
    for read_at, frame in frames:
        text = _token(frame)
        if ":" in text:
            number, _, written = text.strip().partition(":")
            numbers.append(int(number))
            delays.append((read_at - int(written)) / 1e6)
    return delays, numbers == list(range(count))


def _token(frame: bytes) -> str:
    if b"[DONE]" in frame:
        return ""
    event: dict[str, Any] = json.loads(frame)
    if "choices" in event:
        return str(event["choices"][0]["delta"]["content"])
    return str(event["delta"]) if event["type"] == "response.output_text.delta" else ""


async def _measure(open_one: Callable[[], Any], streams: int, count: int) -> Delays:
    async with contextlib.AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(open_one()) for _ in range(streams)]
        read = await asyncio.gather(*(_read(c, count) for c in connections))
    return Delays([d for delays, _ in read for d in delays], all(whole for _, whole in read))


async def _closes(
    open_one: Callable[[], Any], model: asyncio.subprocess.Process, rounds: int
) -> Delays:
    """From the client's close frame until the model's side sees its connection closed."""
    assert model.stdout is not None
    values = []
    for _ in range(rounds):
        async with open_one() as connection:
            await _ask(connection, 100_000)
            for _ in range(20):
                await connection.recv(decode=False)
            closed_at = time.monotonic_ns()
            connection.protocol.send_close(1000)
            connection.send_data()
            gone_at = int(await model.stdout.readline())
            values.append((gone_at - closed_at) / 1e6)
    return Delays(values, True)


@contextlib.asynccontextmanager
async def _process(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.gateway", *arguments, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield process, int(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()


async def _run(seconds: float, rounds: int) -> int:
    count = int(RATE * seconds)
    child = GatewayChild()
    async with _process("--model") as (model, port), _process("--relay", str(port)) as relay:
        upstream = Upstream("openai-chat", f"http://127.0.0.1:{port}/v1", "no-key")
        endpoint = await child.endpoint(upstream)

        def gateway() -> Any:
            return connect(
                endpoint.url, additional_headers=dict(endpoint.headers), compression=None
            )

        def bare() -> Any:
            return connect(f"ws://127.0.0.1:{relay[1]}/", compression=None)

        try:
            await _measure(gateway, 1, 200)  # loads the makers' client
            bare_one, one = await _measure(bare, 1, count), await _measure(gateway, 1, count)
            print(f"one stream of {RATE} tokens/s, {seconds:g} s")
            print(f"  relay    {bare_one}\n  gateway  {one}")
            over = statistics.median(one.values) - statistics.median(bare_one.values)
            print(
                f"  the gateway's own share, p50 {over:.2f}, p99 {one.at(99) - bare_one.at(99):.2f}"
            )
            bare_all = await _measure(bare, STREAMS, count)
            all_of_them = await _measure(gateway, STREAMS, count)
            print(f"{STREAMS} streams of {RATE} tokens/s at once, {seconds:g} s")
            print(f"  relay    {bare_all}\n  gateway  {all_of_them}")
            await _drain(model)
            closed = await _closes(gateway, model, rounds)
            print(f"closed by the client, seen by the model, {rounds} times\n  gateway  {closed}")
        finally:
            await child.aclose()
    kept = (
        one.at(50) <= _MARKS["one stream"]["p50"]
        and one.at(99) <= _MARKS["one stream"]["p99"]
        and closed.at(99) <= _MARKS["closed"]["p99"]
        and one.whole
        and all_of_them.whole
    )
    print("all marks are kept" if kept else "A MARK IS MISSED")
    return 0 if kept else 1


async def _drain(model: asyncio.subprocess.Process) -> None:
    """Connections of the relay have closed too; their times are not asked for."""
    assert model.stdout is not None
    with contextlib.suppress(TimeoutError):
        while True:
            async with asyncio.timeout(0.5):
                await model.stdout.readline()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each stream")
    parser.add_argument("--rounds", type=int, default=200, help="how often a socket is closed")
    parser.add_argument("--model", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--relay", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.model:
        asyncio.run(_serve_model())
        return 0
    if given.relay is not None:
        asyncio.run(_serve_relay(given.relay))
        return 0
    return asyncio.run(_run(given.seconds, given.rounds))


if __name__ == "__main__":
    sys.exit(main())
