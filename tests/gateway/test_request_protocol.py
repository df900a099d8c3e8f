"""What clients may send, and the errors for what they may not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.gateway.request_protocol import (
    Fault,
    Message,
    ResponseCreate,
    Steer,
    parse,
)


def create(**fields: Any) -> ResponseCreate | Steer | Fault | None:
    return parse(json.dumps({"type": "response.create", "model": "m", "input": "x", **fields}))


def sound(**fields: Any) -> ResponseCreate:
    given = create(**fields)
    assert isinstance(given, ResponseCreate)
    return given


def test_input_as_text() -> None:
    assert sound(input="hello").messages == (Message("user", "hello"),)
    assert sound(input="hello").input == "hello"


def test_input_as_messages() -> None:
    given = sound(
        input=[
            {"role": "developer", "content": "Be short."},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a"}]},
            {"type": "function_call_output", "call_id": "1", "output": "skipped"},
            {"role": "user", "content": [{"type": "input_image"}, {"text": "b"}]},
        ]
    )
    assert given.messages == (
        Message("developer", "Be short."),
        Message("user", "a"),
        Message("user", "b"),
    )
    assert given.input == "a\n\nb"


def test_options() -> None:
    given = sound(
        instructions="i",
        reasoning={"effort": "low"},
        service_tier="fast",
        max_output_tokens=9,
        prompt_cache_key="k",
        stream_id="lane",
        stream=True,
        unheard_of=[1],
    )
    assert (given.instructions, given.reasoning_effort, given.service_tier) == ("i", "low", "fast")
    assert (given.max_output_tokens, given.prompt_cache_key, given.stream_id) == (9, "k", "lane")


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("model", None),
        ("model", 7),
        ("model", ""),
        ("input", 7),
        ("input", None),
        ("input", [7]),
        ("input", [{"role": "user"}]),
        ("input", [{"content": "x"}]),
        ("instructions", ["x"]),
        ("previous_response_id", 7),
        ("max_output_tokens", 0),
        ("max_output_tokens", "many"),
        ("stream_id", 7),
    ],
)
def test_a_wrong_field_is_named(param: str, value: object) -> None:
    fault = create(**{param: value})
    assert isinstance(fault, Fault)
    assert (fault.status, fault.param) == (400, param)
    assert param in fault.message


@pytest.mark.parametrize("frame", ["", "7", "[]", "{}", '{"type":7}', b"\xff", "{"])
def test_an_unreadable_frame_is_a_fault(frame: str | bytes) -> None:
    assert isinstance(parse(frame), Fault)


def test_an_unknown_event_is_nothing() -> None:
    assert parse('{"type":"response.processed"}') is None


def test_a_warmup_needs_no_input() -> None:
    assert sound(input=None, generate=False).generate is False


def test_the_users_code_stays_out_of_repr() -> None:
    assert "secret" not in repr(sound(input="secret", instructions="secret"))


@given(st.binary() | st.text())
def test_parse_never_raises(frame: str | bytes) -> None:
    parse(frame)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "role", "content", "text", "effort"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
FIELDS = (
    *("midstream", "model", "input", "instructions", "previous_response_id", "generate"),
    *("stream_id", "max_output_tokens", "reasoning", "service_tier"),
)


@given(st.dictionaries(st.sampled_from(FIELDS), values))
def test_any_fields_are_taken_or_refused(fields: dict[str, object]) -> None:
    assert isinstance(create(**fields), ResponseCreate | Fault)


def test_what_only_our_own_server_says() -> None:
    asked = sound(midstream={"prediction": "old", "prefix": "```\n", "enough": 9})
    assert (asked.prediction, asked.prefix, asked.enough) == ("old", "```\n", 9)
    assert "old" not in repr(asked)
    cases: tuple[object, ...] = (None, 3, [], {"prediction": 3, "prefix": "", "enough": 0})
    for nonsense in cases:
        asked = sound(midstream=nonsense)
        assert (asked.prediction, asked.prefix, asked.enough) == (None, None, None)
