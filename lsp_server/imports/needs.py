"""Finds the import statements in what a model says its code needs.

Models decorate the lines of such a block: bullets, numbers, backticks, the marks of a diff,
comments, a fence around it. Only complete statements count: a bare `json` imports nothing.
"""

import re
from collections.abc import Iterator

from lsp_server.imports.statements import reads_imports
from lsp_server.imports.written_imports import written_imports
from lsp_server.syntax.language import Language
from lsp_server.syntax.languages import language_for

__all__ = ["import_lines"]

_MOST_LINES = 200
"""Later lines are not read: nothing needs that many imports."""
_LONGEST = 1_000
"""Longer lines, in code points, are no import statements."""
_FENCE = re.compile(r"\s*(?:```|~~~|<\?php\s*$|\?>)")
_BULLET = re.compile(r"^\s*(?:[-*•]\s+|\+\s*|\d+[.)]\s+)(?=\S)")
_CODE = re.compile(r"\s*(`{1,2})([^`]+)\1(?!\w).*")
_OPENING, _CLOSING = "({[", ")}]"


def import_lines(language_id: str, text: str) -> tuple[str, ...]:
    """The import statements in `text`, one string each, in order and each only once.

    A statement of several lines is joined into one line, and one that imports several modules is
    split. What is no import, is cut off or does not parse is left out. Never raises.
    """
    language = language_for(language_id)
    if language is None or not reads_imports(language.id):
        return ()
    return tuple(dict.fromkeys(_statements(language, text)))


def _statements(language: Language, text: str) -> Iterator[str]:
    lines = [_plain(line) for line in text.splitlines()[:_MOST_LINES]]
    at = 0
    while at < len(lines):
        end = _end_of(lines, at)
        found = written_imports(language, "\n".join(lines[at:end]))
        if not found and end > at + 1:
            end = at + 1
            found = written_imports(language, lines[at])
        yield from (each.text for each in found)
        at = end


def _plain(line: str) -> str:
    """The line without what stands around its code."""
    if len(line) > _LONGEST or _FENCE.match(line):
        return ""
    line = _BULLET.sub("", line, count=1)
    code = _CODE.fullmatch(line)
    return code[2] if code is not None else line


def _end_of(lines: list[str], at: int) -> int:
    """The line after the statement that begins at `at`: its brackets are closed there."""
    depth = 0
    for number in range(at, len(lines)):
        line = lines[number]
        depth += sum(map(line.count, _OPENING)) - sum(map(line.count, _CLOSING))
        if depth <= 0:
            return number + 1
    return at + 1
