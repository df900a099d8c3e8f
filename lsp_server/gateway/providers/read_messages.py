"""Reads the events of Anthropic's Messages stream. No I/O.

The format is that of the types of the `anthropic` package (`raw_message_stream_event.py`):
`message_start`, `content_block_*`, `message_delta`, `message_stop`, and `ping` and `error`.
"""

from lsp_server.gateway.model_provider import ProviderError
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.providers.read_chat import count, error_in, event_in, name_in, no_event
from lsp_server.gateway.request_protocol import Json, Piece, ServerReport, TokenUsage

_INCOMPLETE = {
    "max_tokens": "max_output_tokens",
    "model_context_window_exceeded": "max_output_tokens",
}


class MessagesReader:
    """The pieces of each event, in order. `over`: the message is complete."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._used = TokenUsage()
        self._known = False
        self.over = False

    def read(self, data: bytes) -> list[Piece]:
        """One event's data. Raises `ProviderError`."""
        if no_event(data):
            return [ServerReport()]
        event = event_in(data)
        if event is None:
            raise self._faults.malformed()
        kind = event.get("type")
        if not isinstance(kind, str):
            if event.get("error"):
                raise self._faults.of_event(event)
            return [ServerReport()]
        self._known = True
        match kind:
            case "content_block_start":
                return [_report_of_block(_object(event, "content_block"))]
            case "message" if isinstance(event.get("content"), list):
                # the whole answer, not streamed
                self.over = True
                return [self._started(event), *_whole(event["content"]), self._ended(event, event)]
            case "content_block_delta":
                delta = _object(event, "delta")
                text = delta.get("text") if delta.get("type") == "text_delta" else None
                return [text] if isinstance(text, str) and text else [ServerReport()]
            case "message_start":
                return [self._started(_object(event, "message"))]
            case "message_delta":
                return [self._ended(event, _object(event, "delta"))]
            case "message_stop":
                self.over = True
                return []
            case "error":
                raise self._faults.of_event(error_in(event))
        return [ServerReport()]

    def end(self) -> ProviderError | None:
        """The stream has ended: the error if the answer had not."""
        if self.over:
            return None
        return self._faults.cut() if self._known else self._faults.malformed()

    def _started(self, message: Json) -> ServerReport:
        usage = _object(message, "usage")
        # Tokens written to and read from the cache are counted separately.
        cached = count(usage, "cache_read_input_tokens")
        written = count(usage, "cache_creation_input_tokens")
        fresh = count(usage, "input_tokens")
        self._used = TokenUsage(input=fresh + cached + written, cached=cached)
        return ServerReport(
            model=name_in(message.get("model")),
            service_tier=name_in(usage.get("service_tier")),
        )

    def _ended(self, event: Json, end: Json) -> ServerReport:
        output = count(event.get("usage"), "output_tokens")
        usage = TokenUsage(self._used.input, self._used.cached, output)
        reason = end.get("stop_reason")
        return ServerReport(
            usage=usage,
            incomplete=_INCOMPLETE.get(reason) if isinstance(reason, str) else None,
            refused=reason == "refusal",
        )


def _whole(content: list[object]) -> list[Piece]:
    pieces: list[Piece] = []
    for block in content:
        if isinstance(block, dict):
            text = block.get("text") if block.get("type") == "text" else None
            pieces.append(text if isinstance(text, str) and text else _report_of_block(block))
    return pieces


def _report_of_block(block: Json) -> ServerReport:
    """What a block other than text reports: the model thinks, or calls a tool."""
    kind = block.get("type")
    return ServerReport(
        thought=kind in ("thinking", "redacted_thinking"), called=kind == "tool_use"
    )


def _object(parent: Json, name: str) -> Json:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}
