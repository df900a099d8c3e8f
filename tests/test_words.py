"""Words that are retired: one word stands for one thing, in all that users and readers meet."""

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.architecture import ROOT, SOURCE, module_files

_CLIENT = ROOT / "vscode-client"

SAID_TO_USERS = {
    r"steer\w*": "redirect",
    r"rungs?": "level",
    r"ladders?": "levels",
    r"desks?": "the name of the class",
    r"pens?": "the name of the class",
    r"offices?": "server state",
    r"foresight": "read ahead",
    r"goals?": "target",
    r"mend(?:s|ed|ing)?": "fix",
    r"(?:is|are) told": "who says what to whom",
    r"so that": "to, or a sentence of its own",
    r"must be (?:a )?texts?": "must be a string",
    r"whole number": "integer",
    r"of which": "a sentence of its own",
    r"by its own fault": "which is the server's fault",
    r"a mistake of (?:its own|Midstream)": "Midstream failed",
    r"the model's server": "the model server",
    r"(?:what|which) stands": "the code",
}
"""Patterns of words for users, and what to say instead."""

SAID_TO_READERS = {
    r"borders?": "boundary",
    r"desks?": "the name of the class",
    r"foresights?": "read ahead",
    r"(?:a|the|by|at|led by) hand": "a user, or by whom",
    r"houses?": "architecture",
    r"ladders?": "levels",
    r"laws?": "rule, or invariant",
    r"mend(?:s|ing)?": "fix, or repair",
    r"mirror(?:s|ed|ing)?": "copy",
    r"offices?": "server state",
    r"pens?": "the name of the class",
    r"rooms?": "package, or space",
    r"rungs?": "level",
    r"scaffold(?:s|ing)?": "lines of the prompt",
    r"seats?": "place",
    r"steer(?:s|ed)?": "redirect",
    r"told": "shown, or said",
    r"trails?": "scope positions",
    r"wish(?:es|ed)?": "instruction",
}
"""The same for docstrings, comments and names of the server, and for the documents."""

STAYS = {
    r"`ladder\b": "a key of the protocol",
    r"_trails_off": "three dots that end a sentence",
    r"response\.steer|\bSteer\b|\bsteer\b": "an event of the Responses API",
    r"\bborder_style\b": "an option of `rich`",
}
"""What has a retired word and is right, with the reason."""

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")
"""With those in `docs`. The changelog says what was: it may use old words."""

_NOT_FOR_USERS = ("prompt", "edit/reply/request_fragments.py", "practice/vocabulary.py")
"""What a model reads, or what is looked for in a text."""


def _python_strings() -> Iterator[tuple[str, str]]:
    """Every literal of more than two words that isn't a docstring or a pattern, with its place."""
    for _, path in module_files():
        place = path.relative_to(SOURCE).as_posix()
        if place.startswith(_NOT_FOR_USERS):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        inner = {
            id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
        }  # Docstrings of modules, classes, functions and attributes.
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = node.value
                if id(node) not in inner and words.count(" ") > 1 and "\\" not in words:
                    yield f"{place}:{node.lineno}", words


def _typescript_strings() -> Iterator[tuple[str, str]]:
    for path in sorted((_CLIENT / "src").rglob("*.ts")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if not line.strip().startswith(("*", "/*", "//", "import ")):
                for found in re.finditer(r"\"([^\"]* [^\"]*)\"|`([^`]* [^`]*)`", line):
                    yield f"{path.name}:{number}", found[1] or found[2]


def _manifest_strings() -> Iterator[tuple[str, str]]:
    def walk(value: Any, place: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            for name, one in value.items():
                yield from walk(one, f"{place}.{name}")
        elif isinstance(value, list):
            for one in value:
                yield from walk(one, place)
        elif isinstance(value, str) and re.search(r"escription|title|category$", place):
            yield place, value

    yield from walk(json.loads((_CLIENT / "package.json").read_text("utf-8")), "package.json")


def _walkthrough() -> Iterator[tuple[str, str]]:
    for path in sorted((_CLIENT / "media").rglob("*.md")):
        yield path.name, path.read_text("utf-8")


def _retired(strings: Iterator[tuple[str, str]], retired: dict[str, str]) -> list[str]:
    return [
        f"{place}: {words!r} has {match[0]!r}; say: {instead}"
        for place, words in strings
        for pattern, instead in retired.items()
        for match in re.finditer(rf"\b(?:{pattern})\b", words, re.IGNORECASE)
    ]


@pytest.mark.parametrize(
    "strings", [_python_strings, _typescript_strings, _manifest_strings, _walkthrough]
)
def test_users_read_no_retired_word(strings: Any) -> None:
    assert not _retired(strings(), SAID_TO_USERS)


def test_every_list_of_strings_finds_some() -> None:
    """The test above would pass without any."""
    for strings in (_python_strings, _typescript_strings, _manifest_strings, _walkthrough):
        assert len(list(strings())) > 3


def _prose() -> Iterator[tuple[str, str]]:
    """Every docstring, with those of attributes, and every comment of the server."""
    for name, path in module_files():
        text = path.read_text("utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                yield f"{name}:{node.lineno}", str(node.value.value)
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield f"{name}:{token.start[0]}", token.string


def _names() -> Iterator[tuple[str, str]]:
    """Every name in the server's code, its parts as words."""
    for name, path in module_files():
        for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
            if token.type == tokenize.NAME and not _stays(token.string):
                parts = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", token.string)
                yield f"{name}:{token.start[0]}", parts.replace("_", " ")


def _documents() -> Iterator[tuple[str, str]]:
    for path in (*(ROOT / name for name in DOCUMENTS), *sorted((ROOT / "docs").glob("*.md"))):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            yield f"{path.name}:{number}", line


def _stays(words: str) -> bool:
    return any(re.fullmatch(pattern, words) for pattern in STAYS)


def _without_exceptions(strings: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for place, words in strings:
        for pattern in STAYS:
            words = re.sub(pattern, "", words)
        yield place, words


@pytest.mark.parametrize("strings", [_prose, _names, _documents])
def test_readers_meet_no_retired_word(strings: Any) -> None:
    assert not _retired(_without_exceptions(strings()), SAID_TO_READERS)


def test_every_exception_is_needed() -> None:
    """An exception for words that are nowhere would hide the next ones."""
    everything = "\n".join(words for strings in (_prose, _documents) for _, words in strings())
    everything += "\n".join(path.read_text("utf-8") for _, path in module_files())
    assert [pattern for pattern in STAYS if not re.search(pattern, everything)] == []
