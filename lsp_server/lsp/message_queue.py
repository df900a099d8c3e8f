"""Holds messages back, in order, until the settings are known.

While settings are being read, all messages wait. At the beginning, until the editor has sent its
configuration, the first message that could send code waits, and so do all that follow it.

After `PATIENCE_S` a status request and a stop overtake the others. Cancelled requests and changed
settings are handled at once.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from lsp_server.lsp.convert import Json

PATIENCE_S = 0.05
"""Seconds. The settings are nearly always read by then, so everything keeps its order."""

_COMMAND = "workspace/executeCommand"
_STATUS, _STOP = "midstream.status", "midstream.cancel"
_STOP_BUTTON = "window/workDoneProgress/cancel"
_AT_ONCE = frozenset(
    {"$/cancelRequest", "workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles"}
)
"""These change no document and no session. Of settings they only say that they changed."""
_SENDS_CODE = frozenset({"midstream.edit", "midstream.editComment", "midstream.redirect"})
_CHANGES_NOTHING = frozenset({_STATUS, "midstream.scope", "midstream.attempts"})


class MessageQueue:
    """The messages of one conversation that wait. `take` handles one when it need not wait."""

    def __init__(self, take: Callable[[object], None]) -> None:
        self.all_wait: Callable[[], bool] = lambda: False
        """Whether all messages must wait."""
        self.code_waits: Callable[[], bool] = lambda: False
        """Whether messages that could send code must wait, with all that follow."""
        self.awaited: Callable[[object], bool] = lambda item: False
        """Whether a message is the one that the others wait for."""
        self._take = take
        self._queue: deque[object] = deque()

    def __bool__(self) -> bool:
        return bool(self._queue)

    def hold_back(self, item: object) -> bool:
        """Put a message at the end of the queue if it must wait; whether it must."""
        if not (self._queue or self._must_wait(item)):
            return False
        if _method(item)[0] in _AT_ONCE or self.awaited(item):
            return False
        if self._may_overtake(item):
            asyncio.get_running_loop().call_later(PATIENCE_S, self._overtake, item)
        self._queue.append(item)
        return True

    def release(self) -> None:
        """Handle what waits, up to a message that must still wait."""
        while self._queue and not self._must_wait(self._queue[0]):
            self._take(self._queue.popleft())

    def drop_request(self, id_: str | int) -> bool:
        """Drop the request with that id; whether it was waiting."""
        for item in self._queue:
            if isinstance(item, dict) and "method" in item and item.get("id") == id_:
                self._queue.remove(item)
                return True
        return False

    def _overtake(self, item: object) -> None:
        if any(other is item for other in self._queue):
            self._queue = deque(other for other in self._queue if other is not item)
            self._take(item)

    def _must_wait(self, item: object) -> bool:
        return self.all_wait() or (_method(item)[1] in _SENDS_CODE and self.code_waits())

    def _may_overtake(self, item: object) -> bool:
        method, command = _method(item)
        if method == _STOP_BUTTON or (method == _COMMAND and command == _STOP):
            # The edit that it stops may be waiting.
            ahead = map(_method, self._queue)
            return all(name in _CHANGES_NOTHING for what, name in ahead if what == _COMMAND)
        return method == _COMMAND and command == _STATUS


def _method(item: object) -> tuple[str, str]:
    """The method of a message and, for a command, its name."""
    if not isinstance(item, dict):
        return "", ""
    params: object = item.get("params")
    table: Json = params if isinstance(params, dict) else {}
    method, command = item.get("method"), table.get("command")
    return (
        method if isinstance(method, str) else "",
        command if isinstance(command, str) and method == _COMMAND else "",
    )
