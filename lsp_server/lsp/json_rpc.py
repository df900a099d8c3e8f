"""JSON-RPC with the editor: incoming messages are sorted, checked, passed on, and always answered.

pygls provides its table of features, its types and its capabilities. Sorting, answering and our own
requests are done here, because pygls's own way loses messages (a request whose parameters do not
fit is never answered; `"error": null` and `"result": null` break its futures) and costs about
twenty times as much for each edit. Knows nothing of sessions. Document messages pass through
unread.

A *raw* handler gets the parameters as JSON and is called as soon as its message is read, in the
order of arrival. Its return value is the answer; an awaitable is awaited.
"""

import asyncio
import inspect
import json
import logging
import re
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any

import orjson
from cattrs import Converter, transform_error
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcMethodNotFound
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method
from rapidfuzz import process

from lsp_server.errors import ContractError, InvalidParams, MidstreamError
from lsp_server.lsp.client import EditorClient
from lsp_server.lsp.convert import Json, check_roots
from lsp_server.lsp.message_queue import MessageQueue
from lsp_server.lsp.recording import Recorder
from lsp_server.wording import LOG

log = logging.getLogger(__name__)

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002
REQUEST_CANCELLED = -32800
REQUEST_FAILED = -32803

_SNAKE = re.compile(r"_([a-z])")

Id = str | int
RequestHandler = Callable[[Any], object]
CommandHandler = Callable[[Json], Json | Awaitable[Json]]
NotificationHandler = Callable[[Any], object]


class MidstreamProtocol(LanguageServerProtocol):
    """One conversation with one editor. Feed it with `receive`; `client` talks back."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.client = EditorClient(self._write)
        self.initialize_params: Json = {}
        """The parameters of `initialize` as they arrived, including fields that no type has."""
        self.exit_code: int | None = None
        """Set when the conversation is over: 0 after a `shutdown`, else 1."""
        self.when_over: Callable[[], None] = lambda: None
        self.recorder: Recorder | None = None
        self.waiting = MessageQueue(self._take)
        """Messages that arrive while the queue is closed wait there until `go_on` is called."""
        self._ending = False
        self._begun = False
        self._running: dict[Id, asyncio.Future[Any]] = {}
        self._raw_commands: dict[str, CommandHandler] = {}
        self._raw_requests: dict[str, RequestHandler] = {
            types.WORKSPACE_EXECUTE_COMMAND: self._execute_command
        }
        self._raw_notifications: dict[str, NotificationHandler] = {
            types.CANCEL_REQUEST: self._cancel
        }

    # -- registering -------------------------------------------------------------------------

    def on_request(self, method: str, handler: RequestHandler) -> None:
        """Let a raw handler answer `method`."""
        self._raw_requests[method] = handler

    def on_notification(self, method: str, handler: NotificationHandler) -> None:
        """Let a raw handler have `method`, instead of what pygls would do with it."""
        self._raw_notifications[method] = handler

    def on_command(self, name: str, handler: CommandHandler) -> None:
        """Let a raw handler run a command of `workspace/executeCommand`: object in, object out."""
        self._raw_commands[name] = handler
        self.fm.commands[name] = handler  # This puts its name into the capabilities.

    # -- what comes in -------------------------------------------------------------------------

    def receive(self, body: bytes) -> bool:
        """Take one message. Returns False if it is not JSON; reporting that is the caller's job."""
        try:
            message = orjson.loads(body)
        except orjson.JSONDecodeError:
            try:  # The standard parser also takes lone surrogates, which some editors send.
                message = json.loads(body)
            except (ValueError, RecursionError):
                return False
        for item in message if isinstance(message, list) and message else (message,):
            if not self.waiting.hold_back(item):
                self._take(item)
        return True

    def go_on(self) -> None:
        """Take the messages that were waiting."""
        self.waiting.release()
        if self._ending and not self.waiting:
            self.over()

    def _take(self, item: object) -> None:
        if self.recorder is None:
            self._sort(item)
        else:
            with self.recorder.happening(editor=self.recorder.editor(item)):
                self._sort(item)

    def reject(self, reason: str) -> None:
        """Tell the editor that something arrived that is no message."""
        log.warning("%s", reason)
        self._send_error(None, PARSE_ERROR, reason)

    def over(self) -> None:
        """The conversation has ended, by `exit` or because the connection is gone."""
        if self.waiting and self.exit_code is None:
            self._ending = True  # Earlier messages must still be handled.
            return
        if self.exit_code is None:
            self.exit_code = 0 if self._shutdown else 1
            self.client.lost()
            self.when_over()

    def _sort(self, message: object) -> None:
        if not isinstance(message, dict):
            self._send_error(None, INVALID_REQUEST, "A message must be a JSON object.")
            return
        method = message.get("method")
        if method is None and "id" in message:
            self.client.receive(message)
        elif not isinstance(method, str):
            self._send_error(None, INVALID_REQUEST, "`method` must be a string.")
        elif "id" not in message:
            self._notification(method, message)
        elif isinstance(message["id"], str | int) and not isinstance(message["id"], bool):
            self._request(message["id"], method, message)
        else:
            self._send_error(None, INVALID_REQUEST, "`id` must be a number or a string.")

    def _notification(self, method: str, message: Json) -> None:
        outside = method != types.EXIT and (self._shutdown or not self._begun)
        if outside or method == types.INITIALIZE:
            log.warning(
                "%s came before `initialize` or after `shutdown`. Midstream ignores it.", method
            )
            return
        try:
            if (raw := self._raw_notifications.get(method)) is not None:
                raw(message.get("params"))
                return
            handler = self._get_handler(method)
            params = self._structured(method, message)
        except JsonRpcMethodNotFound:
            log.debug("Midstream doesn't handle %s.", method)
        except MidstreamError as error:
            log.warning("%s is ignored: %s", method, error)
        except Exception:
            log.exception("%s couldn't be processed.", method)
        else:
            self._execute_handler(
                f"notification {method}", handler, self._check_handler_result, (params,)
            )

    def _request(self, id_: Id, method: str, message: Json) -> None:
        if self._shutdown:
            self._send_error(id_, INVALID_REQUEST, "The server is shutting down.")
            return
        if not self._begun and method != types.INITIALIZE:
            self._send_error(id_, NOT_INITIALIZED, "The first message must be `initialize`.")
            return
        if self._begun and method == types.INITIALIZE:
            self._send_error(id_, INVALID_REQUEST, "`initialize` can be sent only once.")
            return
        try:
            # A request for a method that is a notification gets an answer too, after it was
            # handled.
            raw = self._raw_requests.get(method) or self._raw_notifications.get(method)
            if raw is not None:
                self._answer_with(id_, method, raw(message.get("params")))
                return
            handler = self._get_handler(method)
            params = self._structured(method, message)
        except JsonRpcMethodNotFound:
            self._send_error(id_, METHOD_NOT_FOUND, f"There is no method `{method}`.")
        except Exception as error:
            self._send_failure(id_, method, error)
        else:
            self._begun = True
            done = partial(self._send_handler_result, msg_id=id_)
            self._execute_handler(id_, handler, done, (params,))

    def _structured(self, method: str, message: Json) -> Any:
        """The parameters as pygls's features want them: typed if LSP has a type."""
        if method in (types.SHUTDOWN, types.EXIT):  # Some editors send parameters all the same.
            return None
        if method == types.INITIALIZE:
            return self._initialize_params(message)
        kind = self.get_message_type(method)
        if kind is None:
            return message.get("params")
        if message.get("params") is None:
            message = {**message, "params": {}}
        return self._typed(message, kind)

    def _initialize_params(self, message: Json) -> Any:
        """The parameters of `initialize`, without the capabilities if those do not fit.

        Nobody should be without a server because their editor declares something unknown. We read
        what we need of the capabilities from `initialize_params`.
        """
        params = message.get("params")
        if not isinstance(params, dict):
            raise InvalidParams("`params` must be a JSON object.")
        check_roots(params)
        self.initialize_params = params
        capabilities = params.get("capabilities")
        general = capabilities.get("general") if isinstance(capabilities, dict) else None
        encodings = general.get("positionEncodings") if isinstance(general, dict) else None
        few: Json = {}
        if isinstance(encodings, list) and all(isinstance(name, str) for name in encodings):
            few = {"general": {"positionEncodings": encodings}}
        for bare in ({}, {"capabilities": few}, {"trace": None, "clientInfo": None}):
            params = {**params, **bare}
            try:
                return self._typed({**message, "params": params}, types.InitializeRequest)
            except InvalidParams as error:
                log.warning("Parts of `initialize` couldn't be read: %s", error)
                last = error
        raise last

    def _typed(self, message: Json, kind: type[Any]) -> Any:
        try:
            return self._converter.structure(message, kind).params
        except Exception as error:
            # Only the path and what was expected: the values can be the user's code.
            reason = "; ".join(transform_error(error)[:3]).replace("$.", "")
            log.debug("Parameters of %s: %s", message.get("method"), reason)
            raise InvalidParams(_field_sentence(error, str(message.get("method")))) from None

    # -- commands and cancelling -----------------------------------------------------------------

    def _execute_command(self, params: object) -> object:
        if not isinstance(params, dict) or not isinstance(params.get("command"), str):
            raise InvalidParams("`command` must be a string.")
        name = params["command"]
        handler = self._raw_commands.get(name)
        if handler is None:
            guess = process.extractOne(name, list(self._raw_commands), score_cutoff=80)
            hint = f" Did you mean `{guess[0]}`?" if guess else ""
            raise InvalidParams(f"There is no command `{name}`.{hint}")
        arguments = params.get("arguments")
        # Editors say "no argument" in all these ways.
        if arguments is None or arguments in ([], [None]):
            return handler({})
        if (
            not isinstance(arguments, list)
            or len(arguments) != 1
            or not isinstance(arguments[0], dict)
        ):
            raise InvalidParams(f"`arguments` of `{name}` must be one JSON object in a list.")
        return handler(arguments[0])

    def _cancel(self, params: object) -> None:
        """`$/cancelRequest`: affects only the editor's requests, never ours."""
        id_ = params.get("id") if isinstance(params, dict) else None
        if not isinstance(id_, str | int):
            return
        future = self._running.get(id_) or self._request_futures.get(id_)
        if future is not None:
            future.cancel()
        elif self.waiting.drop_request(id_):
            self._send_error(id_, REQUEST_CANCELLED, "The request was cancelled.")

    # -- answers -----------------------------------------------------------------------------------

    def _answer_with(self, id_: Id, method: str, result: object) -> None:
        """Answer with what a raw handler returned, once it is available."""
        if not inspect.isawaitable(result):
            self._send_result(id_, method, result)
            return
        future = asyncio.ensure_future(result)
        self._running[id_] = future

        def done(future: "asyncio.Future[Any]") -> None:
            if self._running.get(id_) is future:
                del self._running[id_]
            self._send_outcome(id_, method, future)

        future.add_done_callback(done)

    def _send_handler_result(self, future: Any, *, msg_id: Id) -> None:
        self._request_futures.pop(msg_id, None)
        self._send_outcome(msg_id, "a request", future)

    def _check_handler_result(self, future: Any) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            log.error("A notification couldn't be processed.", exc_info=error)

    def _send_outcome(self, id_: Id, method: str, future: Any) -> None:
        if future.cancelled():
            self._send_error(id_, REQUEST_CANCELLED, "The request was cancelled.")
        elif (error := future.exception()) is not None:
            self._send_failure(id_, method, error)
        else:
            self._send_result(id_, method, future.result())

    def _send_result(self, id_: Id, method: str, result: object) -> None:
        try:
            self._write({"jsonrpc": "2.0", "id": id_, "result": result})
        except Exception as error:
            self._send_failure(id_, method, error)

    def _send_failure(self, id_: Id, method: str, error: BaseException) -> None:
        """Answer with an error: a sentence for the user. A traceback goes only to the log."""
        match error:
            case ContractError():
                pass
            case InvalidParams():
                self._send_error(id_, INVALID_PARAMS, str(error))
                return
            case MidstreamError():
                self._send_error(id_, REQUEST_FAILED, str(error))
                return
            case JsonRpcException():
                self._send_error(id_, error.code, error.message)
                return
        log.error("%s couldn't be processed.", method, exc_info=error)
        self._send_error(
            id_, INTERNAL_ERROR, f"Midstream failed. This is a bug: please report it with {LOG}."
        )

    def _send_error(self, id_: Id | None, code: int, sentence: str) -> None:
        error = {"code": code, "message": self.client.wording.render(sentence)}
        self._write({"jsonrpc": "2.0", "id": id_, "error": error})

    def _write(self, message: Json) -> None:
        """Send one message. Raises `TypeError` for what is no JSON. Bodies are never logged."""
        if self.writer is None or self.exit_code is not None:
            return
        try:
            body = orjson.dumps(message, default=self._plain)
        except orjson.JSONEncodeError:  # Lone surrogates, which JSON can hold only escaped.
            body = json.dumps(message, default=self._plain).encode()
        if self.recorder is not None:
            self.recorder.server(json.loads(body))
        self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def _plain(self, value: object) -> object:
        """JSON for LSP's own types, which pygls's features return."""
        if not hasattr(type(value), "__attrs_attrs__"):
            raise TypeError(f"{type(value).__name__} isn't JSON.")
        return self._converter.unstructure(value)

    # -- pygls's own calls, led through here -------------------------------------------------------

    def _send_data(self, data: Any) -> None:
        self._write(data)

    def notify(self, method: str, params: Any | None = None) -> None:
        """Send a notification, with typed or raw parameters."""
        self.client.notify(method, params)

    def send_request(
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: Any | None = None,
    ) -> Any:
        """Not for use: pygls's futures break on what editors really answer."""
        raise ContractError(f"{method} is asked through `client`.")

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """Answer, and accept nothing but `exit` from then on."""
        if (handler := self.fm.features.get(types.SHUTDOWN)) is not None:
            yield handler, args, None
        self._shutdown = True

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: Any) -> Generator[Any, Any, None]:
        """End the conversation."""
        if (handler := self.fm.features.get(types.EXIT)) is not None:
            yield handler, args, None
        self.over()


class BaseServer(LanguageServer):
    """A pygls server that speaks through `MidstreamProtocol`."""

    protocol: MidstreamProtocol

    def __init__(self, name: str, version: str) -> None:
        super().__init__(name, version, protocol_cls=MidstreamProtocol)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """An internal error goes to the log; pygls would show it to the user."""
        log.error("pygls reports: %s", type(error).__name__, exc_info=error)


def _field_sentence(error: Exception, method: str) -> str:
    """Which field of the parameters does not fit, and what it should be."""
    for line in transform_error(error):
        reason, _, path = line.partition(" @ $.")
        field = _SNAKE.sub(lambda found: found[1].upper(), path.removeprefix("params.").strip())
        if field and reason.startswith("required field missing"):
            return f"`{field}` is missing in the parameters of {method}."
        if field and field != "params" and reason.startswith("invalid value for type"):
            expected = reason.partition("expected ")[2].split(" ")[0]
            return f"`{field}` in the parameters of {method} must be of type {expected}."
        if field:
            return f"`{field}` in the parameters of {method} is invalid."
    return f"The parameters of {method} are invalid."
