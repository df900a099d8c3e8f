"""The bytes of an answer: whose line end a line gets, and reading parts of it."""

from lsp_server.edit.anchors import Original
from lsp_server.edit.answer_lines import AnswerLines


def output(original: str, *lines: str, partial: str = "") -> AnswerLines:
    written = AnswerLines(Original(original), "\n")
    written.lines.extend(lines)
    written.partial = partial
    return written


def test_a_settled_line_has_its_twins_end() -> None:
    written = output("a\r\nb\nc\r", "a", "new", "c")
    for twin in (0, None, 2):
        written.settle(twin)
    assert written.full_text(3) == "a\r\nnew\nc\r"
    assert (written.settled, written.settled_length) == (3, 9)
    assert [written.start(line, 3) for line in range(4)] == [0, 3, 7, 9]


def test_behind_the_settled_lines_ends_are_guessed_by_equal_lines() -> None:
    written = output("a\r\nb\n", "new", "a", partial="rest")
    assert written.full_text(0) == "new\na\r\nrest"
    assert written.full_text(1) == "new\na\nrest"  # Line 0 is behind: it is not meant.
    assert written.length(0) == 11
    written.settle(None)
    assert written.full_text(0) == "new\na\r\nrest"


def test_every_part_reads_like_the_whole() -> None:
    written = output("a\r\nbb\n", "a", "x", "bb", partial="tail")
    written.settle(0)
    written.settle(None)
    text = written.full_text(1)
    for start in range(len(text) + 1):
        for end in range(start, len(text) + 1):
            assert written.text(start, end, 1) == text[start:end]


def test_the_last_line_of_an_ended_answer_has_no_end() -> None:
    written = output("a\nb", "a", partial="b")
    written.end()
    written.settle(0)
    written.settle(1)
    assert written.full_text(2) == "a\nb"


def test_an_empty_line_behind_a_lone_carriage_return_makes_no_other_line_end() -> None:
    written = output("a\r", "a", "")
    written.settle(0)
    written.settle(None)
    assert written.full_text(1) == "a\r\r"
