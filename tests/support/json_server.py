"""A small HTTP server with fixed answers, such as a list of models."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Routes = Mapping[str, Any]
"""The answer by path: JSON, bytes as they are, an HTTP status, or a status with one of both."""


@contextmanager
def serving(routes: Routes, heads: list[Mapping[str, str]] | None = None) -> Iterator[int]:
    """The port of a server that answers these paths. `heads` gets the headers of each request."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            if heads is not None:
                heads.append(dict(self.headers))
            told = routes.get(self.path, 404)
            alone = (told if isinstance(told, int) else 200, told)
            status, body = told if isinstance(told, tuple) else alone
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the tests are silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
