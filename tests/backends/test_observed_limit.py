"""How long the observed context of a model is believed."""

import pytest

from lsp_server.backends.observed_limit import ObservedLimit
from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.backends.refusals import RefusalKind
from lsp_server.backends.wire import Facts
from tests.backends.servers import ManualClock


def test_it_is_believed_for_five_minutes() -> None:
    clock = ManualClock()
    reads = ObservedLimit(clock)
    reads.learn(900)
    clock.advance(299)
    reads.learn(None)
    assert reads.tokens == 900
    clock.advance(2)
    assert reads.tokens is None


@pytest.mark.parametrize(
    ("kind", "tokens"),
    [(RefusalKind.LOADING, None), (RefusalKind.UNKNOWN, None), (RefusalKind.CONTEXT, 500)],
)
def test_a_server_that_went_away_may_read_another_number(
    kind: RefusalKind, tokens: int | None
) -> None:
    reads = ObservedLimit(ManualClock())
    reads.learn_from(Facts(reads=500))
    reads.learn_from(Facts(verdict=RefusalReading(kind, 503)))
    assert reads.tokens == tokens
