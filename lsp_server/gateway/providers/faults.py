"""What went wrong with a model API: one typed error, in one sentence that says whose fault it is.

Reads statuses, codes and kinds of exceptions. What a server wrote in words is looked at for what
it means, and never repeated: it may hold a key, or code.
"""

import re
import socket
import ssl
from collections.abc import Iterator, Mapping

import orjson

from lsp_server.gateway.capabilities import Capabilities
from lsp_server.gateway.providers import ProviderError
from lsp_server.gateway.providers.bounded import Packed, TooMuch
from lsp_server.gateway.upstream import Upstream

_AGAIN = "redirect to try again"
_CONTEXT = re.compile(
    r"context.?length|context.?size|context window|maximum context|prompt is too long"
    r"|too many tokens|exceed_context|input is too long|reduce the length"
)
_NO_MODEL = re.compile(
    r"model.{0,80}(not.?found|does not exist|not exist|no access)|unknown model|model_not"
)
_NO_CREDIT = re.compile(r"insufficient_quota|credit balance|billing|insufficient credit")


class Faults:
    """The faults of one model API, asked for one model. `name` of the row names it locally."""

    def __init__(self, upstream: Upstream, row: Capabilities, model: str) -> None:
        self._upstream = upstream
        self._row = row
        self._model = model
        self._place = upstream.place

    def of_status(
        self, status: int, body: object, headers: Mapping[str, str] | None = None
    ) -> ProviderError:
        """The answer was an HTTP error. `body` is its JSON or text."""
        words = _words(body)
        if status in (400, 413, 422) and (status == 413 or _CONTEXT.search(words)):
            return self._error(
                f"The request is longer than {self._model} can read; choose a smaller scope.",
                "context_length_exceeded",
                400,
            )
        if status in (400, 404, 422) and _NO_MODEL.search(words):
            return self._no_model()
        if status in (402, 403, 429, 400) and _NO_CREDIT.search(words):
            return self._error(
                f"Your account at {self._place} has no credit left.", "insufficient_quota", 429
            )
        sentence, code = self._by_status(status)
        wait = (headers or {}).get("retry-after")
        if status == 429:
            how_long = "a little" if wait is None else f"{wait} s"
            sentence = f"{sentence.removesuffix('.')}; wait {how_long}, or choose another profile."
        return self._error(sentence, code, status, headers)

    def of_event(self, error: Mapping[str, object]) -> ProviderError:
        """The stream itself said that it failed."""
        code = str(error.get("code"))  # Some write the number as a text.
        status = int(code) if re.fullmatch(r"[0-9]{1,3}", code) else None
        if status is None:
            kind = f"{error.get('type', '')} {error.get('code', '')}".lower()
            fits = 400 if _CONTEXT.search(_words(dict(error))) else 500
            status = next((s for word, s in _STATUS_OF_KIND.items() if word in kind), fits)
        status = status if 400 <= status <= 599 else 500
        fault = self.of_status(status, dict(error))
        # The number is a translation and was never sent, so the sentence does without it.
        return self._error(str(fault).replace(f" ({status})", ""), fault.code, fault.status)

    def of_exception(self, error: BaseException, begun: bool) -> ProviderError:
        """The connection failed; `begun` says whether the answer had begun."""
        chain = list(_chain(error))
        if any(isinstance(e, TooMuch) for e in chain):
            return self.too_long()
        if any(isinstance(e, Packed) for e in chain):
            return self._error(
                f"{self._place} packs its answers, which it was asked not to do; switch that off "
                "there, or check baseUrl.",
                "upstream_malformed",
                502,
            )
        if any(isinstance(e, ConnectionRefusedError) for e in chain):
            return self._error(self._nobody(), "upstream_unreachable", 502)
        if any(isinstance(e, socket.gaierror) for e in chain):
            return self._error(
                f"The host of {self._place} is not known: check baseUrl and your network.",
                "upstream_unreachable",
                502,
            )
        if any(isinstance(e, ssl.SSLError) for e in chain):
            return self._error(
                f"The certificate of {self._place} could not be verified (SSL_CERT_FILE).",
                "upstream_certificate",
                502,
            )
        if any("ProxyError" in type(e).__name__ for e in chain):
            return self._error(
                f"The proxy did not let us through to {self._place}: check HTTPS_PROXY.",
                "upstream_proxy",
                502,
            )
        if any("Timeout" in type(e).__name__ for e in chain):
            what = "fell silent in the middle of the answer" if begun else "did not answer in time"
            return self._error(f"{self._place} {what}; {_AGAIN}.", "upstream_timeout", 504)
        if begun:
            return self.cut()
        return self._error(
            f"The connection to {self._place} did not come about; {_AGAIN}.",
            "upstream_unreachable",
            502,
        )

    def cut(self) -> ProviderError:
        """The stream ended before the answer did."""
        return self._error(
            f"{self._place} broke off in the middle of the answer; {_AGAIN}.", "upstream_cut", 502
        )

    def too_long(self) -> ProviderError:
        """The answer does not end."""
        return self._error(
            f"{self._place} sends more than any answer is long, so it was cut off; check baseUrl, "
            "or choose another profile.",
            "upstream_too_long",
            502,
        )

    def malformed(self) -> ProviderError:
        """What came is not what the API is documented to send."""
        return self._error(
            f"{self._place} does not answer as the provider {self._upstream.provider} does; "
            "check baseUrl.",
            "upstream_malformed",
            502,
        )

    def _by_status(self, status: int) -> tuple[str, str]:
        place = self._place
        if status == 401 and self._upstream.key is None:
            return (
                f"{place} asks for a key (401): give the profile an apiKeyEnv.",
                "invalid_api_key",
            )
        known = {
            401: (
                f"{place} does not accept this profile's key (401): check where it comes from.",
                "invalid_api_key",
            ),
            403: (
                f"{place} forbids {self._model} to this key (403): choose another model.",
                "access_denied",
            ),
            404: (f"{place} has nothing at this path (404): check baseUrl.", "not_found"),
            408: (f"{place} gave up waiting (408); {_AGAIN}.", "upstream_timeout"),
            429: (f"The rate limit of {place} is reached (429).", "rate_limit_exceeded"),
            503: (f"{place} is overloaded ({status}); {_AGAIN}.", "server_is_overloaded"),
            529: (f"{place} is overloaded ({status}); {_AGAIN}.", "server_is_overloaded"),
        }
        if status in known:
            return known[status]
        if status >= 500:
            return f"{place} failed by its own fault ({status}); {_AGAIN}.", "server_error"
        if 300 <= status < 400:
            return f"{place} redirects elsewhere ({status}): check baseUrl.", "not_found"
        return f"{place} refused the request ({status}).", "invalid_prompt"

    def _no_model(self) -> ProviderError:
        remedy = "choose another in the profile."
        if self._row.name == "Ollama":
            remedy = f"get it: ollama pull {self._model}"
        return self._error(
            f"{self._place} does not offer {self._model}: {remedy}", "model_not_found", 404
        )

    def _nobody(self) -> str:
        if self._upstream.is_loopback and self._row.port is not None:
            return f"Nothing answers at {self._place}: is {self._row.name} running?"
        return f"Nothing answers at {self._place}: start that server or check baseUrl."

    def _error(
        self, sentence: str, code: str, status: int, headers: Mapping[str, str] | None = None
    ) -> ProviderError:
        return ProviderError(sentence, code, status, headers)


_STATUS_OF_KIND = {
    "authentication": 401,
    "permission": 403,
    "not_found": 404,
    "rate_limit": 429,
    "insufficient_quota": 429,
    "overloaded": 529,
    "context_length": 400,
    "invalid_request": 400,
    "invalid_prompt": 400,
}
"""Kinds and codes of errors inside a stream, as OpenAI and Anthropic name them."""


def _words(body: object) -> str:
    if isinstance(body, str):
        return body.lower()
    try:
        return orjson.dumps(body).decode().lower()
    except TypeError:
        return ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, what caused it, and the members of groups."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from _chain(member)
        error = error.__cause__ or error.__context__
