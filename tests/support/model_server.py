"""A model that does what the test says, word by word: a Responses WebSocket server with a script.

It listens on a free loopback port and answers in threads of its own, so that a test can be plain
code from top to bottom:

    with ModelServer() as model:
        ...                                  # start an edit with `model.options()`
        answer = model.next()                # the request has come
        answer.send("```python\\nx = 1\\n")  # so much of the answer, now
        answer.finish()

What comes down the wire is what any server of that protocol sends. Knows nothing of editors.
"""

import json
import queue
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

Json = dict[str, Any]

PATIENCE = 20.0
"""Seconds after which a wait is a failed test. Never a measure of anything."""


class Answer:
    """One request that has come, and what is sent in answer to it."""

    def __init__(self, connection: ServerConnection, create: Json) -> None:
        self.create = create
        self.sent = 0
        """How many chunks were sent."""
        self._connection = connection
        self._closed = threading.Event()
        self._emit({"type": "response.created", "response": self._response("in_progress")})

    @property
    def prompt(self) -> str:
        """The user's part of what was asked."""
        return "\n".join(part["text"] for item in self.create["input"] for part in item["content"])

    def send(self, *chunks: str) -> None:
        """More of the answer, a delta for each chunk."""
        for chunk in chunks:
            event = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": chunk}
            self.sent += 1
            self._emit({"type": "response.output_text.delta", **event})

    def finish(self) -> None:
        """That was all."""
        self._emit({"type": "response.completed", "response": self._response("completed")})

    def drop(self) -> None:
        """The connection breaks, without a word."""
        self._connection.socket.close()

    @property
    def closed(self) -> bool:
        """Whether the other side has closed the connection."""
        return self._closed.is_set()

    def wait_closed(self) -> None:
        """Wait until it has."""
        assert self._closed.wait(PATIENCE), "the stream was never cut"

    def lost(self) -> None:
        """For the server: the connection is gone."""
        self._closed.set()

    def _response(self, status: str) -> Json:
        return {"id": "resp_1", "model": self.create["model"], "status": status, "output": []}

    def _emit(self, event: Json) -> None:
        # Whoever is cut off in the middle of a word is not asked whether it was heard.
        with suppress(ConnectionClosed):
            self._connection.send(json.dumps(event))


class ModelServer:
    """Listens while it is entered."""

    def __init__(self) -> None:
        self._answers: queue.Queue[Answer] = queue.Queue()
        self._connections: set[ServerConnection] = set()
        self._server: Server = serve(self._serve, "127.0.0.1", 0, compression=None, close_timeout=1)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "ModelServer":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        for connection in tuple(self._connections):
            connection.close()
        self._thread.join(PATIENCE)

    @property
    def url(self) -> str:
        """Where it is."""
        port = self._server.socket.getsockname()[1]
        return f"ws://127.0.0.1:{port}/v1/responses"

    def options(self) -> Json:
        """The initialization options of a server that asks this model."""
        profile = {"url": self.url, "model": "scripted"}
        return {"profile": "scripted", "profiles": {"scripted": profile}}

    def next(self) -> Answer:
        """The next request, to be answered; waits until it has come."""
        return self._answers.get(timeout=PATIENCE)

    @property
    def asked(self) -> bool:
        """Whether a request has come that `next` has not given out."""
        return not self._answers.empty()

    def _serve(self, connection: ServerConnection) -> None:
        """One connection, in a thread of its own: the answers are the test's to write."""
        self._connections.add(connection)
        open_answers: list[Answer] = []
        with suppress(ConnectionClosed):
            for message in connection:
                answer = Answer(connection, json.loads(message))
                if answer.create.get("generate") is False:
                    answer.finish()
                    continue
                open_answers.append(answer)
                self._answers.put(answer)
        for answer in open_answers:
            answer.lost()
        self._connections.discard(connection)
