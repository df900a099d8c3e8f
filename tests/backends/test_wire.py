"""The decoder against `fixtures/wire`, and the encoder against the protocol."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.backends import wire
from lsp_server.backends.base import ModelRequest
from lsp_server.backends.option_fallback import Refusals
from lsp_server.backends.reduced_request import lean
from lsp_server.backends.refusal_reading import verdict_of
from lsp_server.backends.wire import ResponseDecoder, encode_create
from lsp_server.session.events import Delta, Failed, Finished, ModelEvent, Started
from tests.support.recorded_streams import read_recording

CASES = Path(__file__).parents[2] / "fixtures" / "wire"
NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir())


def decoder(upgrade: dict[str, str] | None = None) -> ResponseDecoder:
    return ResponseDecoder(1, "gpt-test", wall=lambda: 1_700_000_000.0, upgrade=upgrade)


def render(event: ModelEvent) -> str:
    match event:
        case Started():
            tier = f" tier={event.service_tier}" if event.service_tier else ""
            queue = f" queue={event.queue_ms:g} ms" if event.queue_ms is not None else ""
            return f"started {event.model}{tier}{queue}"
        case Delta():
            return f"delta {event.text!r}"
        case Finished():
            return f"finished completed={event.completed} {event.sentence or ''}".rstrip()
        case Failed():
            return f"failed {event.sentence}"


def decode(name: str) -> list[str]:
    """What the decoder makes of a case, as lines."""
    reader = decoder()
    lines = []
    for frame in read_recording(CASES / name / "frames.jsonl"):
        if frame.data is None:
            lines.append("lost")
        else:
            lines += [render(event) for event in reader.receive(frame.data)]
    facts = reader.facts
    lines.append(f"facts served={facts.served} tier={facts.service_tier} deltas={facts.deltas}")
    lines.append(f"usage {facts.usage}")
    return lines + [f"limit {limit}" for limit in facts.rate_limits]


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_answer(name: str, update_fixtures: bool) -> None:
    path = CASES / name / "events.txt"
    sentence = path.read_text("utf-8").splitlines()[0]
    assert sentence.startswith("# ")
    text = "\n".join([sentence, *decode(name)]) + "\n"
    if update_fixtures:
        path.write_text(text, "utf-8", newline="\n")
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize("name", NAMES)
def test_no_sentence_repeats_what_the_server_wrote(name: str) -> None:
    told = "\n".join(decode(name))
    assert "sk-" not in told
    assert "near" not in told


def test_create_holds_what_the_contract_says() -> None:
    request = ModelRequest("gpt-test", "Rewrite.", "x = 1", "low", "fast", 500, "key-1")
    assert json.loads(encode_create(request)) == {
        "type": "response.create",
        "model": "gpt-test",
        "instructions": "Rewrite.",
        "input": [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "x = 1"}],
            }
        ],
        "store": False,
        "stream_options": {"include_obfuscation": False},
        "prompt_cache_key": "key-1",
        "reasoning": {"effort": "low"},
        "service_tier": "fast",
        "max_output_tokens": 500,
    }


def test_a_temperature_is_sent_where_the_profile_has_one_and_left_out_when_refused() -> None:
    request = ModelRequest("m", "", "x", temperature=0.0)
    assert json.loads(encode_create(request))["temperature"] == 0.0
    refusals = Refusals("x")
    _, sent = lean(request, refusals)
    assert refusals.learn(verdict_of(400, {"error": {"param": "temperature"}}), sent, "m")
    slim, _ = lean(request, refusals)
    assert "temperature" not in json.loads(encode_create(slim))


def test_create_leaves_out_what_is_not_set() -> None:
    create = json.loads(encode_create(ModelRequest("gpt-test", "Rewrite.", "x = 1")))
    assert set(create) == {
        "type",
        "model",
        "instructions",
        "input",
        "store",
        "stream_options",
    }


def test_a_warmup_asks_for_no_text() -> None:
    create = json.loads(encode_create(ModelRequest("gpt-test", "", ""), warmup=True))
    assert create["generate"] is False


def test_create_takes_text_that_is_no_unicode() -> None:
    create = json.loads(encode_create(ModelRequest("gpt-test", "", "a \ud83d\ude00 \udc00")))
    assert create["input"][0]["content"][0]["text"] == "a \U0001f600 \ufffd"


def test_the_request_keeps_code_out_of_its_repr() -> None:
    shown = repr(ModelRequest("gpt-test", "instructions here", "code here"))
    assert "here" not in shown


def test_the_models_name_may_come_with_the_upgrade_only() -> None:
    reader = decoder({"openai-model": "gpt-other"})
    assert reader.receive(b'{"type":"response.created"}') == (Started(1, "gpt-other"),)


def test_deltas_carry_when_their_frame_was_read() -> None:
    reader = decoder()
    reader.receive('{"type":"response.created"}', 5.0)
    event = '{"type":"response.output_text.delta","delta":"a"}'
    assert reader.receive(event, 7.0) == (Delta(1, "a", 7.0),)


def test_an_enormous_frame_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_FRAME_BYTES", 100)
    (event,) = decoder().receive(b" " * 101)
    assert isinstance(event, Failed)


def test_an_endless_answer_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_ANSWER", 10)
    reader = decoder()
    reader.receive('{"type":"response.created"}')
    event = '{"type":"response.output_text.delta","delta":"eleven code"}'
    assert isinstance(reader.receive(event)[0], Failed)
    assert reader.ended


@pytest.mark.parametrize(
    ("response", "end"),
    [
        (
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            "token limit",
        ),
        ({"status": "incomplete"}, "too early"),
        ({"status": "failed", "error": {"code": "server_error"}}, "which is the server's fault"),
        ({"status": "cancelled"}, "reported an error"),
    ],
)
def test_an_end_that_says_of_itself_that_it_is_none(response: object, end: str) -> None:
    """Or what was cut would pass for the whole, and the rest of the scope would go."""
    reader = decoder()
    reader.receive('{"type":"response.created"}')
    reader.receive('{"type":"response.output_text.delta","delta":"x"}')
    frame = json.dumps({"type": "response.completed", "response": response})
    (event,) = reader.receive(frame)
    assert isinstance(event, Failed | Finished)
    assert not isinstance(event, Finished) or not event.completed
    assert end in (event.sentence or "")


def test_what_is_reported_beside_the_text_can_be_passed_on() -> None:
    reader = decoder()
    headers = {"x-ratelimit-limit-\ud800": "5", "openai-model": "gpt-\udc00"}
    told = {"service_tier": "\ud83d", "headers": headers}
    (started,) = reader.receive(json.dumps({"type": "response.created", "response": told}))
    assert started == Started(1, "gpt-\ufffd", "\ufffd")
    assert [limit.name for limit in reader.facts.rate_limits] == ["\ufffd"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
KINDS = (*wire._HANDLERS, "other")
FIELDS = (
    *("response", "item", "output_index", "content_index", "delta", "text", "error"),
    *("status", "headers", "rate_limits", "phase"),
)
events = st.builds(
    lambda kind, fields: {"type": kind, **fields},
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=4),
)


@given(st.lists(events.map(json.dumps) | st.text() | st.binary(), max_size=12))
def test_whatever_comes_there_is_one_end_and_nothing_after_it(frames: list[str | bytes]) -> None:
    reader = decoder()
    given = [event for frame in frames for event in reader.receive(frame)]
    ends = [event for event in given if isinstance(event, Finished | Failed)]
    assert len(ends) == (1 if reader.ended else 0)
    assert not ends or given[-1] is ends[0]
    for event in given:
        if isinstance(event, Delta):
            event.text.encode()


@given(st.text())
def test_the_text_does_not_depend_on_how_it_is_cut(text: str) -> None:
    reader = decoder()
    reader.receive('{"type":"response.created"}')
    came = ""
    for unit in _utf16_units(text):
        frame = json.dumps({"type": "response.output_text.delta", "delta": unit})
        came += "".join(e.text for e in reader.receive(frame) if isinstance(e, Delta))
    assert came == text


def _utf16_units(text: str) -> list[str]:
    data = text.encode("utf-16-le")
    return [data[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(data), 2)]
