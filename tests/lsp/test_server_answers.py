"""Answers that are not what was asked for, through a real server: what is said of them is true."""

import pytest

from lsp_server.session.answer_messages import CUT_OFF, HELD_AT_THE_END, NO_CODE, SAME
from lsp_server.wording import LSP
from tests.support.stage import Stage

URI = "file:///project/a.py"
SCOPE = "def one():\n    return 1\n\n\ndef two():\n    return 2"
TEXT = f"import os\n\n\n{SCOPE}\n"
RANGE = {"start": {"line": 3, "character": 0}, "end": {"line": 8, "character": 12}}


def answered(stage: Stage, reply: str, instruction: str = "tidy this") -> tuple[str, str]:
    """The document in review and what was said, after this raw reply."""
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    argument = {"uri": URI, "range": RANGE, "instruction": instruction, "scope": "selection"}
    session = str(stage.client.command("midstream.edit", argument)["session"])
    asked = stage.asked()
    asked.say(*(reply[at : at + 6] for at in range(0, len(reply), 6)))
    asked.finish()
    body = stage.reach(session, "review")
    return stage.client.text(URI), body.get("message", {}).get("text", "")


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("```\n<instruction-0a1b2c3d>\ntidy this\n</instruction-0a1b2c3d>\n```\n", NO_CODE),
        ("```python\nimport os\n```\n", NO_CODE),
        (f"```python\n{SCOPE}\n```\n", SAME),
        ("def one():\n    return 1\nbecomes:\n```python\nx = 1\n```\n", HELD_AT_THE_END),
    ],
)
def test_an_answer_that_changes_nothing_is_reported(stage: Stage, reply: str, said: str) -> None:
    text, message = answered(stage, reply)
    assert message == LSP.render(said)
    assert "def one():" in text and "def two():" in text and "0a1b2c3d" not in text
    assert "broke off" not in message
    assert "broke off" in CUT_OFF


def test_a_closing_fence_that_is_missing_is_no_fault(stage: Stage) -> None:
    changed = SCOPE.replace("return 1", "return 10")
    text, message = answered(stage, f"```python\n{changed}")
    assert text == TEXT.replace(SCOPE, changed)
    assert message == ""


@pytest.mark.parametrize(
    ("instruction", "told"), [("tidy this", True), ("drop two, nobody calls it", False)]
)
def test_a_declaration_that_goes_is_named_unless_the_instruction_names_it(
    stage: Stage, instruction: str, told: bool
) -> None:
    text, message = answered(stage, "```python\ndef one():\n    return 1\n```\n", instruction)
    assert "def two" not in text
    assert ("drops `two`" in message) is told


def test_a_renamed_declaration_is_not_lost(stage: Stage) -> None:
    _, message = answered(stage, f"```python\n{SCOPE.replace('two', 'second')}\n```\n")
    assert message == ""
