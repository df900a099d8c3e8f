"""Messages that wait in their order: while settings are being read, and at the beginning, from the
first that could have code sent, until the editor has said what it has configured.

Nothing is asked to wait long: how things are, and a stop, overtake the others after `PATIENCE_S`.
That a request is taken back, and that settings have changed, is known at once.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from lsp_server.lsp.convert import Json

PATIENCE_S = 0.05
"""Seconds. Nearly always the settings are in by then, and everything is answered in its order."""

_COMMAND = "workspace/executeCommand"
_STATUS, _STOP = "midstream.status", "midstream.cancel"
_STOP_BUTTON = "window/workDoneProgress/cancel"
_AT_ONCE = frozenset(
    {"$/cancelRequest", "workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles"}
)
"""They do nothing to a document or a session; of settings they only say that there are others."""
_SENDS_CODE = frozenset({"midstream.edit", "midstream.editComment", "midstream.redirect"})
_CHANGES_NOTHING = frozenset({_STATUS, "midstream.scope", "midstream.attempts"})


class MessageQueue:
    """The line of one conversation. `take` is what becomes of a message that may go."""

    def __init__(self, take: Callable[[object], None]) -> None:
        self.closed: Callable[[], bool] = lambda: False
        """Whether all messages have to wait."""
        self.unsure: Callable[[], bool] = lambda: False
        """Whether those have to that could have code sent, and what comes after them."""
        self.awaited: Callable[[object], bool] = lambda item: False
        """Whether a message is what the others wait for."""
        self._take = take
        self._line: deque[object] = deque()

    def __bool__(self) -> bool:
        return bool(self._line)

    def keeps(self, item: object) -> bool:
        """Whether a message has to wait; it then stands at the end of the line."""
        if not (self._line or self._stops(item)):
            return False
        if _method(item)[0] in _AT_ONCE or self.awaited(item):
            return False
        if self._urgent(item):
            asyncio.get_running_loop().call_later(PATIENCE_S, self._hasten, item)
        self._line.append(item)
        return True

    def go_on(self) -> None:
        """Let go of everything, as far as nothing of it makes the rest wait again."""
        while self._line and not self._stops(self._line[0]):
            self._take(self._line.popleft())

    def take_back(self, id_: str | int) -> bool:
        """Drop the request with that id; False when none waits."""
        for item in self._line:
            if isinstance(item, dict) and "method" in item and item.get("id") == id_:
                self._line.remove(item)
                return True
        return False

    def _hasten(self, item: object) -> None:
        if any(other is item for other in self._line):
            self._line = deque(other for other in self._line if other is not item)
            self._take(item)

    def _stops(self, item: object) -> bool:
        return self.closed() or (_method(item)[1] in _SENDS_CODE and self.unsure())

    def _urgent(self, item: object) -> bool:
        method, command = _method(item)
        if method == _STOP_BUTTON or (method == _COMMAND and command == _STOP):
            # What it is to stop may be in the line.
            ahead = map(_method, self._line)
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
