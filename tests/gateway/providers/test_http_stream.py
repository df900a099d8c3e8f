"""Answers of real servers that differ from the API's documents, up to the last frame.

Each case has its own server and its own client of the gateway.
"""

import asyncio
import gzip
import json
import zlib
from typing import Any

import pytest

from lsp_server.gateway.providers import bounded_body
from lsp_server.gateway.providers.bounded_body import Packed, Unpacker
from lsp_server.wording import setting
from tests.gateway.clients import Json
from tests.gateway.through_gateway import answered
from tests.gateway.upstream_server import Exchange, Script, chat_chunk, sse

CODE = "x = '\U0001f600é'\n"


def text_of(events: list[Json]) -> str:
    return "".join(e["delta"] for e in events if e["type"] == "response.output_text.delta")


def fault_of(events: list[Json]) -> str:
    """The sentence of a failure."""
    last = events[-1]
    assert last["type"] in ("error", "response.failed"), last
    error = last.get("error") or last["response"]["error"]
    return str(error["message"])


def escaped(chunk: Json) -> str:
    """As JavaScript writes it: characters beyond the first plane in two halves."""
    return sse(json.dumps(chunk))


def whole(events: list[Json]) -> bool:
    return bool(events[-1]["type"] == "response.completed") and text_of(events) == CODE


def test_blank_lines_are_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsp_server.gateway.conversation.SIGN_OF_LIFE_S", -1.0)

    async def blanks(exchange: Exchange) -> None:
        await exchange.begin(200, {})
        for _ in range(3):
            await exchange.send("\n")
            await asyncio.sleep(0.01)
        for chunk in chunks(CODE):
            await exchange.send(chunk)
        await exchange.finish()

    events = answered(blanks)
    assert whole(events)
    kinds = [event["type"] for event in events]
    first = kinds.index("response.output_text.delta")
    assert kinds[:first].count("response.in_progress") > 2


def chunks(*texts: str, finish: str | None = "stop") -> list[str]:
    last = [] if finish is None else [sse(chat_chunk(finish=finish))]
    return [*(sse(chat_chunk(text)) for text in texts), *last]


def told(
    *pieces: str | bytes, end: str = "finish", headers: Any = None, status: int = 200
) -> Script:
    """A server that sends these bytes, and then ends as it should, or is gone."""

    async def script(exchange: Exchange) -> None:
        await exchange.begin(status, headers)
        for piece in pieces:
            await exchange.send(piece)
        if end == "finish":
            await exchange.finish()
        else:
            exchange.drop()

    return script


def test_halves_of_an_emoji_in_two_events_become_one() -> None:
    first, second = chat_chunk("x = '\ud83d"), chat_chunk("\ude00é'\n")
    assert whole(answered(told(escaped(first), escaped(second), *chunks())))


def test_half_an_emoji_without_its_other_half_is_replaced() -> None:
    events = answered(told(escaped(chat_chunk("x = '\ud83d")), *chunks("'\n")))
    assert text_of(events) == "x = '\ufffd'\n"
    events = answered(told(escaped(chat_chunk("x = '\ud83d")), *chunks()))
    assert text_of(events) == "x = '\ufffd"
    assert events[-1]["type"] == "response.completed"


def test_half_an_emoji_in_a_name_ends_no_answer() -> None:
    odd = chat_chunk("x = '") | {"model": "m\ud83d", "service_tier": "\udc00"}
    assert whole(answered(told(escaped(odd), *chunks("\U0001f600é'\n"))))


def test_characters_cut_in_the_middle_of_their_bytes() -> None:
    data = "".join(
        f"data: {json.dumps(chat_chunk(text), ensure_ascii=False)}\r\n\r\n" for text in CODE
    ).encode()
    pieces = [data[i : i + 3] for i in range(0, len(data), 3)]
    assert whole(answered(told(*pieces, *chunks())))


def test_a_stream_that_begins_with_a_byte_order_mark() -> None:
    assert whole(answered(told("\ufeff", *chunks(CODE))))


@pytest.mark.parametrize("tail", [[], ["data: [DONE]\n\n"], ["data: [DO"]])
def test_a_server_that_is_gone_after_the_end_has_given_the_whole_answer(tail: list[str]) -> None:
    assert whole(answered(told(*chunks(CODE), *tail, end="drop")))


def test_a_server_that_is_gone_in_the_middle_of_a_line_has_not() -> None:
    events = answered(told(*chunks(CODE, finish=None), 'data: {"choi', end="drop"))
    assert text_of(events) == CODE
    assert "broke off during" in fault_of(events)


def test_a_server_that_ends_without_an_end() -> None:
    events = answered(told(*chunks(CODE, finish=None)))
    assert "broke off during" in fault_of(events)


def test_a_server_that_packs_although_nobody_asked_it_to() -> None:
    data = gzip.compress("".join(chunks(CODE)).encode())
    packed = {"Content-Encoding": "gzip"}
    assert whole(answered(told(data[:20], data[20:], headers=packed)))


@pytest.mark.parametrize("size", [1, 2, 7, 2**20])
@pytest.mark.parametrize("bits", [31, 15, -15])
def test_however_it_is_packed_and_in_whatever_pieces_it_comes(bits: int, size: int) -> None:
    plain = bytes(range(256)) * 1000
    packer = zlib.compressobj(9, zlib.DEFLATED, bits)
    assert unpacked(packer.compress(plain) + packer.flush(), size) == plain


@pytest.mark.parametrize("size", [1, 7, 2**20])
@pytest.mark.parametrize("behind", [b"", b"\0" * 9, b"\x1f", b"rubbish"])
def test_all_members_of_gzip_are_the_answer(behind: bytes, size: int) -> None:
    members = [b"one", b"", b"two" * 100_000, b"three"]
    data = b"".join(map(gzip.compress, members)) + behind
    assert unpacked(data, size) == b"".join(members)


def test_members_of_nothing_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_body, "MAX_STREAM_BYTES", 10_000)
    data = [gzip.compress(b"") * 100] * 100
    for status in (200, 500):
        events = answered(told(*data, status=status, headers={"Content-Encoding": "gzip"}))
        assert ("more than an answer" if status == 200 else "(500)") in fault_of(events)


def test_an_answer_in_two_members() -> None:
    data = b"".join(gzip.compress(chunk.encode()) for chunk in chunks(CODE))
    assert whole(answered(told(data[:20], data[20:], headers={"Content-Encoding": "gzip"})))


@pytest.mark.parametrize(
    "data",
    [b"\xff\xff\xff", b"\x1f\x8b\x07rubbish", gzip.compress(b"a") + b"\x1f\x8b??"],
    ids=["no head", "no method", "rubbish behind"],  # What is packed holds the time of day.
)
def test_what_is_not_packed_is_reported(data: bytes) -> None:
    for size in (1, len(data)):
        with pytest.raises(Packed):
            unpacked(data, size)


def unpacked(data: bytes, size: int) -> bytes:
    """In pieces of so many bytes."""
    unpacker = Unpacker()
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    return b"".join(out for piece in pieces for out in unpacker.feed(piece))


def test_fields_of_the_wrong_kind_are_passed_over() -> None:
    odd: list[Json] = [
        {"choices": []},
        {"choices": None, "usage": None},
        {"choices": [None, 7, {"index": 0}, {"index": 0, "delta": None}]},
        {"choices": [{"index": 0, "delta": {"content": None, "tool_calls": [{}]}}]},
        {"choices": [{"index": 0, "delta": {"content": 7, "reasoning_content": "hm"}}]},
        {"choices": [{"index": 1, "delta": {"content": "another answer"}}]},
        {
            "choices": [{"index": 0, "delta": {}, "finish_reason": 7}],
            "usage": {"prompt_tokens": []},
        },
        {"choices": [], "time_info": {"queue_time": "soon"}, "model": 5, "service_tier": {}},
    ]
    assert whole(answered(told(*(sse(one) for one in odd), *chunks(CODE))))


def test_an_answer_of_tool_calls_alone_is_reported() -> None:
    call = chat_chunk() | {
        "choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0}]}, "finish_reason": None}]
    }
    events = answered(told(sse(call), *chunks(finish="tool_calls")))
    assert "called a tool instead" in fault_of(events)


THOUGHTS: dict[str, list[Json]] = {
    "openai-chat": [
        chat_chunk() | {"choices": [{"index": 0, "delta": {"reasoning_content": "Hm."}}]},
        chat_chunk(finish="stop"),
    ],
    "openai-responses": [
        {"type": "response.output_item.added", "item": {"type": "reasoning"}},
        {"type": "response.completed", "response": {"status": "completed"}},
    ],
    "anthropic": [
        {"type": "content_block_start", "content_block": {"type": "thinking"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    ],
}


@pytest.mark.parametrize("provider", THOUGHTS)
def test_an_answer_of_thoughts_alone_is_reported_with_the_remedy(provider: str) -> None:
    sentence = fault_of(answered(told(*map(sse, THOUGHTS[provider])), provider))
    assert "only thought" in sentence and setting("reasoning_effort") in sentence


def test_thoughts_that_use_up_the_limit_are_reported() -> None:
    cut = [THOUGHTS["openai-chat"][0], chat_chunk(finish="length")]
    assert setting("max_output_tokens") in fault_of(answered(told(*map(sse, cut))))


@pytest.mark.parametrize("noise", ["{}", ": ping", "ping", "null", "[PING]", '{"type": "ping"}'])
def test_what_is_only_a_sign_of_life_is_skipped(noise: str) -> None:
    first, *rest = chunks(CODE)
    assert whole(answered(told(sse(noise), first, sse(noise), *rest)))


def test_items_that_repeat_all_text_so_far_are_reported_once() -> None:
    def item(number: int, *texts: str) -> list[str]:
        kind = "response.output_text.delta"
        return [sse({"type": kind, "output_index": number, "delta": text}) for text in texts]

    end = sse({"type": "response.completed", "response": {"status": "completed"}})
    pieces = [*item(0, "x = "), *item(1, "x", " = '"), *item(2, "x = '\U0001f600é'\n"), end]
    assert whole(answered(told(*pieces), "openai-responses"))


@pytest.mark.parametrize("provider", ["openai-chat", "openai-responses", "anthropic"])
def test_an_answer_in_one_piece_is_taken(provider: str) -> None:
    message = {"role": "assistant", "content": CODE}
    part = {"type": "output_text", "text": CODE}
    bodies: dict[str, Json] = {
        "openai-chat": {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]},
        "openai-responses": {
            "object": "response",
            "status": "completed",
            "output": [{"type": "message", "content": [part]}],
        },
        "anthropic": {"type": "message", "content": [{"type": "text", "text": CODE}]},
    }
    body = json.dumps(bodies[provider])
    assert whole(answered(told(body, headers={"Content-Type": "application/json"}), provider))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("the request exceeds the available context size", "longer than"),
        ({"message": "maximum context length is 4096 tokens"}, "longer than"),
        ({"code": "429", "message": "slow down"}, "rate limit"),
        ("something else", "which is the server's fault"),
        ([1], "which is the server's fault"),
    ],
)
def test_an_error_inside_the_stream_says_what_it_is(error: object, words: str) -> None:
    events = answered(told(sse({"error": error})))
    assert words in fault_of(events)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 502, 503, 529])
@pytest.mark.parametrize("provider", ["openai-chat", "openai-responses", "anthropic"])
def test_an_error_page_in_html_is_one_sentence(status: int, provider: str) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.refuse(status, "<html><h1>No.</h1> sk-live-0123 </html>")

    sentence = fault_of(answered(script, provider))
    assert "<" not in sentence and "sk-" not in sentence
    assert sentence.endswith(".")
    assert "http://127.0.0.1" in sentence or status == 413


def test_a_page_in_html_instead_of_a_stream() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.begin(200, {"Content-Type": "text/html"})
        await exchange.send("<html>\ndata\n</html>\n\n")
        await exchange.finish()

    assert setting("base_url") in fault_of(answered(script))


# -- Responses over HTTP -----------------------------------------------------------------------


def response(status: str, **more: object) -> Json:
    part = {"type": "output_text", "text": CODE}
    item = {"type": "message", "role": "assistant", "content": [part]}
    return {"model": "m", "status": status, "output": [item], **more}


def test_a_server_that_tells_all_text_at_the_end() -> None:
    created = {"type": "response.created", "response": response("in_progress", output=[])}
    done = {"type": "response.completed", "response": response("completed")}
    assert whole(answered(told(sse(created), sse(done)), "openai-responses"))
    text = {"type": "response.output_text.done", "text": CODE, "output_index": 0}
    done = {"type": "response.completed", "response": response("completed", output=None)}
    assert whole(answered(told(sse(created), sse(text), sse(done)), "openai-responses"))
    delta = {"type": "response.output_text.delta", "delta": CODE, "output_index": 0}
    done = {"type": "response.completed", "response": response("completed")}
    events = answered(told(sse(delta), sse(text), sse(done)), "openai-responses")
    assert whole(events), "Nothing is taken twice."


def test_an_end_that_says_of_itself_that_it_is_none() -> None:
    """Gateways send `response.completed` for every end; the status in it is what counts."""
    delta = {"type": "response.output_text.delta", "delta": "x", "output_index": 0}
    cut = response("incomplete", incomplete_details={"reason": "max_output_tokens"})
    done = {"type": "response.completed", "response": cut}
    events = answered(told(sse(delta), sse(done)), "openai-responses")
    assert events[-1]["type"] == "response.incomplete"
    failed = response("failed", error={"code": "server_error", "message": "x"})
    done = {"type": "response.completed", "response": failed}
    assert "failed" in fault_of(answered(told(sse(delta), sse(done)), "openai-responses"))
