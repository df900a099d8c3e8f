"""The sentences for everything that can go wrong on the model's side.

Each says what happened, whose fault it is and, where the user can do something, what. They are
built from codes, numbers and the user's own settings only: a server's free text may repeat a key
or the user's code, so none of it is ever quoted.
"""

import re

_CODE = re.compile(r"[a-z]+(_[a-z]+){0,7}")
_RETRY = re.compile(r"try again in (?:(\d+)m)?\s*(\d+(?:\.\d+)?)\s*(ms|s)", re.IGNORECASE)

_AGAIN = "send the instruction again"

EMPTY = f"The model ended its answer without any text; {_AGAIN}, or put it differently."
REFUSED = "The model refused to do this; put the instruction differently or choose another model."
NOT_LOCATED = "The address or the key of this profile did not become known in time."
OUR_FAULT = "Midstream failed by its own fault; please report it with the server's log."
CLOSED = "The connection to the model was closed because Midstream is ending."
ENDLESS = "The model's answer was longer than any code can be; it was cut there."

_BY_CODE = {
    "previous_response_not_found": (
        "The model's server no longer knows the answer that this request continued; "
        f"{_AGAIN}, it will be sent in full."
    ),
    "websocket_connection_limit_reached": (
        "The model's server closed the connection because it had reached its age limit; "
        f"a new one is being opened, {_AGAIN}."
    ),
    "insufficient_quota": (
        "Your account with the model's provider has no credit left; "
        "add some there or choose another profile."
    ),
    "invalid_api_key": (
        "The model's server does not accept the key of this profile; "
        "check its apiKeyEnv, apiKeyCommand or apiKeyring."
    ),
    "context_length_exceeded": (
        "The request is longer than the model can read; "
        "choose a smaller scope, a smaller contextTokens or a model that reads more."
    ),
    "server_error": f"The model's server failed by its own fault; {_AGAIN}.",
    "server_is_overloaded": f"The model's server is overloaded; {_AGAIN} in a moment.",
    "slow_down": f"The model's server is overloaded; {_AGAIN} in a moment.",
    "invalid_prompt": "The model's server refused the request as not allowed by its rules.",
    "content_filter": "The provider's content filter refused the request.",
    "concurrent_request": (
        f"The model's server is still busy with another answer on this connection; {_AGAIN}."
    ),
}

_BY_REASON = {
    "max_output_tokens": (
        "The answer was cut by the token limit; "
        "raise maxOutputTokens, choose a smaller scope, or send an instruction to go on."
    ),
    "max_messages": "The model's server cut the answer at its limit of messages.",
    "content_filter": "The provider's content filter cut the answer.",
    "steered": "The answer was cut because another client steered it elsewhere.",
}


def by_code(
    code: str | None, status: int | None, model: str, retry_after_s: float | None = None
) -> str:
    """What an `error` frame or `response.failed` means.

    `code` is the server's error code, `status` its HTTP-like number, `model` what was asked for.
    """
    if code in ("model_not_found", "model_not_supported", "unsupported_model"):
        return (
            f"The model's server does not offer the model {model} to your account; "
            "choose another in the profile's model setting."
        )
    if code in ("rate_limit_exceeded", "rate_limit_reached") or (code is None and status == 429):
        return f"The provider's rate limit is reached; {_wait(retry_after_s)}."
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status == 401:
        return _BY_CODE["invalid_api_key"]
    if status == 403:
        return (
            f"The model's server forbids the model {model} to this key; "
            "ask the provider for access or choose another model in the profile."
        )
    if status == 404:
        return (
            f"The model's server does not know the model {model} or what was asked for; "
            "check the profile's model setting."
        )
    if status == 429:
        return f"The provider refuses more requests for now; {_wait(retry_after_s)}."
    named = f" ({code})" if code is not None and _CODE.fullmatch(code) else ""
    if status is not None and status >= 500:
        return f"The model's server failed by its own fault{named}; {_AGAIN}."
    if status is not None and status >= 400:
        return f"The model's server refused the request with status {status}{named}."
    return f"The model's server reported an error{named}."


def incomplete(reason: str | None) -> str:
    """Why an answer ended before the model was done."""
    if reason in _BY_REASON:
        return _BY_REASON[reason]
    named = f" ({reason})" if reason is not None and _CODE.fullmatch(reason) else ""
    return f"The model's server ended the answer before it was complete{named}."


def upgrade_refused(status: int, place: str, retry_after_s: float | None = None) -> str:
    """Why no connection came about: the HTTP status instead of the upgrade to a WebSocket."""
    who = f"The model's server at {place}"
    if status == 401:
        return (
            f"{who} does not accept the key of this profile (401); "
            "check its apiKeyEnv, apiKeyCommand or apiKeyring."
        )
    if status == 403:
        return (
            f"{who} forbids access with this key (403); "
            "ask the provider for access or choose another profile."
        )
    if status == 404:
        return f"{who} has nothing at this path (404); check the url of the profile."
    if status == 426:
        return f"{who} does not speak the WebSocket protocol (426); reach it through a provider."
    if status == 429:
        return f"{who} refuses more connections for now (429); {_wait(retry_after_s)}."
    if 300 <= status < 400:
        return (
            f"{who} redirects elsewhere ({status}), which is not followed with a key; "
            "put the final url into the profile."
        )
    if status >= 500:
        return f"{who} failed by its own fault ({status}); {_AGAIN} in a moment."
    return f"{who} answered {status} where a WebSocket was expected; check the url of the profile."


def unreachable(place: str) -> str:
    """Nothing listens there."""
    return f"Nothing answers at {place}; start that server or check the url of the profile."


def unknown_host(place: str) -> str:
    """The name could not be resolved."""
    return f"The host of {place} is not known; check the url of the profile and your network."


def bad_certificate(place: str) -> str:
    """TLS did not come about."""
    return (
        f"The certificate of {place} could not be verified; "
        "if your company has its own authority, point SSL_CERT_FILE to it."
    )


def proxy_failed(place: str) -> str:
    """The proxy of the system settings did not let us through."""
    return f"The proxy on the way to {place} did not let the connection through; check HTTPS_PROXY."


def no_upgrade(place: str) -> str:
    """Something answered, but not in the language of WebSocket."""
    return f"What answers at {place} is not a WebSocket server; check the url of the profile."


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


def retry_after(message: str) -> float | None:
    """Seconds to wait, where a rate limit message says so ("try again in 1.5s")."""
    found = _RETRY.search(message)
    if found is None:
        return None
    minutes, amount, unit = found.groups()
    return int(minutes or 0) * 60 + float(amount) / (1000 if unit.lower() == "ms" else 1)


def _wait(seconds: float | None) -> str:
    if seconds is None:
        return "wait a little and try again, or choose another profile"
    return f"wait {max(1, round(seconds))} s and try again, or choose another profile"
