"""What a real model makes of real edits: the product beside other ways to ask the same model.

    python -m benchmarks.real_model [--suite everyday] [--model qwen] [--arms product plain]
                                    [--tasks N] [--only WORD] [--reread] [--check-tasks] [--fetch]

The first run fetches and builds what it needs into `build/real-model`. Finished pairs of an arm and
a task are kept there and not run again: a run that was ended goes on where it was, `--fresh` begins
anew. Code that a model wrote is run (see `grade`). docs/benchmarks.md says how to read the tables.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.real_model import cache, engine, grade, report, run
from benchmarks.real_model.arms import ARMS
from benchmarks.real_model.humaneval import read_humanevalfix
from benchmarks.real_model.projects import read_projects
from benchmarks.real_model.tasks import Kind, Task, draw, read_tasks

SUITES = {
    "everyday": ("product", *ARMS),
    "humanevalfix": ("product", "plain"),
    "redirects": ("product", "again"),
    "large": ("product", "plain", "aider-diff"),
    "context": ("product", "no-context"),
    "weak": ("product",),
    "cache": (),
}
"""The arms of each suite, if none are named."""
_FEW = 14
"""Tasks for a weak model, if no number is given: it takes its time, and says little more then."""
_KINDS = {"redirects": Kind.REDIRECT, "large": Kind.LARGE}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for and print its table."""
    chosen = _parser().parse_args(arguments)
    # So that what was started is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return _do(chosen)
    except (engine.NotHere, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 2


def _do(chosen: argparse.Namespace) -> int:
    model = engine.MODELS[chosen.model or ("smollm2" if chosen.suite == "weak" else "qwen")]
    if chosen.check_tasks:
        return grade.main(chosen.only)
    if chosen.fetch:
        print(engine.fetch_model(model), engine.fetch_server(), sep="\n")
        return 0
    if chosen.suite == "cache":
        print(asyncio.run(cache.measure(model)))
        return 0
    file = run.results_file(model, chosen.suite)
    tasks, arms = _tasks(chosen), chosen.arms or SUITES[chosen.suite]
    if chosen.fresh and not chosen.reread:
        run.forget(file, arms)
    if chosen.reread:
        by_name = {task.name: task for task in tasks}
        lines = asyncio.run(run.reread(model, run.read_lines(chosen.replies or file), by_name.get))
    else:
        lines = asyncio.run(run.run(model, chosen.suite, arms, tasks))
    print("\n" + report.table(lines) if lines else "There is no such task.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_model")
    parser.add_argument("--suite", choices=SUITES, default="everyday")
    parser.add_argument("--model", choices=engine.MODELS, help="qwen, and smollm2 for weak")
    parser.add_argument("--arms", nargs="+", choices=(*run.PRODUCT_ARMS, *ARMS))
    parser.add_argument("--tasks", type=int, help="draw so many; of each language, HumanEvalFix")
    parser.add_argument("--only", nargs="+", default=[], help="parts of tasks' names")
    parser.add_argument("--humanevalfix", type=Path, default=engine.BUILD / "humanevalfix")
    parser.add_argument("--reread", action="store_true", help="read the kept replies, no model")
    parser.add_argument("--replies", type=Path, help="a file of results to be read again")
    parser.add_argument("--fresh", action="store_true", help="forget these arms' results")
    parser.add_argument("--fetch", action="store_true", help="only fetch and build")
    parser.add_argument("--check-tasks", action="store_true", help="grade the tasks' own solutions")
    return parser


def _tasks(chosen: argparse.Namespace) -> list[Task]:
    """The tasks of the suite that were asked for."""
    if chosen.suite == "humanevalfix":
        tasks = read_humanevalfix(chosen.humanevalfix, chosen.tasks or 40)
    elif chosen.suite == "context":
        tasks = read_projects()
        tasks = draw(tasks, chosen.tasks or len(tasks))
    else:
        kind = _KINDS.get(chosen.suite, Kind.EVERYDAY)
        tasks = [task for task in read_tasks() if task.kind is kind]
        few = chosen.tasks or (_FEW if chosen.suite == "weak" else len(tasks))
        tasks = draw(tasks, few)
    return [t for t in tasks if not chosen.only or any(word in t.name for word in chosen.only)]


if __name__ == "__main__":
    sys.exit(main())
