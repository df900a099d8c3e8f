"""What is not an answer's leaves the lines that the user opened alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.line_joins import WHOLE_LINES, LineEdges
from lsp_server.edit.user_lines import keeping_lines
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.lines import split_lines
from lsp_server.text.span import Span

# A piece of a text: whose line it is, the line, and what is put in at each of its places.
_TEXTS = st.sampled_from(("", "", "", "a", "b\n", "\nc", "d\n  e", "\n", "  "))
_LINES = st.lists(st.tuples(st.booleans(), st.booleans(), _TEXTS, _TEXTS, _TEXTS), max_size=5)


def _drawn(
    rows: list[tuple[bool, bool, str, str, str]], end: str
) -> tuple[str, list[Span], ChangeSet]:
    """A text, the user's lines in it, and changes that take nothing of the user's away."""
    view, typed, changes = "", [], []
    for number, (theirs, goes, front, inside, behind) in enumerate(rows):
        start, line = len(view), f"  {'UVWXY'[number]}user" if theirs else f"  old{number}"
        view += line
        changes.append(Change(start, start, front.replace("\n", end)))
        if theirs:
            typed.append(Span(start, start + len(line) + len(end)))
            changes.append(Change(start + 4, start + 4, inside.replace("\n", end)))
            changes.append(Change(len(view), len(view), behind.replace("\n", end)))
            view += end
            if goes:
                changes.append(Change(len(view) - len(end), len(view), ""))
        else:
            view += end
            if goes:
                changes.append(Change(start, len(view), behind.replace("\n", end)))
    return view, typed, ChangeSet.of(len(view), changes)


@given(_LINES, st.sampled_from(("\n", "\r\n")), st.booleans(), st.booleans())
def test_their_lines_stay_lines(
    rows: list[tuple[bool, bool, str, str, str]], end: str, starts: bool, ends: bool
) -> None:
    view, typed, changes = _drawn(rows, end)
    kept, more = keeping_lines(changes, view, typed, LineEdges(starts, ends))
    result = kept.apply(view)
    assert more.apply(changes.apply(view)) == result
    around = f"{'' if starts else 'x'}{result}{'' if ends else 'y'}"
    lines = [line.rstrip() for line in split_lines(around)]
    first = 0 if starts else 1  # A line at the very edge of a scope within a line was not whole.
    for span in typed:
        if span.start >= first:
            assert span.text(view).rstrip("\r\n") in lines
    brought = sorted("".join(change.text for change in changes.changes))
    there = sorted("".join(change.text for change in kept.changes))
    assert [c for c in there if c.isalpha()] == [c for c in brought if c.isalpha()]


@pytest.mark.parametrize(
    ("view", "typed", "change", "wanted"),
    [
        # What comes back in the middle of it goes in front of it, whole.
        ("really mine\nz\n", Span(0, 12), Change(7, 7, "old()"), "old()\nreally mine\nz\n"),
        ("mine\nz\n", Span(0, 5), Change(2, 2, "old(\n  a)\n"), "old(\n  a)\nmine\nz\n"),
        ("mine\nz\n", Span(0, 5), Change(2, 2, "\nold()"), "mine\nold()\nz\n"),
        # The line end between it and the next one stays.
        ("mine\nnew\nz\n", Span(0, 5), Change(4, 9, ""), "mine\nz\n"),
        ("a\r\nmine\r\nz", Span(1, 7), Change(1, 3, ""), "a\r\nmine\r\nz"),
        # So does its indentation, of which a part is told to be another line's.
        ("a b\n   mine\n  \n", Span(3, 11), Change(1, 6, ""), "a\n   mine\n  \n"),
        # Both lines need the indentation that the user has not typed.
        ("  mine\nz\n", Span(2, 7), Change(2, 2, "old()"), "  old()\n  mine\nz\n"),
        # What asks for a part of it to go has its way.
        ("mine\nz\n", Span(0, 5), Change(1, 3, "X"), "mXe\nz\n"),
        # A line in which anything is somebody else's is none of theirs.
        ("mine, yours\n", Span(0, 4), Change(2, 2, "X"), "miXne, yours\n"),
    ],
)
def test_a_line_of_theirs(view: str, typed: Span, change: Change, wanted: str) -> None:
    changes = ChangeSet.of(len(view), [change])
    kept, more = keeping_lines(changes, view, [typed], WHOLE_LINES)
    assert kept.apply(view) == wanted
    assert more.apply(changes.apply(view)) == wanted
