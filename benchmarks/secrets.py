"""What is masked in the corpus of `fixtures/secrets`, compared with `detect-secrets`, and its cost.

For each part of the corpus the kinds of secrets that each finds, those that it finds and we do not,
and the false alarms on the harmless texts. Then the time for 1,000 lines of this package's own
source code: ours as at each edit, and theirs as its command line reads a file.

    python -m benchmarks.secrets [--rounds N]
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_server.guard.secrets import find_secrets
from tests.support import rival
from tests.support.corpus import PARTS, Case, cases, masked

LINES = 1000
PACKAGE = Path(__file__).parents[1] / "lsp_server"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="times that the source is read")
    chosen = parser.parse_args(arguments)
    print("| part | kinds | masked | by detect-secrets | by it alone | harmless | false | its |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in PARTS:
            print(row(part, folder))
        case = Case("source", "source.py", source(), ())
        ours = least(lambda: find_secrets(case.text), chosen.rounds)
        theirs = least(lambda: rival.found(case, folder), chosen.rounds)
    print(f"\n{LINES:,} lines: {ours:.1f} ms; detect-secrets {theirs:.0f} ms")
    return 0


def row(part: str, folder: Path) -> str:
    """A line of the table: one part of the corpus."""
    secrets, harmless = cases(part, "secrets"), cases(part, "harmless")
    ours = [case for case in secrets if masked(case, find_secrets(case.text))]
    theirs = [case for case in secrets if rival.found(case, folder)]
    alone = [case for case in theirs if case not in ours]
    false = [case for case in harmless if find_secrets(case.text)]
    its = [case for case in harmless if rival.found(case, folder)]
    counts = (secrets, ours, theirs, alone, harmless, false, its)
    return f"| {part} | " + " | ".join(str(len(some)) for some in counts) + " |"


def source() -> str:
    """The first thousand lines of the package that are not about secrets themselves."""
    paths = sorted(path for path in PACKAGE.rglob("*.py") if path.parent.name != "guard")
    text = "\n".join(path.read_text("utf-8") for path in paths)
    return "".join(text.splitlines(keepends=True)[:LINES])


def least(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds, the least of some rounds: what other processes do is not in it."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        spent.append((time.perf_counter() - began) * 1000)
    return min(spent)


if __name__ == "__main__":
    sys.exit(main())
