"""Where the scopes were in earlier texts."""

from lsp_server.session import scope_positions
from lsp_server.session.scope_positions import ScopePosition, ScopePositions
from lsp_server.text.span import Span


def test_the_last_time_counts() -> None:
    found = ScopePositions()
    found.add("a", {"s1": ScopePosition(Span(0, 1))})
    found.add("b", {"s1": ScopePosition(Span(0, 0))})
    found.add("a", {"s1": ScopePosition(Span(1, 1))})
    assert found.find("a") == {"s1": ScopePosition(Span(1, 1))}
    assert found.find("c") == {}
    found.clear()
    assert found.find("a") == {}


def test_it_stays_small() -> None:
    found = ScopePositions()
    for number in range(scope_positions.MOST_TEXTS + 1):
        found.add(str(number), {"s1": ScopePosition(Span(number, number))})
    assert found.find("0") == {}
    assert found.find("1") == {"s1": ScopePosition(Span(1, 1))}


def test_a_long_document_costs_no_more_than_a_short_one() -> None:
    """In a text of megabytes, each of a hundred undos finds the scope's place again."""
    found = ScopePositions()
    texts = ["x" * 4_000_000 + str(number) for number in range(3)]
    for number, text in enumerate(texts):
        found.add(text, {"s1": ScopePosition(Span(number, number))})
    assert [found.find(text) for text in texts] == [
        {"s1": ScopePosition(Span(number, number))} for number in range(3)
    ]
