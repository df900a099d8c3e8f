"""Single patterns against single paths; the whole of git's rules is drawn in `test_verdict`."""

import re
import time

import pytest

from lsp_server.ignore.glob import Malformed, NameGlob, PathGlob


@pytest.mark.parametrize(
    ("pattern", "fits", "others"),
    [
        (b"*.py", b"a.py .py", b"a.pyc py"),
        (b"a*b*c", b"abc aXbXc abbcc", b"ab acb abcd"),
        (b"?[a-c][!x]", b"zay zbz", b"ay zay1 zax zdy"),
        (b"[]a-]", b"] a -", b"b ]a"),
        (b"[[:digit:][:upper:]]", b"1 A", b"a 1A"),
        (b"\\*\\a", b"*a", b"xa \\*a"),
        (b"[a\\]b]", b"a ] b", b"\\ c"),
        (b"**", b"a ab", b""),
    ],
)
def test_names(pattern: bytes, fits: bytes, others: bytes) -> None:
    glob = NameGlob.of(pattern, folded=False)
    assert [name for name in fits.split() if not glob.match(name)] == []
    assert [name for name in others.split() if glob.match(name)] == []


@pytest.mark.parametrize(
    ("pattern", "fits", "others"),
    [
        (b"a/*", b"a/b", b"a a/b/c"),
        (b"a/**", b"a/b a/b/c", b"a b/a"),
        (b"**/b", b"b a/b a/a/b", b"a/b/c ab"),
        (b"a/**/b", b"a/b a/x/b a/x/y/b", b"a/xb b"),
        (b"a/**/b/**/c*", b"a/b/c a/x/b/y/z/cc", b"a/c b/c a/b/d"),
        (b"a**/b", b"ax/b", b"ax/y/b"),
        (b"a[/]b", b"", b"a/b"),
        (b"a\\/b", b"a/b", b"ab"),
    ],
)
def test_paths(pattern: bytes, fits: bytes, others: bytes) -> None:
    glob = PathGlob.of(pattern, folded=False)
    assert [path for path in fits.split() if not glob.match(path)] == []
    assert [path for path in others.split() if glob.match(path)] == []


@pytest.mark.parametrize("pattern", [b"[", b"[a", b"[!]", b"a\\", b"[[:nope:]]", b"[[:alpha:]"])
def test_what_fits_nothing_says_why(pattern: bytes) -> None:
    with pytest.raises(Malformed, match=re.compile("closed|backslash|no class")):
        NameGlob.of(pattern, folded=False)


def test_capitals_do_not_count_where_folded() -> None:
    assert NameGlob.of(b"A*[B-D]", folded=True).match(b"axc")


@pytest.mark.parametrize(
    "pattern", [b"*a" * 2_000 + b"b", b"*[ab]" * 100 + b"c", b"*?" * 127 + b"c"]
)
def test_many_stars_take_no_time(pattern: bytes) -> None:
    """With backtracking each of them takes longer than anybody waits."""
    glob = NameGlob.of(pattern, folded=False)
    began = time.perf_counter()
    assert not glob.match(b"a" * 255)
    assert time.perf_counter() - began < 5


def test_many_double_stars_take_no_time() -> None:
    glob = PathGlob.of(b"**/a*/" * 30 + b"c", folded=False)
    began = time.perf_counter()
    assert not glob.match(b"/".join([b"aa"] * 500))
    assert time.perf_counter() - began < 5
