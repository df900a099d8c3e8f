"""Counting repairs by kind."""

from lsp_server.edit.reply import ReplyReader
from lsp_server.edit.reply.repairs import Repair, counted


def test_a_kind_counts_once_for_an_answer() -> None:
    answers = [[Repair.FENCE, Repair.FENCE, Repair.CHAT], [], [Repair.FENCE]]
    assert counted(answers) == {"fence": 2, "chat": 1}
    assert list(counted(answers)) == ["fence", "chat"]
    assert counted([]) == {}


def test_a_reader_lists_its_repairs() -> None:
    reader = ReplyReader("x = 1")
    reader.push("<think>\nhm\n</think>\n```\nx = 2\n```<|im_end|>\n")
    reader.finish(completed=True)
    assert reader.text == "x = 2"
    assert reader.repairs == {Repair.THOUGHTS, Repair.TOKENS}
    plain = ReplyReader("x = 1")
    plain.push("```\nx = 2\n```\n")
    assert not plain.repairs
