"""The command line: which commands there are, and which module runs each.

Imports everything else only when a command needs it, so each starts as fast as it can.
"""

import argparse
import errno
import logging
import os
import sys
from collections.abc import Callable, Sequence

from lsp_server import __version__
from lsp_server.cli.arguments import Parser
from lsp_server.errors import ContractError, MidstreamError, SettingsError
from lsp_server.guard.invisible_filter import visible
from lsp_server.wording import LSP, TERMINAL

DONE, FAILED, WRONG_USE = 0, 1, 2
"""The exit codes: done; the edit failed or was reverted; wrong use or wrong settings."""

LOG_LEVELS = {
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": 5,  # `lsp.event_log.TRACE`: that module is loaded only when a server starts.
}
"""The values of `MIDSTREAM_LOG`; docs/troubleshooting.md says what each shows."""

log = logging.getLogger(__name__)


class LogFormatter(logging.Formatter):
    """Fills in the slots of sentences, also in a traceback, as the protocol names things.

    The event log is left alone: it has rendered its sentences, and the rest of it is code.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One record as text."""
        text = super().format(record)
        return text if record.name == "lsp_server.events" else LSP.render(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `midstream`. Returns the exit code. Never raises, whatever the input."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    _start_logging(os.environ.get("MIDSTREAM_LOG", ""))
    for stream in (sys.stdout, sys.stderr):
        # A character that an old terminal cannot show must not end an edit.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(argv)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain about that again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return FAILED
    except KeyboardInterrupt:
        return FAILED
    return code


def _start_logging(wanted: str) -> None:
    """Log to standard error from the level in `MIDSTREAM_LOG` on; warnings by default.

    Only our own loggers: those of the providers' packages would show requests and answers.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        LogFormatter(
            "%(asctime)s.%(msecs)03d %(levelname)s %(name)s: %(message)s", datefmt="%H:%M:%S"
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    name = wanted.strip().lower() or "warning"
    if name not in LOG_LEVELS:
        print(
            f"midstream: MIDSTREAM_LOG is {visible(wanted)!r}, which is no log level. "
            f"Use one of: {', '.join(LOG_LEVELS)}.",
            file=sys.stderr,
        )
    logging.getLogger("lsp_server").setLevel(LOG_LEVELS.get(name, logging.WARNING))


def _run(argv: list[str]) -> int:
    log.debug("Midstream %s, Python %s on %s", __version__, sys.version.split()[0], sys.platform)
    parser, words = _parser()
    try:
        if not argv:
            parser.print_help(sys.stderr)
            return WRONG_USE
        if not argv[0].startswith("-") and argv[0] not in words:
            raise SettingsError(_unknown(argv[0], list(words)))
        chosen = parser.parse_args(argv)
        run: Callable[[argparse.Namespace], int] = chosen.run
        return run(chosen)
    except SystemExit as end:  # argparse has printed its help, or the version.
        return end.code if isinstance(end.code, int) else DONE
    except ContractError:
        return _our_mistake()
    except SettingsError as error:
        print(f"midstream: {visible(TERMINAL.render(str(error)))}", file=sys.stderr)
        return WRONG_USE
    except MidstreamError as error:
        print(f"midstream: {visible(TERMINAL.render(str(error)))}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
            return _our_mistake()
        reason = (error.strerror or "the device failed").lower()
        print(f"midstream: the output can't be written ({reason}).", file=sys.stderr)
        return FAILED
    except Exception:
        return _our_mistake()


def _our_mistake() -> int:
    log.info("The command failed.", exc_info=True)
    print(
        "midstream: Midstream failed. This is a bug: MIDSTREAM_LOG=info shows the details for "
        "a report.",
        file=sys.stderr,
    )
    return FAILED


def _unknown(word: str, words: list[str]) -> str:
    from lsp_server.settings.values import near

    shown = word if len(word) <= 40 else word[:39] + "…"
    guess = near(word, words)
    if guess is not None:
        return f"There is no `midstream {shown}`. Did you mean `midstream {guess}`?"
    return f"There is no `midstream {shown}`. The commands are {', '.join(words)}."


# -- the words --


def _parser() -> tuple[Parser, tuple[str, ...]]:
    parser = Parser(
        prog="midstream",
        description="AI edits you can stop and redirect while they stream.",
        epilog="Exit codes: 0 done, 1 the edit failed or was reverted, 2 wrong use or settings.",
    )
    parser.add_argument("--version", action="version", version=f"midstream {__version__}")
    words = parser.add_subparsers(
        metavar="COMMAND", title="commands", parser_class=Parser, prog="midstream"
    )

    def word(name: str, run: Callable[[argparse.Namespace], int], about: str) -> Parser:
        command = words.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        command.set_defaults(run=run)
        return command

    serve = word("serve", _serve, "the language server, for editors")
    _add_serve(serve)

    edit = word("edit", _edit, "edit a file in the terminal and watch the edit stream")
    _add_place(edit)
    edit.add_argument("--yes", action="store_true", help="accept a complete answer without asking")
    edit.add_argument(
        "--imports",
        metavar="WHEN",
        help="write imports that the new code needs: ask (default), add or never",
    )
    edit.add_argument("--json", action="store_true", help="print only the ledger, as JSON")

    demo = word("demo", _demo, "watch three edits, each redirected while it streams")
    demo.add_argument("--svg", metavar="FILE", help="save a picture of the live view instead")

    prompt = word("prompt", _prompt, "print exactly what would be sent to the model")
    _add_place(prompt)

    doctor = word("doctor", _doctor, "check what works here, and explain what doesn't")
    doctor.add_argument(
        "--try", action="store_true", help="ask the model of each profile for a tiny edit"
    )
    doctor.add_argument(
        "--editor",
        action="store_true",
        help="read an editor's settings as JSON from standard input",
    )

    gateway = word("gateway", _gateway, "serve model APIs over the Responses WebSocket protocol")
    gateway.add_argument(
        "--listen", default="127.0.0.1:0", metavar="HOST:PORT", help="default: a free local port"
    )
    gateway.add_argument(
        "--token-file", metavar="FILE", help="file with the token; default: print a new one"
    )

    word("recipes", _recipes, "list what the practice model can do")
    return parser, tuple(words.choices)


def _add_serve(parser: Parser) -> None:
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="standard input and output (default)")
    way.add_argument(
        "--socket", metavar="PATH", help="a Unix socket, for one client of the same user"
    )
    way.add_argument(
        "--tcp",
        metavar="HOST:PORT",
        help=(
            "a port of this machine, for one client that sends the token as "
            "initializationOptions.token"
        ),
    )
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        help="with --tcp: file with the token; default: print a new one",
    )
    parser.add_argument(
        "--allow-remote",
        action="store_true",
        help=(
            "with --tcp: let other machines connect to HOST. Nothing is encrypted: anyone who sees "
            "the connection reads your code, and anyone with the token can run programs as you"
        ),
    )
    parser.add_argument("--no-journal", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--record", metavar="FILE", help="record everything, for a bug report")
    parser.add_argument(
        "--record-redact",
        action="store_true",
        help="replace all letters and digits in the recording",
    )


def _add_place(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--lines", metavar="A-B", required=True, help="counted from 1")
    parser.add_argument("-m", "--message", required=True, help="the instruction")
    parser.add_argument(
        "--scope", help="smallest (default), statement, block, function, class, file, selection"
    )
    parser.add_argument("--profile", help="the profile to use, by its name in the settings")
    parser.add_argument(
        "--context",
        metavar="FILE[:A-B]",
        action="append",
        default=[],
        help="a file, or lines of one, that the model should see; may be given several times",
    )


def _serve(chosen: argparse.Namespace) -> int:
    from lsp_server.cli import serve

    return serve.run(chosen)


def _edit(chosen: argparse.Namespace) -> int:
    from lsp_server.cli import edit

    return edit.run(chosen)


def _demo(chosen: argparse.Namespace) -> int:
    from lsp_server.cli import demo

    return demo.run(chosen)


def _prompt(chosen: argparse.Namespace) -> int:
    from lsp_server.cli import prompt

    return prompt.run(chosen)


def _doctor(chosen: argparse.Namespace) -> int:
    from lsp_server.cli import doctor

    return doctor.run(chosen)


def _gateway(chosen: argparse.Namespace) -> int:
    from lsp_server.cli import gateway

    return gateway.run(chosen)


def _recipes(chosen: argparse.Namespace) -> int:
    from lsp_server.cli import recipes

    return recipes.run()
