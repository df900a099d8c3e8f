"""How fast the whole server is: real process, real pipes, the practice model, a lean client.

    python -m benchmarks.latency [--sessions 40] [--rate 1000]

Prints distributions in milliseconds, taken from the ledgers that the server itself keeps
(docs/protocol.md explains each figure), and the time from the start of the process to the answer to
`initialize`. Half of the sessions are redirected in mid-stream, a quarter cancelled. One run on one
machine: compare runs side by side, not across machines.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from importlib import resources
from typing import Any

from lsp_server.session.ledger import percentile
from tests.support.raw_client import RawClient

URI = "file:///midstream-benchmark/orders.py"
FIRST_LINE, LAST_LINE = 31, 76
FIGURES = ("requestToWire", "firstToken", "firstEdit", "cancel", "redirect")
SPREADS = ("frameToEdit", "applyRoundTrip", "held")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--rate", type=int, default=1000, help="tokens per second of the model")
    parser.add_argument("--starts", type=int, default=5)
    chosen = parser.parse_args(arguments)
    starts = [start_up() for _ in range(chosen.starts)]
    ledgers = run_sessions(chosen.sessions, chosen.rate)
    print(f"{'milliseconds':<22}{'n':>5}{'p50':>10}{'p95':>10}{'max':>10}")
    row("start to initialize", starts)
    for name in FIGURES:
        row(name, [ledger[name] for ledger in ledgers if ledger[name] is not None])
    for name in SPREADS:
        for share in ("p50", "p95"):
            values = [ledger[name][share] for ledger in ledgers if ledger[name] is not None]
            row(f"{name} ({share})", values)
    rates = [led["tokensPerSecond"] for led in ledgers if led["tokensPerSecond"] is not None]
    print(f"{'tokens a second':<22}{len(rates):>5}{percentile(rates, 0.5):>10.0f}")
    return 0


def row(name: str, values: Sequence[float]) -> None:
    """One line of the table."""
    if values:
        p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
        print(f"{name:<22}{len(values):>5}{p50:>10.2f}{p95:>10.2f}{max(values):>10.2f}")


def server() -> RawClient:
    """A server process with a client that applies every edit at once."""
    return RawClient.start([sys.executable, "-P", "-m", "lsp_server", "serve"])


def start_up() -> float:
    """Milliseconds from starting the process to the answer to `initialize`."""
    begin = time.perf_counter()
    with server() as client:
        client.initialize()
        return (time.perf_counter() - begin) * 1000


def run_sessions(count: int, rate: int) -> list[dict[str, Any]]:
    """The ledgers of `count` edits of the shipped example."""
    example = resources.files("lsp_server.cli").joinpath("examples/orders.py")
    text = example.read_text("utf-8")
    options = {
        "profiles": {"bench": {"provider": "practice", "model": f"practice@{rate}"}},
        "profile": "bench",
    }
    ledgers = []
    with server() as client:
        client.initialize(
            {"experimental": {"midstream": {"session": True}}}, initializationOptions=options
        )
        for number in range(count):
            client.open(URI, text, "python")
            ledgers.append(one_session(client, number))
            client.close(URI)
    return ledgers[1:]  # The first pays for the gateway's start.


def one_session(client: RawClient, number: int) -> dict[str, Any]:
    """One edit: every second one is redirected half-way, every fourth cancelled."""
    place = {
        "start": {"line": FIRST_LINE, "character": 0},
        "end": {"line": LAST_LINE, "character": 0},
    }
    instruction = "turn the nested ifs into guard clauses"
    argument = {"uri": URI, "range": place, "instruction": instruction}
    session = client.command("midstream.edit", argument)["session"]

    def news() -> dict[str, Any]:
        found = [
            message["params"]
            for message in client.messages[-400:]
            if message.get("method") == "midstream/session"
            and message["params"]["session"] == session
        ]
        return found[-1] if found else {}

    if number % 2:
        client.wait_for(lambda: news().get("tokens", 0) > 150)
        argument = {"session": session, "instruction": "also rename tmp to total"}
        client.command("midstream.redirect", argument)
    if number % 4 == 2:
        client.wait_for(lambda: news().get("tokens", 0) > 150)
        client.command("midstream.cancel", {"session": session})
    client.wait_for(lambda: news().get("phase") in ("review", "ended"))
    ledger: dict[str, Any] = news()["ledger"]
    client.command("midstream.revert", {"session": session})
    return ledger


if __name__ == "__main__":
    sys.exit(main())
