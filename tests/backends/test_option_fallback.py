"""Which option is left out when a server refuses a request."""

import logging

import pytest

from lsp_server.backends.option_fallback import Option, Refusals
from lsp_server.backends.refusal_reading import RefusalReading, verdict_of

SENT = frozenset({Option.PREDICTION, Option.STREAM_OPTIONS, Option.TIER, Option.LIMIT_NAME})


def refused(status: int, body: object) -> RefusalReading:
    return verdict_of(status, body)


def left(refusals: Refusals, model: str = "m") -> set[Option]:
    return {option for option in SENT if refusals.allows(option, model)}


def test_an_option_that_is_named_goes_alone() -> None:
    refusals = Refusals("https://x")
    body = {"error": {"message": "Unknown parameter: 'prediction'."}}
    assert refusals.learn(refused(400, body), SENT, "m")
    assert left(refusals) == SENT - {Option.PREDICTION}
    assert left(refusals, "another") == SENT, "Another model may take it."


def test_without_a_name_first_those_go_that_nobody_asked_for() -> None:
    refusals = Refusals("https://x")
    assert refusals.learn(refused(400, {}), SENT, "m")
    assert left(refusals) == {Option.TIER, Option.LIMIT_NAME}
    assert refusals.learn(refused(400, "no"), frozenset(left(refusals)), "m")
    assert left(refusals) == {Option.LIMIT_NAME}
    assert not refusals.learn(refused(400, "no"), frozenset(left(refusals)), "m"), (
        "Then it is an error."
    )


@pytest.mark.parametrize("status", [401, 403, 429, 502, 503])
def test_other_errors_are_no_refusals_of_an_option(status: int) -> None:
    assert not Refusals("https://x").learn(refused(status, "prediction"), SENT, "m")


def test_the_log_says_what_is_left_out_and_nothing_of_the_server(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        Refusals("https://x").learn(refused(400, "prediction: sk-secret"), SENT, "m")
    assert "predicted output" in caplog.text and "secret" not in caplog.text


@pytest.mark.parametrize(
    ("option", "name"),
    [
        (Option.TIER, "service_tier"),
        (Option.STREAM_OPTIONS, "stream_options"),
        (Option.PREDICTION, "prediction"),
    ],
)
def test_the_field_that_a_server_names_goes_whatever_its_words_are(
    option: Option, name: str
) -> None:
    refusals = Refusals("https://x")
    body = {"error": {"message": "Not for this prediction.", "param": name}}
    assert refusals.learn(refused(400, body), SENT, "m")
    assert left(refusals) == SENT - {option}


def test_a_prefix_that_makes_a_server_fail_is_learnt_too() -> None:
    refusals, sent = Refusals("https://x"), SENT | {Option.PREFIX}
    assert refusals.learn(refused(500, {"error": {"message": "Internal error"}}), sent, "m")
    assert not refusals.allows(Option.PREFIX, "m") and left(refusals) == SENT
    assert not refusals.learn(refused(500, "again"), SENT, "m"), "Then it is the server's fault."


@pytest.mark.parametrize(
    ("message", "cap"),
    [("max_tokens: 9000 > 8192, which is the maximum", 8192), ("max_tokens must be <= 100", 100)],
)
def test_how_much_a_model_may_write_is_learnt_from_the_refusal(message: str, cap: int) -> None:
    refusals = Refusals("https://x")
    verdict = refused(400, {"error": {"message": message}})
    assert refusals.learn(verdict, frozenset(), "m", 9000)
    assert (refusals.capped(9000, "m"), refusals.capped(9, "m")) == (cap, 9)
    assert not refusals.learn(verdict, frozenset(), "m", cap), "No use to ask for the same again."


def test_how_little_may_be_asked_for_is_learnt_too() -> None:
    refusals = Refusals("https://x")
    message = "Invalid 'max_output_tokens': below minimum value. Expected a value >= 16, but got 5."
    verdict = refused(400, {"error": {"message": message, "param": "max_output_tokens"}})
    assert refusals.learn(verdict, frozenset(), "m", 5)
    assert refusals.capped(5, "m") == 16
    assert not refusals.learn(verdict, frozenset(), "m", 16)


@pytest.mark.parametrize(("well", "kept"), [(True, True), (False, False)])
def test_what_nobody_named_stays_left_out_only_where_that_helped(well: bool, kept: bool) -> None:
    refusals = Refusals("https://x")
    assert refusals.learn(refused(400, "Bad request."), SENT, "m")
    assert not refusals.allows(Option.PREDICTION, "m"), "The next try is without it."
    refusals.settle("m", well)
    assert refusals.allows(Option.PREDICTION, "m") is not kept


def test_what_was_named_stays_left_out_whatever_comes_of_it() -> None:
    refusals = Refusals("https://x")
    assert refusals.learn(refused(400, "prediction?"), SENT, "m")
    refusals.settle("m", False)
    assert not refusals.allows(Option.PREDICTION, "m")


def test_a_server_that_failed_by_its_own_fault_once_is_asked_the_same_again() -> None:
    refusals, sent = Refusals("https://x"), SENT | {Option.PREFIX}
    for kept in (False, True):
        assert refusals.learn(refused(500, "Internal error"), sent, "m")
        refusals.settle("m", True)
        assert refusals.allows(Option.PREFIX, "m") is not kept


def test_a_word_in_the_model_s_own_name_names_no_option() -> None:
    refusals, sent = Refusals("https://x"), SENT | {Option.EFFORT, Option.TEMPERATURE}
    told = refused(400, "some-Thinking-model does not take a temperature.")
    assert refusals.learn(told, sent, "Some-thinking-model")
    assert refusals.allows(Option.EFFORT, "Some-thinking-model")
    assert not refusals.allows(Option.TEMPERATURE, "Some-thinking-model")


@pytest.mark.parametrize(
    ("message", "gone"),
    [
        ("`temperature` may only be 1 when thinking is enabled.", Option.TEMPERATURE),
        ("Assistant prefill is incompatible with enable_thinking.", Option.PREFIX),
        ("Thinking cannot be turned off; temperature is ignored then.", Option.EFFORT),
    ],
)
def test_what_is_named_as_a_condition_is_not_blamed(message: str, gone: Option) -> None:
    sent = frozenset({Option.TEMPERATURE, Option.PREFIX, Option.EFFORT})
    refusals = Refusals("https://x")
    assert refusals.learn(refused(400, {"error": {"message": message}}), sent, "m")
    assert {o for o in sent if not refusals.allows(o, "m")} == {gone}


def test_a_server_that_has_not_built_an_option_is_believed() -> None:
    refusals, sent = Refusals("https://x"), SENT | {Option.PREFIX}
    assert refusals.learn(refused(501, "prediction is not implemented"), sent, "m")
    assert refusals.allows(Option.PREFIX, "m") and not refusals.allows(Option.PREDICTION, "m")


def test_an_answer_that_is_more_than_a_minute_s_worth_is_asked_for_shorter() -> None:
    told = "Request too large on tokens per minute (TPM): Limit 8000, Requested {}, reduce it."
    refusals = Refusals("https://x")
    verdict = refused(413, {"error": {"message": told.format(10_500), "type": "tokens"}})
    assert refusals.learn(verdict, SENT, "m", 4_000)
    assert refusals.capped(4_000, "m") == 1_500 and left(refusals) == SENT
    assert not refusals.learn(verdict, SENT, "m", None), "It is the request itself."
    assert not refusals.learn(verdict, SENT, "m", 2_900), "Too little would be left."
