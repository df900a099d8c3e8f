"""The server's side of the Responses protocol in WebSocket mode: requests. No I/O.

`parse` reads what a client sends; `response_writer` writes the answer. Unknown fields and unknown
client events are tolerated, because clients send more than the protocol asks for, such as
`stream: true`.

One field is ours, `midstream: {prediction, prefix, enough}`. Only our own language server sends it,
and only to our own gateway: what the answer will mostly repeat, what it begins with, and how many
tokens it can need.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from lsp_server.backends.lenient_json import mostly_structure

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the conversation. Only its text is kept."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class ResponseCreate:
    """A client's request.

    `input` is the text of its new user messages. `messages` is the whole conversation, including
    what `previous_response_id` stands for. They hold the user's code, so `repr` leaves them out.
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
    """Text that the answer will mostly repeat."""
    prefix: str | None = field(default=None, repr=False)
    """How the answer should begin. A model that cannot continue from it starts a new answer, so the
    instructions and the input must make sense without it."""
    enough: int | None = None
    """Tokens that the answer can need, used when `max_output_tokens` is not set."""


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens, as counted by the model's server."""

    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class ServerReport:
    """What a model's server reported beside the text. None: it reported nothing new."""

    model: str | None = None
    """The model that answers."""
    service_tier: str | None = None
    usage: TokenUsage | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Rate limits and the like, with lower-case names. Nothing that could hold a key."""
    incomplete: str | None = None
    """Why the answer is not complete: `max_output_tokens` or `content_filter`."""
    refused: bool = False
    """The model declined."""
    thought: bool = False
    """The model is thinking, which is not part of the answer."""
    called: bool = False
    """The model called a tool."""
    progress: tuple[int, int] | None = None
    """Tokens of the prompt: those read so far, and the total."""
    reads: int | None = None
    """The model's context in tokens, its answer included."""
    loading: bool = False
    """The server is loading the model at this moment."""


Piece = str | ServerReport
"""What a provider yields: a piece of text, or a report. An empty report is a sign of life from a
model that thinks."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a client's event, or why a response failed. `status` is an HTTP status."""

    status: int
    code: str
    message: str
    param: str | None = None
    stream_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None
    """The number of tokens that it is about, such as the model's context. Our own field."""

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
    """A client's `response.steer`. It is refused: steering does not interrupt a response."""

    previous_response_id: str
    input: Any

    def encode_refusal(self) -> bytes:
        """The `response.steer.failed` event, which returns the input."""
        return orjson.dumps(
            {
                "type": "response.steer.failed",
                "sequence_number": 0,
                "error": {
                    "type": "invalid_request_error",
                    "code": "steering_not_supported",
                    "message": (
                        "This server can't redirect a running response. Close the socket and "
                        "ask again."
                    ),
                },
                "steer": {
                    "previous_response_id": self.previous_response_id,
                    "input": self.input,
                },
            }
        )


def parse(frame: str | bytes) -> ResponseCreate | Steer | Fault | None:
    """The request in a client's frame. None for an unknown event."""
    if mostly_structure(frame):
        return Fault(400, "invalid_event", "The frame holds far more JSON than text.")
    try:
        event = orjson.loads(frame)
    except ValueError:
        return Fault(400, "invalid_json", "The frame isn't JSON.")
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        return Fault(400, "invalid_event", "The frame isn't an object with a `type`.", "type")
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
        return _wrong("max_output_tokens", "an integer greater than 0", stream_id)
    generate = event.get("generate") is not False
    if generate and not messages and previous is None:
        return _wrong("input", "given", stream_id)
    reasoning, extension = event.get("reasoning"), event.get("midstream")
    extension = extension if isinstance(extension, dict) else {}
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
        prediction=_text(extension.get("prediction")) or None,
        prefix=_text(extension.get("prefix")) or None,
        enough=_count(extension.get("enough")),
    )


def _wrong(param: str, must_be: str, stream_id: str | None) -> Fault:
    message = f"The field {param} must be {must_be}."
    return Fault(400, "invalid_value", message, param, stream_id)


def _count(value: object) -> int | None:
    valid = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if valid and isinstance(value, int) else None


def _temperature(value: object) -> float | None:
    valid = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 2
    return float(value) if valid and isinstance(value, int | float) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _messages(given: object) -> tuple[Message, ...] | None:
    """The messages of an `input` field. None when its form is not known."""
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
            continue  # such as the output of a tool, which no provider here asks for
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
