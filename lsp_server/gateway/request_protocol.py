"""The server's side of the Responses protocol in WebSocket mode: what clients ask. No I/O.

`parse` reads what a client sends; `writer` writes the answer. Unknown fields and unknown client
events are tolerated, because clients send more than the protocol asks for (`stream: true`, say).

One field is ours, `midstream: {prediction, prefix, enough}`. Only our own gateway is ever sent it,
and other clients do not know of it: what the answer will mostly repeat, what it begins with, and
how many tokens it can need.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from lsp_server.backends.lenient_json import mostly_structure

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the conversation; only its text counts."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class ResponseCreate:
    """What a client asks for.

    `input` is the text of its new user messages; `messages` is the whole conversation, including
    what a `previous_response_id` stands for. The user's code is in it, so `repr` leaves it out.
    """

    model: str
    instructions: str = field(repr=False)
    input: str = field(repr=False)
    messages: tuple[Message, ...] = field(default=(), repr=False)
    generate: bool = True
    previous_response_id: str | None = None
    stream_id: str | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    reasoning_effort: str | None = None
    service_tier: str | None = None
    prompt_cache_key: str | None = None
    prediction: str | None = field(default=None, repr=False)
    """Text of which the answer will mostly consist."""
    prefix: str | None = field(default=None, repr=False)
    """What the answer is to begin with. A model that cannot go on from it begins anew; the
    instructions and the input have to do without it."""
    enough: int | None = None
    """Tokens that the answer can need, where nobody has set `max_output_tokens`."""


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens as the model's server counts them."""

    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class ServerReport:
    """What a model's server told beside the text. None: it did not say (again)."""

    model: str | None = None
    """The model that really answers."""
    service_tier: str | None = None
    usage: TokenUsage | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Rate limits and the like, by lower-case names; never anything that could hold a key."""
    incomplete: str | None = None
    """Why the answer is not complete: `max_output_tokens` or `content_filter`."""
    refused: bool = False
    """The model declined."""
    thought: bool = False
    """The model thinks, which is no part of the answer."""
    called: bool = False
    """The model called a tool."""
    progress: tuple[int, int] | None = None
    """Tokens of the prompt that have been read, and all of them."""
    reads: int | None = None
    """Tokens that the model reads, its answer included."""
    loading: bool = False
    """Its server is loading the model at this moment."""


Piece = str | ServerReport
"""What comes from a provider: a piece of text, or something told. A `Told` of nothing is a sign
of life from a model that thinks."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a client's event, or why a response failed. `status` is HTTP-like."""

    status: int
    code: str
    message: str
    param: str | None = None
    stream_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None
    """Tokens that it is about: what the model can read, say. Ours, like `midstream`."""

    def encode(self) -> bytes:
        """The `error` event."""
        event: Json = {
            "type": "error",
            "status": self.status,
            "error": {
                "type": "invalid_request_error" if self.status < 500 else "server_error",
                "code": self.code,
                "message": self.message,
                "param": self.param,
            },
        }
        if self.limit is not None:
            event["error"]["limit"] = self.limit
        if self.headers:
            event["error"]["headers"] = dict(self.headers)
        if self.stream_id is not None:
            event["stream_id"] = self.stream_id
        return orjson.dumps(event)


@dataclass(frozen=True, slots=True)
class Steer:
    """A client wants to steer a running response, which is refused: it is no interruption."""

    previous_response_id: str
    input: Any

    def encode_refusal(self) -> bytes:
        """The `response.steer.failed` event, which gives the input back."""
        return orjson.dumps(
            {
                "type": "response.steer.failed",
                "sequence_number": 0,
                "error": {
                    "type": "invalid_request_error",
                    "code": "steering_not_supported",
                    "message": "This server does not steer; close the socket and ask anew.",
                },
                "steer": {
                    "previous_response_id": self.previous_response_id,
                    "input": self.input,
                },
            }
        )


def parse(frame: str | bytes) -> ResponseCreate | Steer | Fault | None:
    """What a client's frame asks for; None for an event that is not known."""
    if mostly_structure(frame):
        return Fault(400, "invalid_event", "The frame holds far more JSON than text.")
    try:
        event = orjson.loads(frame)
    except ValueError:
        return Fault(400, "invalid_json", "The frame is not JSON.")
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        return Fault(400, "invalid_event", "The frame is not an object with a type.", "type")
    if event["type"] == "response.steer":
        return Steer(str(event.get("previous_response_id", "")), event.get("input", ""))
    return _parse_create(event) if event["type"] == "response.create" else None


def _parse_create(event: Json) -> ResponseCreate | Fault:
    stream_id = event.get("stream_id")
    if stream_id is not None and not isinstance(stream_id, str):
        return _wrong("stream_id", "a string", None)
    model = event.get("model")
    if not isinstance(model, str) or not model:
        return _wrong("model", "the name of a model", stream_id)
    instructions = event.get("instructions")
    if instructions is not None and not isinstance(instructions, str):
        return _wrong("instructions", "a string", stream_id)
    messages = _messages(event.get("input"))
    if messages is None:
        return _wrong("input", "a string or a list of messages", stream_id)
    previous = event.get("previous_response_id")
    if previous is not None and not isinstance(previous, str):
        return _wrong("previous_response_id", "a string", stream_id)
    limit = event.get("max_output_tokens")
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        return _wrong("max_output_tokens", "a number above 0", stream_id)
    generate = event.get("generate") is not False
    if generate and not messages and previous is None:
        return _wrong("input", "given", stream_id)
    reasoning, ours = event.get("reasoning"), event.get("midstream")
    ours = ours if isinstance(ours, dict) else {}
    return ResponseCreate(
        model=model,
        instructions=instructions or "",
        input="\n\n".join(message.text for message in messages if message.role == "user"),
        messages=messages,
        generate=generate,
        previous_response_id=previous,
        stream_id=stream_id,
        max_output_tokens=limit,
        temperature=_temperature(event.get("temperature")),
        reasoning_effort=_text(reasoning.get("effort")) if isinstance(reasoning, dict) else None,
        service_tier=_text(event.get("service_tier")),
        prompt_cache_key=_text(event.get("prompt_cache_key")),
        prediction=_text(ours.get("prediction")) or None,
        prefix=_text(ours.get("prefix")) or None,
        enough=_count(ours.get("enough")),
    )


def _wrong(param: str, must_be: str, stream_id: str | None) -> Fault:
    message = f"The field {param} must be {must_be}."
    return Fault(400, "invalid_value", message, param, stream_id)


def _count(value: object) -> int | None:
    sound = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if sound and isinstance(value, int) else None


def _temperature(value: object) -> float | None:
    sound = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 2
    return float(value) if sound and isinstance(value, int | float) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _messages(given: object) -> tuple[Message, ...] | None:
    """The messages of an `input` field; None when it is of no known form."""
    if given is None:
        return ()
    if isinstance(given, str):
        return (Message("user", given),)
    if not isinstance(given, list):
        return None
    messages = []
    for item in given:
        if not isinstance(item, dict):
            return None
        if item.get("type", "message") != "message":
            continue  # the output of a tool, say, which no provider here asks for
        role, text = item.get("role"), _content(item.get("content"))
        if not isinstance(role, str) or text is None:
            return None
        messages.append(Message(role, text))
    return tuple(messages)


def _content(content: object) -> str | None:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    parts = [part for part in content if isinstance(part, dict)]
    texts = [part["text"] for part in parts if isinstance(part.get("text"), str)]
    return "".join(texts)
