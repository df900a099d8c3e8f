"""How long it is believed how much a model reads."""

import pytest

from lsp_server.backends.observed_limit import Reads
from lsp_server.backends.refusal_reading import Verdict
from lsp_server.backends.refusals import Kind
from lsp_server.backends.wire import Facts
from tests.backends.servers import ManualClock


def test_it_is_believed_for_five_minutes() -> None:
    clock = ManualClock()
    reads = Reads(clock)
    reads.learn(900)
    clock.advance(299)
    reads.learn(None)
    assert reads.tokens == 900
    clock.advance(2)
    assert reads.tokens is None


@pytest.mark.parametrize(
    ("kind", "tokens"), [(Kind.LOADING, None), (Kind.UNKNOWN, None), (Kind.CONTEXT, 500)]
)
def test_a_server_that_went_away_may_read_another_number(kind: Kind, tokens: int | None) -> None:
    reads = Reads(ManualClock())
    reads.learn_from(Facts(reads=500))
    reads.learn_from(Facts(verdict=Verdict(kind, 503)))
    assert reads.tokens == tokens
