"""The editor as the server sees it: requests and notifications to it.

Keeps the table of our open requests. Answers are delivered synchronously by the reader, in the
order of arrival: it matters whether an answer or a `didChange` came first.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from itertools import count

from lsp_server.guard.invisible_filter import visible_lines
from lsp_server.lsp.convert import Json
from lsp_server.wording import LSP, Wording

log = logging.getLogger(__name__)

CONNECTION_LOST = -32099
"""The error code of the answer that we make up when the editor will never answer."""


class MessageType(IntEnum):
    """How serious a message is (LSP 3.17, `MessageType`)."""

    ERROR = 1
    WARNING = 2
    INFO = 3
    LOG = 4


@dataclass(frozen=True, slots=True)
class ReplyError:
    """The editor answered with an error."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The editor's answer: `result` as it came (often `None`), or an error."""

    result: object = None
    error: ReplyError | None = None


@dataclass(frozen=True, slots=True)
class ApplyOutcome:
    """What the editor answered to `workspace/applyEdit`. It proves nothing; only `didChange` does.

    `applied` is `None` if the answer was neither yes nor no. `error` is True if it was an error.
    """

    applied: bool | None
    reason: str | None
    error: bool

    @classmethod
    def of(cls, reply: Reply) -> "ApplyOutcome":
        """Read from whatever the editor answered."""
        if reply.error is not None:
            return cls(None, reply.error.message or None, True)
        table = reply.result if isinstance(reply.result, dict) else {}
        applied, reason = table.get("applied"), table.get("failureReason")
        return cls(
            applied if isinstance(applied, bool) else None,
            reason if isinstance(reason, str) and reason else None,
            False,
        )


class EditorClient:
    """Sends to the editor through `send`, which takes a whole JSON-RPC message.

    Quotes in a message (a name, a file, a model's words) show hidden characters to the reader.
    """

    def __init__(self, send: Callable[[Json], None]) -> None:
        self._send = send
        self._open: dict[str, Callable[[Reply], None]] = {}
        self._numbers = count(1)
        self._shown_once: set[str] = set()
        self.wording: Wording = LSP
        """How messages name what the user of this client can do."""

    # -- out -------------------------------------------------------------------------------

    def call(self, method: str, params: object, on_reply: Callable[[Reply], None]) -> str:
        """Send a request. `on_reply` is called once, as soon as the answer is read.

        Returns the id, a string in our own format, so that it never collides with a client's
        numbers.
        """
        id_ = f"midstream-{next(self._numbers)}"
        self._open[id_] = on_reply
        try:
            self._send({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})
        except Exception:
            log.exception("The request %s couldn't be sent.", method)
            self._deliver(id_, Reply(error=ReplyError(CONNECTION_LOST, "It couldn't be sent.")))
        return id_

    def request(self, method: str, params: object) -> "asyncio.Future[Reply]":
        """Send a request. The future always gets a `Reply`, even for an error."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.call(method, params, lambda reply: None if future.done() else future.set_result(reply))
        return future

    def apply_edit(self, edit: Json, on_outcome: Callable[[ApplyOutcome], None]) -> None:
        """`workspace/applyEdit` with a raw `WorkspaceEdit`."""
        self.call(
            "workspace/applyEdit",
            {"edit": edit},
            lambda reply: on_outcome(ApplyOutcome.of(reply)),
        )

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        try:
            self._send({"jsonrpc": "2.0", "method": method, "params": params})
        except Exception:
            log.exception("The notification %s couldn't be sent.", method)

    def show_message(self, level: MessageType, text: str) -> None:
        """`window/showMessage`: a message for the user to see."""
        self.notify("window/showMessage", {"type": int(level), "message": self.shown(text)})

    def tell_once(self, level: MessageType, text: str) -> None:
        """Show a message only the first time, if it would come again and again."""
        if text not in self._shown_once:
            self._shown_once.add(text)
            self.show_message(level, text)

    def log(self, level: MessageType, text: str) -> None:
        """`window/logMessage`: a message for the editor's log of this server."""
        self.notify("window/logMessage", {"type": int(level), "message": self.shown(text)})

    def shown(self, sentence: str) -> str:
        """A message as this client's user reads it: slots filled in, hidden characters visible."""
        return visible_lines(self.wording.render(sentence))

    # -- in: called by the protocol ----------------------------------------------------------

    def receive(self, message: Json) -> None:
        """An answer has arrived. A missing `result` counts as null, `"error": null` as no error."""
        id_ = message.get("id")
        if not isinstance(id_, str) or id_ not in self._open:
            log.warning("The editor answered a request that isn't open.")
            return
        error = message.get("error")
        if error is None:
            self._deliver(id_, Reply(message.get("result")))
            return
        table = error if isinstance(error, dict) else {}
        code, text = table.get("code"), table.get("message")
        self._deliver(
            id_,
            Reply(
                error=ReplyError(
                    code if isinstance(code, int) else 0, text if isinstance(text, str) else ""
                )
            ),
        )

    def lost(self) -> None:
        """The connection is gone: every open request is answered with an error."""
        gone = Reply(error=ReplyError(CONNECTION_LOST, "The editor closed the connection."))
        for id_ in tuple(self._open):
            self._deliver(id_, gone)

    def _deliver(self, id_: str, reply: Reply) -> None:
        on_reply = self._open.pop(id_, None)
        if on_reply is None:
            return
        try:
            on_reply(reply)
        except Exception:
            log.exception("An answer from the editor couldn't be processed.")
