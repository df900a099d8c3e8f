"""A tiny language of imports for tests that need no grammar.

An import is a line `import a` or `from a import b, c`. The place of a new one is behind the last
import line, or at the top; names of a module that is imported already are merged into its line.
"""

import re
from collections.abc import Sequence

from lsp_server.session.import_offers import PlacedLine
from lsp_server.text.changes import Change

_IMPORT = re.compile(r"(?:import (\w+)|from (\w+) import (\w+(?:, \w+)*))")


def imports_in(text: str) -> tuple[str, ...]:
    """The lines of `text` that are imports."""
    return tuple(line.strip() for line in text.splitlines() if _IMPORT.fullmatch(line.strip()))


def place_imports(document: str, lines: Sequence[str]) -> tuple[PlacedLine, ...]:
    """Where `document` would get those of these lines that it lacks."""
    found = [(m.start(), m.end(), m) for m in _lines(document) if _IMPORT.fullmatch(m[0])]
    placed = []
    for line in lines:
        if (change := _change(document, line, found)) is not None:
            placed.append(PlacedLine(line, (change,)))
    return tuple(placed)


def _lines(document: str) -> list[re.Match[str]]:
    return list(re.finditer(r"[^\r\n]+", document))


def _change(
    document: str, line: str, found: Sequence[tuple[int, int, re.Match[str]]]
) -> Change | None:
    wanted = _IMPORT.fullmatch(line)
    assert wanted is not None
    same = [m for _, _, m in found if m[0] == line]
    same_module = [m for _, _, m in found if wanted[2] and m[0].startswith(f"from {wanted[2]} ")]
    if same:
        return None
    if same_module:
        known = [name for m in same_module for name in m[0].partition(" import ")[2].split(", ")]
        new = [name for name in wanted[3].split(", ") if name not in known]
        last = same_module[-1]
        return Change(last.start(), last.end(), ", ".join([last[0], *new])) if new else None
    end_of_line = re.search(r"\r\n|\r|\n", document)
    ends = end_of_line[0] if end_of_line else "\n"
    if not found:
        return Change(0, 0, line + ends)
    end = found[-1][1]
    behind = re.compile(r"\r\n|\r|\n").match(document, end)
    if behind is None:
        return Change(end, end, ends + line)
    return Change(behind.end(), behind.end(), line + ends)
