"""What a server's index costs, seen from outside: processor time, memory, files. Linux only.

Knows nothing of how the index works. It is done when no process below the server has used the
processor for a while.
"""

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["IndexCost", "memory_of", "watched"]

_PROC = Path("/proc")
_LOOK_S = 0.05
_QUIET_S = 1.5
"""Seconds without work after which the index counts as done."""
_LONGEST_S = 900.0
_DATABASES = (".db", ".db-wal", ".sqlite", ".sqlite-wal", ".sqlite3", ".sqlite3-wal")


@dataclass(slots=True)
class IndexCost:
    """What building it took."""

    seconds: float = 0.0
    """From the beginning of the watch until the last work of a process below the server."""
    child_mib: float = 0.0
    """The most memory that such a process had at once (RSS)."""
    server_mib: float = 0.0
    """The memory of the server afterwards (RSS)."""
    database_mib: float = 0.0


async def watched(server: int, home: Path) -> IndexCost:
    """Wait until the index of the server with this process id is done.

    `home` is where the server keeps files.
    """
    began = last = time.perf_counter()
    cost = IndexCost()
    ticks: dict[int, int] = {}
    while time.perf_counter() - last < _QUIET_S and time.perf_counter() - began < _LONGEST_S:
        await asyncio.sleep(_LOOK_S)
        for process in _below(server):
            used = _ticks(process)
            if used > ticks.get(process, 0):
                ticks[process], last = used, time.perf_counter()
                cost.child_mib = max(cost.child_mib, memory_of(process))
    cost.seconds = last - began
    cost.server_mib = memory_of(server)
    files = [path for path in home.rglob("*") if path.name.endswith(_DATABASES)]
    cost.database_mib = sum(path.stat().st_size for path in files) / 2**20
    return cost


def memory_of(process: int) -> float:
    """Resident memory in MiB; 0 for a process that has ended."""
    try:
        pages = int((_PROC / str(process) / "statm").read_text().split()[1])
    except (OSError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _below(server: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    parents = {}
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (stat := _stat(int(folder.name))):
            parents[int(folder.name)] = int(stat[1])
    found = [server]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return found[1:]


def _ticks(process: int) -> int:
    """Ticks of the processor that it has used."""
    stat = _stat(process)
    return int(stat[11]) + int(stat[12]) if stat else 0


def _stat(process: int) -> list[str]:
    """The fields behind the name, which may hold blanks: state, parent, …"""
    try:
        return (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
