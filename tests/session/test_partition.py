"""The part of a document's change that falls into each scope."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.session.partition import refine, share_of
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span
from tests.support.strategies import changes_of, texts

TEXT = "head|scope|tail"
SCOPE = Span(5, 10)


def shared(start: int, end: int, text: str, *, takes_start: bool = True) -> tuple[str, str, bool]:
    """The scope's text by its new span, its text by the change in it, and whether it is gone."""
    changes = ChangeSet.of(len(TEXT), [Change(start, end, text)])
    part = share_of(changes, SCOPE, takes_start=takes_start)
    return part.span.text(changes.apply(TEXT)), part.inside.apply(SCOPE.text(TEXT)), part.gone


@given(st.data())
def test_span_and_change_say_the_same(data: st.DataObject) -> None:
    text = data.draw(texts())
    ends = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    scope = Span(*ends)
    changes = data.draw(changes_of(len(text)))
    part = share_of(changes, scope, takes_start=data.draw(st.booleans()))
    if not part.gone:
        assert part.inside.apply(scope.text(text)) == part.span.text(changes.apply(text))


@given(st.data())
def test_no_change_belongs_to_two_neighbours(data: st.DataObject) -> None:
    """Touching scopes still touch afterwards and do not overlap."""
    text = data.draw(texts())
    a, b, c = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=3, max_size=3)))
    changes = data.draw(changes_of(len(text)))
    left = share_of(changes, Span(a, b), takes_start=True)
    right = share_of(changes, Span(b, c), takes_start=False)
    if not left.gone and not right.gone:
        assert left.span.end <= right.span.start


@given(st.data())
def test_refining_changes_nothing_in_what_comes_out(data: st.DataObject) -> None:
    text = data.draw(texts(80))
    changes = data.draw(changes_of(len(text)))
    assert refine(changes, text).apply(text) == changes.apply(text)


def test_what_is_typed_at_an_edge_belongs_to_the_scope() -> None:
    assert shared(5, 5, "X") == ("Xscope", "Xscope", False)
    assert shared(10, 10, "X") == ("scopeX", "scopeX", False)
    assert shared(5, 5, "X", takes_start=False) == ("scope", "scope", False)


def test_what_is_outside_moves_the_scope() -> None:
    for start, end in ((0, 0), (0, 5), (11, 15), (15, 15)):
        assert shared(start, end, "X") == ("scope", "scope", False)


def test_a_deletion_across_an_edge_is_split() -> None:
    assert shared(3, 7, "X") == ("ope", "ope", False)
    assert shared(8, 12, "X") == ("sco", "sco", False)


def test_the_whole_scope_can_go() -> None:
    assert shared(2, 12, "new")[2]


@given(st.data())
def test_a_scope_that_went_is_a_place_in_what_is_left(data: st.DataObject) -> None:
    text = data.draw(texts())
    ends = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    changes = data.draw(changes_of(len(text)))
    span = share_of(changes, Span(*ends), takes_start=True).span
    assert span.end <= changes.length_after


def test_a_reload_from_disk_is_looked_into() -> None:
    text = "".join(f"line {n}\n" for n in range(9))
    new = text.replace("line 4", "changed")
    whole = ChangeSet(len(text), (Change(0, len(text), new),))
    (change,) = refine(whole, text).changes
    assert text[change.start : change.end] in "line 4"
