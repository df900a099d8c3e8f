"""Reads the members of a server's frames that matter, whatever their values are. Pure."""

from typing import Any

from lsp_server.backends import headers as header_facts
from lsp_server.backends.base import RateLimit, Usage
from lsp_server.backends.lenient_json import sound_text
from lsp_server.backends.refusal_reading import RefusalReading
from lsp_server.backends.refusals import RefusalKind
from lsp_server.backends.snapshots import Snapshots

Json = dict[str, Any]


def member(parent: Json, name: str) -> Json:
    """A member that should be an object. Empty if it is not one."""
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def headers_in(parent: Json) -> dict[str, str]:
    items = member(parent, "headers").items()
    return {
        sound_text(name.lower()): sound_text(str(value))
        for name, value in items
        if not isinstance(value, dict)
    }


def part_of(event: Json) -> tuple[object, object]:
    """The output and content index of an event: which text it belongs to. None for no number."""
    output, content = event.get("output_index"), event.get("content_index")
    return (
        output if isinstance(output, int) else None,
        content if isinstance(content, int) else None,
    )


def whole_text(response: Json) -> str:
    """All text of a finished response, for servers that send no deltas."""
    output = response.get("output")
    snapshots = Snapshots()
    texts: list[str] = []
    for index, item in enumerate(output if isinstance(output, list) else []):
        if not isinstance(item, dict) or item.get("phase") == "commentary":
            continue
        content = item.get("content")
        for part in content if isinstance(content, list) else []:
            if isinstance(part, dict) and part.get("type") == "output_text":
                text = part.get("text")
                texts.append(snapshots.push(index, text if isinstance(text, str) else ""))
    return "".join(texts) + snapshots.finish()


def usage_of(usage: Json) -> Usage | None:
    if not usage:
        return None

    def count(parent: Json, name: str) -> int:
        value = parent.get(name)
        return value if isinstance(value, int) and value >= 0 else 0

    return Usage(
        count(usage, "input_tokens"),
        count(member(usage, "input_tokens_details"), "cached_tokens"),
        count(usage, "output_tokens"),
        count(member(usage, "output_tokens_details"), "reasoning_tokens"),
    )


def number_in(parent: Json, name: str) -> int | None:
    """An integer above 0, if the member is one."""
    value = parent.get(name)
    sound = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53
    return value if sound and isinstance(value, int) else None


def codex_limits(windows: Json) -> tuple[RateLimit, ...]:
    """The windows of `codex.rate_limits`, which are given as a percentage used."""
    limits = []
    for name in ("primary", "secondary"):
        window = member(windows, name)
        used = header_facts.number(window.get("used_percent"))
        if used is not None:
            resets_at = header_facts.number(window.get("reset_at"))
            limits.append(RateLimit(f"{name} (percent)", 100.0, 100.0 - used, resets_at))
    return tuple(limits)


def reading_of_gateway(error: Json, status: int | None) -> RefusalReading:
    """What our own gateway found, by its error code."""
    code, limit = error.get("code"), error.get("limit")
    kind = next((kind for kind in RefusalKind if kind.value == code), RefusalKind.UNKNOWN)
    return RefusalReading(kind, status, limit=limit if isinstance(limit, int) else None)
