"""How fast it feels in a real VS Code: keys, characters on the screen, activation, sizes.

    make vsix
    python -m benchmarks.vscode [--edits 15] [--streams 8] [--against OTHER.vsix]

Starts code-server and Chromium as the tests do (vscode-client/test/e2e), with the packed extension
and real keys. Times are taken in the page, from the key's event to the change of what is shown.
Both programs and the models share this machine's cores: compare lines of one run, not across
machines. With `--against` an older build is measured in the same run, taking turns.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsp_server.session.ledger import percentile

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "vscode-client" / "test" / "e2e" / "run.mjs"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print the table. Returns 2 where it cannot run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--edits", type=int, default=15)
    parser.add_argument("--streams", type=int, default=8, help="of 25 keys each")
    parser.add_argument("--against", type=Path, help="another packed extension, beside this one")
    chosen = parser.parse_args(arguments)
    node = shutil.which("node")
    if node is None or not (ROOT / "build" / "vscode" / "midstream.vsix").exists():
        print("This needs Node.js 20, Chromium and what `make vsix` makes.", file=sys.stderr)
        return 2
    if chosen.against is not None and not chosen.against.exists():
        print(f"There is no {chosen.against}.", file=sys.stderr)
        return 2
    found = measure(node, chosen.edits, chosen.streams, chosen.against)
    report(found["measured"])
    print(f"{'bundle without the server, kB':<52}{found['sizes']['bundle'] / 1000:>21.0f}")
    print(f"{'the file with the server, kB':<52}{found['sizes']['vsix'] / 1000:>21.0f}")
    if found["against"] is not None:
        print(f"\nagainst {chosen.against.name}, in the same run")
        report(found["against"])
    return 0


def measure(node: str, edits: int, streams: int, against: Path | None) -> dict[str, Any]:
    """What the program prints: for each build lists of milliseconds; and sizes in bytes."""
    environment = os.environ | {
        "MIDSTREAM_PYTHON": sys.executable,
        "MIDSTREAM_BENCH_EDITS": str(edits),
        "MIDSTREAM_BENCH_STREAMS": str(streams),
    }
    if against is not None:
        environment["MIDSTREAM_BENCH_AGAINST"] = str(against.resolve())
    done = subprocess.run(
        [node, str(PROGRAM), "--benchmark"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(found: dict[str, Any]) -> None:
    """The table of one build."""
    print(f"{'milliseconds':<52}{'n':>5}{'p50':>8}{'p95':>8}{'max':>8}")
    row("activation of the extension, as VS Code counts it", found["activation"])
    row("Enter in the input to the first changed character", found["firstCharacter"])
    for name, values in found["stages"].items():
        row(f"  Enter until {name}", [value for value in values if value is not None])
    row("key to character on the screen, nothing streams", found["quiet"])
    row("key to character, 400 lines at 1,000 tokens a second", found["streaming"])
    row("the same edits, written by VS Code alone", found["bare"])
    quiet = percentile(found["quiet"], 0.95)
    for name, key in (("while it streams", "streaming"), ("VS Code alone", "bare")):
        times = percentile(found[key], 0.95) / quiet
        print(f"{f'{name}, times as long (p95)':<52}{times:>21.2f}")
    for name, key in (
        ("edits", "edits"),
        ("orders to draw", "drawings"),
        ("bytes to the window", "bytes"),
    ):
        rate = percentile(found["rates"][key], 0.5)
        print(f"{f'{name}, for each second of a stream':<52}{rate:>21,.0f}")


def row(name: str, values: Sequence[float]) -> None:
    """One line of the table."""
    p50, p95 = percentile(values, 0.5), percentile(values, 0.95)
    print(f"{name:<52}{len(values):>5}{p50:>8.0f}{p95:>8.0f}{max(values):>8.0f}")


if __name__ == "__main__":
    sys.exit(main())
