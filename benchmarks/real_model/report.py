"""Tables of the results: each arm alone, and next to the product on the tasks that both passed."""

from collections.abc import Sequence
from statistics import median

from benchmarks.loopback import Json

__all__ = ["table"]

_HEAD = (
    f"{'arm':<12}{'n':>4}{'passed':>8}{'same':>6}{'held':>6}{'failed':>8}{'ran on':>8}{'leaked':>8}"
    f"{'lost':>6}{'excess':>8}{'in':>7}{'read':>7}{'out':>6}{'first':>7}{'wall':>7}"
)
_HOW = """\
passed: of those that could be graded. same: the answer is the code as it was; held: shown nothing
of, or not all; failed: ended with a fault; ran on: stopped after five minutes. leaked: files with a
line of the prompt's own. lost: lines of the original, all tasks. excess: characters changed beyond
the nearest right solution, mean of the passed. in, read, out: tokens of the prompts, of those not
cached, of the answers, medians. first, wall: seconds to the first token and in all, medians."""


def table(lines: Sequence[Json]) -> str:
    """What to print of the lines of one suite."""
    arms = list(dict.fromkeys(line["arm"] for line in lines))
    rows = [_row(arm, [line for line in lines if line["arm"] == arm]) for arm in arms]
    pairs = [_pair(lines, arm) for arm in arms if arm != "product" and "product" in arms]
    return "\n".join([_HEAD, *rows, "", *pairs, *_sound(lines), "", _HOW])


def _row(arm: str, lines: Sequence[Json]) -> str:
    known = [line for line in lines if line["passed"] is not None]
    passed = [line for line in known if line["passed"]]
    ended = [line["ended"] for line in lines]
    leaks = sum(bool(line["leaked"]) for line in lines)
    firsts = [x["first_ms"] for line in lines for x in line["exchanges"][:1] if x["first_ms"]]
    return (
        f"{arm:<12}{len(known):>4}{len(passed):>8}{ended.count('same'):>6}"
        f"{ended.count('held'):>6}{ended.count('failed'):>8}{ended.count('stopped'):>8}{leaks:>8}"
        f"{sum(line['lost'] for line in lines):>6}{_mean([x['excess'] for x in passed]):>8.0f}"
        f"{_sums(lines, 'sent'):>7.0f}{_sums(lines, 'uncached'):>7.0f}{_sums(lines, 'got'):>6.0f}"
        f"{median(firsts or [0]) / 1000:>7.1f}{median([x['ms'] for x in lines]) / 1000:>7.1f}"
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _sums(lines: Sequence[Json], name: str) -> float:
    return float(median(sum(x[name] for x in line["exchanges"]) for line in lines))


def _pair(lines: Sequence[Json], arm: str) -> str:
    """The product beside one other arm, task by task."""
    ours = {line["task"]: line for line in lines if line["arm"] == "product"}
    theirs = {line["task"]: line for line in lines if line["arm"] == arm}
    tasks = [task for task in ours if task in theirs]
    both = [t for t in tasks if ours[t]["passed"] and theirs[t]["passed"]]
    alone = sum(bool(ours[t]["passed"]) and theirs[t]["passed"] is False for t in tasks)
    other = sum(bool(theirs[t]["passed"]) and ours[t]["passed"] is False for t in tasks)
    excess = [sum(side[t]["excess"] for t in both) for side in (ours, theirs)]
    lost = [sum(side[t]["lost"] for t in both) for side in (ours, theirs)]
    return (
        f"product and {arm}: both {len(both)}, product alone {alone}, {arm} alone {other}; "
        f"of both, needless characters {excess[0]} and {excess[1]}, lines lost {lost[0]} and "
        f"{lost[1]}"
    )


def _sound(lines: Sequence[Json]) -> list[str]:
    """What must hold whatever a model says, for each arm."""
    found = []
    for arm in dict.fromkeys(line["arm"] for line in lines):
        own = [line for line in lines if line["arm"] == arm]
        found.append(
            f"{arm}: parse no worse than before {sum(line['parses'] for line in own)}/{len(own)}, "
            f"same outside {sum(line['outside'] for line in own)}/{len(own)}, "
            f"a declaration lost without a word {sum(line['silent'] for line in own)}"
        )
    return found
