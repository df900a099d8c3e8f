"""The functions of a project, and the names that they use from its other files."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

__all__ = ["Function", "Oracle", "Place", "Use", "draw", "source_files"]

_FEWEST_LINES = 3
_MOST_LINES = 200
_SKIPPED = frozenset({"build", "dist", "node_modules", "target", "vendor", "__pycache__"})
_LARGEST_FILE = 500_000
"""Bytes. Larger files are seldom written by people."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file; the first is 0."""

    file: Path
    line: int


@dataclass(frozen=True, slots=True)
class Use:
    """A name that a function uses."""

    name: str
    """As the function writes it, such as `money.format`."""
    places: frozenset[Place]
    """Where it is defined; several where one name has several definitions."""
    how: str
    """What leads from the function to the definition, such as `relative import`."""
    kind: str
    """What is defined: `function`, `class`, `type`, `constant`."""
    member: bool = False
    """Whether it is a member of a class: it takes types to find those."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method that is no part of another function; lines from `first` to `last`."""

    file: Path
    first: int
    last: int

    @property
    def fits(self) -> bool:
        """Whether it is neither tiny nor huge."""
        return _FEWEST_LINES <= self.last - self.first + 1 <= _MOST_LINES


class Oracle(Protocol):
    """Knows one language in one project."""

    def functions(self) -> Sequence[Function]:
        """All of them, in the order of the files."""

    def uses(self, function: Function) -> tuple[Use, ...]:
        """Each name once."""


def source_files(root: Path, endings: frozenset[str]) -> list[Path]:
    """The files of a project that end so, without what is hidden, built or copied into it."""

    def walk(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.name in _SKIPPED or path.is_symlink():
                continue
            if path.is_dir():
                yield from walk(path)
            elif path.suffix in endings and path.stat().st_size <= _LARGEST_FILE:
                yield path

    return list(walk(root))


def draw(oracle: Oracle, count: int, seed: int) -> list[tuple[Function, tuple[Use, ...]]]:
    """So many functions that use at least one name of another file; the same at all times."""
    functions = [function for function in oracle.functions() if function.fits]
    drawn: list[tuple[Function, tuple[Use, ...]]] = []
    for function in random.Random(seed).sample(functions, len(functions)):
        if len(drawn) == count:
            break
        uses = oracle.uses(function)
        if any(not use.member for use in uses):
            drawn.append((function, uses))
    return drawn
