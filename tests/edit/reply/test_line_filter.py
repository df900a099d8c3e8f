"""The base class of the stages, tested with a stage that removes lines of dashes."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.reply.line_filter import LONGEST_HELD, LineFilter


class Dashless(LineFilter):
    """Removes lines that have only dashes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def _line_grew(self, beginning: str) -> None:
        if beginning.strip("-"):
            self._flow(beginning)

    def _line_undecided(self, line: str) -> None:
        if not line:
            self._put(line)

    def _flowed_line_ended(self, line: str) -> None:
        self.seen.append(line)


def test_a_line_flows_once_it_is_decided() -> None:
    stage = Dashless()
    assert stage.push("--") == ""
    assert stage.push("a") == "--a"
    assert stage.push("b\n") == "b"
    assert stage.push("-") == ""
    assert stage.push("c") == "\n-c"
    assert stage.seen == ["--ab"]


def test_text_held_at_a_cut_is_dropped() -> None:
    stage = Dashless()
    assert stage.push("a\n--") == "a"
    assert stage.end(sure=False, line_ended=False) == ""


def test_no_line_is_held_for_long() -> None:
    stage = Dashless()
    assert stage.push("-" * LONGEST_HELD) == ""
    assert stage.push("-") == "-" * (LONGEST_HELD + 1)


@given(st.lists(st.text("-a\n") | st.just("-" * 399), max_size=8))
def test_chunks_do_not_matter(chunks: list[str]) -> None:
    by_chunk, at_once = Dashless(), Dashless()
    text = "".join(map(by_chunk.push, chunks)) + by_chunk.end(sure=True, line_ended=True)
    text_at_once = at_once.push("".join(chunks)) + at_once.end(sure=True, line_ended=True)
    assert text == text_at_once
