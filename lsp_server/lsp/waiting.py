"""Messages that wait in their order while settings are being read.

Nothing is asked to wait long: how things are, and a stop, overtake the others after `PATIENCE_S`.
That a request is taken back is known at once.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from lsp_server.lsp.convert import Json

PATIENCE_S = 0.05
"""Seconds. Nearly always the settings are in by then, and everything is answered in its order."""

_COMMAND = "workspace/executeCommand"
_TAKEN_BACK = "$/cancelRequest"
_STATUS, _STOP = "midstream.status", "midstream.cancel"


class Waiting:
    """The line of one conversation. `closed` tells whether messages have to wait, `take` is what
    becomes of one that may go."""

    def __init__(self, take: Callable[[object], None]) -> None:
        self.closed: Callable[[], bool] = lambda: False
        self._take = take
        self._line: deque[object] = deque()

    def __bool__(self) -> bool:
        return bool(self._line)

    def keeps(self, item: object) -> bool:
        """Whether a message has to wait; it then stands at the end of the line."""
        if not (self._line or self.closed()) or _method(item)[0] == _TAKEN_BACK:
            return False
        if self._urgent(item):
            asyncio.get_running_loop().call_later(PATIENCE_S, self._hasten, item)
        self._line.append(item)
        return True

    def go_on(self) -> None:
        """Let go of everything, as far as nothing of it makes the rest wait again."""
        while self._line and not self.closed():
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

    def _urgent(self, item: object) -> bool:
        method, command = _method(item)
        if method == _COMMAND and command == _STOP:
            # What it is to stop may be in the line.
            return not any(_method(other)[0] == _COMMAND for other in self._line)
        return method == _COMMAND and command == _STATUS


def _method(item: object) -> tuple[object, object]:
    """The method of a message and, for a command, its name."""
    if not isinstance(item, dict):
        return None, None
    params: object = item.get("params")
    table: Json = params if isinstance(params, dict) else {}
    return item.get("method"), table.get("command")
