"""Spans: what they refuse, and what touching and overlapping are."""

import pytest

from lsp_server.errors import ContractError
from lsp_server.text.span import Span


@pytest.mark.parametrize(("start", "end"), [(-1, 0), (2, 1)])
def test_a_span_runs_forwards_from_zero(start: int, end: int) -> None:
    with pytest.raises(ContractError, match=f"from {start} to {end}"):
        Span(start, end)


def test_touching_is_not_overlapping() -> None:
    assert not Span(0, 2).overlaps(Span(2, 4))
    assert Span(0, 3).overlaps(Span(2, 4))
    assert Span(1, 1).overlaps(Span(0, 2))
    assert not Span(0, 0).overlaps(Span(0, 2))


def test_what_a_span_holds() -> None:
    assert Span(1, 3).text("abcd") == "bc"
    assert Span(1, 3).length == 2
    assert Span(2, 2).empty
    assert Span(0, 3).contains(Span(0, 3))
    assert not Span(0, 3).contains(Span(1, 4))
    assert Span(1, 3).shift(-1) == Span(0, 2)
