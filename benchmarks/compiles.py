"""Whether Python itself compiles what the editor shows: real commits, streamed.

    python -m benchmarks.compiles CHECKOUT... [--edits 300] [--cuts 2] [--rate 1000]

As `benchmarks.quality`, for Python alone and with another judge: each state of a file that compiled
before goes to `compile()`, which is independent of the gate and stricter than a grammar. Each
answer is streamed to its end, and again until the connection drops at drawn tokens, so what stays
after a cut is among the states; a stop leaves one that was shown. Files and answers that do not
compile by themselves (Python 2, newer syntax than this Python's) are left out and counted. Every
state that does not compile is named.
"""

import argparse
import random
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.history import Case, Repository, cases
from benchmarks.stream import Setting, reply, stream, tokens

_PYTHON = frozenset({"python"})
# More commits than any history has: what ends the run is the number of edits.
_ALL = 1 << 30


@dataclass(slots=True)
class Figures:
    """What was counted."""

    edits: int = 0
    left_out: int = 0
    exact: int = 0
    states: int = 0
    after_cuts: int = 0
    failing: list[str] = field(default_factory=list)
    """A line for each state that does not compile."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print the figures; 1 if a state does not compile."""
    chosen = _arguments(arguments)
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    figures = Figures()
    sources = [_measure(place, chosen, figures) for place in chosen.checkout]
    print(*sources, sep="\n")
    print(f"edits that compile before and after: {figures.edits}; left out: {figures.left_out}")
    print(f"end as exactly the answer: {figures.exact}")
    print(f"states, those after cuts among them: {figures.states}, {figures.after_cuts}")
    print(f"of these do not compile: {len(figures.failing)}")
    print(*figures.failing, sep="\n", end="\n" if figures.failing else "")
    return 1 if figures.failing else 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkout", type=Path, nargs="+", help="git checkout or git directory")
    parser.add_argument("--edits", type=int, default=300, help="edits in all")
    parser.add_argument("--cuts", type=int, default=2, help="cuts of each answer")
    parser.add_argument("--rate", type=float, default=1000, help="tokens per second of the model")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def _measure(place: Path, chosen: argparse.Namespace, figures: Figures) -> str:
    """Take this checkout's share of the edits; returns which commit it stands at."""
    share = -(-chosen.edits // len(chosen.checkout))
    draw = random.Random(chosen.seed)
    with Repository(place) as repository:
        for case in cases(repository, _ALL, _PYTHON, chosen.seed):
            if share <= 0 or figures.edits >= chosen.edits:
                break
            whole = _with(case, case.answer)
            if fault_of(case.document) is not None or fault_of(whole) is not None:
                figures.left_out += 1
                continue
            share -= 1
            figures.edits += 1
            setting = Setting(chosen.rate, 0.0, float("inf"))
            states = stream(case, setting).states
            figures.exact += bool(states) and states[-1] == whole
            _note(figures, case, f"{place} {case.name}", states)
            for cut, left in _cuts(case, setting, draw, chosen.cuts):
                figures.after_cuts += len(left)
                _note(figures, case, f"{place} {case.name}, cut behind token {cut}", left)
        return f"{place} at {repository.head[:12]}"


def _cuts(
    case: Case, setting: Setting, draw: random.Random, count: int
) -> Iterator[tuple[int, list[str]]]:
    """The answer cut at drawn tokens: where, and the state that stays, if any was shown."""
    length = len(tokens(reply(case)))
    for cut in sorted(draw.sample(range(1, length), min(count, length - 1))):
        yield cut, stream(case, setting, cut=cut).states[-1:]


def _note(figures: Figures, case: Case, name: str, states: Sequence[str]) -> None:
    figures.states += len(states)
    for state in states:
        fault = fault_of(state)
        if fault is not None:
            figures.failing.append(f"{name}: {fault}")


def _with(case: Case, answer: str) -> str:
    return case.document[: case.scope.start] + answer + case.document[case.scope.end :]


def fault_of(document: str) -> str | None:
    """Why Python does not compile it, and the line; None where it does."""
    try:
        compile(document, "<state>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"{error.msg} (line {error.lineno})"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main())
