"""Which option goes when a server refuses a request."""

import logging

import pytest

from lsp_server.gateway.providers.degrade import Option, Refusals

SENT = frozenset({Option.PREDICTION, Option.USAGE, Option.TIER, Option.LIMIT_NAME})


def left(refusals: Refusals, model: str = "m") -> set[Option]:
    return {option for option in SENT if refusals.allows(option, model)}


def test_an_option_that_is_named_goes_alone() -> None:
    refusals = Refusals("https://x")
    body = {"error": {"message": "Unknown parameter: 'prediction'."}}
    assert refusals.learn(400, body, SENT, "m")
    assert left(refusals) == SENT - {Option.PREDICTION}
    assert left(refusals, "another") == SENT, "Another model may take it."


def test_without_a_name_first_those_go_that_nobody_asked_for() -> None:
    refusals = Refusals("https://x")
    assert refusals.learn(400, {}, SENT, "m")
    assert left(refusals) == {Option.TIER, Option.LIMIT_NAME}
    assert refusals.learn(400, "no", frozenset(left(refusals)), "m")
    assert left(refusals) == {Option.LIMIT_NAME}
    assert not refusals.learn(400, "no", frozenset(left(refusals)), "m"), "Then it is an error."


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_other_errors_are_no_refusals_of_an_option(status: int) -> None:
    assert not Refusals("https://x").learn(status, "prediction", SENT, "m")


def test_the_log_says_what_is_left_out_and_nothing_of_the_server(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        Refusals("https://x").learn(400, "prediction: sk-secret", SENT, "m")
    assert "predicted output" in caplog.text and "secret" not in caplog.text
