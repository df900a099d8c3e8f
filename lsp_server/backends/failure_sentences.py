"""The sentences for everything that can go wrong on the model's side.

Each says what happened, whose fault it is and, where the user can do something, what. They are
built from codes, numbers and the user's own settings only: a server's free text may repeat a key
or the user's code, so none of it is ever quoted.
"""

import re

from lsp_server.wording import LOG, REDIRECT, setting

_CODE = re.compile(r"[a-z]+(_[a-z]+){0,7}")

_AGAIN = "Send the instruction again"

EMPTY = f"The model's answer was empty. {_AGAIN}, or reword it."
REFUSED = "The model refused to do this. Reword the instruction, or choose another model."
NOT_LOCATED = "Midstream couldn't get the address or the key of this profile in time."
OUR_FAULT = f"Midstream failed. This is a bug: please report it with {LOG}."
CLOSED = "The connection to the model was closed because Midstream is shutting down."
ENDLESS = "The answer was far too long for code and was cut off."

TOO_BIG = (
    "The request is larger than the model server accepts in one message (1009). Choose a "
    f"smaller scope, or lower {setting('context_tokens')} in the profile."
)

SCOPE_LIMIT = "scope_limit"
"""Why an answer ended at the limit that was ours; beside OpenAI's own reasons."""

LIMITS = frozenset({"max_output_tokens", SCOPE_LIMIT})

_BY_REASON = {
    SCOPE_LIMIT: (
        "The answer was longer than code of this size needs and was cut off. What you see "
        f"stays. To continue, {REDIRECT}; or select more code, or raise "
        f"{setting('max_output_tokens')} in the profile."
    ),
    "max_output_tokens": (
        f"The answer reached its token limit. To continue, {REDIRECT}; or choose a smaller "
        f"scope, or raise {setting('max_output_tokens')} in the profile."
    ),
    "prompt_cut": (
        "The model server dropped the beginning of the request because its context is too "
        "small, so its answer isn't reliable. Start Ollama with a larger "
        "OLLAMA_CONTEXT_LENGTH, or give its model a larger num_ctx."
    ),
    "max_messages": "The model server cut the answer off at its limit of messages.",
    "content_filter": "The provider's content filter cut the answer off.",
    "steered": "The answer was cut off because another client redirected it.",
}


def incomplete(reason: str | None) -> str:
    """Why an answer ended before the model was done."""
    if reason in _BY_REASON:
        return _BY_REASON[reason]
    named = f" ({reason})" if reason is not None and _CODE.fullmatch(reason) else ""
    return f"The model server ended the answer too early{named}."


def no_websocket(status: int, place: str) -> str:
    """An HTTP status came instead of the upgrade to a WebSocket, and says no more than that."""
    return (
        f"The model server at {place} answered {status} instead of opening a WebSocket. Check "
        f"{setting('url')} in the profile, or replace it by {setting('provider')}."
    )


def no_upgrade(place: str) -> str:
    """Something answered, but not in the language of WebSocket."""
    return f"The server at {place} isn't a WebSocket server. Check {setting('url')} in the profile."


def hung_up(place: str) -> str:
    """The connection ended before the answer to the upgrade."""
    return (
        f"The server at {place} hung up instead of opening a WebSocket. {_AGAIN}, or check "
        f"{setting('url')} in the profile."
    )


def connect_timeout(place: str, seconds: float) -> str:
    """The upgrade was never answered."""
    return f"The model server at {place} didn't open the connection within {seconds:g} s."


def silent(seconds: float) -> str:
    """No frame for longer than `idleTimeout`."""
    return (
        f"The model server has sent nothing for {seconds:g} s. {_AGAIN}. If this model thinks "
        f"longer, raise {setting('idle_timeout')} in the profile."
    )


def dropped(code: int | None) -> str:
    """The connection ended in the middle of an answer; `code` is the close frame's."""
    if code is None:
        return f"The connection to the model dropped during the answer. {_AGAIN}."
    if code in (1001, 1012):
        return f"The model server is restarting and cut the answer off. {_AGAIN}."
    if code == 1009:
        return TOO_BIG
    if code == 1008:
        return "The model server cut the answer off because of its policy (1008)."
    if code == 1013:
        return f"The model server is overloaded and cut the answer off. {_AGAIN} in a moment."
    return f"The model server closed the connection during the answer ({code}). {_AGAIN}."


def enormous_frame(limit_bytes: int) -> str:
    """One frame was longer than anything sensible."""
    return (
        f"The model server sent a frame of more than {limit_bytes // 2**20} MiB, which is the "
        "server's fault. The answer was cut off there."
    )


def broken_websocket() -> str:
    """The bytes were no WebSocket frames."""
    return "The model server violated the WebSocket protocol. The answer was cut off there."


def malformed(what: str) -> str:
    """A frame that no client of the protocol can read. `what` is ours, never the server's text."""
    return (
        f"The model server sent {what}, which is the server's fault. The answer was cut off there."
    )


def only_thoughts(model: str, cut: bool = False) -> str:
    """The model thought and wrote nothing; `cut`: until it had no tokens left."""
    what = "used all its tokens for thinking" if cut else "only thought about it"
    more = f", raise {setting('max_output_tokens')}" if cut else ""
    return (
        f"{model} {what} and wrote no answer. Set {setting('reasoning_effort')} in the profile to "
        f'"none" or "low"{more}, or choose a model that doesn\'t think.'
    )


def only_a_call(model: str) -> str:
    """The model called a tool, but there are no tools."""
    return (
        f"{model} called a tool instead of answering, although it was offered none. {_AGAIN}, "
        "reword it, or choose another model."
    )


SWALLOWED = frozenset({dropped(None), broken_websocket()})
"""The sentence for a connection that was cut on the way."""
