"""Counts and times of a session."""

import pytest

from lsp_server.session.ledger import Ledger, percentile, spread


def test_percentiles_by_nearest_rank() -> None:
    values = [float(value) for value in range(1, 101)]
    assert percentile(values, 0.5) == 51.0
    assert percentile([3.0, 1.0, 2.0], 0.0) == 1.0
    assert percentile([7.0], 0.95) == 7.0
    assert spread([]) is None
    assert spread([1.0]) == {"p50": 1.0, "p95": 1.0}


def test_what_was_not_measured_is_none() -> None:
    shown = Ledger(0.0).as_json(None)
    for name in ("requestToWire", "firstToken", "firstEdit", "held", "tokensPerSecond", "cancel"):
        assert shown[name] is None
    assert shown["tokens"] == 0


def test_a_session_in_numbers() -> None:
    ledger = Ledger(100.0)
    ledger.request_written(103.0)
    for number in range(5):
        ledger.token(110.0 + number, 1.0 if number else 0.0)
    ledger.landed(120.0, 7, 3)
    ledger.redirected_at = 130.0
    ledger.request_written(132.5)
    shown = ledger.as_json(10)
    assert shown["requestToWire"] == pytest.approx(3.0)
    assert shown["firstToken"] == pytest.approx(10.0)
    assert shown["firstEdit"] == pytest.approx(20.0)
    assert shown["redirect"] == pytest.approx(2.5)
    assert shown["tokensPerSecond"] == pytest.approx(1000.0)
    assert (shown["edits"], shown["charsInserted"], shown["charsDeleted"]) == (1, 7, 3)
    assert shown["charsMinimal"] == 10


def test_who_answered_each_attempt() -> None:
    ledger = Ledger(0.0)
    ledger.requested(1, "quick")
    ledger.requested(2, "deep")
    ledger.answered(2, "deep-2", None, None)
    ledger.answered(2, "deep-2", "priority", 12.34567)
    nothing = {"served": None, "serviceTier": None, "queueMs": None}
    told = {"served": "deep-2", "serviceTier": "priority", "queueMs": 12.346}
    assert ledger.as_json(None)["models"] == [
        {"attempt": 1, "requested": "quick", **nothing},
        {"attempt": 2, "requested": "deep", **told},
    ]
    assert ledger.answerer(3).requested is None
