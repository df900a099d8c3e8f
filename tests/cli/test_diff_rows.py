"""The rows of a changed text."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.cli.diff_rows import DiffRow, RowKind, rows_of, shortened
from lsp_server.guard.invisible_filter import visible
from lsp_server.text.lines import split_lines

_TEXTS = st.lists(
    st.sampled_from(["a\n", "b\n", "if x:\n", "    y = 1\n", "\n", "ü\r\n", "z"])
).map("".join)


def _drawn(rows: tuple[DiffRow, ...]) -> list[str]:
    return [
        f"{row.kind.value}{''.join(f'[{t}]' if marked else t for t, marked in row.pieces)}"
        for row in rows
    ]


def test_changed_lines_stand_beside_what_they_were() -> None:
    rows = rows_of("a\ntmp = 0.0\nb", "a\ntotal = 0.0\nb", 7)
    assert _drawn(rows) == [" a", "-[tmp] = 0.0", "+[total] = 0.0", " b"]
    assert [row.number for row in rows] == [7, None, 8, 9]


def test_new_and_lost_lines() -> None:
    assert _drawn(rows_of("a\nb\n", "a\n", 1)) == [" a", "-[b]"]
    assert _drawn(rows_of("", "a\n", 1)) == ["+[a]"]
    assert _drawn(rows_of("a", "a\nb", 1)) == [" a", "+[b]"]


def test_tabs_and_control_characters() -> None:
    assert _drawn(rows_of("\tx\x1b[0m\n", "\tx\x1b[0m\n", 1)) == ["     x␛[0m"]
    assert _drawn(rows_of("ab\tc\n", "ab\td\n", 1)) == ["-ab  [c]", "+ab  [d]"]


@given(_TEXTS, _TEXTS)
def test_the_rows_hold_both_texts(before: str, after: str) -> None:
    rows = rows_of(before, after, 1)
    old = [visible(line.rstrip("\r\n")) for line in split_lines(before)]
    new = [visible(line.rstrip("\r\n")) for line in split_lines(after)]
    assert [row.text for row in rows if row.kind is not RowKind.INSERTED] == old
    kept = [row for row in rows if row.kind is not RowKind.DELETED]
    assert [row.text for row in kept] == new
    assert [row.number for row in kept] == list(range(1, len(new) + 1))
    ends = [row.end for row in rows]
    assert ends == sorted(ends)
    assert all(0 <= end <= len(after) for end in ends)


def test_only_what_changed_with_its_neighbours() -> None:
    before = "".join(f"{n}\n" for n in range(20))
    rows = list(shortened(rows_of(before, before.replace("10\n", "ten\n"), 1), 2))
    assert [row.text for row in rows] == [
        "8 lines as before",
        "8",
        "9",
        "10",
        "ten",
        "11",
        "12",
        "7 lines as before",
    ]
    assert list(shortened(rows_of(before, before, 1), 2)) == []


def test_spelling_is_not_cut_where_a_change_begins() -> None:
    before, after = "x = 'می\u200cخواهم'\n", "x = 'می\u200cروم'\n"
    shown = [row.text for row in rows_of(before, after, 1)]
    assert shown == [before.rstrip(), after.rstrip()]
