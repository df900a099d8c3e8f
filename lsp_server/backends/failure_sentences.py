"""The sentences for everything that can go wrong on the model's side.

Each says what happened, whose fault it is and, where the user can do something, what. They are
built from codes, numbers and the user's own settings only: a server's free text may repeat a key
or the user's code, so none of it is ever quoted.
"""

import re

_CODE = re.compile(r"[a-z]+(_[a-z]+){0,7}")

_AGAIN = "send the instruction again"

EMPTY = f"The model ended its answer without any text; {_AGAIN}, or put it differently."
REFUSED = "The model refused to do this; put the instruction differently or choose another model."
NOT_LOCATED = "The address or the key of this profile did not become known in time."
OUR_FAULT = "Midstream failed by its own fault; please report it with the server's log."
CLOSED = "The connection to the model was closed because Midstream is ending."
ENDLESS = "The model's answer was longer than any code can be; it was cut there."

TOO_BIG = (
    "The request is bigger than the model's server takes in one message (1009); "
    "choose a smaller scope or a smaller contextTokens."
)

SCOPE_LIMIT = "scope_limit"
"""Why an answer ended at the limit that was ours; beside OpenAI's own reasons."""

LIMITS = frozenset({"max_output_tokens", SCOPE_LIMIT})

_BY_REASON = {
    SCOPE_LIMIT: (
        "The answer was longer than code of this size needs, so it was ended there. What has "
        "landed stays; send an instruction to go on, select more code, or set maxOutputTokens in "
        "the profile to allow longer answers."
    ),
    "max_output_tokens": (
        "The answer was cut by the token limit; "
        "raise maxOutputTokens, choose a smaller scope, or send an instruction to go on."
    ),
    "prompt_cut": (
        "The model's server cut off the beginning of the request, because it makes less room than "
        "that, so the answer cannot be relied on; start Ollama with a larger "
        "OLLAMA_CONTEXT_LENGTH, or give its model a larger num_ctx."
    ),
    "max_messages": "The model's server cut the answer at its limit of messages.",
    "content_filter": "The provider's content filter cut the answer.",
    "steered": "The answer was cut because another client steered it elsewhere.",
}


def incomplete(reason: str | None) -> str:
    """Why an answer ended before the model was done."""
    if reason in _BY_REASON:
        return _BY_REASON[reason]
    named = f" ({reason})" if reason is not None and _CODE.fullmatch(reason) else ""
    return f"The model's server ended the answer before it was complete{named}."


def no_websocket(status: int, place: str) -> str:
    """An HTTP status came instead of the upgrade to a WebSocket, and says no more than that."""
    return (
        f"The model's server at {place} answered {status} where a WebSocket was expected; check "
        "the url of the profile, or reach the model through a provider."
    )


def no_upgrade(place: str) -> str:
    """Something answered, but not in the language of WebSocket."""
    return f"What answers at {place} is not a WebSocket server; check the url of the profile."


def hung_up(place: str) -> str:
    """The connection was ended where the answer to the upgrade was expected."""
    return (
        f"What answers at {place} hung up where a WebSocket was expected; {_AGAIN}, or check the "
        "url of the profile."
    )


def connect_timeout(place: str, seconds: float) -> str:
    """The upgrade was never answered."""
    return f"The model's server at {place} did not open the connection within {seconds:g} s."


def silent(seconds: float) -> str:
    """No frame for longer than `idleTimeout`."""
    return (
        f"The model's server has sent nothing for {seconds:g} s; "
        f"{_AGAIN}, or raise idleTimeout if this model thinks longer."
    )


def dropped(code: int | None) -> str:
    """The connection ended in the middle of an answer; `code` is the close frame's."""
    if code is None:
        return f"The connection to the model dropped in the middle of the answer; {_AGAIN}."
    if code in (1001, 1012):
        return f"The model's server is restarting and cut the answer; {_AGAIN}."
    if code == 1009:
        return TOO_BIG
    if code == 1008:
        return "The model's server cut the answer because of its own policy (1008)."
    if code == 1013:
        return f"The model's server is overloaded and cut the answer; {_AGAIN} in a moment."
    return (
        f"The model's server closed the connection in the middle of the answer ({code}); {_AGAIN}."
    )


def enormous_frame(limit_bytes: int) -> str:
    """One frame was longer than anything sensible."""
    return (
        f"The model's server sent a frame of more than {limit_bytes // 2**20} MiB, "
        "which is its fault; the answer was cut there."
    )


def broken_websocket() -> str:
    """The bytes were no WebSocket frames."""
    return "The model's server broke the WebSocket protocol; the answer was cut there."


def malformed(what: str) -> str:
    """A frame that no client of the protocol can read. `what` is ours, never the server's text."""
    return f"The model's server sent {what}, which is its fault; the answer was cut there."


def only_thoughts(model: str, cut: bool = False) -> str:
    """The model thought and wrote nothing; `cut`: until it had no tokens left."""
    what = "used up its token limit with thinking" if cut else "only thought"
    more = "raise maxOutputTokens, or " if cut else ""
    return (
        f"{model} {what} and wrote no answer; {more}turn its thinking off or down "
        '(reasoningEffort = "none" or "low"), or choose a model that does not think.'
    )


def only_a_call(model: str) -> str:
    """The model asked for a tool, of which there are none."""
    return (
        f"{model} called a tool instead of writing an answer, though none was offered to it; "
        f"{_AGAIN}, put it differently, or choose another model."
    )


SWALLOWED = frozenset({dropped(None), broken_websocket()})
"""How the loss of a connection is told that something on the way has cut."""
