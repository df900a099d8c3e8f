""".github/workflows: what runs where, with which rights, and that it only calls what is here.

Whether a hosted runner gets through them cannot be tested here.
"""

import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".github" / "workflows"
NAMES = ("test.yml", "release.yml")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def workflow(name: str) -> dict[str, Any]:
    """YAML reads the key `on` as a truth value; here it has its name."""
    read = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return {"on" if key is True else key: value for key, value in read.items()}


def commands(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


def matrix(name: str, job: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = workflow(name)["jobs"][job]["strategy"]["matrix"]
    return found


def test_there_are_no_others() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(NAMES)


def test_the_matrix_holds_each_python_that_is_promised() -> None:
    pythons = matrix("test.yml", "test")["python"]
    asked = SpecifierSet(PROJECT["requires-python"])
    assert all(version in asked for version in pythons)
    minors = sorted(int(version.removeprefix("3.")) for version in pythons)
    assert minors == list(range(minors[0], minors[-1] + 1))
    assert f"3.{minors[0] - 1}" not in asked, "the oldest Python is missing"
    named = re.findall(r"Python :: (3\.\d+)$", "\n".join(PROJECT["classifiers"]), re.MULTILINE)
    assert named
    assert set(named) <= set(pythons)
    assert minors == list(_bundled_minors())


def _bundled_minors() -> tuple[int, ...]:
    """The Pythons that the extension brings packages for."""
    text = (ROOT / "vscode-client" / "scripts" / "bundle.py").read_text("utf-8")
    (found,) = re.findall(r"^MINORS = \(([\d, ]+)\)$", text, re.MULTILINE)
    return tuple(map(int, found.split(",")))


def test_every_python_runs_all_tests_on_each_system() -> None:
    test = workflow("test.yml")["jobs"]["test"]
    systems = {name.partition("-")[0] for name in matrix("test.yml", "test")["system"]}
    assert systems == {"ubuntu", "macos", "windows"}
    assert "exclude" not in test["strategy"]["matrix"]
    assert test["strategy"]["fail-fast"] is False
    assert "make test" in commands(test)
    assert ".ci/run" in commands(workflow("test.yml")["jobs"]["editors"])


def test_a_release_is_made_by_a_tag_and_published_by_a_person() -> None:
    release = workflow("release.yml")
    assert release["on"] == {"push": {"tags": ["v*"]}}
    build, publish = release["jobs"]["build"], release["jobs"]["publish"]
    systems = {name.partition("-")[0] for name in build["strategy"]["matrix"]["system"]}
    assert systems == {"ubuntu", "macos", "windows"}
    assert 'make release PYTHON=python TAG="$GITHUB_REF_NAME"' in commands(build)
    assert publish["needs"] == "build"
    assert "gh release create" in commands(publish)
    assert "--draft" in commands(publish)
    (linux,) = (name for name in build["strategy"]["matrix"]["system"] if "ubuntu" in name)
    assert set(re.findall(r"release-(ubuntu[-.\w]+)", commands(publish))) == {linux}


@pytest.mark.parametrize("name", NAMES)
def test_the_rights_are_the_least(name: str) -> None:
    read = workflow(name)
    assert read["permissions"] == {"contents": "read"}
    for key, job in read["jobs"].items():
        wanted = {"contents": "write"} if key == "publish" else None
        assert job.get("permissions") == wanted, key
        assert job["timeout-minutes"] <= 120, key
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
            # An expression in a script would be run as a part of it, whatever a branch is called.
            assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_one_commit(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    used = re.findall(r"uses: (.+)$", text, re.MULTILINE)
    assert used
    for one in used:
        assert re.fullmatch(r"actions/[-a-z]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one), one
    pins = {
        one
        for each in NAMES
        for one in re.findall(r"uses: (.+)", (FOLDER / each).read_text("utf-8"))
    }
    assert len(pins) == len({one.partition("@")[0] for one in pins}), "two versions of one action"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_called_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for job in workflow(name)["jobs"].values():
        said = commands(job)
        assert set(re.findall(r"^make (\S+)", said, re.MULTILINE)) <= targets
        for module in re.findall(r"python3? -m (\S+)", said):
            assert importlib.util.find_spec(module), module
        assert ".ci/run" not in said or (ROOT / ".ci" / "run").is_file()
