"""Reads what a model's server means by a refusal from its status and body, whatever its shape.

Servers nest an error in an object, an array, a text, or a text that holds JSON. Only members about
the error are read, because some servers repeat the request beside it. The result is a kind, figures
found by strict patterns, and names of fields, which are compared and never shown. Pure.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lsp_server.backends.lenient_json import parse_object
from lsp_server.backends.refusals import RULES, RefusalKind
from lsp_server.backends.retry_after import RetryAfter, wait_in

MOST_CHARS = 6_000
"""Code points of a body that are read. What matters is at its beginning."""

_DEPTH = 12

_TELLING = re.compile(
    r"error|errors|message|msg|detail|details|description|reason|title|type|code|status|"
    r"param|loc|metadata|raw|innererror|inner_error|cause|quotaid|violations|"
    r"error_description|errormessage|error_message|error_type|__type|retrydelay|n_ctx|"
    r"n_prompt_tokens|base_resp|status_msg|fault|faultstring|response|ctx|le|retry_after|"
    r"resets_in_seconds|estimated_time|signin_url"
)
"""Members that describe an error, in lower case."""

_CODES = frozenset({"type", "code", "status", "reason", "error", "__type", "error_type", "quotaid"})
_PARAMS = frozenset({"param", "loc"})
_NAME = re.compile(r"[A-Za-z0-9_.:#/-]{1,80}")
_PAGE = re.compile(r"\s*(<!doctype html|<html|<head|<body|<\?xml[^>]*>\s*<!doctype html)", re.I)
_BLOCKED = re.compile(
    r"access (is |has been )?(denied|blocked)|blocked|forbidden|firewall|captcha|just a moment"
    r"|attention required|security (policy|check)|web filter|content filter|sign.?in|log.?in"
    r"|could not be retrieved|cache administrator"
)
_ECHO = re.compile(r"(?is)(?:['\"]input['\"]\s*:|\binput_value\s*=|', value:\s*['\"{\[]).*")
"""Where a validator's text starts to repeat the request, which may contain any word."""
_OTHER_FIELD = re.compile(
    r"\b(service_tier|prompt_cache_key|stream_options|reasoning_?effort|temperature|prediction"
    r"|max_\w*tokens)\b"
)
_MOST_LEAST = 1024
"""Tokens. No server requires a higher minimum for the limit."""

_OUTPUT = r"max[_ ]?(?:completion_?|output_?|new_?)?tokens"
_NUMBER = r"(\d{1,3}(?:,\d{3})+|\d{1,9})"


@dataclass(frozen=True, slots=True)
class RefusalReading:
    """What a refusal means. `status` is an HTTP status, None if there was none.

    `limit` is in tokens: what the model can read (CONTEXT) or write (OUTPUT_LIMIT), or the account
    may send in a minute. `text` (lower case) and `params` are the server's own words: to compare,
    never to show.
    """

    kind: RefusalKind
    status: int | None = None
    wait: RetryAfter | None = None
    limit: int | None = None
    least: int | None = None
    """The minimum limit of output tokens, if the refusal was about too few."""
    over: int | None = None
    """Tokens by which request and answer together exceed a limit."""
    params: frozenset[str] = field(default=frozenset(), repr=False)
    text: str = field(default="", repr=False)


def verdict_of(
    status: int | None, body: object, headers: Mapping[str, str] | None = None
) -> RefusalReading:
    """What a refusal means, by its HTTP status, its body (bytes, text or JSON) and its headers
    (with lower-case names)."""
    if isinstance(body, bytes):
        body = body[: 4 * MOST_CHARS].decode("utf-8", "replace")
    if isinstance(body, str) and _PAGE.match(body):
        return _page(status, body[:MOST_CHARS].lower(), headers)
    texts = list(_texts_about_error(body))
    joined = "\n".join(text for _, text in texts)[:MOST_CHARS]
    text = joined.lower()
    codes = frozenset(t.lower() for name, t in texts if name in _CODES and _NAME.fullmatch(t))
    params = frozenset(t.lower() for name, t in texts if name in _PARAMS and t != "None")
    status = status if status is not None and 300 <= status <= 599 else _status_in(codes)
    wait = wait_in(joined, headers or {})
    found = RefusalReading(
        RefusalKind.UNKNOWN, status, wait, None, _least(text), _over(text), params, text
    )
    cap = _output_limit(found)
    if cap is not None:
        return replace(found, kind=RefusalKind.OUTPUT_LIMIT, limit=cap)
    rule = next((rule for rule in RULES if rule.fits(status, codes, text)), None)
    kind = RefusalKind.UNKNOWN if rule is None else rule.kind
    if kind is RefusalKind.NO_MODEL and _is_about_another(params, text):
        kind = RefusalKind.REFUSED
    if kind is RefusalKind.REFUSED and params & {"model", "body.model"}:
        kind = RefusalKind.NO_MODEL
    if kind is RefusalKind.TOKEN_RATE and (found.over or 0) > 0:
        kind = RefusalKind.OVER_MINUTE
    return replace(found, kind=kind, limit=_limit(kind, text))


def _page(status: int | None, text: str, headers: Mapping[str, str] | None) -> RefusalReading:
    """A web page instead of an answer: from a proxy, unless the status shows that it is the
    server's."""
    by_status = next(
        (r.kind for r in RULES if r.fits(status, frozenset(), "")), RefusalKind.UNKNOWN
    )
    plain = status in (401, 404, 405, 407, 413, 429)
    own = plain or (status is not None and status >= 500)
    blocked = not plain and _BLOCKED.search(text) is not None
    kind = by_status if own and not blocked else RefusalKind.PAGE
    return RefusalReading(kind, status, wait_in("", headers or {}), text=text)


def _texts_about_error(
    value: object, name: str = "message", depth: int = 0
) -> Iterator[tuple[str, str]]:
    """Each text and number of a body about the error, with the name of its member."""
    if depth > _DEPTH:
        return
    if isinstance(value, dict):
        for key, member in list(value.items())[:50]:
            if isinstance(key, str) and _TELLING.fullmatch(key.lower()):
                yield from _texts_about_error(member, key.lower(), depth + 1)
    elif isinstance(value, list | tuple):
        for member in value[:20]:
            yield from _texts_about_error(member, name, depth + 1)
    elif isinstance(value, str):
        inner = _inner(value) if depth <= _DEPTH else None
        if inner is not None:
            yield from _texts_about_error(inner, name, depth + 1)
        else:
            yield name, _ECHO.sub("", value[:MOST_CHARS])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name, f"{name}: {value}" if name not in _CODES else str(value)


def _inner(text: str) -> object:
    """The JSON object in a text: routers pass on what another server wrote."""
    begin, end = text.find("{"), text.rfind("}")
    if begin < 0 or end < begin or len(text) > MOST_CHARS:
        return None
    found = parse_object(text[begin : end + 1])
    return None if found is None else [text[:begin], found]


def _is_about_another(params: frozenset[str], text: str) -> bool:
    """Whether the refusal is about a field that the model does not accept, not about its name."""
    if params:
        return not any("model" in param for param in params)
    return _OTHER_FIELD.search(text) is not None


def _status_in(codes: frozenset[str]) -> int | None:
    numbers = [int(code) for code in codes if re.fullmatch(r"[345]\d\d", code)]
    return max(numbers, default=None)


# Figures.


def _output_limit(found: RefusalReading) -> int | None:
    """The highest limit of output tokens, if the refusal is about that. 0 or less: not a usable
    number. None: it is about something else."""
    text = found.text
    if found.status is not None and found.status not in (400, 403, 413, 422, 500):
        return None
    for pattern, left in _SHARED:
        if shared := re.search(pattern, text):
            limit, used = _number(shared[left[0]]), _number(shared[left[1]])
            return limit - used if limit > used else None
    if not re.search(_OUTPUT, text) and not re.search(r"maximum tokens you requested", text):
        return None
    for pattern in _CAPS:
        if cap := re.search(pattern, text):
            return _number(cap[1]) - (1 if "exclusive" in cap[0] else 0)
    return None


_SHARED = (
    # vLLM; OpenAI, DeepSeek, OpenRouter; TGI; Anthropic: input and output share one context.
    (rf"context length is {_NUMBER} tokens.{{1,160}}?\b{_NUMBER} input tokens", (1, 2)),
    (
        rf"context length is {_NUMBER} tokens.{{1,60}}requested[^(]{{1,40}}"
        rf"\({_NUMBER} (?:in the messages|of text input|in your prompt)",
        (1, 2),
    ),
    (rf"context length of {_NUMBER} tokens.{{1,80}}: {_NUMBER} tokens from the input", (1, 2)),
    (rf"tokens.{{0,2}} must be <= {_NUMBER}\. given: {_NUMBER} .?inputs", (1, 2)),
    (rf"exceed context limit: {_NUMBER} \+ {_NUMBER} > {_NUMBER}", (3, 1)),
    (
        rf"passed {_NUMBER} input tokens and requested [1-9]\d* output tokens.{{1,40}}"
        rf"context length is only {_NUMBER}",
        (2, 1),
    ),
)
_CAPS = (
    rf"supports at most {_NUMBER}",
    rf"(?:not|cannot) (?:exceed|be (?:greater|larger|more|higher) than) {_NUMBER}",
    rf"{_OUTPUT}:? [\d,]{{1,11}} ?> ?{_NUMBER}",
    rf"(?:less than or equal to|<=|at most|no more than|up to|lower than) [`'\"]?{_NUMBER}",
    rf"\[\s*\d+\s*,\s*{_NUMBER}\s*\]",
    rf"range is from \d+ \(inclusive\) to {_NUMBER} \(exclusive",
    rf"(?:maximum|limit|max)(?: value)?(?: allowed)?(?: is| of|:) [`'\"]?{_NUMBER}",
    rf"between \d+ and {_NUMBER}",
    rf"maximum (?:output|completion) tokens \({_NUMBER}",
)
_LIMITS = {
    RefusalKind.CONTEXT: (
        rf"\bn_ctx:? \(?{_NUMBER}",
        rf"context (?:length|window|size|limit)(?: of| is|:)?(?: only)?[ (]*{_NUMBER}",
        rf"maximum (?:prompt|context|input) length (?:is|of) {_NUMBER}",
        rf"> ?{_NUMBER}(?: maximum)?",
        rf"(?:maximum|max) number of (?:input )?tokens allowed \(?{_NUMBER}",
        rf"maximum allowed length \({_NUMBER}",
        rf"max(?:imum input)? size(?:: | is ){_NUMBER} tokens",
        rf"only (?:accepts|supports)(?: up to)? {_NUMBER}",
        rf"{_NUMBER} maximum context",
        rf"limit(?: is|:| of)? {_NUMBER}",
        rf"(?:must be <=|less than|at most) {_NUMBER}",
        rf"available context size \({_NUMBER}",
        rf"token limit:? {_NUMBER}",
    ),
    RefusalKind.OVER_MINUTE: (rf"limit:? {_NUMBER}", rf"limit of {_NUMBER}"),
    RefusalKind.TOKEN_RATE: (
        rf"limit:? {_NUMBER}",
        rf"limit of {_NUMBER}",
        rf"of {_NUMBER} (?:in|out)put tokens per min",
    ),
}


def _least(text: str) -> int | None:
    found = re.search(
        rf"{_OUTPUT}.{{0,80}}(?:>=|at least|greater than or equal to) {_NUMBER}", text
    )
    return None if found is None else min(_number(found[1]), _MOST_LEAST)


def _limit(kind: RefusalKind, text: str) -> int | None:
    if re.search(r"\b(bytes|characters|chars|[kmg]i?b)\b", text):
        return None  # The figures do not count tokens.
    for pattern in _LIMITS.get(kind, ()):
        if found := re.search(pattern, text):
            return _number(found[1]) or None
    return None


def _over(text: str) -> int | None:
    """Tokens by which one request alone exceeds a limit. Negative if it does not."""
    found = re.search(rf"limit:? {_NUMBER}.{{0,60}}requested:? ~?{_NUMBER}", text)
    return None if found is None else _number(found[2]) - _number(found[1])


def _number(text: str) -> int:
    return int(text.replace(",", ""))
