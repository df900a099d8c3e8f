"""How good the streaming is: real commits, streamed through the real server code.

    python -m benchmarks.quality CHECKOUT... [--commits 60] [--rate 1000] [--languages go,rust]

Each CHECKOUT is a git checkout or a bare git directory of any project. What its commits made of a
scope is streamed as a model would send it (simulated clock, perfect editor), and every state that
the editor sees is judged by a parse of the whole file. The first table is for an editor that takes
no time, no cap on edits and as many checks as are wanted: same seed, same cases, same figures, but
for the costs on the right, which are the processor's time. Below it stand the totals with the
product's cap on edits and its budget for checks, with a fast and with a slower editor. At the end
every case is named that did not end as exactly the answer, with the reason.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from benchmarks.history import Case, Repository, cases
from benchmarks.judge import Judge
from benchmarks.stream import Outcome, Setting, aligning, stream
from lsp_server.edit.diff import equal_lines, minimal_churn
from lsp_server.session.ledger import percentile
from lsp_server.text.lines import split_lines

TOTAL = "total"
# The product's own cap on edits a second, and an editor in another process on a busy machine.
CAP, SLOW_EDITOR = 25.0, 20.0
UNCAPPED = float("inf")
# An edit with less than this to come (milliseconds) after its first new character need not show
# anything before its end.
_WORTH_SHOWING = 30.0
# Gate checks count by the scope's size: up to so many lines.
_SMALL = 100


class Fate(StrEnum):
    """What became of an answer in the end."""

    EXACT = "exact"
    ALTERED = "altered"  # What is shown is something else, and nothing is held back.
    REFUSED = "refused"  # Held back by mistake …
    UNFIT = "unfit"  # … or because it does not fit.


@dataclass(slots=True)
class Figures:
    """What was measured of one language, or of all."""

    cases: int = 0
    churn: int = 0
    least_characters: int = 0
    least_lines: int = 0
    ratios: list[float] = field(default_factory=list)
    states: int = 0
    unsound: int = 0
    leaking: int = 0
    inexact: int = 0
    altered: int = 0
    refused: int = 0
    unfitting: int = 0
    holds: list[float] = field(default_factory=list)
    worth_showing: int = 0
    nothing_shown: int = 0
    align_us: float = 0.0
    lines: int = 0
    checks: list[float] = field(default_factory=list)

    def record(self) -> dict[str, float | int | None]:
        """The figures under the names of the table's columns."""
        return {
            "cases": self.cases,
            "edits": self.states,
            "churn": _ratio(self.churn, self.least_characters),
            "p50": _at(self.ratios, 0.5),
            "p90": _at(self.ratios, 0.9),
            "p99": _at(self.ratios, 0.99),
            "lines": _ratio(self.churn, self.least_lines),
            "parse%": _percent(self.states - self.unsound, self.states),
            "outside%": _percent(self.states - self.leaking, self.states),
            "exact%": _percent(self.cases - self.inexact, self.cases),
            "altered": self.altered,
            "refused": self.refused,
            "unfit": self.unfitting,
            "hold50": _at(self.holds, 0.5),
            "hold95": _at(self.holds, 0.95),
            "holdmax": _at(self.holds, 1.0),
            "nothing%": _percent(self.nothing_shown, self.worth_showing),
            "µs/line": _ratio(self.align_us, self.lines),
            "gate50": _at(self.checks, 0.5),
            "gate95": _at(self.checks, 0.95),
        }


LEGEND = """\
churn      characters inserted and deleted in all edits, to the least possible (Indel distance);
           p50, p90, p99 for each case; lines: to the least change of whole lines; of exact cases
parse%     states with no more syntax errors than the file had before, by whole-file parse
outside%   states in which all nodes outside of the scope are as they were
exact%     cases that end as exactly the answer; altered: shown as something else; refused: held
           back although they parse and leave the rest as it was; unfit: held back as they do not
hold       milliseconds of the stream from a character's arrival to its being shown
nothing%   cases that show nothing before the end, of those with 30 ms to come
µs/line    aligning a line; gate50, gate95: milliseconds for a check, scopes up to 100 lines; both
           in time of the processor, which a busy machine does not lengthen"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print the tables."""
    chosen = _arguments(arguments)
    fast = Setting(chosen.rate, 0.0, UNCAPPED)
    settings = {
        "no cap, editor 0 ms": fast,
        f"{CAP:.0f} edits/s, editor 0 ms": Setting(chosen.rate, 0.0, CAP, budget=True),
        f"{CAP:.0f} edits/s, editor {chosen.round_trip:.0f} ms": Setting(
            chosen.rate, chosen.round_trip, CAP, budget=True
        ),
    }
    languages = frozenset(name for name in chosen.languages.split(",") if name)
    measured: dict[str, dict[str, Figures]] = {name: {} for name in settings}
    sources = {}
    inexact: list[str] = []
    for place in chosen.checkout:
        with Repository(place) as repository:
            sources[str(place)] = repository.head
            for case in cases(repository, chosen.commits, languages, chosen.seed):
                for name, setting in settings.items():
                    outcome, reason = _measure(case, setting, measured[name])
                    if reason is not None and setting is fast:
                        inexact.append(f"{place} {case.name}: {reason}")
                    if chosen.worst and setting is fast:
                        _tell(place, case, outcome)
    records = {
        name: {language: figures.record() for language, figures in _in_order(table)}
        for name, table in measured.items()
    }
    if chosen.json:
        found = {"sources": sources, "rate": chosen.rate, "settings": records, "inexact": inexact}
        print(json.dumps(found, indent=1))
    else:
        _print(sources, records, inexact)
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkout", type=Path, nargs="+", help="git checkout or git directory")
    parser.add_argument("--commits", type=int, default=60, help="commits drawn of each checkout")
    parser.add_argument("--rate", type=float, default=1000, help="tokens per second of the model")
    parser.add_argument("--round-trip", type=float, default=SLOW_EDITOR, help="slow editor, ms")
    parser.add_argument("--languages", default="", help="language ids, with commas; default: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worst", action="store_true", help="also a line for each case")
    return parser.parse_args(arguments)


# -- measuring -------------------------------------------------------------------------------


def _measure(case: Case, setting: Setting, table: dict[str, Figures]) -> tuple[Outcome, str | None]:
    """Stream a case, judge what was shown, and enter it for its language and in total.

    Returns why it did not end as exactly the answer, if it did not.
    """
    outcome = stream(case, setting)
    judge = Judge(case.language, case.document, case.scope)
    verdicts = [judge.verdict(state) for state in outcome.states]
    fate, reason = fate_of(case, outcome, judge)
    exact = fate is Fate.EXACT
    least = minimal_churn(case.original, case.answer)
    align_us, lines = aligning(case)
    for key in (case.language.id, TOTAL):
        figures = table.setdefault(key, Figures())
        figures.cases += 1
        if exact:
            figures.churn += outcome.churn
            figures.least_characters += least
            figures.least_lines += _least_lines(case.original, case.answer)
            figures.ratios.append(outcome.churn / least)
        figures.states += len(verdicts)
        figures.unsound += sum(not parses for parses, _ in verdicts)
        figures.leaking += sum(not kept for _, kept in verdicts)
        figures.inexact += not exact
        figures.altered += fate is Fate.ALTERED
        figures.refused += fate is Fate.REFUSED
        figures.unfitting += fate is Fate.UNFIT
        figures.holds += outcome.holds
        if outcome.to_come >= _WORTH_SHOWING:
            figures.worth_showing += 1
            shown = outcome.first_shown
            figures.nothing_shown += shown is None or shown >= outcome.ended
        figures.align_us += align_us
        figures.lines += lines
        if case.original.count("\n") < _SMALL:
            figures.checks += outcome.checks
    return outcome, reason


def fate_of(case: Case, outcome: Outcome, judge: Judge) -> tuple[Fate, str | None]:
    """What became of an answer, and why, unless the file has exactly the answer."""
    last = outcome.states[-1] if outcome.states else case.document
    head, tail = case.document[: case.scope.start], case.document[case.scope.end :]
    wanted = head + case.answer + tail
    if last == wanted:
        return Fate.EXACT, None
    if _with_line_feeds(last) == _with_line_feeds(wanted):
        return Fate.ALTERED, "altered: the commit changes line ends, and the file's own are kept"
    if outcome.read != _with_line_feeds(case.answer):
        return Fate.ALTERED, "altered: the reader of replies took something else from the reply"
    if not outcome.message:
        return Fate.ALTERED, "altered: nothing is held, and yet something else is shown"
    parses, kept = judge.verdict(wanted)
    if parses and kept:
        return Fate.REFUSED, "refused: it parses and leaves the rest as it was"
    return Fate.UNFIT, "unfit: it " + (
        "changes what is outside of the scope" if parses else "has more syntax errors than before"
    )


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _least_lines(before: str, after: str) -> int:
    """The characters that go and come when the fewest lines are replaced as wholes."""
    old, new = split_lines(before), split_lines(after)
    kept = sum(len(old[at]) for at, _ in equal_lines(old, new))
    return len(before) + len(after) - 2 * kept


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _percent(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None


def _at(values: Sequence[float], share: float) -> float | None:
    return percentile(values, share) if values else None


# -- printing --------------------------------------------------------------------------------


def _in_order(table: dict[str, Figures]) -> Iterable[tuple[str, Figures]]:
    """The languages by name, the total last."""
    return sorted(table.items(), key=lambda item: (item[0] == TOTAL, item[0]))


def _print(
    sources: dict[str, str],
    records: dict[str, dict[str, dict[str, float | int | None]]],
    inexact: Sequence[str],
) -> None:
    for place, head in sources.items():
        print(f"{place} at {head[:12]}")
    for number, (name, table) in enumerate(records.items()):
        print(f"\n{name}")
        for language, record in table.items():
            if number and language != TOTAL:
                continue
            widths = [max(len(column), 7) for column in record]
            if language == next(iter(table)) or number:
                heads = zip(record, widths, strict=True)
                print(f"{'':<16}" + " ".join(f"{head:>{width}}" for head, width in heads))
            cells = zip(record.values(), widths, strict=True)
            print(f"{language:<16}" + " ".join(f"{_cell(v):>{width}}" for v, width in cells))
    print(f"\n{LEGEND}")
    if inexact:
        print("\nnot exact", *inexact, sep="\n")


def _cell(value: float | int | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, int) or value >= 100:
        return f"{value:.0f}"
    return f"{value:.2f}" if abs(value) < 99 else f"{value:.1f}"


def _tell(place: Path, case: Case, outcome: Outcome) -> None:
    """One case, for finding the ones that are worth a look."""
    least = minimal_churn(case.original, case.answer)
    held = max(outcome.holds, default=0.0)
    print(
        f"{outcome.churn - least:>7} {outcome.churn / least:>7.2f} {held:>6.0f} "
        f"{case.language.id} {place} {case.name} {outcome.message[:40]}",
        file=sys.stderr,
    )


if __name__ == "__main__":
    sys.exit(main())
