"""The tasks of `fixtures/real-model`: files, instructions, and right and wrong solutions.

The format is described in `fixtures/real-model/README.md`. This module reads it and knows nothing
of models, prompts or grading.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = [
    "FOLDER",
    "TASK",
    "Kind",
    "Malformed",
    "Redirect",
    "Solution",
    "Task",
    "draw",
    "read_task",
    "read_tasks",
]

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "real-model"

_LANGUAGES = {
    ".c": "c",
    ".cpp": "cpp",
    ".css": "css",
    ".go": "go",
    ".html": "html",
    ".java": "java",
    ".js": "javascript",
    ".json": "json",
    ".md": "markdown",
    ".py": "python",
    ".rs": "rust",
    ".sh": "shellscript",
    ".sql": "sql",
    ".toml": "toml",
    ".ts": "typescript",
    ".yaml": "yaml",
}
TASK = "##### "
"""What a task begins with; its name follows."""
_SECTION, _HUNK = "=== ", "@@"
_SECTIONS = {"run", "look", "reference", "also", "wrong", "wrong on reference"}


class Malformed(ValueError):
    """A task file does not hold what the format wants."""


class Kind(StrEnum):
    """What a task is there for."""

    EVERYDAY = "everyday"
    REDIRECT = "redirect"  # The instruction changes while the answer streams.
    LARGE = "large"  # 250 to 400 lines are selected, and one or two places change.
    CONTEXT = "context"  # The answer depends on a definition in another file.


@dataclass(frozen=True, slots=True)
class Redirect:
    """A second instruction, said when the share `after` (0 to 1) of the first answer has come."""

    instruction: str
    after: float


@dataclass(frozen=True, slots=True)
class Solution:
    """A whole file that is right or wrong, and what is special about it."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Task:
    """One edit: a file, the selection in it, the instruction, and how to know that it was done.

    `start` and `end` count code points; they are the same for a bare cursor. `look` is a script
    that asserts on the text; `run` is a body in the file's own language that calls it.
    """

    name: str
    kind: Kind
    file: str
    language: str
    text: str
    start: int
    end: int
    instruction: str
    redirect: Redirect | None
    look: str
    run: str
    right: tuple[Solution, ...]
    """Solutions that pass; the first is the reference."""
    wrong: tuple[Solution, ...]
    """Solutions that fail; the first is the file as it was."""
    beside: tuple[tuple[str, str], ...] = ()
    """The other files of the project, with their texts. `file` may name a folder then."""


def read_tasks(folder: Path = FOLDER) -> list[Task]:
    """All tasks, by the names of their files. Raises `Malformed`."""
    tasks = [task for path in sorted(folder.rglob("*.tasks")) for task in _tasks_in(path)]
    names = [task.name for task in tasks]
    if twice := {name for name in names if names.count(name) > 1}:
        raise Malformed(f"names used twice: {sorted(twice)}")
    return tasks


def draw(tasks: Sequence[Task], count: int) -> list[Task]:
    """So many of the tasks, the languages by turns; the same ones at all times.

    A larger draw holds a smaller one.
    """
    by_language: dict[str, list[Task]] = {}
    for task in random.Random(1).sample(tasks, len(tasks)):
        by_language.setdefault(task.language, []).append(task)
    rounds = max(map(len, by_language.values()), default=0)
    drawn = [of[n] for n in range(rounds) for of in by_language.values() if n < len(of)]
    return drawn[:count]


def _tasks_in(path: Path) -> Iterator[Task]:
    """The tasks on one file. `cart.py.tasks` is about `cart.py`, or what `cart.py.in` makes."""
    source = path.with_suffix("")
    recipe = source.with_name(source.name + ".in")
    text = expand(recipe.read_text("utf-8")) if recipe.exists() else source.read_text("utf-8")
    for block in re.split(rf"^{TASK}", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        title, _, rest = block.partition("\n")
        name = f"{source.name}: {title.strip()}"
        try:
            yield read_task(name, source.name, text, rest)
        except (KeyError, ValueError) as error:
            raise Malformed(f"{path.name}, {title}: {error}") from error


def read_task(name: str, file: str, text: str, block: str) -> Task:
    """The task that stands in a block below its name. Raises `KeyError` and `ValueError`."""
    head, *parts = re.split(rf"^{_SECTION}", block, flags=re.MULTILINE)
    fields = dict(line.split(": ", 1) for line in head.splitlines() if line)
    sections = [_section(part) for part in parts]
    scripts = {kind: body for kind, _, body in sections if kind in ("run", "look")}
    right, wrong = _solutions(text, sections)
    start, end = _selection(text, fields)
    redirect = (
        Redirect(fields["redirect"], float(fields["after"])) if "redirect" in fields else None
    )
    return Task(
        name=name,
        kind=Kind.REDIRECT if redirect else Kind(fields.get("kind", Kind.EVERYDAY)),
        file=file,
        language=_LANGUAGES[Path(file).suffix],
        text=text,
        start=start,
        end=end,
        instruction=fields["instruction"],
        redirect=redirect,
        look=scripts.get("look", ""),
        run=scripts.get("run", ""),
        right=tuple(right),
        wrong=tuple(wrong),
    )


def _section(part: str) -> tuple[str, str, str]:
    """The kind of a section, its title and what stands below."""
    heading, _, body = part.partition("\n")
    kind, _, title = heading.partition(": ")
    if kind not in _SECTIONS:
        raise Malformed(f"no section is called {kind!r}")
    return kind, title or kind, body


def _solutions(
    text: str, sections: Sequence[tuple[str, str, str]]
) -> tuple[list[Solution], list[Solution]]:
    """The right solutions and the wrong ones. Raises `Malformed` without a reference."""
    right: list[Solution] = []
    wrong = [Solution("the file as it was", text)]
    for kind, title, body in sections:
        if kind in ("reference", "also"):
            right.append(Solution(title, apply(text, body)))
        elif kind == "wrong":
            wrong.append(Solution(title, apply(text, body)))
        elif kind == "wrong on reference":
            wrong.append(Solution(title, apply(right[0].text, body)))
    if not right:
        raise Malformed("it has no reference")
    return right, wrong


def _selection(text: str, fields: dict[str, str]) -> tuple[int, int]:
    """`select: FIRST ... LAST` names lines by how they begin, `cursor: LINE` a place at its end.

    A LAST that is a closing bracket is as deep as the first line; `(end)` is the file's last line.
    """
    if "cursor" in fields:
        _, end = _line(text, fields["cursor"], 0)
        return end, end
    first, _, last = fields["select"].partition(" ... ")
    start, end = _line(text, first, 0)
    if last == "(end)":
        return start, len(text.rstrip())
    if last:
        depth = len(text[start:end]) - len(text[start:end].lstrip())
        blanks = text[start : start + depth] if last[0] in ")]}" else None
        _, end = _line(text, last, end, blanks)
    return start, end


def _line(text: str, beginning: str, after: int, blanks: str | None = None) -> tuple[int, int]:
    """Where the first line behind `after` starts and ends that begins so, behind these blanks."""
    before = "[ \t]*" if blanks is None else blanks
    found = re.compile(rf"^{before}{re.escape(beginning)}.*", re.MULTILINE).search(text, after)
    if found is None:
        raise Malformed(f"no line begins with {beginning!r}")
    return found.span()


def apply(text: str, hunks: str) -> str:
    """The text with hunks applied: a diff without numbers, hunks parted by `@@`.

    What a hunk takes away and leaves must be whole lines that stand exactly once in the text.
    """
    for hunk in re.split(rf"^{_HUNK}\n", hunks, flags=re.MULTILINE):
        lines = [line if line.strip("\n") else " \n" for line in hunk.rstrip("\n").splitlines(True)]
        if odd := [line for line in lines if line[0] not in " -+"]:
            raise Malformed(f"a hunk's lines begin with a blank, - or +: {odd[0]!r}")
        old = "".join(line[1:].rstrip("\n") + "\n" for line in lines if line[0] != "+")
        new = "".join(line[1:].rstrip("\n") + "\n" for line in lines if line[0] != "-")
        whole = "\n" + text
        times = len(re.findall(rf"(?=\n{re.escape(old)})", whole))
        if times != 1:
            raise Malformed(f"stands {times} times in the text:\n{old}")
        text = whole.replace("\n" + old, "\n" + new)[1:]
    return text


def expand(recipe: str) -> str:
    """What a recipe makes: `%for a, b: x, y; v, w` … `%end` writes its lines for each pair.

    `@a@` in the lines stands for the value. No loop stands in another.
    """
    made: list[str] = []
    lines = iter(recipe.splitlines(keepends=True))
    for line in lines:
        if not line.startswith("%for "):
            made.append(line)
            continue
        names, _, rows = line.removeprefix("%for ").strip().partition(": ")
        body = []
        for inner in lines:
            if inner.startswith("%end"):
                break
            body.append(inner)
        for row in rows.split("; "):
            one = "".join(body)
            for key, value in zip(names.split(", "), row.split(", "), strict=True):
                one = one.replace(f"@{key}@", value)
            made.append(one)
    return "".join(made)
