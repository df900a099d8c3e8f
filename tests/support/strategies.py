"""Hypothesis strategies that all packages share: odd texts, changes, chunkings."""

import itertools
from collections.abc import Sequence

from hypothesis import strategies as st

from lsp_server.text.changes import Change, ChangeSet

ODD = ["\n", "\r\n", "\r", "\f", "\u2028", "e\u0301", "\u00e9", "\U0001f600", "\ufeff", "\t", " "]


def texts(max_size: int = 24) -> st.SearchStrategy[str]:
    """Texts with every line end, odd characters, and what only looks like a line end."""
    return st.lists(
        st.one_of(st.sampled_from(ODD), st.sampled_from("abcx(){}")), max_size=max_size
    ).map("".join)


@st.composite
def changes_of(draw: st.DrawFn, length: int, max_changes: int = 4) -> ChangeSet:
    """Any change set of a text of `length` code points."""
    edges = sorted(draw(st.lists(st.integers(0, length), min_size=0, max_size=2 * max_changes)))
    if len(edges) % 2:
        edges.pop()
    made = [Change(edges[i], edges[i + 1], draw(texts(4))) for i in range(0, len(edges), 2)]
    return ChangeSet.of(length, made)


def chunkings(text: str) -> st.SearchStrategy[list[str]]:
    """Every way to cut `text` into chunks (empty ones too)."""

    def cut(places: Sequence[int]) -> list[str]:
        edges = [0, *sorted(places), len(text)]
        return [text[a:b] for a, b in itertools.pairwise(edges)]

    return st.lists(st.integers(0, len(text)), max_size=len(text) + 1).map(cut)
