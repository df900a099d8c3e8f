"""The bytes of an answer: whose line end a line gets, and reading parts of it."""

from lsp_server.edit.anchors import Original
from lsp_server.edit.answer_lines import AnswerLines


def output(original: str, *lines: str, partial: str = "") -> AnswerLines:
    made = AnswerLines(Original(original), "\n")
    made.lines.extend(lines)
    made.partial = partial
    return made


def test_a_settled_line_has_its_twins_end() -> None:
    made = output("a\r\nb\nc\r", "a", "new", "c")
    for twin in (0, None, 2):
        made.settle(twin)
    assert made.whole(3) == "a\r\nnew\nc\r"
    assert (made.settled, made.settled_length) == (3, 9)
    assert [made.start(line, 3) for line in range(4)] == [0, 3, 7, 9]


def test_behind_the_settled_lines_ends_are_guessed_by_equal_lines() -> None:
    made = output("a\r\nb\n", "new", "a", partial="rest")
    assert made.whole(0) == "new\na\r\nrest"
    assert made.whole(1) == "new\na\nrest"  # Line 0 is behind: it is not meant.
    assert made.length(0) == 11
    made.settle(None)
    assert made.whole(0) == "new\na\r\nrest"


def test_every_part_reads_like_the_whole() -> None:
    made = output("a\r\nbb\n", "a", "x", "bb", partial="tail")
    made.settle(0)
    made.settle(None)
    whole = made.whole(1)
    for start in range(len(whole) + 1):
        for end in range(start, len(whole) + 1):
            assert made.text(start, end, 1) == whole[start:end]


def test_the_last_line_of_an_ended_answer_has_no_end() -> None:
    made = output("a\nb", "a", partial="b")
    made.end()
    made.settle(0)
    made.settle(1)
    assert made.whole(2) == "a\nb"


def test_an_empty_line_behind_a_lone_carriage_return_makes_no_other_line_end() -> None:
    made = output("a\r", "a", "")
    made.settle(0)
    made.settle(None)
    assert made.whole(1) == "a\r\r"
