"""A scripted model as a process, for tests that are not written in Python.

    python -m tests.support.model_process

Each line on standard output is a JSON object: first `{"url": …}`; then for each request, counted
from 1, `{"asked": 1, "prompt": …, "authorization": …}`, and `{"cut": 1}` when the client has closed
its socket. Each line on standard input tells what to do with a request:

    {"to": 1, "say": ["a", "b"], "every": 0.001}    sends these deltas, so many seconds apart
    {"to": 1, "finish": true}                       as do "drop" and "fail" (an error code): ends it

For one request this is done in order, only `drop` does not wait for what is still being said. The
process ends when its input does.
"""

import json
import queue
import sys
import threading
import time
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from tests.support.scripted_model import Asked, ScriptedModel

Order = dict[str, Any]
_told = threading.Lock()


class GuardedModel(ScriptedModel):
    """Behind `?door=locked` nobody is let in without a key, as with real ones."""

    async def _door(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path.endswith("?door=locked") and "Authorization" not in request.headers:
            return connection.respond(401, "A key, please.\n")
        return await super()._door(connection, request)


def main() -> int:
    """Serve until standard input ends."""
    orders: list[queue.Queue[Order]] = []
    with GuardedModel() as model:
        _tell(url=model.url)
        threading.Thread(target=_listen, args=(model, orders), daemon=True).start()
        for line in sys.stdin:
            order: Order = json.loads(line)
            orders[order["to"] - 1].put(order)
    return 0


def _listen(model: ScriptedModel, orders: list[queue.Queue[Order]]) -> None:
    while True:
        try:
            asked = model.next()
        except queue.Empty:
            continue
        mine: queue.Queue[Order] = queue.Queue()
        orders.append(mine)
        number = len(orders)
        threading.Thread(target=_watch, args=(number, asked), daemon=True).start()
        threading.Thread(target=_obey, args=(asked, mine), daemon=True).start()
        key = asked.headers.get("Authorization")
        _tell(asked=number, prompt=asked.prompt, authorization=key)


def _watch(number: int, asked: Asked) -> None:
    asked.cut.wait()
    _tell(cut=number)


def _obey(asked: Asked, orders: queue.Queue[Order]) -> None:
    while not asked.cut.is_set():
        order = orders.get()
        _say(asked, order.get("say", ()), order.get("every", 0.0), orders)
        if "fail" in order:
            asked.fail(order["fail"])
        elif "drop" in order:
            asked.drop()
        elif "finish" in order:
            asked.finish()


def _say(asked: Asked, texts: list[str], every: float, orders: queue.Queue[Order]) -> None:
    # Counted from the start, so that the rate holds on average whatever the timers do.
    due = time.monotonic()
    for text in texts:
        if asked.cut.is_set() or any("drop" in order for order in tuple(orders.queue)):
            return
        asked.say(text)
        due += every
        time.sleep(max(0.0, due - time.monotonic()))


def _tell(**what: object) -> None:
    with _told:
        print(json.dumps(what), flush=True)


if __name__ == "__main__":
    sys.exit(main())
