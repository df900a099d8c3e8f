"""Reads the front matter of a rules file (`.mdc`): for which files it holds.

It is YAML, but only three keys of it matter, and people write them without much care. So it is read
leniently, line by line, and whatever is not understood counts as not written. Pure.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lsp_server.context.globs import matching_glob
from lsp_server.text.lines import split_lines

_FENCE = re.compile(r"---\s*")
_KEY = re.compile(r"([A-Za-z_][\w-]*)\s*:\s*(.*?)\s*")
_ITEM = re.compile(r"\s*-\s+(.*?)\s*")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_MOST_LINES = 100
_OUTSIDE_BRACES = re.compile(r",(?![^{}]*\})")
"""A comma that is not in `{ts,tsx}`."""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a rules file says about itself."""

    always: bool = False
    """`alwaysApply`."""
    globs: tuple[str, ...] = ()
    description: str = ""
    lines: int = 0
    """How many lines the front matter has, its fences included."""
    rest: str = ""
    """What comes after it."""


def front_matter(text: str) -> FrontMatter:
    """The front matter of a text; without one, everything is `rest`. Never raises."""
    lines = split_lines(text)
    if not lines or not _FENCE.fullmatch(lines[0]):
        return FrontMatter(rest=text)
    for number, line in enumerate(lines[1 : _MOST_LINES + 1], start=1):
        if _FENCE.fullmatch(line):
            values = _values(lines[1:number])
            always = values.get("alwaysapply", [""])[0].lower() in ("true", "yes", "on")
            description = " ".join(values.get("description", []))
            globs = tuple(_globs(values.get("globs", [])))
            return FrontMatter(always, globs, description, number + 1, "".join(lines[number + 1 :]))
    return FrontMatter(rest=text)


def applies_to(matter: FrontMatter, path: str) -> bool:
    """Whether the rules hold for a file, by its path from the folder of the workspace."""
    return matter.always or any(matching_glob(glob)(path) for glob in matter.globs)


def _values(lines: Iterable[str]) -> dict[str, list[str]]:
    """The values of each key: the text behind the colon, or the items of a list below it."""
    values: dict[str, list[str]] = {}
    items: list[str] = []
    for line in lines:
        if found := _ITEM.fullmatch(line.rstrip("\r\n")):
            items.append(_plain(found[1]))
        elif found := _KEY.fullmatch(line.rstrip("\r\n")):
            items = values[found[1].lower()] = [_plain(found[2])] if _plain(found[2]) else []
    return {key: items for key, items in values.items() if items}


def _globs(values: Iterable[str]) -> Iterable[str]:
    for value in values:
        inner = value[1:-1] if value.startswith("[") and value.endswith("]") else value
        for glob in _OUTSIDE_BRACES.split(inner):
            if plain := _plain(glob):
                yield plain


def _plain(value: str) -> str:
    """A value without its quotes, or without a comment if it has none."""
    value = value.strip()
    if len(value) > 1 and value[0] in "\"'" and value.find(value[0], 1) == len(value) - 1:
        return value[1:-1]
    return _COMMENT.sub("", value).strip() if not value.startswith(("[", '"', "'")) else value
