"""Which processes run, and who started them.

Read from `/proc` where that is: tests ask so often that a `ps` for each question would keep the
machine from what they wait for.
"""

import os
import subprocess
from pathlib import Path

_PROC = Path("/proc")


def running(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked about does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not _state(pid).startswith("Z")


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [child for child, parent in _parents().items() if parent == pid]


def family(pids: set[int]) -> set[int]:
    """These processes, all that they have started, and so on."""
    parents = _parents()
    found = set(pids)
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _parents() -> dict[int, int]:
    """Child to parent, of all processes."""
    if not _PROC.is_dir():
        pairs = map(str.split, _ps("-A", "-o", "pid=,ppid=").splitlines())
        return {int(child): int(parent) for child, parent in pairs}
    pids = [int(path.name) for path in _PROC.glob("[0-9]*")]
    return {pid: int(stat[1]) for pid in pids if (stat := _stat(pid))}


def _state(pid: int) -> str:
    if _PROC.is_dir():
        return (_stat(pid) or ["Z"])[0]
    return _ps("-o", "stat=", "-p", str(pid)).strip() or "Z"


def _stat(pid: int) -> list[str]:
    """State, parent and so on, as Linux tells them; nothing of a process that has gone."""
    try:
        told = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return []
    return told.rpartition(")")[2].split()  # Before it is the name, which may hold anything.


def _ps(*arguments: str) -> str:
    done = subprocess.run(("ps", *arguments), capture_output=True, text=True, check=False)
    return done.stdout
