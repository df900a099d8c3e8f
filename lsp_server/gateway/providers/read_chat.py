"""Reads the events of a Chat Completions stream (`chat.completion.chunk`). No I/O.

The format is OpenAI's, as in the types of the `openai` package (`chat_completion_chunk.py`). What
others add is from their documents: `time_info` (Cerebras), errors inside the stream (OpenRouter,
vLLM), text in parts (Mistral).
"""

from typing import Any

from lsp_server.backends.lenient_json import parse_object, sound_text
from lsp_server.gateway.model_provider import ProviderError
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.providers.response_metadata import QUEUE_HEADER
from lsp_server.gateway.request_protocol import Json, Piece, ServerReport, TokenUsage

DONE = b"[DONE]"

_LONGEST_NAME = 200
"""Code points of a model's name, which is repeated in every report."""

_THOUGHTS = ("reasoning_content", "reasoning", "reasoning_details", "thinking")
_CALLS = ("tool_calls", "function_call")
"""Members that report what is not part of the answer."""

_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


class ChatReader:
    """The pieces of each event, in order. `finished`: the model has ended its answer. `over`: the
    server has said that nothing more comes."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._model: str | None = None
        self._tier: str | None = None
        self._known = False
        self.finished = False
        self.over = False

    def read(self, data: bytes) -> list[Piece]:
        """One event's data. Raises `ProviderError`."""
        if data.strip() == DONE:
            self.over = True
            return []
        if no_event(data):
            return [ServerReport()]
        chunk = event_in(data)
        if chunk is None:
            raise self._faults.malformed()
        error = chunk.get("error")
        if error:
            raise self._faults.of_event(error_in(chunk))
        choices = chunk.get("choices")
        if choices is None and "usage" not in chunk:
            if chunk.get("object") == "error" or ("code" in chunk and "message" in chunk):
                raise self._faults.of_event(chunk)
            return [ServerReport()]
        self._known = True
        pieces = self._facts(chunk)
        progress = chunk.get("prompt_progress")
        if total := count(progress, "total"):
            read = min(count(progress, "processed"), total)
            pieces.append(ServerReport(model=self._model, progress=(read, total)))
        for choice in choices if isinstance(choices, list) else []:
            if isinstance(choice, dict) and choice.get("index", 0) == 0:
                pieces += self._choice(choice)
        return pieces or [ServerReport()]

    def end(self) -> ProviderError | None:
        """The stream has ended: the error if the answer had not."""
        if self._known and (self.finished or self.over):
            return None
        return self._faults.cut() if self._known else self._faults.malformed()

    def _facts(self, chunk: Json) -> list[Piece]:
        model, tier = name_in(chunk.get("model")), name_in(chunk.get("service_tier"))
        usage, times = _usage(chunk.get("usage")), chunk.get("time_info")
        if usage is None and times is None and model == self._model and tier in (None, self._tier):
            return []
        self._model, self._tier = model, tier or self._tier
        queued = times.get("queue_time") if isinstance(times, dict) else None
        headers = {}
        if isinstance(queued, int | float) and 0 <= queued < 1e6:
            headers[QUEUE_HEADER] = f"{queued * 1000:.1f}"
        return [ServerReport(model=model, service_tier=tier, usage=usage, headers=headers)]

    def _choice(self, choice: Json) -> list[Piece]:
        pieces: list[Piece] = []
        delta = choice.get("delta", choice.get("message"))
        delta = delta if isinstance(delta, dict) else {}
        if isinstance(delta.get("refusal"), str) and delta["refusal"]:
            pieces.append(ServerReport(refused=True))
        if any(delta.get(name) for name in _THOUGHTS) or _thinks(delta.get("content")):
            pieces.append(ServerReport(thought=True))
        if any(delta.get(name) for name in _CALLS):
            pieces.append(ServerReport(called=True))
        text = _content(delta.get("content"))
        if text:
            pieces.append(text)
        reason = choice.get("finish_reason")
        if reason == "error":
            raise self._faults.of_event({"error": choice.get("error")})
        if isinstance(reason, str):
            self.finished = True
            if reason in _INCOMPLETE:
                pieces.append(ServerReport(incomplete=_INCOMPLETE[reason]))
        return pieces


def _content(content: Any) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = [part for part in content if isinstance(part, dict) and part.get("type") == "text"]
    return "".join(part["text"] for part in parts if isinstance(part.get("text"), str))


def _thinks(content: Any) -> bool:
    parts = content if isinstance(content, list) else []
    return any(isinstance(part, dict) and part.get("type") == "thinking" for part in parts)


def no_event(data: bytes) -> bool:
    """Whether an event's data is only a sign of life: a comment, a word, `{}`. A broken object does
    not count, because it may have held a piece."""
    plain = data.strip()
    return not plain.startswith((b"{", b"[{")) or plain == b"{}"


def event_in(data: bytes) -> Json | None:
    """The object in an event, or in a list of one object, which is how Google sends errors."""
    if not data.lstrip().startswith(b"["):
        return parse_object(data)
    listed = (parse_object(b'{"all":' + data + b"}") or {}).get("all")
    first = listed[0] if isinstance(listed, list) and listed else None
    return first if isinstance(first, dict) else None


def error_in(parent: Json) -> Json:
    """The error in a response or event; a plain text is its message."""
    error = parent.get("error")
    return error if isinstance(error, dict) else {"message": error}


def name_in(value: object) -> str | None:
    """A name from a server, cut if it is absurdly long. None if `value` is not a name."""
    return sound_text(value[:_LONGEST_NAME]) if isinstance(value, str) and value else None


def _usage(usage: object) -> TokenUsage | None:
    if not isinstance(usage, dict):
        return None
    return TokenUsage(
        input=count(usage, "prompt_tokens"),
        cached=count(usage.get("prompt_tokens_details"), "cached_tokens"),
        output=count(usage, "completion_tokens"),
        reasoning=count(usage.get("completion_tokens_details"), "reasoning_tokens"),
    )


def count(parent: object, name: str) -> int:
    """A number of tokens. 0 if the member is not one."""
    value = parent.get(name) if isinstance(parent, dict) else None
    valid = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if valid and isinstance(value, int) else 0
