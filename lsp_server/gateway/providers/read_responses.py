"""Reads the events of a Responses stream over HTTP. No I/O.

The format is OpenAI's, as in the types of the `openai` package (`response_stream_event.py`): the
same events as on the WebSocket. Only text and facts are passed on.
"""

from lsp_server.backends.snapshots import Snapshots
from lsp_server.gateway.model_provider import ProviderError
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.providers.read_chat import count, error_in, event_in, name_in, no_event
from lsp_server.gateway.request_protocol import Json, Piece, ServerReport, TokenUsage

_MOST_ITEMS = 1000
"""Messages of one response that are remembered as thoughts."""

_REASONS = frozenset({"max_output_tokens", "content_filter"})


class ResponsesReader:
    """The pieces of each event, in order. `over`: the response is complete."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._commentary: set[int] = set()
        self._has_text = self._streams = self._known = False
        self._snapshots = Snapshots()
        self.over = False

    def read(self, data: bytes) -> list[Piece]:
        """One event's data. Raises `ProviderError`."""
        if no_event(data):
            return [ServerReport()]
        event = event_in(data)
        if event is None:
            raise self._faults.malformed()
        kind = event.get("type")
        if event.get("object") == "response":  # the whole answer, not streamed
            self._known = self.over = True
            return self._end(event, "response.completed")
        if not isinstance(kind, str):
            if event.get("error"):
                raise self._faults.of_event(event)
            return [ServerReport()]
        self._known = True
        return self._event(kind, event)

    def end(self) -> ProviderError | None:
        """The stream has ended: the error if the answer had not."""
        if self.over:
            return None
        return self._faults.cut() if self._known else self._faults.malformed()

    def _end(self, response: Json, kind: str) -> list[Piece]:
        """The last event. Some gateways send the same kind for every end, so its status counts."""
        if response.get("status") in ("failed", "cancelled"):
            raise self._faults.of_event(error_in(response))
        cut = kind == "response.incomplete" or response.get("status") == "incomplete"
        reason = _object(response, "incomplete_details").get("reason")
        if cut and reason not in _REASONS:
            raise self._faults.cut()
        late = _whole(response) if not self._has_text else [self._snapshots.finish()]
        reports = [_report_of_item(item) for item in _items(response)]
        report = _report_of(response, reason if isinstance(reason, str) else None)
        return [*(text for text in late if text), *reports, report]

    def _new_text(self, event: Json, text: str) -> list[Piece]:
        new = self._snapshots.push(event.get("output_index"), text)
        return [new] if new else [ServerReport()]

    def _is_commentary(self, event: Json) -> bool:
        index = event.get("output_index")
        return isinstance(index, int) and index in self._commentary

    def _event(self, kind: str, event: Json) -> list[Piece]:
        response = _object(event, "response")
        match kind:
            case "response.output_text.delta":
                text = event.get("delta")
                if self._is_commentary(event) or not isinstance(text, str):
                    return []
                self._has_text = self._streams = True
                return self._new_text(event, text)
            case "response.output_text.done" if not self._streams:
                # A server that does not stream sends the text only here, or at the very end.
                text = event.get("text")
                if not self._is_commentary(event) and isinstance(text, str):
                    self._has_text = True
                    return self._new_text(event, text)
            case "response.output_item.added":
                # Messages marked as commentary are thoughts, not part of the answer.
                index = event.get("output_index")
                item = _object(event, "item")
                is_commentary = item.get("phase") == "commentary"
                if is_commentary and isinstance(index, int) and len(self._commentary) < _MOST_ITEMS:
                    self._commentary.add(index)
                return [_report_of_item(item)]
            case "response.created" | "response.in_progress":
                return [_report_of(response)]
            case "response.refusal.delta" | "response.refusal.done":
                return [ServerReport(refused=True)]
            case "response.completed" | "response.incomplete":
                self.over = True
                return self._end(response, kind)
            case "response.failed":
                raise self._faults.of_event(error_in(response))
            case "error":
                raise self._faults.of_event(_object(event, "error") or event)
        return [ServerReport()]


def _whole(response: Json) -> list[Piece]:
    """All text of a finished response."""
    snapshots = Snapshots()
    texts: list[str] = []
    for index, item in enumerate(_items(response)):
        for part in item["content"] if _is_answer(item) else []:
            text = part.get("text") if isinstance(part, dict) else None
            if isinstance(text, str) and part.get("type") == "output_text":
                texts.append(snapshots.push(index, text))
    return [text for text in (*texts, snapshots.finish()) if text]


def _items(response: Json) -> list[Json]:
    output = response.get("output")
    return [item for item in output if isinstance(item, dict)] if isinstance(output, list) else []


def _report_of_item(item: Json) -> ServerReport:
    """What an item other than a message reports: the model thought, or called a tool."""
    kind = item.get("type")
    called = isinstance(kind, str) and kind.endswith("_call")
    return ServerReport(thought=kind == "reasoning", called=called)


def _is_answer(item: Json) -> bool:
    return item.get("phase") != "commentary" and isinstance(item.get("content"), list)


def _report_of(response: Json, incomplete: str | None = None) -> ServerReport:
    usage = response.get("usage")
    used = None
    if isinstance(usage, dict):
        used = TokenUsage(
            input=count(usage, "input_tokens"),
            cached=count(usage.get("input_tokens_details"), "cached_tokens"),
            output=count(usage, "output_tokens"),
            reasoning=count(usage.get("output_tokens_details"), "reasoning_tokens"),
        )
    return ServerReport(
        model=name_in(response.get("model")),
        service_tier=name_in(response.get("service_tier")),
        usage=used,
        incomplete=incomplete,
    )


def _object(parent: Json, name: str) -> Json:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}
