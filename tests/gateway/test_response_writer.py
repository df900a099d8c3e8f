"""The fields of a response's events other than its text."""

import json
from typing import Any

from openai.types.responses import Response, ResponseRefusalDeltaEvent, ResponseRefusalDoneEvent

from lsp_server.gateway.request_protocol import ResponseCreate, ServerReport, TokenUsage
from lsp_server.gateway.response_writer import ResponseWriter

LIMITS = {"x-ratelimit-remaining-requests": "8"}


def writer() -> ResponseWriter:
    return ResponseWriter(ResponseCreate("m", "be", "input"), "resp_1", 5.0)


def read(frames: list[bytes]) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in frames]


def test_what_was_reported_is_in_the_response_and_its_headers_beside_it() -> None:
    made = writer()
    made.learn(ServerReport(model="served", headers=LIMITS))
    made.learn(ServerReport(service_tier="flex", usage=TokenUsage(9, 4, 3, 1)))
    begun = read(made.begin())[0]
    assert (begun["response"]["model"], begun["headers"]) == ("served", LIMITS)
    made.begin_text()
    delta = json.loads(made.delta("x"))
    assert "headers" not in delta, "Only what has a response has headers."
    response = Response.model_validate(read(made.end())[-1]["response"])
    assert response.service_tier == "flex"
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.total_tokens) == (9, 12)
    assert response.usage.input_tokens_details.cached_tokens == 4


def test_nothing_is_made_up_for_a_server_that_reported_no_usage() -> None:
    made = writer()
    made.learn(ServerReport(model="served"))
    response = read(made.end_without_text())[-1]["response"]
    assert (response["usage"], response["service_tier"]) == (None, None)


def test_a_refusal_fits_the_types_of_openais_client_and_follows_the_text() -> None:
    made = writer()
    made.begin()
    made.begin_text()
    made.delta("x")
    events = {event["type"]: event for event in read(made.refuse())}
    ResponseRefusalDeltaEvent.model_validate(events["response.refusal.delta"], strict=True)
    ResponseRefusalDoneEvent.model_validate(events["response.refusal.done"], strict=True)
    assert events["response.refusal.delta"]["output_index"] == 1
    response = Response.model_validate(events["response.completed"]["response"])
    assert [item.id for item in response.output] == ["msg_1", "msg_1_refusal"]
    assert response.output_text == "x"


def test_the_writer_numbers_its_events_and_repeats_its_text() -> None:
    made = writer()
    frames = [*made.begin(), *made.begin_text(), made.delta("a"), made.delta("b")]
    events = [json.loads(frame) for frame in [*frames, *made.end()]]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert events[-1]["response"]["output"][0]["content"][0]["text"] == "ab"
    assert events[-1]["response"]["usage"]["output_tokens"] == 2
    assert {event["item_id"] for event in events if "item_id" in event} == {"msg_1"}
