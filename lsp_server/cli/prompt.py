"""`midstream prompt`: prints exactly what an edit would send to the model, and sends nothing.

First it names each piece of a file that the prompt holds, with the reason and the tokens.

The same code builds it as in the server.
"""

import argparse
import sys
import time

import orjson

from lsp_server.backends.wire import encode_create
from lsp_server.cli.edit import job_from, root_of
from lsp_server.cli.edit_flow import Job, own_words
from lsp_server.cli.small_editor import ENCODING
from lsp_server.context.lookup import ContextLookup
from lsp_server.errors import InvalidParams, RequestFailed, SettingsError
from lsp_server.guard.invisible_filter import visible, visible_lines
from lsp_server.lsp.client import EditorClient
from lsp_server.lsp.command_arguments import CommandArguments
from lsp_server.lsp.command_targets import context_of
from lsp_server.lsp.commands import first_request
from lsp_server.lsp.convert import Json
from lsp_server.lsp.sent_context import context_json
from lsp_server.lsp.server_state import ServerState
from lsp_server.lsp.session_record import SessionContext, SessionRecord
from lsp_server.lsp.workspace import Workspace
from lsp_server.prompt.budget import tokens_of
from lsp_server.prompt.compose import Prompt
from lsp_server.syntax.scope import ScopeLevel, find_scope
from lsp_server.wording import TERMINAL

_SESSION = "s1"
"""The first session of a server; `midstream edit` would run as this."""
_INDEXING_S = 3.0
"""How long to bring the index up to date, in seconds: enough for some thousand files. The server
does that in another process, and uses what is ready."""


def run(chosen: argparse.Namespace) -> int:
    """Print it; returns the exit code. Raises `SettingsError`."""
    job = job_from(chosen)
    lookup = ContextLookup(
        processes=False,
        patterns=lambda: server_state.context.settings.ignore,
        trusted=lambda: server_state.workspace.trusted,
    )
    server_state = ServerState(EditorClient(_tell), lookup=lookup)
    context = server_state.context
    root = root_of(job.file.path).as_uri()
    capabilities = {"experimental": {"midstream": {"wording": TERMINAL.name}}}
    server_state.begin({"rootUri": root, "capabilities": capabilities}, ENCODING)
    item = {
        "uri": job.file.given.as_uri(),
        "languageId": "",
        "version": 1,
        "text": job.file.text,
    }
    driver = server_state.drivers.open({"textDocument": item})
    level = ScopeLevel(chosen.scope or ScopeLevel.SMALLEST)
    scope = find_scope(job.file.text, job.selection, driver.language, level, driver.tree())
    try:
        profile = context.profile(chosen.profile)
        server_state.workspace.refuse_ignored(driver.document.uri)
    except (InvalidParams, RequestFailed) as error:
        raise SettingsError(own_words(str(error))) from None
    request = first_request(
        driver, scope, job.instruction, profile, context.settings, job.selection
    )
    end = time.monotonic() + _INDEXING_S
    lookup.build_index(server_state.workspace.folders.roots, lambda: time.monotonic() > end)
    record = SessionRecord(_SESSION, context=_named(job))
    requests = server_state.requests
    sentences = requests.find_context(driver, record, scope.span, request)
    prepared = requests.request_for(driver, record, scope.span, request)
    for sentence in (*sentences, *requests.not_sent(prepared)):
        print(f"midstream: {visible(sentence)}", file=sys.stderr)
    model_request = prepared.work()
    frame = orjson.loads(encode_create(model_request))
    for part in ("instructions", "input"):
        frame.pop(part, None)
    instructions, input_ = tokens_of(model_request.instructions), tokens_of(model_request.input)
    # A file's bytes must not control a terminal. A pipe gets them unchanged.
    shown = visible_lines if sys.stdout.isatty() else str
    print(f"--- to the profile {prepared.profile.name}, in addition to what follows")
    print(shown(orjson.dumps(frame).decode()))
    print("--- the input holds")
    for line in _pieces(prepared.prompt, server_state.workspace):
        print(visible(line))
    print(f"--- instructions, about {instructions:,} tokens")
    print(shown(model_request.instructions))
    print(f"--- input, about {input_:,} tokens")
    print(shown(model_request.input))
    print(f"--- about {instructions + input_:,} tokens")
    return 0


def _named(job: Job) -> SessionContext:
    """The files that the command line names."""
    return context_of(CommandArguments({"context": job.options.get("context")}, ("context",)))


def _pieces(prompt: Prompt, workspace: Workspace) -> list[str]:
    """One line for each piece of a file: why it is sent, what it is, and what it costs."""
    rows = []
    for piece, sent in zip(prompt.sent, context_json(prompt.sent, ENCODING), strict=True):
        first, last = (sent["range"][end]["line"] for end in ("start", "end"))
        last -= sent["range"]["end"]["character"] == 0 and last > first
        place = f"{workspace.shown_path(piece.uri)}:{first + 1}-{last + 1}"
        rows.append((piece.why.value, place, f"about {piece.tokens:,} tokens"))
    width = max((len(place) for _, place, _ in rows), default=0)
    return [f"{why:<12}{place:<{width}}   {tokens}" for why, place, tokens in rows]


def _tell(message: Json) -> None:
    """Show what a server would send to its editor: here, problems in the settings."""
    if message.get("method") == "window/showMessage":
        print(f"midstream: {visible(message['params']['message'])}", file=sys.stderr)
