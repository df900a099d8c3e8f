"""`midstream edit` in a pseudo-terminal: the live view, Ctrl-C, and the questions."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are another matter there", allow_module_level=True)

from tests.cli.program import ARGV, environment
from tests.cli.terminal import CTRL_C, CTRL_D, Terminal
from tests.support.scripted_model import ScriptedModel

_CODE = "def f():\n    tmp = 1\n    return tmp\n\n\ndef g():\n    return 2\n"
_FIRST = "````python\ndef f():\n    total = 1\n    x = 2\n"
_HALF = _CODE.replace("tmp = 1", "total = 1", 1)
_WHOLE = _CODE.replace("tmp", "total")


@pytest.fixture
def path(home: Path) -> Path:
    """The file to edit."""
    path = home / "a.py"
    path.write_text(_CODE)
    return path


@pytest.fixture
def terminal(home: Path, path: Path, model: ScriptedModel) -> Iterator[Terminal]:
    """`midstream edit` running, its model waiting for text."""
    argv = [*ARGV, "edit", str(path), "--lines", "1-3", "-m", "rename tmp to total"]
    with Terminal(argv, environment(home)) as running:
        yield running


def _landed(terminal: Terminal, model: ScriptedModel) -> None:
    """Wait until the first line of the answer is visible."""
    request = model.next()
    request.say("````python\ndef f():\n    total = 1\n    return tmp\n")
    terminal.wait_for("+     total = 1")


def test_watching_and_accepting(terminal: Terminal, model: ScriptedModel, path: Path) -> None:
    terminal.wait_for("starting")
    model.next().answer("def f():\n    total = 1\n    return total")
    terminal.wait_for("-     tmp = 1")
    terminal.wait_for("+     return total")
    terminal.wait_for("Accept?")
    assert path.read_text() == _CODE
    terminal.type("\n")
    assert terminal.finish() == 0
    assert "Accepted" in terminal.text
    assert "tokensPerSecond" in terminal.text
    assert path.read_text() == _WHOLE
    assert terminal.raw.count("\x1b[?25l") == terminal.raw.count("\x1b[?25h")


def test_accepting_with_imports(terminal: Terminal, model: ScriptedModel, path: Path) -> None:
    request = model.next()
    request.say("```python\ndef f():\n    return json.dumps(1)\n```\n```needs\nimport json\n```\n")
    request.finish()
    terminal.wait_for("The new code needs an import: import json")
    terminal.wait_for("i writes the imports too")
    terminal.wait_for("> ")
    terminal.type("i\n")
    assert terminal.finish() == 0
    assert path.read_text().startswith("import json\n\n\ndef f():\n    return json.dumps(1)\n")


def test_stopping_and_redirecting(terminal: Terminal, model: ScriptedModel, path: Path) -> None:
    _landed(terminal, model)
    terminal.type(CTRL_C)
    terminal.wait_for("Stopped. What should change?")
    terminal.wait_for("> ")
    terminal.type("call it sum\n")
    request = model.next()
    assert "call it sum" in request.prompt
    terminal.wait_for("Redirected: call it sum")
    request.answer("def f():\n    sum = 1\n    return sum")
    terminal.wait_for("Accept?")
    terminal.wait_for("> ")
    terminal.type("y\n")
    assert terminal.finish() == 0
    assert path.read_text() == _CODE.replace("tmp", "sum")


def test_stopping_and_keeping(terminal: Terminal, model: ScriptedModel, path: Path) -> None:
    _landed(terminal, model)
    terminal.type(CTRL_C)
    terminal.wait_for("What should change?")
    terminal.wait_for("> ")
    terminal.type("\n")
    assert terminal.finish() == 0
    assert path.read_text() == _HALF


def test_a_second_ctrl_c_keeps(terminal: Terminal, model: ScriptedModel, path: Path) -> None:
    _landed(terminal, model)
    terminal.type(CTRL_C)
    terminal.wait_for("What should change?")
    terminal.wait_for("> ")
    terminal.type(CTRL_C)
    assert terminal.finish(again=CTRL_C) == 0
    assert "Traceback" not in terminal.text
    assert path.read_text() == _HALF


def test_stopping_and_reverting(terminal: Terminal, model: ScriptedModel, path: Path) -> None:
    _landed(terminal, model)
    terminal.type(CTRL_C)
    terminal.wait_for("What should change?")
    terminal.wait_for("> ")
    terminal.type("r\n")
    assert terminal.finish() == 1
    assert "is unchanged." in terminal.text
    assert path.read_text() == _CODE


def test_redirecting_when_nothing_has_landed(
    terminal: Terminal, model: ScriptedModel, path: Path
) -> None:
    request = model.next()
    terminal.wait_for("starting")
    terminal.type(CTRL_C)
    terminal.wait_for("What should change?")
    request.wait_cut()
    terminal.wait_for("> ")
    terminal.type("something else\n")
    # The session had ended: it starts again with the first instruction and is redirected
    # immediately, perhaps before that request has left. So both instructions count.
    request = model.next()
    if "something else" not in request.prompt:
        request = model.next()
    assert "something else" in request.prompt
    assert "rename tmp to total" in request.prompt
    request.answer("def f():\n    total = 1\n    return total")
    terminal.wait_for("Accept?")
    terminal.wait_for("> ")
    terminal.type("\n")
    assert terminal.finish() == 0
    assert path.read_text() == _WHOLE


@pytest.mark.parametrize("keys", [CTRL_C, CTRL_D, "r\n", "n\n"])
def test_not_accepting(terminal: Terminal, model: ScriptedModel, path: Path, keys: str) -> None:
    model.next().answer("def f():\n    total = 1\n    return total")
    terminal.wait_for("Accept?")
    terminal.wait_for("> ")
    terminal.type(keys)
    assert terminal.finish(again=keys if keys == CTRL_C else "") == 1
    assert "Traceback" not in terminal.text
    assert path.read_text() == _CODE


def test_a_follow_up(terminal: Terminal, model: ScriptedModel, path: Path) -> None:
    model.next().answer("def f():\n    total = 1\n    return total")
    terminal.wait_for("Accept?")
    terminal.wait_for("> ")
    terminal.type("x\n")
    terminal.wait_for("Accept?")  # A single letter is not an instruction.
    terminal.wait_for("> ")
    terminal.type("return it at once\n")
    model.next().answer("def f():\n    return 1")
    terminal.wait_for("Accept?")
    terminal.wait_for("> ")
    terminal.type("\n")
    assert terminal.finish() == 0
    assert path.read_text() == _CODE.replace("    tmp = 1\n    return tmp", "    return 1")


def test_what_is_held_can_be_shown(terminal: Terminal, model: ScriptedModel, path: Path) -> None:
    model.next().answer("def f(:\n    total = 1\n    return total")
    terminal.wait_for("s shows the held text.")
    terminal.wait_for("> ")
    terminal.type("s\n")
    terminal.wait_for("+ def f(:")
    terminal.wait_for("Accept?")
    terminal.wait_for("> ")
    terminal.type("\n")
    assert terminal.finish() == 0
    assert path.read_text().startswith("def f(:\n    total = 1\n    return total\n")


def test_a_model_that_fails(terminal: Terminal, model: ScriptedModel, path: Path) -> None:
    model.next().fail("server_error")
    terminal.wait_for("Nothing was changed. What should change?")
    terminal.wait_for("> ")
    terminal.type("once more\n")
    model.next().answer("def f():\n    total = 1\n    return total")
    terminal.wait_for("Accept?")
    terminal.wait_for("> ")
    terminal.type("\n")
    assert terminal.finish() == 0
    assert path.read_text() == _WHOLE


def test_ctrl_c_before_anything_has_begun(home: Path, path: Path) -> None:
    argv = [*ARGV, "edit", str(path), "--lines", "1-3", "-m", "rename tmp to total"]
    with Terminal(argv, {**environment(home), "MIDSTREAM_LOG": "DEBUG"}) as terminal:
        terminal.wait_for("DEBUG lsp_server.cli.main")
        terminal.type(CTRL_C)
        assert terminal.finish() == 1
        assert "Traceback" not in terminal.text
    assert path.read_text() == _CODE


def test_a_model_cannot_play_with_the_terminal(
    home: Path, model: ScriptedModel, path: Path
) -> None:
    # A character that the file itself has is not removed from an answer.
    path.write_text('def f():\n    tmp = "\x1b\x07"\n    return tmp\n')
    argv = [*ARGV, "edit", str(path), "--lines", "1-3", "-m", "rename tmp to total"]
    with Terminal(argv, environment(home)) as terminal:
        model.next().answer('def f():\n    tmp = "\x1b]0;mine\x07"\n    return tmp')
        terminal.wait_for("Accept?")
        terminal.type("\n")
        assert terminal.finish() == 0
        assert "\x1b]0;" not in terminal.raw
        assert "␛]0;mine␇" in terminal.text
