"""How long text is held by slow and by fast models, and what that costs in characters written.

    python -m benchmarks.rates CHECKOUT... [--commits 20] [--rates 10,50,100,1000] [--beside DIR]

Streams the same real edits as `benchmarks.quality` (simulated clock, an editor that takes no time,
no cap on edits) once for each rate. With `--beside`, the product of another checkout is measured by
this same benchmark, and its figures are in the rows above.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.history import Case, Repository, cases
from benchmarks.judge import Judge
from benchmarks.quality import Fate, fate_of
from benchmarks.stream import Setting, stream
from lsp_server.edit.diff import minimal_churn
from lsp_server.session.ledger import percentile

RATES = "10,50,100,1000"
_COLUMNS = ("hold50", "hold95", "edit50", "edit95", "churn", "edits", "exact%", "sound%")
_DIGITS = {"churn": 2, "edits": 0}
_LEGEND = """\
hold     milliseconds of the stream from a character's arrival to its being shown
edit     the same by edits: the median of their p50, and of their p95
churn    characters inserted and deleted in all, to the least possible; of exact cases
sound%   states that parse as well as before, and keep all that is outside of the scope"""
# The other checkout's `lsp_server` is imported before this one's `benchmarks` can be found.
_BESIDE = """\
import sys, lsp_server
sys.path.insert(0, sys.argv.pop(1))
from benchmarks.rates import main
sys.exit(main())"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkout", type=Path, nargs="+", help="git checkout or git directory")
    parser.add_argument("--commits", type=int, default=20, help="commits drawn of each checkout")
    parser.add_argument("--rates", default=RATES, help="tokens per second, with commas")
    parser.add_argument("--languages", default="", help="language ids, with commas; default: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--beside", type=Path, help="a checkout of this project to compare with")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    languages = frozenset(name for name in chosen.languages.split(",") if name)
    heads: dict[str, str] = {}
    drawn: list[Case] = []
    for place in chosen.checkout:
        with Repository(place) as repository:
            heads[str(place)] = repository.head
            drawn += cases(repository, chosen.commits, languages, chosen.seed)
    found = {rate: measure(drawn, float(rate)) for rate in chosen.rates.split(",")}
    if chosen.json:
        print(json.dumps(found))
        return 0
    print(f"{len(drawn)} edits of", *(f"{place} at {head[:7]}" for place, head in heads.items()))
    tables = {"here": found}
    if chosen.beside is not None:
        tables = {"beside": _beside(chosen.beside, arguments), **tables}
    _print(tables)
    return 0


def measure(drawn: Sequence[Case], rate: float) -> dict[str, float]:
    """Stream all of them at `rate` tokens a second."""
    setting = Setting(rate, 0.0, float("inf"))
    churn = least = edits = sound = exact = 0
    holds: list[float] = []
    middles: list[float] = []
    ends: list[float] = []
    for case in drawn:
        outcome = stream(case, setting)
        judge = Judge(case.language, case.document, case.scope)
        edits += len(outcome.states)
        sound += sum(all(judge.verdict(state)) for state in outcome.states)
        if fate_of(case, outcome, judge)[0] is Fate.EXACT:
            exact += 1
            churn += outcome.churn
            least += minimal_churn(case.original, case.answer)
        holds += outcome.holds
        if outcome.holds:
            middles.append(percentile(outcome.holds, 0.5))
            ends.append(percentile(outcome.holds, 0.95))
    figures = (
        *(percentile(holds, share) for share in (0.5, 0.95)),
        percentile(middles, 0.5),
        percentile(ends, 0.5),
        churn / least,
        edits,
        100 * exact / len(drawn),
        100 * sound / edits,
    )
    return dict(zip(_COLUMNS, figures, strict=True))


def _beside(checkout: Path, arguments: Sequence[str] | None) -> dict[str, dict[str, float]]:
    """The same by the product of another checkout."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    at = given.index("--beside")
    del given[at : at + 2]
    done = subprocess.run(
        [sys.executable, "-P", "-c", _BESIDE, str(Path(__file__).parents[1]), *given, "--json"],
        env=os.environ | {"PYTHONPATH": str(checkout.resolve())},
        check=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _print(tables: dict[str, dict[str, dict[str, float]]]) -> None:
    print(f"{'tokens/s':<18}" + "".join(f"{column:>9}" for column in _COLUMNS))
    for rate in tables["here"]:
        for name, table in tables.items():
            cells = (f"{table[rate][c]:>9.{_DIGITS.get(c, 1)}f}" for c in _COLUMNS)
            print(f"{rate:<10}{name:<8}" + "".join(cells))
    print(f"\n{_LEGEND}")


if __name__ == "__main__":
    sys.exit(main())
