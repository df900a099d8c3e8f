"""OpenAI's Responses API in WebSocket mode: bytes in, events out. No I/O.

`encode_create` writes the one client event that is used. `ResponseDecoder` turns the server events
of one answer into the four model events. Whatever a server sends becomes an event or is skipped:
nothing raises, and no text of the server gets into a sentence.

The protocol is described in OpenAI's guide "WebSocket mode" and in the types of the `openai`
package (`responses_client_event.py`, `responses_server_event.py`). Unknown events and fields are
skipped, because every server adds its own.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import orjson

from lsp_server.backends import failure_sentences
from lsp_server.backends import headers as header_facts
from lsp_server.backends.base import ModelRequest, RateLimit, Usage
from lsp_server.backends.frame_fields import (
    Json,
    codex_limits,
    headers_in,
    member,
    number_in,
    part_of,
    reading_of_gateway,
    usage_of,
    whole_text,
)
from lsp_server.backends.lenient_json import Joiner, parse_object, sound_text
from lsp_server.backends.refusal_reading import RefusalReading, verdict_of
from lsp_server.backends.refusal_sentences import Party, sentence_of
from lsp_server.backends.refusals import RefusalKind
from lsp_server.backends.snapshots import Snapshots
from lsp_server.session.events import Delta, Failed, Finished, ModelEvent, Started

MAX_FRAME_BYTES = 16 * 2**20
"""Of one frame. The last frame repeats instructions and answer, so this is generous."""

PIECE = 2048
"""Code points of one `Delta` at most, so that a large frame is processed in several turns."""

MAX_ANSWER = 8_000_000
"""Code points of text in one answer. A model that never ends is stopped here."""


def encode_create(request: ModelRequest, *, warmup: bool = False) -> bytes:
    """The frame that asks for one answer, or with `warmup` for no text at all."""
    event: Json = {
        "type": "response.create",
        "model": request.model,
        "instructions": sound_text(request.instructions),
        "input": [
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": sound_text(request.input)}],
            }
        ],
        "store": False,
    }
    if not request.instructions:
        del event["instructions"]
    if request.stream_options:
        # It is on by default and pads every delta with random characters.
        event["stream_options"] = {"include_obfuscation": False}
    if request.prompt_cache_key is not None:
        event["prompt_cache_key"] = request.prompt_cache_key
    if request.reasoning_effort is not None:
        event["reasoning"] = {"effort": request.reasoning_effort}
    if request.service_tier is not None:
        event["service_tier"] = request.service_tier
    if request.max_output_tokens is not None:
        event["max_output_tokens"] = request.max_output_tokens
    if request.temperature is not None:
        event["temperature"] = request.temperature
    texts = {"prediction": request.prediction, "prefix": request.prefix}
    extension: Json = {name: sound_text(text) for name, text in texts.items() if text}
    if request.enough is not None:
        extension["enough"] = request.enough
    if extension:
        event["midstream"] = extension
    if warmup:
        event["generate"] = False
    return orjson.dumps(event)


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts beside the text of an answer. `deltas` counts delta events; `verdict` says what the
    failure means that the server reported."""

    served: str | None = None
    service_tier: str | None = None
    usage: Usage | None = None
    rate_limits: tuple[RateLimit, ...] = ()
    queue_ms: float | None = None
    deltas: int = 0
    reads: int | None = None
    """The model's context in tokens, its answer included, if our gateway knows it."""
    verdict: RefusalReading | None = None
    reading: tuple[int, int] | None = None
    """Tokens of the prompt: those read so far, and the total."""
    loading: bool = False
    """The server is loading the model at this moment."""


class ResponseDecoder:
    """Reads the frames of one answer, in order, until `ended`.

    `upgrade` are the headers of the connection's upgrade. `wall` returns seconds since 1970 (UTC).
    `own`: the server is our gateway, whose sentences for failures are passed on.
    """

    def __init__(
        self,
        attempt: int,
        model: str,
        *,
        wall: Callable[[], float],
        upgrade: Mapping[str, str] | None = None,
        own: bool = False,
        has_key: bool = True,
    ) -> None:
        self._party = Party("the model server", model, has_key=has_key)
        self._snapshots = Snapshots()
        self._thought = self._called = False
        self._attempt = attempt
        self._model = model
        self._wall = wall
        self._own = own
        self._upgrade_model = header_facts.served_model(upgrade or {})
        self._started = False
        self._has_news = False
        self._last_started: Started | None = None
        self._refused = False
        self._read_at: float | None = None
        self._joiner = Joiner()
        self._length = 0
        self._last: object = None
        self._parts: defaultdict[tuple[object, object], list[str]] = defaultdict(list)
        self._commentary: set[object] = set()
        self.facts = Facts()
        self.ended = False

    def receive(self, frame: str | bytes, read_at: float | None = None) -> tuple[ModelEvent, ...]:
        """The events in one frame, which was read at `read_at` (milliseconds of any clock).

        After the end, frames are skipped.
        """
        if self.ended:
            return ()
        self._read_at = read_at
        if len(frame) > MAX_FRAME_BYTES:
            return self._fail(failure_sentences.enormous_frame(MAX_FRAME_BYTES))
        event = parse_object(frame)
        if event is None:
            return self._strange(frame, "a frame that isn't a JSON object")
        kind = event.get("type")
        if not isinstance(kind, str):
            return self._strange(frame, "a frame without a type")
        handler = _HANDLERS.get(kind)
        events = () if handler is None else handler(self, event)
        return (*self._started_event(), *events)

    def _strange(self, frame: str | bytes, what: str) -> tuple[ModelEvent, ...]:
        """A frame outside the protocol may still say what is wrong, such as one from a proxy."""
        verdict = verdict_of(None, frame)
        if verdict.kind is RefusalKind.UNKNOWN:
            return self._fail(failure_sentences.malformed(what))
        self.facts = replace(self.facts, verdict=verdict)
        return self._fail(sentence_of(verdict, self._party))

    # One method for each event that is used.

    def _created(self, event: Json) -> tuple[ModelEvent, ...]:
        if self._started:
            return self._fail(failure_sentences.malformed("a second answer during the first"))
        self._started = True
        self._learn(event)
        return ()

    def _in_progress(self, event: Json) -> tuple[ModelEvent, ...]:
        self._learn(event)
        return ()

    def _item_added(self, event: Json) -> tuple[ModelEvent, ...]:
        item = member(event, "item")
        self._note_item(item)
        # Messages marked as commentary are thoughts, not part of the answer.
        if item.get("phase") == "commentary":
            self._commentary.add(part_of(event)[0])
        return ()

    def _note_item(self, item: Json) -> None:
        kind = item.get("type")
        self._thought |= kind == "reasoning"
        self._called |= isinstance(kind, str) and kind.endswith("_call")

    def _delta(self, event: Json) -> tuple[ModelEvent, ...]:
        text = event.get("delta")
        if not isinstance(text, str):
            return self._fail(failure_sentences.malformed("a piece of text that isn't text"))
        if not self._started:
            return self._fail(failure_sentences.malformed("text before it began an answer"))
        part = part_of(event)
        if part[0] in self._commentary:
            return ()
        self.facts = replace(self.facts, deltas=self.facts.deltas + 1)
        return self._text(part, text)

    def _text_done(self, event: Json) -> tuple[ModelEvent, ...]:
        full_text, part = event.get("text"), part_of(event)
        if not isinstance(full_text, str) or part[0] in self._commentary:
            return ()
        if not self._started:
            return self._fail(failure_sentences.malformed("text before it began an answer"))
        full_text = sound_text(full_text)
        received = "".join(self._parts[part])
        if full_text.startswith(received):
            # A server that does not stream sends the text only here.
            self._joiner.forget()
            return self._text(part, full_text[len(received) :])
        # Some gateways leave this field empty or trim it, so only a real difference is an error.
        if received.strip().startswith(full_text.strip()):
            return ()
        return self._fail(
            failure_sentences.malformed("pieces of text that don't add up to its answer")
        )

    def _refusal(self, _event: Json) -> tuple[ModelEvent, ...]:
        self._refused = True
        return ()

    def _completed(self, event: Json) -> tuple[ModelEvent, ...]:
        if not self._started:
            return self._fail(failure_sentences.malformed("the end of an answer it hadn't begun"))
        # Some gateways send this event for every end, so its status counts.
        status = member(event, "response").get("status")
        if status == "incomplete":
            return self._incomplete(event)
        if status in ("failed", "cancelled"):
            return self._failed(event)
        self._learn(event)
        late: tuple[ModelEvent, ...] = ()
        if self._length == 0:
            late = self._text((None, None), whole_text(member(event, "response")))
            if self.ended:
                return late
        self.ended = True
        tail = (*late, *self._flush())
        if self._refused:
            return (*tail, Finished(self._attempt, False, failure_sentences.REFUSED))
        # An empty answer must never count as proof that the whole scope should be deleted.
        if self._length == 0:
            return (*tail, Finished(self._attempt, False, self._why_empty(event)))
        return (*tail, Finished(self._attempt, True, None))

    def _why_empty(self, event: Json, cut: bool = False) -> str:
        """The sentence for an answer without text: what it held instead."""
        output = member(event, "response").get("output")
        for item in output if isinstance(output, list) else []:
            self._note_item(item if isinstance(item, dict) else {})
        used = self.facts.usage
        if self._called:
            return failure_sentences.only_a_call(self._model)
        if self._thought or (used is not None and used.reasoning_tokens > 0):
            return failure_sentences.only_thoughts(self._model, cut)
        return failure_sentences.incomplete("max_output_tokens") if cut else failure_sentences.EMPTY

    def _incomplete(self, event: Json) -> tuple[ModelEvent, ...]:
        self._learn(event)
        self.ended = True
        reason = member(member(event, "response"), "incomplete_details").get("reason")
        sentence = failure_sentences.incomplete(reason if isinstance(reason, str) else None)
        if reason in failure_sentences.LIMITS and self._length == 0:
            sentence = self._why_empty(event, cut=True)
        return (*self._flush(), Finished(self._attempt, False, sentence))

    def _failed(self, event: Json) -> tuple[ModelEvent, ...]:
        self._learn(event)
        error = member(event, "response").get("error")
        fault = error if isinstance(error, dict) else {"message": error}
        return self._server_error(fault, None, {})

    def _error(self, event: Json) -> tuple[ModelEvent, ...]:
        self._learn(event)
        status = event.get("status", event.get("status_code"))
        # The SSE form of this event has code and message at its top level.
        error = member(event, "error") or event
        headers = headers_in(event) | headers_in(error)
        return self._server_error(error, status if isinstance(status, int) else None, headers)

    def _rate_limits(self, event: Json) -> tuple[ModelEvent, ...]:
        self._merge_limits(codex_limits(member(event, "rate_limits")))
        return ()

    # Shared by the handlers.

    def _started_event(self) -> tuple[ModelEvent, ...]:
        """`Started`, at the beginning and whenever a frame has added facts to it. It goes before
        the other events of that frame, because nothing is read after the last event of an
        answer."""
        if not self._started or not self._has_news:
            return ()
        self._has_news = False
        facts = self.facts
        now = Started(
            self._attempt,
            facts.served,
            facts.service_tier,
            facts.queue_ms,
            facts.reading,
            facts.loading,
        )
        if now == self._last_started:
            return ()
        self._last_started = now
        return (now,)

    def _text(self, part: tuple[object, object], text: str) -> tuple[ModelEvent, ...]:
        self._last = part[0]
        text = self._joiner.push(text)
        if not text:
            return ()
        self._length += len(text)
        if self._length > MAX_ANSWER:
            return self._fail(failure_sentences.ENDLESS)
        self._parts[part].append(text)
        return self._deltas(self._snapshots.push(part[0], text))

    def _deltas(self, text: str) -> tuple[ModelEvent, ...]:
        pieces = (text[at : at + PIECE] for at in range(0, len(text), PIECE))
        return tuple(Delta(self._attempt, piece, self._read_at) for piece in pieces)

    def _flush(self) -> tuple[ModelEvent, ...]:
        """What waited in vain: half a character, or text that was taken for a repetition."""
        half = self._joiner.finish()
        new = self._snapshots.push(self._last, half) if half else ""
        return self._deltas(new + self._snapshots.finish())

    def _fail(self, sentence: str) -> tuple[ModelEvent, ...]:
        self.ended = True
        return (Failed(self._attempt, sentence),)

    def _server_error(
        self, error: Json, status: int | None, headers: dict[str, str]
    ) -> tuple[ModelEvent, ...]:
        message = error.get("message")
        if self._own and isinstance(message, str) and message:
            self.facts = replace(self.facts, verdict=reading_of_gateway(error, status))
            return self._fail(message)
        verdict = verdict_of(status, {"error": error}, headers)
        self.facts = replace(self.facts, verdict=verdict)
        return self._fail(sentence_of(verdict, self._party))

    def _learn(self, event: Json) -> None:
        """Take over model, tier, usage and limits from an event that carries a response."""
        self._has_news = True
        response = member(event, "response")
        headers = headers_in(event) | headers_in(member(event, "error")) | headers_in(response)
        tier = response.get("service_tier")
        ours = member(response, "midstream")
        read, total = number_in(ours, "read"), number_in(ours, "total")
        self.facts = replace(
            self.facts,
            served=self._served(header_facts.served_model(headers), response.get("model")),
            service_tier=sound_text(tier) if isinstance(tier, str) else self.facts.service_tier,
            usage=usage_of(member(response, "usage")) or self.facts.usage,
            queue_ms=header_facts.queue_ms(headers, self.facts.queue_ms),
            reads=number_in(ours, "reads") or self.facts.reads,
            reading=(read or 0, total) if total else self.facts.reading,
            loading=ours.get("loading") is True,
        )
        self._merge_limits(header_facts.rate_limits(headers, self._wall()))

    def _served(self, *claims: object) -> str | None:
        """The model that answers. Of several claims the one that is a difference counts: a
        server that reroutes may go on repeating the name that was asked for."""
        candidates = (*claims, self._upgrade_model, self.facts.served)
        names = [sound_text(name) for name in candidates if isinstance(name, str) and name]
        for name in names:
            if not header_facts.same_model(self._model, name):
                return name
        return names[0] if names else None

    def _merge_limits(self, limits: tuple[RateLimit, ...]) -> None:
        if limits:
            merged = {limit.name: limit for limit in (*self.facts.rate_limits, *limits)}
            self.facts = replace(self.facts, rate_limits=tuple(merged.values()))


_HANDLERS: dict[str, Callable[[ResponseDecoder, Json], tuple[ModelEvent, ...]]] = {
    "response.output_text.delta": ResponseDecoder._delta,
    "response.created": ResponseDecoder._created,
    "response.queued": ResponseDecoder._in_progress,
    "response.in_progress": ResponseDecoder._in_progress,
    # Not in OpenAI's types; Codex reads headers from it.
    "response.metadata": ResponseDecoder._in_progress,
    "response.output_item.added": ResponseDecoder._item_added,
    "response.output_text.done": ResponseDecoder._text_done,
    "response.refusal.delta": ResponseDecoder._refusal,
    "response.refusal.done": ResponseDecoder._refusal,
    "response.completed": ResponseDecoder._completed,
    "response.incomplete": ResponseDecoder._incomplete,
    "response.failed": ResponseDecoder._failed,
    "error": ResponseDecoder._error,
    "codex.rate_limits": ResponseDecoder._rate_limits,
}
