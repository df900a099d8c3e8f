"""Reads the events of a Responses stream over HTTP. No I/O.

The format is OpenAI's, in the types of the `openai` package (`response_stream_event.py`): the same
events as on the WebSocket, of which only the text and the facts are passed on.
"""

import orjson

from lsp_server.gateway.protocol import Json, Piece, TokenUsage, Told
from lsp_server.gateway.providers import ProviderError
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.providers.read_chat import DONE, count

_REASONS = frozenset({"max_output_tokens", "content_filter"})


class ResponsesReader:
    """The pieces in each event, in order. `over` when the response has reached its end."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._commentary: set[object] = set()
        self.over = False

    def read(self, data: bytes) -> list[Piece]:
        """One event's data. Raises `ProviderError`."""
        if not data or data.strip() == DONE:
            return [Told()]
        try:
            event = orjson.loads(data)
        except ValueError:
            raise self._faults.malformed() from None
        kind = event.get("type") if isinstance(event, dict) else None
        if not isinstance(kind, str):
            raise self._faults.malformed()
        return self._event(kind, event)

    def end(self) -> ProviderError | None:
        """The stream has ended: the fault when it ended before the answer did."""
        return None if self.over else self._faults.cut()

    def _event(self, kind: str, event: Json) -> list[Piece]:
        response = _object(event, "response")
        match kind:
            case "response.output_text.delta":
                text = event.get("delta")
                if event.get("output_index") in self._commentary or not isinstance(text, str):
                    return []
                return [text] if text else []
            case "response.output_item.added":
                # Models that think aloud mark such messages; they are no part of the answer.
                if _object(event, "item").get("phase") == "commentary":
                    self._commentary.add(event.get("output_index"))
            case "response.created" | "response.in_progress":
                return [_told(response)]
            case "response.refusal.delta" | "response.refusal.done":
                return [Told(refused=True)]
            case "response.completed" | "response.incomplete":
                self.over = True
                reason = _object(response, "incomplete_details").get("reason")
                if kind == "response.incomplete" and reason not in _REASONS:
                    raise self._faults.cut()
                return [_told(response, reason if isinstance(reason, str) else None)]
            case "response.failed":
                raise self._faults.of_event(_object(response, "error"))
            case "error":
                raise self._faults.of_event(_object(event, "error") or event)
        return [Told()]


def _told(response: Json, incomplete: str | None = None) -> Told:
    model, tier, usage = (response.get(name) for name in ("model", "service_tier", "usage"))
    used = None
    if isinstance(usage, dict):
        used = TokenUsage(
            input=count(usage, "input_tokens"),
            cached=count(usage.get("input_tokens_details"), "cached_tokens"),
            output=count(usage, "output_tokens"),
            reasoning=count(usage.get("output_tokens_details"), "reasoning_tokens"),
        )
    return Told(
        model=model if isinstance(model, str) else None,
        service_tier=tier if isinstance(tier, str) else None,
        usage=used,
        incomplete=incomplete,
    )


def _object(parent: Json, name: str) -> Json:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}
