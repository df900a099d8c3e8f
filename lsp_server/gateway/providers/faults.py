"""What went wrong with a model API: a typed error whose sentence says whose fault it is.

`backends/refusal_reading` judges what a refusal means, for all routes alike. This module has the
faults of HTTP connections and of streams. A server's own words are never repeated.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from lsp_server.backends import failure_sentences
from lsp_server.backends.connection_progress import chained
from lsp_server.backends.refusal_reading import RefusalReading, verdict_of
from lsp_server.backends.refusal_sentences import Party, sentence_of
from lsp_server.backends.refusals import RefusalKind
from lsp_server.gateway.capabilities import Capabilities
from lsp_server.gateway.model_provider import ProviderError
from lsp_server.gateway.providers.bounded_body import BodyTooLarge, Packed
from lsp_server.gateway.providers.request_progress import fault_of
from lsp_server.gateway.providers.response_metadata import header_facts
from lsp_server.gateway.upstream import Upstream
from lsp_server.wording import OTHER_PROFILE, setting

_AGAIN = "Send the instruction again"

_API_PATHS = {
    "api.groq.com": "/openai/v1",
    "openrouter.ai": "/api/v1",
    "generativelanguage.googleapis.com": "/v1beta/openai",
    "api.fireworks.ai": "/inference/v1",
}
"""The path of the API on hosts where it is not `/v1`, by their makers' documents."""

_STATUS_OF_KIND = {
    RefusalKind.KEY: 401,
    RefusalKind.NO_MODEL: 404,
    RefusalKind.RATE: 429,
    RefusalKind.TOKEN_RATE: 429,
    RefusalKind.USAGE: 429,
    RefusalKind.NO_CREDIT: 429,
    RefusalKind.OVERLOADED: 529,
    RefusalKind.LOADING: 503,
    RefusalKind.CONTEXT: 400,
    RefusalKind.REFUSED: 400,
}
"""The status that the client gets for kinds whose own status says less, or that have none."""


UNREACHABLE, CUT = "upstream_unreachable", "upstream_cut"
"""Codes of faults after which the server may have been restarted: nobody answers, or the answer
broke off."""


class Faults:
    """The faults of one model API, asked for one model."""

    def __init__(self, upstream: Upstream, row: Capabilities, model: str) -> None:
        self._upstream = upstream
        self._row = row
        self._model = model
        self._place = upstream.place

    def of_status(
        self, status: int, body: object, headers: Mapping[str, str] | None = None
    ) -> ProviderError:
        """The answer was an HTTP error. `body` is its JSON, its text or its bytes."""
        facts = header_facts(headers or {}, time.time())
        verdict = verdict_of(status, body, {n.lower(): v for n, v in (headers or {}).items()})
        return self.of_verdict(verdict, facts)

    def of_event(self, error: Mapping[str, object]) -> ProviderError:
        """The stream itself reported a failure."""
        verdict = verdict_of(None, dict(error))
        if verdict.kind is RefusalKind.UNKNOWN:
            verdict = RefusalReading(RefusalKind.SERVER, None, verdict.wait)
        return self.of_verdict(verdict)

    def of_verdict(
        self, verdict: RefusalReading, headers: Mapping[str, str] | None = None
    ) -> ProviderError:
        """The server refused, and `verdict` says what it means."""
        if verdict.kind is RefusalKind.PAGE and self._party().bare:
            verdict = replace(verdict, kind=RefusalKind.NO_PATH)
        status = _STATUS_OF_KIND.get(verdict.kind) or verdict.status or 500
        sentence = sentence_of(verdict, self._party())
        error = self._error(sentence, verdict.kind.value, status, headers)
        error.verdict = verdict
        return error

    def of_body(self, body: bytes) -> ProviderError:
        """The status was a success, but the body is neither a stream nor an answer."""
        verdict = verdict_of(None, body)
        return self.malformed() if verdict.kind is RefusalKind.UNKNOWN else self.of_verdict(verdict)

    def only_thoughts(self, cut: bool) -> ProviderError:
        """The answer ended with thoughts and no text. `cut`: by the limit of tokens."""
        return self._error(failure_sentences.only_thoughts(self._model, cut), "only_thoughts", 502)

    def only_a_call(self) -> ProviderError:
        """The answer was only a tool call."""
        return self._error(failure_sentences.only_a_call(self._model), "only_a_tool_call", 502)

    def of_exception(self, error: BaseException, begun: bool) -> ProviderError:
        """The connection failed. `begun`: the answer had begun."""
        chain = list(chained(error))
        if any(isinstance(e, BodyTooLarge) for e in chain):
            return self.too_long()
        if any(isinstance(e, Packed) for e in chain):
            return self._error(
                f"{self._place} compresses its answers although Midstream asked it not to. Turn "
                f"that off there, or check {setting('base_url')} in the profile.",
                "upstream_malformed",
                502,
            )
        if (on_the_way := fault_of(self._upstream, error)) is not None:
            return on_the_way
        if any(isinstance(e, ConnectionRefusedError) for e in chain):
            return self._error(self._nobody(), UNREACHABLE, 502)
        if any("Timeout" in type(e).__name__ for e in chain):
            what = "fell silent during the answer" if begun else "didn't answer in time"
            return self._error(f"{self._place} {what}. {_AGAIN}.", "upstream_timeout", 504)
        if begun:
            return self.cut()
        return self._error(
            f"Midstream couldn't connect to {self._place}. {_AGAIN}.",
            UNREACHABLE,
            502,
        )

    def cut(self) -> ProviderError:
        """The stream ended before the answer did."""
        return self._error(f"{self._place} broke off during the answer. {_AGAIN}.", CUT, 502)

    def too_long(self) -> ProviderError:
        """The answer exceeds every bound."""
        return self._error(
            f"{self._place} sent far more than an answer needs and was cut off. Check "
            f"{setting('base_url')} in the profile, or {OTHER_PROFILE}.",
            "upstream_too_long",
            502,
        )

    def malformed(self) -> ProviderError:
        """The server sent something other than the API's documents say."""
        return self._error(
            f"{self._place} doesn't answer like the provider {self._upstream.provider}. Check "
            f"{setting('base_url')} in the profile.",
            "upstream_malformed",
            502,
        )

    def _nobody(self) -> str:
        if self._upstream.is_loopback and self._row.port is not None:
            return f"Nothing answers at {self._place}. Is {self._row.name} running?"
        return (
            f"Nothing answers at {self._place}. Start that server, or check {setting('base_url')} "
            "in the profile."
        )

    def _error(
        self, sentence: str, code: str, status: int, headers: Mapping[str, str] | None = None
    ) -> ProviderError:
        return ProviderError(sentence, code, status, headers)

    def _party(self) -> Party:
        upstream = self._upstream
        return Party(
            self._place,
            self._model,
            provider=upstream.provider,
            program="Azure" if upstream.host.endswith(".azure.com") else self._row.name,
            has_key=upstream.key is not None,
            local=upstream.is_loopback,
            # A maker's client may append the path itself.
            bare=not upstream.row.client_path and urlsplit(upstream.base_url).path in ("", "/"),
            api_path=_API_PATHS.get(upstream.host, "/v1"),
        )
