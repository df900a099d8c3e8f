"""`midstream serve`: the language server, over standard input and output or through a door."""

import argparse
import json
import secrets
import signal
import sys
from pathlib import Path

from lsp_server.errors import SettingsError
from lsp_server.lsp.doors import BEYOND, Door, open_port, open_socket


def run(chosen: argparse.Namespace) -> int:
    """Serve until the editor goes. Raises `SettingsError` for wrong arguments."""
    for option in ("token_file", "allow_remote"):
        if getattr(chosen, option) and chosen.tcp is None:
            raise SettingsError(f"--{option.replace('_', '-')} needs --tcp HOST:PORT.")
    if chosen.record_redact and chosen.record is None:
        raise SettingsError("--record-redact needs --record FILE.")
    if chosen.socket is not None and sys.platform != "win32":
        # From the first moment on its file goes with the process; the loop has a way of its own.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
    door = _door(chosen)
    try:
        return _serve(chosen, door)
    finally:
        if door is not None:
            door.close()


def _door(chosen: argparse.Namespace) -> Door | None:
    """What is listened on, told in one line of JSON; `None` for standard input and output."""
    if chosen.socket is not None:
        door = open_socket(chosen.socket)
        _announce(door, {"socket": door.place})
        return door
    if chosen.tcp is None:
        return None
    from lsp_server.gateway.run import parse_listen, read_token

    host, port = parse_listen(chosen.tcp, "--tcp")
    if chosen.token_file:
        door = open_port(
            host, port, read_token(Path(chosen.token_file)), remote=chosen.allow_remote
        )
        made_up: dict[str, str] = {}
    else:
        token = secrets.token_urlsafe(24)
        door = open_port(host, port, token, remote=chosen.allow_remote)
        made_up = {"token": token}
    if door.remote:
        print(f"Beware: {BEYOND}", file=sys.stderr)
    _announce(door, {"tcp": door.place, **made_up})
    return door


def _announce(door: Door, line: dict[str, str]) -> None:
    """Clients can connect from here on: they wait until the server has begun."""
    try:
        print(json.dumps(line), flush=True)
    except BaseException:
        door.close()
        raise


def _serve(chosen: argparse.Namespace, door: Door | None) -> int:
    if door is None and sys.stdin is not None and sys.stdin.isatty():
        print("Waiting for an editor on standard input; Ctrl-C ends this.", file=sys.stderr)
    # Imported here: the LSP's types take a third of a second, and wrong use is told at once.
    from lsp_server.lsp.journal import Journals
    from lsp_server.lsp.recording import Recorder
    from lsp_server.lsp.server import Server
    from lsp_server.settings import state_folder

    recorder = None
    if chosen.record is not None:
        recorder = Recorder(Path(chosen.record), redact=chosen.record_redact)
    journals = None if chosen.no_journal else Journals(state_folder() / "sessions")
    server = Server(journals, recorder)
    return server.serve_stdio() if door is None else server.serve_at(door)
