"""`midstream serve`: the language server, over standard input and output or a listener."""

import argparse
import json
import secrets
import signal
import sys
from pathlib import Path

from lsp_server.errors import SettingsError
from lsp_server.lsp.listeners import BEYOND, ClientListener, open_port, open_socket


def run(chosen: argparse.Namespace) -> int:
    """Serve until the editor disconnects. Raises `SettingsError` for wrong arguments."""
    for option in ("token_file", "allow_remote"):
        if getattr(chosen, option) and chosen.tcp is None:
            raise SettingsError(f"--{option.replace('_', '-')} needs --tcp HOST:PORT.")
    if chosen.record_redact and chosen.record is None:
        raise SettingsError("--record-redact needs --record FILE.")
    if chosen.socket is not None and sys.platform != "win32":
        # From the start, the socket's file is removed with the process. The event loop does this in
        # its own way.
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # As `nohup` wants it.
                signal.signal(number, signal.default_int_handler)
    listener, line = _open_listener(chosen)
    try:
        return _serve(chosen, listener, line)
    finally:
        if listener is not None:
            listener.close()


def _open_listener(chosen: argparse.Namespace) -> tuple[ClientListener | None, dict[str, str]]:
    """The listener and the way for clients to find it; nothing for standard input and output."""
    if chosen.socket is not None:
        listener = open_socket(chosen.socket)
        return listener, {"socket": listener.place}
    if chosen.tcp is None:
        return None, {}
    from lsp_server.gateway.process import parse_listen, read_token

    host, port = parse_listen(chosen.tcp, "--tcp")
    configured = read_token(Path(chosen.token_file)) if chosen.token_file else None
    token = secrets.token_urlsafe(24) if configured is None else configured
    listener = open_port(host, port, token, remote=chosen.allow_remote)
    if listener.remote:
        print(f"Warning: {BEYOND}", file=sys.stderr)
    return listener, {"tcp": listener.place, **({"token": token} if configured is None else {})}


def _serve(
    chosen: argparse.Namespace, listener: ClientListener | None, line: dict[str, str]
) -> int:
    if listener is None and sys.stdin is not None and sys.stdin.isatty():
        print("Waiting for an editor on standard input. Press Ctrl-C to stop.", file=sys.stderr)
    # Imported here: LSP's types take a third of a second, and wrong use is reported immediately.
    from lsp_server.lsp.journal import Journals
    from lsp_server.lsp.recording import Recorder
    from lsp_server.lsp.server import Server
    from lsp_server.settings import state_folder

    recorder = None
    if chosen.record is not None:
        recorder = Recorder(Path(chosen.record), redact=chosen.record_redact)
    journals = None if chosen.no_journal else Journals(state_folder() / "sessions")
    server = Server(journals, recorder)
    if listener is None:
        return server.serve_stdio()
    print(json.dumps(line), flush=True)
    return server.serve_at(listener)
