"""The server's side of the Responses protocol in WebSocket mode: frames in, frames out. No I/O.

`parse` reads what a client sends; `ResponseWriter` writes the events of one response in the order
and with the fields that OpenAI's own client library expects. Unknown fields and unknown client
events are tolerated, because clients send more than the protocol asks for (`stream: true`, say).
"""

from dataclasses import dataclass, field
from typing import Any

import orjson

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
    `raw` is the event as it came, for what only some providers understand.
    """

    model: str
    instructions: str = field(repr=False)
    input: str = field(repr=False)
    messages: tuple[Message, ...] = field(default=(), repr=False)
    generate: bool = True
    previous_response_id: str | None = None
    stream_id: str | None = None
    max_output_tokens: int | None = None
    reasoning_effort: str | None = None
    service_tier: str | None = None
    prompt_cache_key: str | None = None
    raw: Json = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a client's event, or why a response failed. `status` is HTTP-like."""

    status: int
    code: str
    message: str
    param: str | None = None
    stream_id: str | None = None

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
    reasoning = event.get("reasoning")
    return ResponseCreate(
        model=model,
        instructions=instructions or "",
        input="\n\n".join(message.text for message in messages if message.role == "user"),
        messages=messages,
        generate=generate,
        previous_response_id=previous,
        stream_id=stream_id,
        max_output_tokens=limit,
        reasoning_effort=_text(reasoning.get("effort")) if isinstance(reasoning, dict) else None,
        service_tier=_text(event.get("service_tier")),
        prompt_cache_key=_text(event.get("prompt_cache_key")),
        raw=event,
    )


def _wrong(param: str, must_be: str, stream_id: str | None) -> Fault:
    message = f"The field {param} must be {must_be}."
    return Fault(400, "invalid_value", message, param, stream_id)


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


class ResponseWriter:
    """Writes the events of one response; each call gives the frames that are due next.

    `created_at` is in seconds since 1970. Tokens are counted as the pieces of text that came,
    which is what the practice model means by a token.
    """

    def __init__(self, create: ResponseCreate, response_id: str, created_at: float) -> None:
        self._create = create
        self.response_id = response_id
        self._item_id = "msg_" + response_id.removeprefix("resp_")
        self._created_at = created_at
        self._number = 0
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        """What was written so far."""
        return "".join(self._pieces)

    @property
    def tokens(self) -> int:
        """Pieces of text written so far."""
        return len(self._pieces)

    def begin(self) -> list[bytes]:
        """The response exists, and works."""
        response = self._response("in_progress")
        return [
            self._event("response.created", response=response),
            self._event("response.in_progress", response=response),
        ]

    def begin_text(self) -> list[bytes]:
        """Text is about to come: open the message and its part."""
        return [
            self._event(
                "response.output_item.added", output_index=0, item=self._item("in_progress", [])
            ),
            self._event("response.content_part.added", **self._place, part=_part("")),
        ]

    def delta(self, text: str) -> bytes:
        """One piece of text."""
        self._pieces.append(text)
        return self._event("response.output_text.delta", **self._place, delta=text, logprobs=[])

    def end(self, reason: str | None = None) -> list[bytes]:
        """All text has come; with `reason`, not all of it (`max_output_tokens`)."""
        text = self.text
        status = "completed" if reason is None else "incomplete"
        item = self._item(status, [_part(text)])
        response = self._response(status, [item], usage=self._usage())
        if reason is not None:
            response["incomplete_details"] = {"reason": reason}
        return [
            self._event("response.output_text.done", **self._place, text=text, logprobs=[]),
            self._event("response.content_part.done", **self._place, part=_part(text)),
            self._event("response.output_item.done", output_index=0, item=item),
            self._event(f"response.{status}", response=response),
        ]

    def end_without_text(self) -> list[bytes]:
        """The answer to `generate: false`: ready, and nothing was written."""
        return [
            self._event(
                "response.completed", response=self._response("completed", usage=self._usage())
            )
        ]

    def fail(self, code: str, message: str) -> list[bytes]:
        """The provider failed. What was written stays written."""
        response = self._response("failed")
        response["error"] = {"code": code, "message": message}
        return [self._event("response.failed", response=response)]

    @property
    def _place(self) -> Json:
        return {"item_id": self._item_id, "output_index": 0, "content_index": 0}

    def _event(self, kind: str, **fields: Any) -> bytes:
        event = {"type": kind, "sequence_number": self._number, **fields}
        if self._create.stream_id is not None:
            event["stream_id"] = self._create.stream_id
        self._number += 1
        return orjson.dumps(event)

    def _item(self, status: str, content: list[Json]) -> Json:
        return {
            "id": self._item_id,
            "type": "message",
            "role": "assistant",
            "status": status,
            "content": content,
        }

    def _response(
        self, status: str, output: list[Json] | None = None, usage: Json | None = None
    ) -> Json:
        create = self._create
        return {
            "id": self.response_id,
            "object": "response",
            "created_at": self._created_at,
            "status": status,
            "model": create.model,
            "output": output or [],
            "usage": usage,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "max_output_tokens": create.max_output_tokens,
            "metadata": {},
            "parallel_tool_calls": False,
            "previous_response_id": create.previous_response_id,
            "prompt_cache_key": create.prompt_cache_key,
            "service_tier": "default",
            "store": False,
            "temperature": None,
            "text": {"format": {"type": "text"}},
            "tool_choice": "auto",
            "tools": [],
            "top_p": None,
            "truncation": "disabled",
        }

    def _usage(self) -> Json:
        # No tokenizer is at hand: four characters for each token of the input is what it is.
        length = len(self._create.instructions) + sum(len(m.text) for m in self._create.messages)
        return {
            "input_tokens": length // 4,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": self.tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": length // 4 + self.tokens,
        }


def _part(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
