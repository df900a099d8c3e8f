"""Grades the result of a task: was the instruction carried out, and what was lost on the way.

    python -m benchmarks.real_model.grade [PART OF A NAME...]

Started like that, it grades the right and the wrong solutions of every task and names those that
do not end as they should.

The file is a model's work and is run. It is run in a process of its own, in a new folder that is
removed, with limits to its time, memory and the files it writes, and without this process's
environment. It is not kept from the network or from reading files: run this where code of a model
may run.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from benchmarks.real_model.projects import read_projects, write_project
from benchmarks.real_model.tasks import Task, read_tasks

__all__ = ["Grade", "Lacking", "grade", "lacking", "lines_that_stand"]

# What a check cannot do without. Go is not here: without it a check only looks, if it has a look.
_TOOLS = {
    "c": ("gcc",),
    "cpp": ("g++",),
    "java": ("javac", "java"),
    "javascript": ("node",),
    "rust": ("rustc",),
    "shellscript": ("bash",),
    "typescript": ("node",),
}
_CHECK = Path(__file__).with_name("check.py")
# Seconds of the clock for a whole check, compilers and all. The limits of each step, in seconds
# of the processor, are the check's own; this one is for what sleeps, on a machine that is busy.
_PATIENCE = 120.0
_KEPT_VARIABLES = ("PATH", "LANG", "CARGO_HOME", "RUSTUP_HOME", "HOME", "JAVA_HOME")


class Lacking(RuntimeError):
    """A program is not here that a check runs; the result is neither right nor wrong."""


@dataclass(frozen=True, slots=True)
class Grade:
    """What a result is worth."""

    passed: bool
    lines_lost: int
    """Lines of the original that every right solution keeps and this one does not."""
    excess: int
    """Characters changed beyond what the nearest right solution changes."""
    why: str
    """Why it did not pass: the last line that the check wrote. Empty if it passed."""


def grade(task: Task, text: str) -> Grade:
    """Check and measure `text`, the whole file after the edit. Raises `Lacking`."""
    programs = lacking(task.language)
    if task.language == "go" and not task.look and shutil.which("go") is None:
        programs = ["go"]
    if programs:
        raise Lacking(f"{task.name}: no {', no '.join(programs)} on the path")
    why = _fault(task, text)
    lost = lines_that_stand(task) - _lines(text)
    nearest = min(task.right, key=lambda right: Levenshtein.distance(right.text, text))
    least = Levenshtein.distance(task.text, nearest.text)
    excess = max(0, Levenshtein.distance(task.text, text) - least)
    return Grade(not why, lost.total(), excess, why)


def lacking(language: str) -> list[str]:
    """The programs that a check of this language needs and that are not on the path."""
    return [name for name in _TOOLS.get(language, ()) if shutil.which(name) is None]


def lines_that_stand(task: Task) -> Counter[str]:
    """The lines of the original, empty ones aside, that all right solutions have."""
    standing = _lines(task.text)
    for right in task.right:
        standing &= _lines(right.text)
    return standing


def _lines(text: str) -> Counter[str]:
    return Counter(line.rstrip() for line in text.splitlines() if line.strip())


def _fault(task: Task, text: str) -> str:
    """What the check has to say against the text; nothing if it passes.

    The word that a check ends with is drawn for each, so that code which ends the process early
    does not pass.
    """
    word = secrets.token_hex(8)
    with tempfile.TemporaryDirectory(prefix="real-model-") as folder:
        place = Path(folder)
        write_project(task, place)
        (place / task.file).parent.mkdir(parents=True, exist_ok=True)
        for name, content in (
            ("look", task.look), ("run", task.run), ("was", task.text), (task.file, text)
        ):  # fmt: skip
            (place / name).write_text(content, "utf-8", newline="")
        command = [sys.executable, "-I", str(_CHECK), task.file, task.language, word]
        out, err = _finished(command, place)
    if out.rstrip().endswith(word):
        return ""
    said = err.strip().splitlines()
    return said[-1] if said else "the check ended without a word"


def _finished(command: Sequence[str], folder: Path) -> tuple[str, str]:
    """What a process wrote. It and what it started are gone afterwards."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**kept, "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        _end(process)
        return "", "it took too long"
    _end(process)
    return out.decode("utf-8", "replace"), err.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all of its session."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main(parts: Sequence[str]) -> int:
    """Grade the solutions that the tasks bring along."""
    faults = 0
    for task in (*read_tasks(), *read_projects()):
        if parts and not any(part in task.name for part in parts):
            continue
        if programs := lacking(task.language):
            print(f"{task.name} | left out: no {', no '.join(programs)} on the path")
            continue
        for wanted, solutions in ((True, task.right), (False, task.wrong)):
            for solution in solutions:
                given = grade(task, solution.text)
                if given.passed != wanted or (wanted and (given.lines_lost or given.excess)):
                    faults += 1
                    print(f"{task.name} | {solution.title} | {given}")
    print(f"{faults} solutions end as they should not")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
