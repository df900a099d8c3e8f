"""The language server: it routes every message to the part that handles it."""

import asyncio
import gc
import logging
from functools import partial

from lsprotocol import types

from lsp_server import __version__
from lsp_server.errors import InvalidParams
from lsp_server.lsp import actions, transport
from lsp_server.lsp.client import Reply
from lsp_server.lsp.commands import COMMANDS
from lsp_server.lsp.convert import Json, negotiate
from lsp_server.lsp.driver import Driver
from lsp_server.lsp.journal import Journals
from lsp_server.lsp.json_rpc import BaseServer
from lsp_server.lsp.listeners import ClientListener
from lsp_server.lsp.models import Models
from lsp_server.lsp.read_ahead import ReadAheadTrigger
from lsp_server.lsp.recording import Recorder
from lsp_server.lsp.server_state import ServerState
from lsp_server.lsp.timing import Alarm, Timing
from lsp_server.text.span import Span

log = logging.getLogger(__name__)

CONFIGURED_S = 1.0
"""How long messages that send code wait for the first `workspace/configuration`, in seconds."""


class Server(BaseServer):
    """The server for one editor."""

    def __init__(
        self,
        journals: Journals | None = None,
        recorder: Recorder | None = None,
        timing: Timing | None = None,
        models: Models | None = None,
    ) -> None:
        """With `journals` an undecided session outlives this process; with a `recorder` everything
        that happens is recorded. A replay brings its own `timing` and `models`."""
        super().__init__("midstream", __version__)
        self.server_state = ServerState(self.protocol.client, journals, recorder, timing, models)
        self.server_state.off_loop = True
        self.server_state.loading.when_done = self.protocol.go_on
        self._alarm: Alarm | None = None
        self._awaits_configuration = False
        self._configuration_requests: set[str] = set()
        waiting = self.protocol.waiting
        waiting.all_wait = lambda: self.server_state.loading.busy
        waiting.code_waits = lambda: self._awaits_configuration
        waiting.awaited = self._is_configuration_reply
        self.protocol.recorder = recorder
        self._register_documents()
        self._register_commands()
        self._register_features()

    def serve_stdio(self) -> int:
        """Serve the editor that started this process; returns the exit code."""
        return transport.serve_stdio(self, self.aclose)

    def serve_at(self, door: ClientListener) -> int:
        """Serve the first client of `door` that proves who it is; returns the exit code."""
        gc.freeze()  # As over standard input and output.
        return transport.serve_at(self, door, self.aclose)

    async def aclose(self) -> None:
        """End everything when the conversation is over."""
        await self.server_state.aclose()

    # -- routes; messages come raw, in the order of arrival --

    def _register_documents(self) -> None:
        on = self.protocol.on_notification
        on("textDocument/didOpen", self.server_state.opened)
        on("textDocument/didChange", self.server_state.changed)
        on("textDocument/didClose", self.server_state.closed)
        on("textDocument/didSave", lambda params: None)
        for what in ("Open", "Change", "Save", "Close"):  # pygls would keep notebooks.
            on(f"notebookDocument/did{what}", lambda params: None)
        on("window/workDoneProgress/cancel", self._progress_cancelled)
        on("$/setTrace", self.server_state.set_trace)
        on("workspace/didChangeConfiguration", self._configuration_changed)
        on("workspace/didChangeWorkspaceFolders", self.server_state.folders_changed)
        on("workspace/didChangeWatchedFiles", lambda params: self.server_state.load_settings())

    def _register_commands(self) -> None:
        server_state = self.server_state
        for name, command in COMMANDS.items():
            self.protocol.on_command(name, partial(command, server_state))
        self.protocol.on_request("midstream/keys", self._keys)

    def _register_features(self) -> None:
        """Features that pygls declares in the capabilities; the raw handlers answer them."""
        kinds = [types.CodeActionKind.RefactorRewrite, types.CodeActionKind.QuickFix]

        @self.feature(
            types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=kinds)
        )
        def code_action(params: types.CodeActionParams) -> None: ...

        @self.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions())
        def code_lens(params: types.CodeLensParams) -> None: ...

        @self.feature(types.INITIALIZE)
        def initialize(params: types.InitializeParams) -> None:
            self._initialized_with(self.protocol.initialize_params)

        @self.feature(types.INITIALIZED)
        def initialized(params: types.InitializedParams) -> None:
            self._ask_for_configuration()
            self.server_state.warm()

        @self.feature(types.SHUTDOWN)
        def shutdown(params: None) -> None:
            # Some editors kill their servers right after this.
            self.server_state.halt()

        state, on = self.server_state, self.protocol.on_request
        context, drivers = state.context, state.drivers
        read_ahead_trigger = ReadAheadTrigger(context, state.workspace, state.requests, drivers.ids)

        def selected(driver: Driver, place: Span) -> None:
            if not self._awaits_configuration:
                state.requests.warm_context(driver, place)
                read_ahead_trigger.selected(driver, place)

        on("textDocument/codeAction", partial(actions.code_actions, context, drivers, selected))
        on("textDocument/codeLens", partial(actions.code_lenses, context, drivers))

    # -- handlers --

    def _initialized_with(self, params: Json) -> None:
        capabilities = params.get("capabilities") or {}
        general = capabilities.get("general") if isinstance(capabilities, dict) else None
        offered = general.get("positionEncodings") if isinstance(general, dict) else None
        self.server_state.begin(params, negotiate(offered))

    def _progress_cancelled(self, params: object) -> None:
        token = params.get("token") if isinstance(params, dict) else None
        if isinstance(token, bool) or not isinstance(token, str | int):
            raise InvalidParams("`token` must be a string or an integer.")
        self.server_state.notifications.cancelled(token)

    def _configuration_changed(self, params: object) -> None:
        """Clients send the new settings, or only that settings have changed."""
        settings = params.get("settings") if isinstance(params, dict) else None
        if isinstance(settings, dict) and "midstream" in settings:
            self.server_state.configured(settings["midstream"])
        else:
            self._ask_for_configuration()

    def _ask_for_configuration(self) -> None:
        context = self.server_state.context
        if context.capability("workspace", "configuration") is not True:
            return
        id_ = ""

        def answered(reply: Reply) -> None:
            self._configuration_requests.discard(id_)
            if reply.error is None and isinstance(reply.result, list) and reply.result:
                self.server_state.configured(reply.result[0])
            self._stop_awaiting()

        if self._alarm is None:
            self._awaits_configuration = True
            self._alarm = context.timing.later("configuration", CONFIGURED_S, self._stop_awaiting)
        params = {"items": [{"section": "midstream"}]}
        id_ = context.client.call("workspace/configuration", params, answered)
        self._configuration_requests.add(id_)

    def _is_configuration_reply(self, item: object) -> bool:
        return (
            isinstance(item, dict)
            and "method" not in item
            and item.get("id") in self._configuration_requests
        )

    def _stop_awaiting(self) -> None:
        """The configuration is known, or it was waited for long enough."""
        if self._awaits_configuration and self._alarm is not None:
            self._awaits_configuration = False
            self._alarm.cancel()
            # Later: a recording would count the messages that waited as effects of this one.
            asyncio.get_running_loop().call_soon(self.protocol.go_on)

    def _keys(self, params: object) -> None:
        """`midstream/keys`: API keys by profile."""
        if not isinstance(params, dict) or not all(isinstance(key, str) for key in params.values()):
            raise InvalidParams(
                "`midstream/keys` takes one object that maps profile names to keys."
            )
        self.server_state.take_keys(params)
        if self.server_state.context.settings.profile in params:
            self.server_state.warm()
