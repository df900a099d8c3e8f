"""Holds the tasks that need another file to their word: right answers pass, guesses do not."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.real_model.engine import MODELS
from benchmarks.real_model.grade import Grade, grade, lacking
from benchmarks.real_model.projects import read_projects, write_project
from benchmarks.real_model.run import bench
from benchmarks.real_model.scaffold import leaked
from benchmarks.real_model.tasks import Malformed, Task

_TASKS = read_projects()
_HERE = [task for task in _TASKS if not lacking(task.language)]


@pytest.mark.parametrize("task", _HERE, ids=lambda task: task.name)
def test_the_reference_passes_and_a_guess_does_not(task: Task) -> None:
    assert grade(task, task.right[0].text) == Grade(True, 0, 0, "")
    given = grade(task, task.wrong[-1].text)
    assert not given.passed
    assert given.why


def test_there_are_twenty_in_several_languages() -> None:
    languages = Counter(task.language for task in _TASKS)
    assert len(_TASKS) >= 20
    assert languages["python"] > len(_TASKS) / 2
    assert {"javascript", "typescript"} <= languages.keys()
    assert all(len(task.wrong) >= 2 and task.beside for task in _TASKS)


def test_the_scope_uses_a_name_of_another_file() -> None:
    for task in _TASKS:
        scope = task.text[task.start : task.end]
        imports = [line for line in task.text.splitlines() if "import " in line]
        names = {word.strip(",{};") for line in imports for word in line.split()}
        assert any(name in scope for name in names - {"import", "from", "type"} if name), task.name


def test_files_of_a_project_are_written_into_their_folders(tmp_path: Path) -> None:
    task = next(task for task in _TASKS if task.file == "shop/orders.py")
    write_project(task, tmp_path)
    assert (tmp_path / "shop/status.py").read_text().startswith('"""What can happen')
    assert not (tmp_path / task.file).exists()


def test_lines_of_another_file_are_no_leaks() -> None:
    task = _TASKS[0]
    line = next(line for line in task.beside[0][1].splitlines() if line.strip())
    asked = {"messages": [{"content": f"{line}\nSelected code:"}]}
    assert leaked(task, f"{task.text}\n{line}", [asked]) == []
    assert leaked(task, f"{task.text}\nSelected code:", [asked]) == ["Selected code:"]


def test_a_task_that_names_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.project").write_text("=== file: a.py\nx = 1\n##### t\ninstruction: b\n")
    with pytest.raises(Malformed, match="which file"):
        read_projects(tmp_path)


@pytest.mark.parametrize("arm", ["product", "no-context"])
def test_a_project_is_edited_by_a_server_of_its_own(arm: str) -> None:
    task = next(task for task in _TASKS if task.name == "map-centre: middle-of-bounds")
    right = task.right[0].text
    scope = right[task.start : len(right) - len(task.text) + task.end]

    async def edited() -> dict[str, object]:
        async with bench(MODELS["qwen"], replaying=True) as running:
            running.relay.kept[:] = [{"reply": f"```python\n{scope}\n```", "finish": "stop"}]
            return await running.one("context", arm, task)

    line = asyncio.run(edited())
    assert (line["passed"], line["ended"], line["leaked"]) == (True, "done", []), line
