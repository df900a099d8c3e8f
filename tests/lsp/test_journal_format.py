"""What a journal says: read back as it was written, and cut off anywhere an earlier state."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.lsp.journal_format import (
    FORMAT,
    MOST_BYTES,
    JournalEntry,
    JournalState,
    content_of,
    entry_in,
    is_of_another,
    line_of,
)
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span
from tests.support.strategies import changes_of, texts

URI = "file:///project/a.py"
STATE = JournalState("one\n", "one\n", ChangeSet.identity(4), None, "before", "after")
ENTRY = JournalEntry(URI, "count “on”", "practice", STATE)


@st.composite
def states(draw: st.DrawFn) -> JournalState:
    """Any state that a session can be in."""
    base = draw(texts())
    ours = draw(changes_of(len(base)))
    flying = draw(st.none() | changes_of(ours.length_after))
    ends = sorted(draw(st.lists(st.integers(0, ours.length_after), min_size=2, max_size=2)))
    locked = draw(st.lists(st.tuples(st.just(Span(*ends)), texts()), max_size=2))
    return JournalState(
        draw(texts()), base, ours, flying, draw(texts()), draw(texts()), tuple(locked)
    )


@given(st.lists(states(), min_size=1, max_size=4), st.data())
def test_cut_off_anywhere_the_last_whole_line_counts(
    found: list[JournalState], data: st.DataObject
) -> None:
    content = content_of(replace(ENTRY, state=found[0]))
    ends = [len(content)]
    for known, state in pairwise(found):
        content += line_of(state, known)
        ends.append(len(content))
    cut = data.draw(st.integers(ends[0], len(content)))
    whole = sum(end <= cut for end in ends)
    *earlier, last = found[:whole]
    expected = replace(ENTRY, state=last, earlier=tuple(reversed(earlier)))
    assert entry_in(content[:cut]) == expected


def test_a_text_that_has_not_changed_is_not_written_again() -> None:
    line = line_of(replace(STATE, base="one!\n", ours=ChangeSet.identity(5)), STATE)
    assert b"before" not in line
    assert b"original" not in line
    assert b'"base":"one!' in line


@pytest.mark.parametrize(
    ("text", "why"),
    [("\ud800", "not valid UTF-8"), ("x" * MOST_BYTES, "too large")],
    ids=["no-unicode", "too-large"],
)
def test_what_no_file_can_hold_is_refused(text: str, why: str) -> None:
    with pytest.raises(OSError, match=why):
        content_of(replace(ENTRY, state=replace(STATE, before=text)))


def test_another_format_and_another_document_are_known_by_the_first_line() -> None:
    first = content_of(ENTRY).split(b"\n")[0]
    assert not is_of_another(first, lambda uri: uri == URI)
    assert is_of_another(first, lambda uri: False)
    later = first.replace(b'"journal":%d' % FORMAT, b'"journal":%d' % (FORMAT + 1))
    assert is_of_another(later, lambda uri: True)
    assert entry_in(later + b"\n") is None
    assert not is_of_another(b"no json", lambda uri: False), "That is for who reads it whole."
