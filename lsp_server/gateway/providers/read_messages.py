"""Reads the events of Anthropic's Messages stream. No I/O.

The format is that of the types of the `anthropic` package (`raw_message_stream_event.py`):
`message_start`, `content_block_*`, `message_delta`, `message_stop`, beside `ping` and `error`.
"""

from lsp_server.backends.loose import parse_object
from lsp_server.gateway.protocol import Json, Piece, TokenUsage, Told
from lsp_server.gateway.providers import ProviderError
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.providers.read_chat import count, told_text

_INCOMPLETE = {
    "max_tokens": "max_output_tokens",
    "model_context_window_exceeded": "max_output_tokens",
}


class MessagesReader:
    """The pieces in each event, in order. `over` when the message has reached its end."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._used = TokenUsage()
        self.over = False

    def read(self, data: bytes) -> list[Piece]:
        """One event's data. Raises `ProviderError`."""
        if not data:
            return [Told()]
        event = parse_object(data) or {}
        kind = event.get("type")
        if not isinstance(kind, str):
            raise self._faults.malformed()
        match kind:
            case "content_block_delta":
                delta = _object(event, "delta")
                text = delta.get("text") if delta.get("type") == "text_delta" else None
                return [text] if isinstance(text, str) and text else [Told()]
            case "message_start":
                return [self._started(_object(event, "message"))]
            case "message_delta":
                return [self._delta(event)]
            case "message_stop":
                self.over = True
                return []
            case "error":
                raise self._faults.of_event(_object(event, "error"))
        return [Told()]

    def end(self) -> ProviderError | None:
        """The stream has ended: the fault when it ended before the answer did."""
        return None if self.over else self._faults.cut()

    def _started(self, message: Json) -> Told:
        usage = _object(message, "usage")
        # What was written to and read from the cache is counted beside the rest.
        cached = count(usage, "cache_read_input_tokens")
        written = count(usage, "cache_creation_input_tokens")
        fresh = count(usage, "input_tokens")
        self._used = TokenUsage(input=fresh + cached + written, cached=cached)
        return Told(
            model=told_text(message.get("model")),
            service_tier=told_text(usage.get("service_tier")),
        )

    def _delta(self, event: Json) -> Told:
        output = count(event.get("usage"), "output_tokens")
        usage = TokenUsage(self._used.input, self._used.cached, output)
        reason = _object(event, "delta").get("stop_reason")
        return Told(
            usage=usage,
            incomplete=_INCOMPLETE.get(reason) if isinstance(reason, str) else None,
            refused=reason == "refusal",
        )


def _object(parent: Json, name: str) -> Json:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}
