"""The server's side of the Responses protocol in WebSocket mode: answers. No I/O.

`ResponseWriter` writes the events of one response in the order and with the fields that OpenAI's
client library expects. What the model's server reported goes where the protocol has it: model,
service tier and usage into the response, headers beside it.
"""

from io import StringIO
from typing import Any

import orjson

from lsp_server.gateway.request_protocol import Json, ResponseCreate, ServerReport, TokenUsage

DECLINED = "The model refused to answer."


class ResponseWriter:
    """Writes the events of one response. Each call returns the next frames.

    `created_at` is in seconds since 1970. If no model's server reported a usage, a token is a piece
    of text, which is what the practice model streams.
    """

    def __init__(self, create: ResponseCreate, response_id: str, created_at: float) -> None:
        self._create = create
        self.response_id = response_id
        self._item_id = "msg_" + response_id.removeprefix("resp_")
        self._created_at = created_at
        self._number = 0
        self._text = StringIO()
        self.tokens = 0
        """Pieces of text written so far."""
        self.length = 0
        """Code points written so far."""
        self._report = ServerReport()
        self.begun = False
        """Whether `begin` was called, so the client knows of the response."""

    @property
    def text(self) -> str:
        """The text written so far."""
        return self._text.getvalue()

    @property
    def report(self) -> ServerReport:
        """Everything that the model's server has reported so far."""
        return self._report

    def learn(self, report: ServerReport) -> None:
        """Add a report of the model's server. All later events carry it."""
        known = self._report
        self._report = ServerReport(
            model=report.model or known.model,
            service_tier=report.service_tier or known.service_tier,
            usage=report.usage or known.usage,
            headers={**known.headers, **report.headers},
            incomplete=report.incomplete or known.incomplete,
            refused=report.refused or known.refused,
            reads=report.reads or known.reads,
            progress=report.progress or known.progress,
            loading=report.loading,
        )

    def begin(self) -> list[bytes]:
        """The response exists and is in progress."""
        self.begun = True
        response = self._response("in_progress")
        return [
            self._event("response.created", response=response),
            self._event("response.in_progress", response=response),
        ]

    def still_working(self) -> bytes:
        """A sign of life while the model thinks."""
        return self._event("response.in_progress", response=self._response("in_progress"))

    def begin_text(self) -> list[bytes]:
        """Open the message and its text part."""
        return [
            self._event(
                "response.output_item.added", output_index=0, item=self._item("in_progress", [])
            ),
            self._event("response.content_part.added", **self._place, part=_part("")),
        ]

    def delta(self, text: str) -> bytes:
        """One piece of text."""
        self._text.write(text)
        self.tokens += 1
        self.length += len(text)
        return self._event("response.output_text.delta", **self._place, delta=text, logprobs=[])

    def refuse(self) -> list[bytes]:
        """The model declined, before or after some text."""
        item = {**self._item("completed", []), "id": self._item_id + "_refusal"}
        index = int(self.tokens > 0)
        place = {"item_id": item["id"], "output_index": index, "content_index": 0}
        part = {"type": "refusal", "refusal": DECLINED}
        item["content"] = [part]
        output = [self._item("completed", [_part(self.text)])] if self.tokens else []
        response = self._response("completed", [*output, item], usage=self._usage())
        opened = {**item, "status": "in_progress", "content": []}
        return [
            *(self._close_text("completed") if self.tokens else []),
            self._event("response.output_item.added", output_index=index, item=opened),
            self._event("response.content_part.added", **place, part={**part, "refusal": ""}),
            self._event("response.refusal.delta", **place, delta=DECLINED),
            self._event("response.refusal.done", **place, refusal=DECLINED),
            self._event("response.content_part.done", **place, part=part),
            self._event("response.output_item.done", output_index=index, item=item),
            self._event("response.completed", response=response),
        ]

    def end(self, reason: str | None = None) -> list[bytes]:
        """The answer ends: complete, or incomplete for `reason`, such as `max_output_tokens`."""
        status = "completed" if reason is None else "incomplete"
        item = self._item(status, [_part(self.text)])
        response = self._response(status, [item], usage=self._usage())
        if reason is not None:
            response["incomplete_details"] = {"reason": reason}
        return [*self._close_text(status), self._event(f"response.{status}", response=response)]

    def _close_text(self, status: str) -> list[bytes]:
        text = self.text
        item = self._item(status, [_part(text)])
        return [
            self._event("response.output_text.done", **self._place, text=text, logprobs=[]),
            self._event("response.content_part.done", **self._place, part=_part(text)),
            self._event("response.output_item.done", output_index=0, item=item),
        ]

    def end_without_text(self) -> list[bytes]:
        """The answer to `generate: false`: completed without text."""
        return [
            self._event(
                "response.completed", response=self._response("completed", usage=self._usage())
            )
        ]

    def fail(self, code: str, message: str, limit: int | None = None) -> list[bytes]:
        """The provider failed. The text so far stays. `limit` is as in `Fault`."""
        response = self._response("failed")
        response["error"] = {"code": code, "message": message}
        if limit is not None:
            response["error"]["limit"] = limit
        return [self._event("response.failed", response=response)]

    @property
    def _place(self) -> Json:
        return {"item_id": self._item_id, "output_index": 0, "content_index": 0}

    def _event(self, kind: str, **fields: Any) -> bytes:
        event = {"type": kind, "sequence_number": self._number, **fields}
        if self._report.headers and "response" in fields:
            event["headers"] = self._report.headers
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
            **self._extension(),
            "id": self.response_id,
            "object": "response",
            "created_at": self._created_at,
            "status": status,
            "model": self._report.model or create.model,
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
            "service_tier": self._report.service_tier,
            "store": False,
            "temperature": create.temperature,
            "text": {"format": {"type": "text"}},
            "tool_choice": "auto",
            "tools": [],
            "top_p": None,
            "truncation": "disabled",
        }

    def _extension(self) -> Json:
        """Facts that OpenAI's protocol has no field for."""
        read, total = self._report.progress or (None, None)
        loading = self._report.loading or None
        fields = {"reads": self._report.reads, "read": read, "total": total, "loading": loading}
        known = {name: value for name, value in fields.items() if value is not None}
        return {"midstream": known} if known else {}

    def _usage(self) -> Json | None:
        used = self._report.usage
        if used is None and self._report.model is not None:
            return None  # a real server that reported no usage: nothing is made up
        if used is None:
            # There is no tokenizer here: four code points of input count as a token.
            texts = (self._create.instructions, *(m.text for m in self._create.messages))
            used = TokenUsage(input=sum(map(len, texts)) // 4, output=self.tokens)
        return {
            "input_tokens": used.input,
            "input_tokens_details": {"cached_tokens": used.cached, "cache_write_tokens": 0},
            "output_tokens": used.output,
            "output_tokens_details": {"reasoning_tokens": used.reasoning},
            "total_tokens": used.input + used.output,
        }


def _part(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
