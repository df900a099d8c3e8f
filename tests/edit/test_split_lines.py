"""One line of the original that becomes several."""

import pytest

from lsp_server.edit.split_lines import SplitLine, begins_split

CALL = "    total = compute(values, weights)"


@pytest.mark.parametrize(
    ("content", "original", "offset", "expected"),
    [
        ("    total = compute(", CALL, 20, True),
        ("    total =", CALL, 11, True),
        ("    total", CALL, 9, False),  # A shorter line, as far as can be seen.
        ("    f(", "    f(a, b)", 6, False),  # Too little to be known by.
        ("    total = compute(values, weights)", CALL, len(CALL), False),
    ],
)
def test_what_is_a_break(content: str, original: str, offset: int, expected: bool) -> None:
    assert begins_split(content, original, offset) is expected


def test_the_lines_of_a_broken_call_use_it_up() -> None:
    broken = SplitLine(CALL, CALL.index("(") + 1)
    rests = []
    for content in ("        values,", "        weights,", "    )"):
        assert not broken.finished
        assert broken.take(content, known=False)
        rests.append(CALL[broken.offset :])
    assert rests == ["weights)", ")", ""]
    assert broken.finished


def test_new_lines_within_it_leave_its_rest_alone() -> None:
    broken = SplitLine(CALL, CALL.index("(") + 1)
    assert broken.take("        first_of_all,", known=False)
    assert CALL[broken.offset :] == "values, weights)"
    assert broken.take("        values,", known=False)
    assert CALL[broken.offset :] == "weights)"


def test_it_is_given_up_for_a_known_line_or_many_new_ones() -> None:
    assert not SplitLine(CALL, 20).take("print(total)", known=True)
    assert not SplitLine(CALL, 20).take("}", known=False)  # A bracket that it never had.
    broken = SplitLine(CALL, 20)
    taken = [broken.take(f"other_{number}()", known=False) for number in range(4)]
    assert taken[0] and not taken[-1]
