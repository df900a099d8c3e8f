"""The process that keeps the index up to date, at the lowest priority.

Reads orders from standard input, one JSON object a line, and ends when that input ends, however its
parent dies. Writes one JSON object a line: `{"done": 5, "of": 90}` while it reads files, then
`{"ready": true}`.
"""

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from lsp_server.context.index_build import IndexOrder, build

__all__ = ["main"]

_SHOWN_EVERY_S = 0.1
_MOST_MEMORY = 2 * 2**30
"""Bytes of address space. One parse of the longest file takes some 60 MB; the rest is a bound for a
file that was made to take more."""
_LOWEST = 19


def main() -> int:
    """`python -m lsp_server.context`."""
    _be_modest()
    orders: queue.SimpleQueue[IndexOrder] = queue.SimpleQueue()
    threading.Thread(target=_read_orders, args=(orders,), daemon=True).start()
    while True:
        order = orders.get()
        while not orders.empty():  # Only the last one counts.
            order = orders.get()
        finished = build(order, _Progress().show)
        _say({"ready": finished})


def _read_orders(orders: "queue.SimpleQueue[IndexOrder]") -> None:
    """In a thread: pass on orders; at the end of the input end the process at once.

    The database is never left half written: SQLite takes care of that.
    """
    try:
        for line in sys.stdin:
            order = order_in(line)
            if order is not None:
                orders.put(order)
    finally:
        os._exit(0)


def order_in(line: str) -> IndexOrder | None:
    """The order in a line of JSON; None if it is none."""
    try:
        read: Mapping[str, Any] = json.loads(line)
        return IndexOrder(
            str(read["database"]),
            tuple(map(str, read["roots"])),
            tuple(map(str, read["patterns"])),
            bool(read["trusted"]),
            str(read["near"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


class _Progress:
    """Writes how far a build is, not too often."""

    def __init__(self) -> None:
        self._last = 0.0

    def show(self, done: int, of: int) -> None:
        """Write it, if it is time."""
        now = time.monotonic()
        if of and (done == of or now - self._last > _SHOWN_EVERY_S):
            self._last = now
            _say({"done": done, "of": of})


def _say(what: Mapping[str, object]) -> None:
    try:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()
    except OSError:
        os._exit(0)


def _be_modest() -> None:
    """Take the lowest priority, and only so much memory."""
    if sys.platform == "win32":
        return  # The parent has started us with a low priority.
    import resource

    os.nice(_LOWEST)
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = _MOST_MEMORY if most == resource.RLIM_INFINITY else min(_MOST_MEMORY, most)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, most))
    except (OSError, ValueError):  # macOS takes no limit below what is in use.
        return
