"""Removes from a request what its model was found to refuse. Pure."""

from dataclasses import replace
from typing import Any

from lsp_server.backends.base import ModelRequest
from lsp_server.backends.option_fallback import Option, Refusals

_FIELDS = {
    Option.CACHE_KEY: "prompt_cache_key",
    Option.TIER: "service_tier",
    Option.EFFORT: "reasoning_effort",
    Option.STREAM_OPTIONS: "stream_options",
    Option.SYSTEM: "instructions",
    Option.TEMPERATURE: "temperature",
}
"""The field of each option in a request over a WebSocket."""


def lean(request: ModelRequest, refusals: Refusals) -> tuple[ModelRequest, frozenset[Option]]:
    """The request without refused options, and the options left in it."""
    offered = {o for o, name in _FIELDS.items() if _is_set(getattr(request, name))}
    sent = {option for option in offered if refusals.allows(option, request.model)}
    for option in offered - sent:
        request = _without(request, option)
    tokens = request.max_output_tokens
    if tokens is not None:
        request = replace(request, max_output_tokens=refusals.capped(tokens, request.model))
    return request, frozenset(sent)


def _is_set(value: object) -> bool:
    """Whether a field is set. A temperature of 0 is."""
    return value is not None and value is not False and value != ""


def _without(request: ModelRequest, option: Option) -> ModelRequest:
    if option is Option.SYSTEM:
        # The instructions go in front of the user's message instead.
        return replace(request, instructions="", input=f"{request.instructions}\n\n{request.input}")
    if option is Option.STREAM_OPTIONS:
        return replace(request, stream_options=False)
    empty: dict[str, Any] = {_FIELDS[option]: None}
    return replace(request, **empty)
