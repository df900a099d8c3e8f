"""Headers and lines of a hunk, and the second opinion on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.patch.patch_hunk import (
    HunkHeader,
    PatchHunk,
    PatchLine,
    checked,
    read_header,
    read_line,
)


@pytest.mark.parametrize(
    ("line", "header"),
    [
        ("@@ -12,7 +13,8 @@", HunkHeader(12, 7, 8)),
        ("@@ -12,7 +13,8 @@ def f(x):", HunkHeader(12, 7, 8, "def f(x):")),
        ("@@ -12 +13 @@", HunkHeader(12)),
        ("@@ -12, 7 @@", HunkHeader(12, 7)),
        ("@@-1,2 +1,2@@", HunkHeader(1, 2, 2)),
        ("@@ @@", HunkHeader()),
        ("@@", HunkHeader()),
        ("@@ ... @@", HunkHeader()),
        ("@@ def f(x):", HunkHeader(heading="def f(x):")),
        ("@@ @@ class A", HunkHeader(heading="class A")),
        ("@@count = 0", None),
        (" @@ -1 +1 @@", None),
        ("x", None),
    ],
)
def test_header(line: str, header: HunkHeader | None) -> None:
    assert read_header(line) == header


@pytest.mark.parametrize(
    ("raw", "text", "marked"),
    [("+a", "a", True), ("-", "", True), ("  a", " a", True), ("a", "a", False), ("", "", False)],
)
def test_line(raw: str, text: str, marked: bool) -> None:
    line = read_line(raw)
    assert line is not None
    assert (line.text, line.marked) == (text, marked)
    assert read_line("\\ No newline at end of file") is None


def test_a_hunk_knows_where_its_changes_are() -> None:
    lines = [read_line(raw) for raw in ("", " a", "-b", " c", "+d", " e", "")]
    hunk = PatchHunk(HunkHeader(), tuple(line for line in lines if line is not None))
    assert (hunk.lead, hunk.reach, len(hunk.old), hunk.changes) == (2, 4, 6, True)
    assert [line.raw for line in hunk.trimmed().lines] == [" a", "-b", " c", "+d", " e"]
    context = PatchHunk(HunkHeader(), tuple(line for line in lines[:2] if line is not None))
    assert (context.lead, context.changes, context.weak) == (0, False, False)


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=8),
        max_size=12,
    )
)
def test_unidiff_agrees_with_whatever_has_lines(raws: list[str]) -> None:
    lines = tuple(line for raw in raws if (line := read_line(raw)) is not None)
    assert checked(PatchHunk(HunkHeader(), lines))


def test_unidiff_disagrees_where_a_line_is_two() -> None:
    line = PatchLine(read_line("+a").kind, "a\nb", "+a\nb")  # type: ignore[union-attr]
    assert not checked(PatchHunk(HunkHeader(), (line,)))
