"""Where the scopes were."""

from lsp_server.session import trail
from lsp_server.session.trail import Trail
from lsp_server.text.span import Span


def test_the_last_time_counts() -> None:
    found = Trail()
    found.add("a", {"s1": Span(0, 1)})
    found.add("b", {"s1": Span(0, 0)})
    found.add("a", {"s1": Span(1, 1)})
    assert found.find("a") == {"s1": Span(1, 1)}
    assert found.find("c") == {}
    found.clear()
    assert found.find("a") == {}


def test_it_stays_small() -> None:
    found = Trail()
    for number in range(trail.MOST_TEXTS + 1):
        found.add(str(number), {})
    big = "x" * trail.MOST_CODE_POINTS
    found.add("first", {"s1": Span(0, 0)})
    found.add(big, {"s1": Span(0, 0)})
    assert found.find("first") == {}
    assert found.find(big)
