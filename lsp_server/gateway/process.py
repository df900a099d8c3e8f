"""The gateway as a process: where it listens, how it gets its token, when it ends.

Started by hand it takes its token from a file or makes one up and prints it. Started by Midstream
(`--token-stdin`) it reads the token as the first line of its standard input and ends when that
input ends, which happens however its parent dies, on every system, without signals; then, and only
then, clients may name the model they want in their handshake.
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
"""How long closing may take after the parent is gone."""

BEYOND = (
    "This gateway listens beyond this machine, and unencrypted: whoever has its token can use your "
    "models. Put a server in front that speaks wss://."
)


def read_token(path: Path) -> str:
    """The first line of a file that only its owner should be able to read.

    Raises `SettingsError`.
    """
    try:
        token = path.read_text("utf-8").partition("\n")[0].strip()
        shared = os.name == "posix" and path.stat().st_mode & 0o077
    except (OSError, UnicodeError):
        raise SettingsError(f"The token file {path} cannot be read.") from None
    if len(token) < _SHORTEST_TOKEN or not token.isascii():
        raise SettingsError(
            f"The token in {path} must be at least {_SHORTEST_TOKEN} plain characters."
        )
    if shared:
        raise SettingsError(f"Others can read the token file {path}; run: chmod 600 {path}")
    return token


def parse_listen(text: str, option: str = "--listen") -> tuple[str, int]:
    """Host and port from `HOST:PORT` (`[::1]:0` for IPv6), as `option` was given them.

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
    """Serve until Ctrl-C or, with `stdin_token`, until standard input ends. Returns 0, or 2 when
    the address cannot be had.

    Prints one JSON line when it listens: its `url`, and its `token` if it made one up. Clients may
    name models of their own only with `stdin_token`.
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
    # What has been imported stays to the end; a collector that walks through it stops all streams.
    gc.freeze()
    upstreams = ProviderCache() if stdin_token else None
    gateway = Gateway(provider(), token=token, host=host, port=port, upstreams=upstreams)
    try:
        asyncio.run(_serve(gateway, announced, stdin_token))
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        # The loop's own words repeat the address. The number for an unknown name is below 0.
        known = (error.errno or 0) > 0
        why = os.strerror(error.errno or 0) if known else error.strerror or str(error)
        print(f"Cannot listen on {host}:{port}: {why}.", file=sys.stderr)
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
    """Wait, in a thread, for the end of standard input; then end, in the worst case by force."""
    while _read_some(0):
        pass
    last_resort = threading.Timer(GRACE_S, os._exit, args=(0,))
    last_resort.daemon = True
    last_resort.start()
    loop.call_soon_threadsafe(stop.set)


def _read_line(descriptor: int) -> str:
    """The first line, read byte by byte so that nothing of what follows is swallowed."""
    line = b""
    while (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
        line += byte
    return line.decode().strip()


def _read_some(descriptor: int) -> bytes:
    """Without Python's buffer, whose lock would make the interpreter fail at its end."""
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""
