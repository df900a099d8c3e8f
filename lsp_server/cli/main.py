"""The command line: which words there are, and who does what they say."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from lsp_server import __version__
from lsp_server.errors import MidstreamError


def main(arguments: Sequence[str] | None = None) -> int:
    """`midstream`. Returns the exit code: 0 done, 1 the edit failed, 2 wrong use or settings."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    logging.basicConfig(
        stream=sys.stderr,
        level=os.environ.get("MIDSTREAM_LOG", "WARNING").upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    try:
        return int(chosen.run(chosen))
    except MidstreamError as error:
        print(f"midstream: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="midstream", description="Edits that can be interrupted and redirected."
    )
    parser.add_argument("--version", action="version", version=f"midstream {__version__}")
    words = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = words.add_parser("serve", help="the language server")
    way = serve.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="over standard input and output")
    way.add_argument("--tcp", metavar="HOST:PORT", help="for the first client that connects")
    serve.set_defaults(run=_serve)
    return parser


def _serve(chosen: argparse.Namespace) -> int:
    # Imported here: the LSP's types take a third of a second, which no other word needs.
    from lsp_server.lsp.server import Server

    if chosen.tcp is None:
        return Server().serve_stdio()
    from lsp_server.gateway.run import parse_listen

    return Server().serve_tcp(*parse_listen(chosen.tcp))
