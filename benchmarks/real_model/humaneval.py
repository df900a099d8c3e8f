"""HumanEvalFix as tasks: a function with its description and one bug, and tests that know.

The data are other people's (bigcode-project/octopack, MIT) and are never part of this project. They
lie where `--humanevalfix` says: `python.jsonl`, `js.jsonl` and `go.jsonl`, which are that
repository's `evaluation/create/humaneval-x/data/<language>/data/humanevalpack.jsonl`.
"""

import random
import re
from pathlib import Path
from typing import Any

import orjson

from benchmarks.real_model.tasks import Kind, Solution, Task

__all__ = ["read_humanevalfix"]

_LANGUAGES = {
    "python": ("python", "solution.py"),
    "js": ("javascript", "solution.js"),
    "go": ("go", "solution.go"),
}


def read_humanevalfix(folder: Path, each: int) -> list[Task]:
    """`each` tasks of each language, drawn with the same seed at all times."""
    tasks = []
    for name in _LANGUAGES:
        lines = (folder / f"{name}.jsonl").read_text("utf-8").splitlines()
        rows = [orjson.loads(line) for line in lines]
        drawn = random.Random(1).sample(rows, min(each, len(rows)))
        # What needs packages cannot be judged here, nor by those who draw the same.
        alone = [row for row in drawn if "require(" not in row["buggy_solution"]]
        tasks += [_task(name, row) for row in alone]
    return tasks


def _task(name: str, row: dict[str, Any]) -> Task:
    language, file = _LANGUAGES[name]
    texts = [_whole(name, row, row[key]) for key in ("buggy_solution", "canonical_solution")]
    text, entry = texts[0], row["entry_point"]
    start = _begins(language, text, row)
    return Task(
        name=f"{name}/{row['task_id'].rpartition('/')[2]}",
        kind=Kind.EVERYDAY,
        file=file,
        language=language,
        text=text,
        start=start,
        end=len(text.rstrip()),
        instruction=f"fix the bug in {entry}",
        redirect=None,
        look="",
        run=_tests(name, row),
        right=(Solution("canonical", texts[1]),),
        wrong=(Solution("with the bug", text),),
    )


def _whole(name: str, row: dict[str, Any], body: str) -> str:
    package = "package main\n\n" if name == "go" else ""
    return f"{package}{row['prompt'].lstrip()}{body.rstrip()}\n"


def _begins(language: str, text: str, row: dict[str, Any]) -> int:
    """Where the function begins: behind the imports and helpers, which stay."""
    words = {"python": "def ", "javascript": "const ", "go": "func "}[language]
    found = re.search(rf"^{words}{re.escape(row['entry_point'])}\b", text, re.MULTILINE)
    if found is None:  # The data spell some names otherwise than their code.
        found = list(re.finditer(rf"^{words}", text, re.MULTILINE))[-1]
    return found.start()


def _tests(name: str, row: dict[str, Any]) -> str:
    """The data's own tests, in the form in which a check runs them."""
    test = str(row["test"])
    if name == "python":
        return f"from solution import *\n{test}"
    if name == "js":
        return f"console.assert = (told) => assert.ok(told);\n{test}"
    bodies = re.findall(r"^func Test\w*\([^)]*\) \{\n(.*?)^\}", test, re.MULTILINE | re.DOTALL)
    calls = "".join(f"{{\n{body}\n}}\n" for body in bodies).replace("assert := assert.New(t)\n", "")
    known = set(re.findall(r'"([\w/]+)"', row["test_setup"] + row["import"]))
    used = sorted(p for p in known if re.search(rf"\b{p.rpartition('/')[2]}\.[A-Z]", calls))
    imports = "".join(f'import "{package}"\n' for package in used)
    return imports + re.sub(r"\bassert\.Equal\(", "is(", calls)
