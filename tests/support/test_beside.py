"""What runs beside the tests: what it says is shown, and its failure is the run's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.beside import FAILED
from tests.support.processes import running as alive

_ROOT = Path(__file__).parents[2]
_PATIENCE_S = 60.0


def _pytest(folder: Path, test: str, program: str) -> "subprocess.Popen[str]":
    """Pytest, started with one test and one program, both in Python."""
    (folder / "test_it.py").write_text(test, "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    (folder / "program.py").write_text(program, "utf-8")
    beside = f"{sys.executable} {folder / 'program.py'}"
    words = ["-p", "tests.support.beside", "--beside", beside]
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *words, "--rootdir", str(folder), str(folder)],
        cwd=_ROOT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


@pytest.mark.parametrize(
    ("test", "program", "status", "summary"),
    [
        ("def test_it(): pass", "print('all is well')", 0, "1 passed"),
        ("def test_it(): pass", "print('all is well'); raise SystemExit(3)", FAILED, "1 passed"),
        ("def test_it(): assert 0", "print('all is well'); 1 / 0", FAILED, "1 failed"),
    ],
    ids=["both well", "the program fails", "both fail"],
)
def test_what_it_says_comes_before_the_summary(
    tmp_path: Path, test: str, program: str, status: int, summary: str
) -> None:
    with _pytest(tmp_path, test, program) as running:
        said, _ = running.communicate(timeout=_PATIENCE_S)
    assert running.returncode == status, said
    *before, last = said.rstrip().splitlines()
    assert summary in last
    assert "all is well" in before
    assert ("failed with" in said) == (status == FAILED)


def test_it_ends_with_tests_that_are_broken_off(tmp_path: Path) -> None:
    program = f"""
import os, pathlib, time
pathlib.Path({str(tmp_path / "pid")!r}).write_text(str(os.getpid()))
time.sleep(600)
"""
    test = f"""
import os, pathlib, signal, time
def test_it():
    while not pathlib.Path({str(tmp_path / "pid")!r}).exists():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(600)
"""
    with _pytest(tmp_path, test, program) as running:
        said, _ = running.communicate(timeout=_PATIENCE_S)
    assert running.returncode == pytest.ExitCode.INTERRUPTED, said
    assert not alive(int((tmp_path / "pid").read_text()))
