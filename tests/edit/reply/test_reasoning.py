"""Reasoning as plain text, with all its marks and in every form of an answer."""

import pytest

from lsp_server.edit.definitions import DefinitionsReader, NoDefinitions
from lsp_server.edit.patch import PatchReader
from lsp_server.edit.reply import ReplyReader
from lsp_server.edit.reply.reasoning import REASONING_MARKS, Reasoning

SCOPE = "x = 1\ny = 2"
REASONING = "```diff\n@@ -1,2 +1,2 @@\n-x = 1\n+x = 3\n y = 2\n```\nWait."


@pytest.mark.parametrize("tag", REASONING_MARKS)
def test_reasoning_is_no_answer(tag: str) -> None:
    reader = ReplyReader(SCOPE)
    reader.push(f"{tag}\n{REASONING}\n{REASONING_MARKS[tag]}\n```\nx = 4\ny = 2\n```\n")
    reader.finish(True)
    assert (reader.text, reader.proven) == ("x = 4\ny = 2", True)
    patch = PatchReader(SCOPE)
    patch.push(f"{tag}\n{REASONING}\n{REASONING_MARKS[tag]}\n{REASONING.replace('3', '4')}")
    patch.finish(True)
    assert (patch.text, patch.proven) == ("x = 4\ny = 2", True)
    parts = DefinitionsReader(SCOPE, NoDefinitions())
    parts.push(f"{tag}\n{REASONING}\n{REASONING_MARKS[tag]}\nNothing changes.")
    parts.finish(True)
    assert parts.refusal == "Nothing changes."


def test_reasoning_may_take_up_one_line() -> None:
    reasoning = Reasoning()
    lines = ["<think>so</think>", "a", "Thinking...", "b", "...done thinking.", "c"]
    assert [line for line in lines if not reasoning.is_reasoning_line(line)] == ["a", "c"]
