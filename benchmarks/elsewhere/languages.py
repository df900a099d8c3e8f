"""Which oracle knows which language."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.elsewhere.go_uses import GoOracle
from benchmarks.elsewhere.named_uses import NAMED
from benchmarks.elsewhere.python_uses import PythonOracle
from benchmarks.elsewhere.script_uses import ScriptOracle
from benchmarks.elsewhere.uses import Oracle, source_files

__all__ = ["ENDINGS", "languages_of"]

ENDINGS = {
    "c": frozenset({".c", ".h"}),
    "csharp": frozenset({".cs"}),
    "go": frozenset({".go"}),
    "java": frozenset({".java"}),
    "javascript": frozenset({".js", ".jsx", ".mjs", ".cjs"}),
    "php": frozenset({".php"}),
    "python": frozenset({".py"}),
    "ruby": frozenset({".rb"}),
    "rust": frozenset({".rs"}),
    "typescript": frozenset({".ts", ".tsx", ".mts", ".cts"}),
}
"""The endings of a language's files, by its LSP id."""
_ORACLES: dict[str, Callable[[Path], Oracle]] = {
    "go": GoOracle,
    "javascript": partial(ScriptOracle, endings=ENDINGS["javascript"]),
    "python": PythonOracle,
    "typescript": partial(ScriptOracle, endings=ENDINGS["typescript"]),
    **NAMED,
}


def languages_of(root: Path) -> Iterator[tuple[str, Oracle]]:
    """The languages of a project that most of its files are in, with their oracles."""
    counts = {name: len(source_files(root, ends)) for name, ends in ENDINGS.items()}
    for name, count in counts.items():
        if count and count >= max(counts.values()) / 2:
            yield name, _ORACLES[name](root)
