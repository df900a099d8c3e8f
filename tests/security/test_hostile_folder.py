"""An editor starts us in a folder of somebody else's: none of its modules and programs is run."""

import os
import site
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lsp_server.errors import SettingsError
from lsp_server.gateway.child import own_environment
from lsp_server.keys import resolve_key
from lsp_server.settings.model import Profile
from tests.cli.program import PATIENCE, ROOT, environment
from tests.support.raw_client import RawClient

CODE = "def f(tmp):\n    return tmp\n"
EDIT = ("edit", "a.py", "--lines", "1-2", "-m", "rename tmp to total", "--yes")


def module_names() -> set[str]:
    """Everything that this environment can import, by its first name."""
    places = [ROOT, *map(Path, site.getsitepackages())]
    return {
        *sys.stdlib_module_names,
        *(path.name.partition(".")[0] for place in places for path in place.iterdir()),
    }


def spoil(folder: Path, name: str, marker: Path, *, package: bool = False) -> None:
    """A module of that name, which tells that it has been run."""
    file = folder / name / "__init__.py" if package else folder / f"{name}.py"
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text(f"open({str(marker)!r}, 'a').write({name!r} + ' ')\n", "utf-8")


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that is there once something of the repository has been run."""
    return tmp_path / "marker"


@pytest.fixture
def repository(tmp_path: Path, marker: Path) -> Path:
    """A folder in which every module and program that we could want stands."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "a.py").write_text(CODE, "utf-8")
    for number, name in enumerate(sorted(module_names())):
        if name.isidentifier():
            spoil(folder, name, marker, package=number % 3 == 0 or name == "lsp_server")
    for name in ("midstream", "python", "python3", "git", "nvim"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho {name} >> '{marker}'\n", "utf-8")
        program.chmod(0o755)
    return folder


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """`midstream` as an installer makes it."""
    entry = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    module, _, name = entry["midstream"].partition(":")
    script = tmp_path / "bin" / "midstream"
    script.parent.mkdir()
    script.write_text(
        f"#!{sys.executable}\nimport re\nimport sys\nfrom {module} import {name}\n"
        f"if __name__ == '__main__':\n    sys.exit({name}())\n",
        "utf-8",
    )
    script.chmod(0o755)
    return script


@pytest.fixture(params=["midstream", "python -P -m lsp_server"])
def way(request: pytest.FixtureRequest, program: Path) -> list[str]:
    """Each way to start us that is documented."""
    if request.param == "midstream":
        return [str(program)]
    return [sys.executable, "-P", "-m", "lsp_server"]


def run(
    argv: list[str], home: Path, folder: Path, **extra: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        argv,
        cwd=folder,
        env={**environment(home), **extra},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )


# -- the documented ways ---------------------------------------------------------------------------


def test_an_edit_runs_nothing_of_the_folder(
    way: list[str], repository: Path, marker: Path, tmp_path: Path
) -> None:
    """The command, the server that it starts, and the gateway that the server starts."""
    done = run([*way, *EDIT], tmp_path, repository)
    assert done.returncode == 0, done.stderr
    assert (repository / "a.py").read_text("utf-8") == CODE.replace("tmp", "total")
    assert not marker.exists(), marker.read_text()


@pytest.mark.parametrize("words", [["doctor"], ["recipes"], ["prompt", *EDIT[1:-1]]])
def test_no_other_word_does(
    way: list[str], words: list[str], repository: Path, marker: Path, tmp_path: Path
) -> None:
    done = run([*way, *words], tmp_path, repository)
    assert done.returncode == 0, done.stderr
    assert not marker.exists(), marker.read_text()


def test_the_server_and_its_gateway_do_not(
    way: list[str],
    repository: Path,
    marker: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(repository)
    env = {**environment(tmp_path), "PATH": f".:{os.environ['PATH']}"}
    with RawClient.start([*way, "serve"], env) as client:
        client.initialize(rootUri=repository.as_uri())
        uri = (repository / "a.py").as_uri()
        client.open(uri, CODE, "python")
        argument = {"uri": uri, "range": client.range(uri, 0, len(CODE))}
        client.command("midstream.edit", {**argument, "instruction": "rename tmp to total"})
        client.wait_for(lambda: client.text(uri) == CODE.replace("tmp", "total"))
        client.command("midstream.accept", {})
        assert client.finish() == 0
    assert not marker.exists(), marker.read_text()


def test_the_gateway_by_itself_does_not(
    way: list[str], repository: Path, marker: Path, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [*way, "gateway"],
        cwd=repository,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        assert '"url"' in process.stdout.readline()
    finally:
        process.kill()
        process.communicate()
    assert not marker.exists(), marker.read_text()


# -- the others ------------------------------------------------------------------------------------

WITHOUT_P = [sys.executable, "-m", "lsp_server"]
SHADOWS = ("json", "argparse", "asyncio", "orjson", "websockets", "pygls", "rich", "attr")
"""Python has none of them loaded when it comes to us. (Of what it needs before, it runs what it
finds there; nobody but `-P` can help that.)"""


@pytest.mark.parametrize("module", ["lsp_server", "lsp_server.gateway"])
@pytest.mark.parametrize("package", [False, True])
@pytest.mark.parametrize("name", SHADOWS)
def test_without_p_such_a_folder_is_refused(
    name: str, package: bool, module: str, tmp_path: Path, marker: Path
) -> None:
    folder = tmp_path / "repository"
    spoil(folder, name, marker, package=package)
    done = run([sys.executable, "-m", module], tmp_path, folder)
    assert not marker.exists()
    assert done.returncode == 2
    assert done.stderr.startswith("midstream: the folder ")
    assert "-P -m lsp_server" in done.stderr
    assert done.stderr.count("\n") == 1
    assert name in done.stderr


@pytest.mark.parametrize("value", [".", "", "lib", "./lib", "{root}:", ":{root}", "lib:{root}"])
def test_of_a_relative_pythonpath_nothing_is_run(
    value: str, program: Path, tmp_path: Path, marker: Path
) -> None:
    folder = tmp_path / "repository"
    for place in (folder, folder / "lib"):
        spoil(place, "orjson", marker)
        spoil(place, "calendar", marker)
        spoil(place, "json", marker, package=True)
    python_path = value.format(root=ROOT)
    for argv in ([str(program)], [sys.executable, "-P", "-m", "lsp_server"]):
        done = run([*argv, "doctor"], tmp_path, folder, PYTHONPATH=python_path)
        assert not marker.exists(), done.stderr
        assert done.returncode == 0, done.stderr


def test_a_folder_without_such_modules_is_as_good_as_any(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    for name in ("tests/__init__.py", "test/__init__.py", "json/data.txt", "docs/conf.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    for name in ("main.py", "orjson.txt", "shop.py"):
        (folder / name).touch()
    done = run([*WITHOUT_P, "recipes"], tmp_path, folder)
    assert done.returncode == 0, done.stderr
    done = run([*WITHOUT_P, "recipes"], tmp_path, folder, PYTHONPATH=f".{os.pathsep}{ROOT}")
    assert done.returncode == 0, done.stderr


def test_what_comes_into_the_folder_later_is_not_found_either(tmp_path: Path) -> None:
    code = "from lsp_server import launch; launch.keep_out(); import sys; print(sys.path)"
    search = f".{os.pathsep}lib{os.pathsep}{ROOT}"
    (tmp_path / "lib").mkdir()
    done = run([sys.executable, "-c", code], tmp_path, tmp_path, PYTHONPATH=search)
    assert done.returncode == 0, done.stderr
    assert str(ROOT) in done.stdout
    assert f"{tmp_path}" not in done.stdout
    assert "''" not in done.stdout


def test_a_folder_named_in_full_is_the_users_choice(tmp_path: Path) -> None:
    (tmp_path / "orjson.py").write_text("raise SystemExit(7)", "utf-8")
    search = f"{tmp_path}{os.pathsep}{ROOT}"
    argv = [sys.executable, "-P", "-m", "lsp_server", "recipes"]
    assert run(argv, tmp_path, tmp_path, PYTHONPATH=search).returncode != 2


def test_our_own_processes_are_given_no_relative_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    for others in ("", ".", f".{os.pathsep}{os.pathsep}lib{os.pathsep}/abs", "lib"):
        monkeypatch.setenv("PYTHONPATH", others)
        given = own_environment()["PYTHONPATH"].split(os.pathsep)
        assert given == [str(ROOT), *(["/abs"] if "/abs" in others else [])]
        assert own_environment()["PYTHONSAFEPATH"] == "1"


# -- the command that says a key -------------------------------------------------------------------


def keyed(command: str) -> Profile:
    url = "wss://x.example/v1/responses"
    return Profile(name="p", model="m", url=url, api_key_command=(command,))


@pytest.mark.parametrize("path", [".", "", "bin", "bin:", ".:bin:./bin:../repository"])
def test_a_key_command_is_not_taken_from_a_relative_path(
    path: str, tmp_path: Path, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, good = tmp_path / "repository", tmp_path / "good"
    for place in (folder, folder / "bin", good):
        place.mkdir()
        script = place / "say-key"
        what = "echo the-right-key" if place is good else f"touch '{marker}'; echo wrong-key"
        script.write_text(f"#!/bin/sh\n{what}\n", "utf-8")
        script.chmod(0o755)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", path)
    for command in ("say-key", "./say-key", "bin/say-key", "../repository/say-key"):
        with pytest.raises(SettingsError, match="absolute path"):
            resolve_key(keyed(command))
    monkeypatch.setenv("PATH", f"{path}:{good}")
    assert resolve_key(keyed("say-key")) == "the-right-key"
    assert not marker.exists()
