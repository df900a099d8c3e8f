"""Reads the events of a Responses stream over HTTP. No I/O.

The format is OpenAI's, in the types of the `openai` package (`response_stream_event.py`): the same
events as on the WebSocket, of which only the text and the facts are passed on.
"""

from lsp_server.backends.loose import parse_object
from lsp_server.gateway.protocol import Json, Piece, TokenUsage, Told
from lsp_server.gateway.providers import ProviderError
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.providers.read_chat import DONE, count, told_text

_MOST_ITEMS = 1000
"""Messages of one response that are known to be thoughts."""

_REASONS = frozenset({"max_output_tokens", "content_filter"})


class ResponsesReader:
    """The pieces in each event, in order. `over` when the response has reached its end."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._commentary: set[int] = set()
        self._came = self._streams = False
        self.over = False

    def read(self, data: bytes) -> list[Piece]:
        """One event's data. Raises `ProviderError`."""
        if not data or data.strip() == DONE:
            return [Told()]
        event = parse_object(data) or {}
        kind = event.get("type")
        if not isinstance(kind, str):
            raise self._faults.malformed()
        return self._event(kind, event)

    def end(self) -> ProviderError | None:
        """The stream has ended: the fault when it ended before the answer did."""
        return None if self.over else self._faults.cut()

    def _end(self, response: Json, kind: str) -> list[Piece]:
        """The last event. Some gateways send the same for every end; its status then counts."""
        if response.get("status") in ("failed", "cancelled"):
            raise self._faults.of_event(_object(response, "error"))
        cut = kind == "response.incomplete" or response.get("status") == "incomplete"
        reason = _object(response, "incomplete_details").get("reason")
        if cut and reason not in _REASONS:
            raise self._faults.cut()
        late = [] if self._came else _whole(response)
        return [*late, _told(response, reason if isinstance(reason, str) else None)]

    def _aloud(self, event: Json) -> bool:
        index = event.get("output_index")
        return isinstance(index, int) and index in self._commentary

    def _event(self, kind: str, event: Json) -> list[Piece]:
        response = _object(event, "response")
        match kind:
            case "response.output_text.delta":
                text = event.get("delta")
                if self._aloud(event) or not isinstance(text, str):
                    return []
                self._came = self._streams = True
                return [text] if text else []
            case "response.output_text.done" if not self._streams:
                # A server that does not stream tells the text only here, or at the very end.
                text = event.get("text")
                if not self._aloud(event) and isinstance(text, str):
                    self._came = True
                    return [text] if text else []
            case "response.output_item.added":
                # Models that think aloud mark such messages; they are no part of the answer.
                index = event.get("output_index")
                aloud = _object(event, "item").get("phase") == "commentary"
                if aloud and isinstance(index, int) and len(self._commentary) < _MOST_ITEMS:
                    self._commentary.add(index)
            case "response.created" | "response.in_progress":
                return [_told(response)]
            case "response.refusal.delta" | "response.refusal.done":
                return [Told(refused=True)]
            case "response.completed" | "response.incomplete":
                self.over = True
                return self._end(response, kind)
            case "response.failed":
                raise self._faults.of_event(_object(response, "error"))
            case "error":
                raise self._faults.of_event(_object(event, "error") or event)
        return [Told()]


def _whole(response: Json) -> list[Piece]:
    """All text of a finished response."""
    output = response.get("output")
    items = [item for item in (output if isinstance(output, list) else []) if _is_answer(item)]
    parts = [part for item in items for part in item["content"] if isinstance(part, dict)]
    texts = [part.get("text") for part in parts if part.get("type") == "output_text"]
    return [text for text in texts if isinstance(text, str) and text]


def _is_answer(item: object) -> bool:
    if not isinstance(item, dict) or item.get("phase") == "commentary":
        return False
    return isinstance(item.get("content"), list)


def _told(response: Json, incomplete: str | None = None) -> Told:
    usage = response.get("usage")
    used = None
    if isinstance(usage, dict):
        used = TokenUsage(
            input=count(usage, "input_tokens"),
            cached=count(usage.get("input_tokens_details"), "cached_tokens"),
            output=count(usage, "output_tokens"),
            reasoning=count(usage.get("output_tokens_details"), "reasoning_tokens"),
        )
    return Told(
        model=told_text(response.get("model")),
        service_tier=told_text(response.get("service_tier")),
        usage=used,
        incomplete=incomplete,
    )


def _object(parent: Json, name: str) -> Json:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}
