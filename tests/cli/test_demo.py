"""`midstream demo`: its output, and that it leaves nothing behind."""

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lsp_server.cli.demo import examples
from tests.cli.program import environment, midstream, processes, settle, temporary

if sys.platform != "win32":
    from tests.cli.program import ARGV
    from tests.cli.terminal import CTRL_C, Terminal


def _assert_nothing_is_left(home: Path) -> None:
    assert list(temporary(home).iterdir()) == []
    assert processes(home) == []
    assert {p.name for p in home.iterdir()} <= {"tmp", ".config"}


def test_the_demo(home: Path) -> None:
    # The user's own settings do not matter, whatever they are.
    settle(home, 'profile = "mine"\nignore = ["*"]\n[profiles.mine]\nurl = "wss://x.invalid/v1"\n'
           'model = "m"\n')  # fmt: skip
    done = midstream(home, "demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    for example in examples():
        assert f"{example.file}: {example.instruction}" in done.stdout
        assert f"Redirected: {example.redirect}" in done.stdout
    assert done.stdout.count("Accepted: ") == len(examples())
    assert "frameToEdit" in done.stdout
    assert "tokens/s or more (target: 900)" in done.stdout
    _assert_nothing_is_left(home)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are another matter there")
def test_the_demo_in_a_terminal_stopped_by_ctrl_c(home: Path) -> None:
    with Terminal([*ARGV, "demo"], environment(home)) as terminal:
        terminal.wait_for("Redirected: ")
        terminal.type(CTRL_C)
        assert terminal.finish() == 1
        assert "Stopped." in terminal.text
        assert "Traceback" not in terminal.text
    _assert_nothing_is_left(home)


def test_the_picture(home: Path) -> None:
    done = midstream(home, "demo", "--svg", "demo.svg")
    assert (done.returncode, done.stderr) == (0, "")
    text = (home / "demo.svg").read_text("utf-8")
    ElementTree.fromstring(text)
    words = text.replace("&#160;", " ")
    assert "orders.py" in words
    assert "Redirected:" in words
    assert "url(http" not in text
    assert "@font-face" not in text
