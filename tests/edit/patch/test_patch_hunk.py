"""Headers and lines of a hunk, and the two ways to read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.patch.patch_hunk import (
    HunkHeader,
    LineMarker,
    PatchHunk,
    read_header,
    read_hunk,
    read_line,
)

NOTE = "\\ No newline at end of file"


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
    assert read_line(NOTE) is None


def test_a_hunk_knows_where_its_changes_are() -> None:
    lines = [read_line(raw) for raw in ("", " a", "-b", " c", "+d", " e", "")]
    hunk = PatchHunk(HunkHeader(), tuple(line for line in lines if line is not None))
    assert (hunk.lead, hunk.reach, len(hunk.old), hunk.changes) == (2, 4, 6, True)
    assert [line.raw for line in hunk.trimmed().lines] == [" a", "-b", " c", "+d", " e"]
    context = PatchHunk(HunkHeader(), tuple(line for line in lines[:2] if line is not None))
    assert (context.lead, context.changes, context.blank_only) == (0, False, False)


@pytest.mark.parametrize(
    ("header_line", "body", "header", "kept"),
    [
        ("@@ -5 +5 @@", ["-a", "+b", ""], HunkHeader(5, 1, 1), ["-a", "+b"]),
        ("@@ -5,2 +5,2 @@", ["", " a", "", ""], HunkHeader(5, 2, 2), ["", " a"]),
        ("@@ -5 +5 @@ @property", ["-a", "+b"], HunkHeader(5, 1, 1, "@property"), ["-a", "+b"]),
        ("@@ -9999999999 +1 @@", ["-a", "+b"], HunkHeader(9999999999, 1, 1), ["-a", "+b"]),
        ("@@ -1 +1 @@", ["-a", "+b", NOTE], HunkHeader(1, 1, 1), ["-a", "+b"]),
    ],
)
def test_a_hunk_that_follows_the_format_is_read_by_its_counts(
    header_line: str, body: list[str], header: HunkHeader, kept: list[str]
) -> None:
    hunk = read_hunk(header_line, body, None)
    assert hunk.header == header
    assert [line.raw for line in hunk.lines] == kept


@pytest.mark.parametrize(
    ("header_line", "body"),
    [
        ("", ["-a", "+b", ""]),
        ("@@ @@", ["-a", "+b", ""]),
        ("@@ -1,9 +1,9 @@", ["-a", "+b", ""]),
        ("@@ -1 +1 @@", ["-a", "+b", "+c", ""]),
        ("@@ -1,2 +1,2 @@", ["c", "-a", "+b", ""]),
        ("@@ -1 +1 @@", ["-a", "+b", "--- c", "+++ d", ""]),
        ("@@ -1 +1 @@", ["-a", "+b", "diff --git a/c b/c", ""]),
        ("@@ -1 +1 @@", ["-a", "+b", "\\section{c}"]),
        (f"@@ -{'1' * 5000} +1 @@", ["-a", "+b", ""]),
    ],
)
def test_of_a_hunk_that_breaks_the_format_every_line_counts(
    header_line: str, body: list[str]
) -> None:
    hunk = read_hunk(header_line, body, None)
    assert hunk.header == (read_header(header_line) or HunkHeader())
    assert [line.raw for line in hunk.lines] == body


ONE_LINE = st.text(
    st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=8
) | st.from_regex(r"[ +\\@-]{1,3}[a-z ]{0,3}", fullmatch=True)


@given(
    body=st.lists(ONE_LINE, max_size=12),
    counts=st.none() | st.tuples(st.integers(0, 4), st.integers(0, 4)),
)
def test_both_ways_to_read_a_hunk_see_the_same_lines(
    body: list[str], counts: tuple[int, int] | None
) -> None:
    lines = [line for raw in body if (line := read_line(raw)) is not None]
    if counts is None:  # Right ones.
        old = sum(line.kind is not LineMarker.ADDED for line in lines)
        counts = old, sum(line.kind is not LineMarker.REMOVED for line in lines)
    hunk = read_hunk(f"@@ -1,{counts[0]} +1,{counts[1]} @@", body, 7)
    assert hunk.next_start == 7
    assert list(hunk.lines) == lines[: len(hunk.lines)]
    assert not any(line.raw for line in lines[len(hunk.lines) :])
