"""How often code that one token breaks is taken for syntax that a grammar does not know.

    python -m benchmarks.slips CHECKOUT... [--edits 40] [--slips 2] [--tell]

The edits are those of real commits, as in `benchmarks.quality`. In each answer that parses one
token is left out, or only its first half stays, at drawn places; what parses still is left alone.
All others are broken, so a gate that shows one is wrong: the figure is the share of those that it
shows, for each language. `--tell` prints these.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.history import Case, Repository, cases
from lsp_server.syntax.balance import leaves_between
from lsp_server.syntax.gate import make_gate
from lsp_server.syntax.tree import encode

_ALL = 1 << 30
# Longer scopes (code points) are the same again, and take long.
_LONGEST = 4_000


@dataclass(slots=True)
class Figures:
    """What was counted in one language."""

    broken: int = 0
    """Answers with a slip that do not parse."""
    shown: int = 0
    """Those of them that would be shown, with a warning."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkout", type=Path, nargs="+", help="git checkout or git directory")
    parser.add_argument("--edits", type=int, default=40, help="edits of each checkout")
    parser.add_argument("--slips", type=int, default=2, help="slips in each answer")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tell", action="store_true", help="print what would be shown")
    chosen = parser.parse_args(arguments)
    table: dict[str, Figures] = {}
    for place in chosen.checkout:
        with Repository(place) as repository:
            print(f"{place} at {repository.head[:12]}")
            draw = random.Random(chosen.seed)
            left = chosen.edits
            for case in cases(repository, _ALL, frozenset(), chosen.seed):
                if left <= 0:
                    break
                left -= _measure(case, draw, chosen, table)
    _print(table)
    return 0


def _measure(
    case: Case, draw: random.Random, chosen: argparse.Namespace, table: dict[str, Figures]
) -> bool:
    """Whether the edit counts: it is not long, and its answer parses."""
    if len(case.answer) > _LONGEST:
        return False
    gate = make_gate(case.document, case.scope, case.language)
    if not gate.settled(case.answer):
        return False
    figures = table.setdefault(case.language.id, Figures())
    for text, place in _slips(case, draw, chosen.slips):
        if gate.settled(text):
            continue
        figures.broken += 1
        if gate.unknown(text) is not None:
            figures.shown += 1
            if chosen.tell:
                line = text[text.rfind("\n", 0, place) + 1 :].split("\n")[0]
                print(f"{case.language.id}: {case.name}: {line!r} was {_line(case, place)!r}")
    return True


def _line(case: Case, place: int) -> str:
    start = case.answer.rfind("\n", 0, place) + 1
    return case.answer[start:].split("\n")[0]


def _slips(case: Case, draw: random.Random, count: int) -> Iterator[tuple[str, int]]:
    """The answer with one token left out or halved, and where in it (code points)."""
    head = encode(case.document[: case.scope.start])
    answer = encode(case.answer)
    source = head + answer + encode(case.document[case.scope.end :])
    root = case.language.parse(source).root_node
    end = len(head) + len(answer)
    spans = [(x.start_byte, x.end_byte) for x in leaves_between(root, len(head), end)]
    inside = [(a, b) for a, b in spans if len(head) <= a < b <= end]
    for start, stop in draw.sample(inside, min(count, len(inside))):
        keep = start + (stop - start) // 2 if draw.random() < 0.5 else start
        text = source[len(head) : keep] + source[stop:end]
        place = len(source[len(head) : keep].decode("utf-8", "ignore"))
        yield text.decode("utf-8", "ignore"), place


def _print(table: dict[str, Figures]) -> None:
    rows = sorted(table.items())
    shown, broken = (sum(getattr(f, n) for _, f in rows) for n in ("shown", "broken"))
    rows.append(("all", Figures(broken, shown)))
    print("| language | answers broken by one token | shown | % |\n| --- | --- | --- | --- |")
    for name, figures in rows:
        share = 100 * figures.shown / figures.broken if figures.broken else 0.0
        print(f"| {name} | {figures.broken} | {figures.shown} | {share:.1f} |")


if __name__ == "__main__":
    sys.exit(main())
