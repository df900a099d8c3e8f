"""The projects of `fixtures/real-model-projects`: tasks that need a definition in another file.

The format is described in the README there. Knows nothing of models, prompts or grading.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.real_model.tasks import FOLDER, TASK, Kind, Malformed, Task, read_task

__all__ = ["PROJECTS", "read_projects", "write_project"]

PROJECTS = FOLDER.with_name("real-model-projects")
_FILE = "=== file: "
_FIELD = re.compile(r"^file: (.+)\n", re.MULTILINE)


def read_projects(folder: Path = PROJECTS) -> list[Task]:
    """All tasks, by the names of their projects. Raises `Malformed`."""
    return [task for path in sorted(folder.glob("*.project")) for task in _tasks_in(path)]


def _tasks_in(path: Path) -> Iterator[Task]:
    before, *blocks = re.split(rf"^{TASK}", path.read_text("utf-8"), flags=re.MULTILINE)
    files = {}
    for part in re.split(rf"^{_FILE}", before, flags=re.MULTILINE)[1:]:
        name, _, text = part.partition("\n")
        files[name] = text
    for block in blocks:
        title, _, rest = block.partition("\n")
        try:
            field = _FIELD.search(rest)
            if field is None:
                raise Malformed("it does not say which file is edited")
            others = tuple((name, text) for name, text in files.items() if name != field[1])
            name = f"{path.stem}: {title.strip()}"
            task = read_task(name, field[1], files[field[1]], rest)
        except (KeyError, ValueError) as error:
            raise Malformed(f"{path.name}, {title}: {error}") from error
        yield replace(task, kind=Kind.CONTEXT, beside=others)


def write_project(task: Task, folder: Path) -> None:
    """Write the other files of a task's project."""
    for name, text in task.beside:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="")
