"""Text after an answer, and when to stop waiting for more."""

import pytest

from lsp_server.edit.reply import ReplyReader
from lsp_server.edit.reply.trailing_prose import TrailingProse

PROSE = "This keeps every other line as it was and only renames the argument of the function. "


@pytest.mark.parametrize(
    ("text", "over"),
    [
        ("", False),
        ("\n\n", False),
        ("Done.\n", False),
        (PROSE, True),
        (f"\n{PROSE}", True),
        (f"{PROSE}It also needs this:", False),
        (f"{PROSE}\nIt also needs this:\n\n", False),
        (f"{PROSE}\n```needs\nimport os\n", False),
        ("```needs\nimport os\n```\n", False),
        (f"```needs\nimport os\n```\n{PROSE}", True),
        (f"{PROSE}\n``", False),
        ("```\n" + "x\n" * 5_000, True),
    ],
)
def test_prose_that_announces_nothing_is_an_end(text: str, over: bool) -> None:
    at_once, by_character = TrailingProse(), TrailingProse()
    at_once.push(text)
    for character in text:
        by_character.push(character)
    assert at_once.over == by_character.over == over


def test_the_closing_fence_alone_is_no_end_and_prose_after_it_is() -> None:
    reader = ReplyReader("x = 1")
    reader.push("```\nx = 2\n```\n")
    assert reader.proven and not reader.may_stop_reading
    reader.push(PROSE)
    assert reader.may_stop_reading


def test_prose_after_an_import_alone_is_no_end() -> None:
    reader = ReplyReader("def area(s):\n    return s.w * s.h")
    reader.push(f"```python\nimport math\n```\n{PROSE}\n{PROSE}\n")
    assert not reader.may_stop_reading
    reader.push(f"```python\ndef area(s):\n    return math.pi * s.w\n```\n{PROSE}")
    assert reader.may_stop_reading


def test_the_length_of_a_text_without_code() -> None:
    code, text = ReplyReader("def area(s):\n    return s.w"), ReplyReader("All is well. I am here.")
    for reader in (code, text):
        reader.push(PROSE * 3)
    assert code.chat == len(PROSE * 3)
    assert text.chat == 0
    code.push("\n```python\ndef area(s):\n")
    assert code.chat == 0


def test_reasoning_is_no_chat() -> None:
    reader = ReplyReader("def area(s):\n    return s.w")
    reader.push(f"<think>\n{PROSE}\n{PROSE}\n")
    assert reader.is_reasoning and reader.chat == 0
