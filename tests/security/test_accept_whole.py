"""What the command line asks to accept is on the screen, all of it; nothing controls the screen."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are another matter there", allow_module_level=True)

from tests.cli.program import ARGV, environment, settle
from tests.cli.terminal import Terminal
from tests.support.scripted_model import ScriptedModel

_COLUMNS = 60
_TRICKS = "\u202e\u061c\u200b\u00ad\u2028\U000e0041"
_ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m"
_CODE = f'def f():\n    s = "{_TRICKS}"\n    return 1\n'
_FUNCTION = _CODE.rstrip("\n")


@pytest.fixture
def model(tmp_path: Path) -> Iterator[ScriptedModel]:
    """A model that the test plays, in use by the settings."""
    with ScriptedModel() as made:
        settle(
            tmp_path,
            f'profile = "scripted"\n[profiles.scripted]\nurl = "{made.url}"\nmodel = "m"\n',
        )
        yield made


def terminal(home: Path, path: Path, instruction: str, rows: int = 12) -> Terminal:
    """`midstream edit` in a small window."""
    argv = [*ARGV, "edit", str(path), "--lines", "1-3", "-m", instruction]
    return Terminal(argv, environment(home), rows=rows, columns=_COLUMNS)


def unfolded(text: str) -> str:
    """What is on the screen, with the rows of one line joined again."""
    return re.sub(r"\n +↪ ", "", text)


def test_a_line_that_is_wider_than_the_screen_is_shown_whole(
    tmp_path: Path, model: ScriptedModel
) -> None:
    path = tmp_path / "a.py"
    path.write_text(_CODE, "utf-8")
    line = f"    return 2{' ' * 150}; steal('{'x' * 90}')  # 漢字{'漢' * 70} end"
    with terminal(tmp_path, path, "go on") as screen:
        model.next().answer(_FUNCTION.replace("    return 1", line))
        screen.wait_for("Accept?")
        screen.wait_for("> ")
        shown = unfolded(screen.text.partition("Accept?")[0])
        assert f"+ {line}\n" in shown
        screen.type("n\n")
        assert screen.finish() == 1


def test_a_change_that_is_higher_than_the_screen_is_shown_whole(
    tmp_path: Path, model: ScriptedModel
) -> None:
    path = tmp_path / "a.py"
    path.write_text(_CODE, "utf-8")
    lines = "\n".join(f"    x{number} = {number}" for number in range(80))
    with terminal(tmp_path, path, "go on") as screen:
        model.next().answer(_FUNCTION.replace("    return 1", f"{lines}\n    return 1"))
        screen.wait_for("Accept?")
        screen.wait_for("> ")
        shown = screen.text.partition("Accept?")[0]
        for number in range(80):
            assert re.search(rf"\+ +x{number} = {number}\n", shown)
        screen.type("n\n")
        assert screen.finish() == 1


def test_hidden_characters_are_shown_and_named_before_the_question(
    tmp_path: Path, model: ScriptedModel
) -> None:
    path = tmp_path / "a.py"
    path.write_text(_CODE, "utf-8")
    with terminal(tmp_path, path, "go on") as screen:
        model.next().answer(_FUNCTION.replace("s =", "text ="))
        screen.wait_for("Accept?")
        screen.wait_for("> ")
        shown = unfolded(screen.text.partition("Accept?")[0])
        assert f'text = "{"�" * len(_TRICKS)}"' in shown
        assert "that are invisible" in shown
        assert "U+202E RIGHT-TO-LEFT OVERRIDE" in shown.replace("\n", "")
        assert not set(_TRICKS) & set(screen.raw)
        screen.type("\n")
        assert screen.finish() == 0
    assert path.read_text("utf-8") == _CODE.replace("s =", "text =")


def test_no_name_and_no_instruction_controls_the_terminal(
    tmp_path: Path, model: ScriptedModel
) -> None:
    path = tmp_path / f"a{_ESCAPES}{_TRICKS}.py"
    path.write_text(_CODE, "utf-8")
    with terminal(tmp_path, path, f"go{_ESCAPES}on{_TRICKS}") as screen:
        model.next().answer(_FUNCTION.replace("1", f"2  # {_ESCAPES}"))
        screen.wait_for("Accept?")
        screen.wait_for("> ")
        screen.type("\n")
        assert screen.finish() == 0
        for escape in ("\x1b]0;", "\x1b[2J", "\x9b", "\x07", *_TRICKS):
            assert escape not in screen.raw


def test_what_would_be_sent_does_not_control_the_terminal(
    tmp_path: Path, model: ScriptedModel
) -> None:
    path = tmp_path / "a.py"
    path.write_text(_CODE.replace("s =", f"s = '{_ESCAPES}' +"), "utf-8")
    argv = [*ARGV, "prompt", str(path), "--lines", "1-3", "-m", f"go{_ESCAPES}on"]
    with Terminal(argv, environment(tmp_path), rows=40, columns=_COLUMNS) as screen:
        assert screen.finish() == 0
        for escape in ("\x1b]0;", "\x1b[2J", "\x9b", "\x07", *_TRICKS):
            assert escape not in screen.raw
