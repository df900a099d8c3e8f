"""Who answered, how and after what wait: from a model API's recorded answer to what the user sees.

The whole way is real: the API's bytes over HTTP, our gateway in its own process, the server, and
an editor. Only the API is a file of `fixtures/providers`.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.raw_client import Json
from tests.support.stage import Stage

EXCHANGES = Path(__file__).parents[2] / "fixtures" / "providers"
URI = "file:///project/a.py"
TEXT = "y = 2\n"


@contextmanager
def recorded(name: str) -> Iterator[tuple[str, Json]]:
    """An API that answers everything with this exchange: where it is, and what the case says."""
    case = json.loads((EXCHANGES / name / "exchange.json").read_text())
    body = (EXCHANGES / name / "body.txt").read_bytes()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(case["status"])
            for header, value in case["headers"].items():
                self.send_header(header, value)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.send_error(404)

        def do_HEAD(self) -> None:
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", case
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def edited(stage: Stage, name: str, model: str) -> Iterator[Json]:
    """The ledger of an edit that the recorded exchange answers, in review and at its end."""
    with recorded(name) as (base, case):
        profile = {"provider": case["provider"], "baseUrl": base, "model": model}
        options = {"profile": "hosted", "profiles": {"hosted": profile}}
        stage.begin(initializationOptions=options)
        stage.client.open(URI, TEXT, "python")
        session = stage.edit(URI, "y = 2")
        yield stage.reach(session, "review")["ledger"]
        stage.client.command("midstream.accept", {})
        yield stage.reach(session, "ended")["ledger"]


@pytest.mark.parametrize(
    ("name", "asked", "who"),
    [
        ("cerebras", "gpt-oss-120b", ("gpt-oss-120b", None, 12.3)),
        ("openai-chat", "gpt-fast", ("gpt-4.1-mini-2025-04-14", "default", None)),
        ("anthropic", "claude-sonnet-5", ("claude-sonnet-5", "standard", None)),
        ("responses", "gpt-5.6-luna", ("gpt-5.6-luna-2026-08-01", "priority", None)),
    ],
)
def test_the_ledger_names_who_answered_an_exchange(
    stage: Stage, name: str, asked: str, who: tuple[str, str | None, float | None]
) -> None:
    served, tier, queue = who
    row = {"requested": asked, "served": served, "serviceTier": tier, "queueMs": queue}
    review, ended = edited(stage, name, asked)
    assert review["models"] == ended["models"] == [{"attempt": 1, **row}]
    status = stage.client.command("midstream.status", {})
    assert status["last"]["models"] == review["models"]
    assert status["model"] == {"requested": asked, "served": served}
    assert (status["serviceTier"], status["queueMs"]) == (tier, queue)
