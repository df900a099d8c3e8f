"""The gateway as a process: where it listens, how it gets its token, when it ends.

Started by a user, it takes its token from a file, or makes one up and prints it. Started by
Midstream (`--token-stdin`), it reads the token from the first line of standard input and ends when
that input ends. This happens however its parent dies, on every system, without signals. Only in
this mode may clients name a model in their handshake.
"""

import argparse
import asyncio
import gc
import json
import os
import secrets
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_server.addresses import is_loopback
from lsp_server.errors import SettingsError
from lsp_server.gateway.gateway_server import Gateway
from lsp_server.gateway.model_provider import ModelProvider
from lsp_server.gateway.provider_cache import ProviderCache
from lsp_server.gateway.providers import make_provider
from lsp_server.provider_table import CLIENT_VARIABLES, Provider

_SHORTEST_TOKEN = 16

GRACE_S = 2.0
"""Seconds that closing may take after the parent is gone."""

BEYOND = (
    "This gateway listens outside this machine, unencrypted. Anyone with its token can use "
    "your models. Put a server with wss:// in front."
)


def read_token(path: Path) -> str:
    """The token in the first line of a file. Raises `SettingsError` if others can read the file."""
    try:
        token = path.read_text("utf-8").partition("\n")[0].strip()
        shared = os.name == "posix" and path.stat().st_mode & 0o077
    except (OSError, UnicodeError):
        raise SettingsError(f"The token file {path} can't be read.") from None
    if len(token) < _SHORTEST_TOKEN or not token.isascii():
        raise SettingsError(
            f"The token in {path} must have at least {_SHORTEST_TOKEN} ASCII characters."
        )
    if shared:
        raise SettingsError(f"Other users can read the token file {path}. Run: chmod 600 {path}")
    return token


def parse_listen(text: str, option: str = "--listen") -> tuple[str, int]:
    """Host and port from `HOST:PORT` (`[::1]:0` for IPv6), the value of `option`.

    Raises `SettingsError`.
    """
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise SettingsError(f"{option} must look like 127.0.0.1:8765, not {text!r}.")
    return host, int(port)


def serve_forever(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    token: str | None = None,
    stdin_token: bool = False,
    provider: Callable[[], ModelProvider] = lambda: make_provider(Provider.PRACTICE),
) -> int:
    """Serve until Ctrl-C or, with `stdin_token`, until standard input ends.

    Prints one JSON line when it listens: its `url`, and its `token` if it made one up. Clients may
    name models of their own only with `stdin_token`. Returns the exit code: 0, or 2 when the
    address is not available.
    """
    for name in [name for name in os.environ if name.startswith(CLIENT_VARIABLES)]:
        del os.environ[name]
    announced: dict[str, str] = {}
    if stdin_token:
        token = _read_line(0)
        if not token:
            return 0
    elif token is None:
        token = announced["token"] = secrets.token_urlsafe(24)
    if not is_loopback(host):
        print(BEYOND, file=sys.stderr)
    # Imported objects stay to the end. A garbage collection that walks them would stop all streams.
    gc.freeze()
    upstreams = ProviderCache() if stdin_token else None
    gateway = Gateway(provider(), token=token, host=host, port=port, upstreams=upstreams)
    try:
        asyncio.run(_serve(gateway, announced, stdin_token))
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        # The loop's message repeats the address. For an unknown host name `errno` is negative.
        known = (error.errno or 0) > 0
        why = os.strerror(error.errno or 0) if known else error.strerror or str(error)
        print(f"Can't listen on {host}:{port}: {why}.", file=sys.stderr)
        return 2
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m lsp_server.gateway`."""
    parser = argparse.ArgumentParser(prog="midstream gateway", description=__doc__)
    parser.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT")
    parser.add_argument("--token-stdin", action="store_true", help="read the token from stdin")
    parser.add_argument("--provider", default=Provider.PRACTICE.value)
    given = parser.parse_args(arguments)
    try:
        host, port = parse_listen(given.listen)
        return serve_forever(
            host,
            port,
            stdin_token=given.token_stdin,
            provider=lambda: make_provider(given.provider),
        )
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2


async def _serve(gateway: Gateway, announced: dict[str, str], until_stdin_ends: bool) -> None:
    stop = asyncio.Event()
    await gateway.start()
    print(json.dumps({"url": gateway.url, **announced}), flush=True)
    if until_stdin_ends:
        loop = asyncio.get_running_loop()
        watch = threading.Thread(target=_watch_stdin, args=(loop, stop), daemon=True)
        watch.start()
    await stop.wait()
    await gateway.aclose()


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """In a thread: wait for the end of standard input, then stop, after `GRACE_S` by force."""
    while _read_some(0):
        pass
    last_resort = threading.Timer(GRACE_S, os._exit, args=(0,))
    last_resort.daemon = True
    last_resort.start()
    loop.call_soon_threadsafe(stop.set)


def _read_line(descriptor: int) -> str:
    """The first line, read byte by byte to leave the rest unread."""
    line = b""
    while (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
        line += byte
    return line.decode().strip()


def _read_some(descriptor: int) -> bytes:
    """Read without Python's buffer: its lock would make the interpreter fail at exit."""
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""
