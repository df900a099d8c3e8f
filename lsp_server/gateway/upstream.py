"""Which model a socket of the gateway is for: provider, address and key, and how they get here.

The server that started the gateway sends them as headers of the WebSocket handshake, over loopback
and behind the gateway's token. So a key stands in no argument, no environment and no file; it is
held in memory for as long as a socket needs it. A gateway that others use takes no such headers:
its own settings say where it may go.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from lsp_server.addresses import host_of, is_loopback, is_plain, is_private
from lsp_server.errors import SettingsError
from lsp_server.provider_table import Provider, ProviderRow

PROVIDER_HEADER = "midstream-provider"
BASE_URL_HEADER = "midstream-base-url"
KEY_HEADER = "midstream-key"
MODEL_HEADER = "midstream-model"
ALLOW_INSECURE_HEADER = "midstream-allow-insecure"

RESPONSES_OVER_HTTP = ("api.openai.com", "openai.azure.com", "api.x.ai", "ai-gateway.vercel.sh")
"""Hosts, and ends of hosts, whose makers document `POST …/responses` beside the WebSocket of the
same path (OpenAI: API reference, Responses; Azure: v1 API; xAI: REST API reference; Vercel: AI
Gateway, OpenResponses API)."""


def base_over_http(url: str) -> str | None:
    """Where the API behind a Responses WebSocket is had over HTTP; None where that is not known."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    known = any(host == end or host.endswith(f".{end}") for end in RESPONSES_OVER_HTTP)
    if parts.scheme != "wss" or not known or parts.query or not parts.path.endswith("/responses"):
        return None
    return parts._replace(scheme="https", path=parts.path.removesuffix("/responses")).geturl()


@dataclass(frozen=True, slots=True)
class Upstream:
    """One model API. Keeps its key out of `repr`.

    Refuses an address that is not encrypted unless it is on this machine (with `allow_insecure`:
    or in a private network, by its IP address), and one with a name or password in it. Raises
    `SettingsError`.
    """

    provider: str
    base_url: str = ""
    key: str | None = field(default=None, repr=False)
    allow_insecure: bool = False
    model: str | None = field(default=None, compare=False)
    """The model that will be asked there, if that is known: it may be loaded ahead."""

    def __post_init__(self) -> None:
        known = [provider.value for provider in Provider if provider.row.base_url]
        if self.provider not in known:
            known_names = ", ".join(known)
            raise SettingsError(f"There is no provider {self.provider!r}; there is: {known_names}.")
        url = (self.base_url or self.row.base_url).rstrip("/")
        object.__setattr__(self, "base_url", url)
        try:
            parts = urlsplit(url)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        if not sound or parts.username is not None or parts.password is not None:
            raise SettingsError("The baseUrl of a profile must look like https://host/v1.")
        in_network = self.allow_insecure and is_private(parts.hostname or "")
        if parts.scheme == "http" and not (is_loopback(parts.hostname or "") or in_network):
            raise SettingsError(
                f"The baseUrl {self.place} is not encrypted; beyond this machine only https:// is "
                "allowed."
            )

    @property
    def row(self) -> ProviderRow:
        """The facts about the provider."""
        return Provider(self.provider).row

    @property
    def host(self) -> str:
        """The host's name in lower case, without a port."""
        return (urlsplit(self.base_url).hostname or "").lower()

    @property
    def port(self) -> int:
        """The port, also where the address does not name it."""
        parts = urlsplit(self.base_url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def is_loopback(self) -> bool:
        """Whether the model is on this machine."""
        return is_loopback(self.host)

    @property
    def is_near(self) -> bool:
        """Whether it is on this machine or, by its IP address, in a private network."""
        return self.is_loopback or is_private(self.host)

    @property
    def place(self) -> str:
        """Scheme, host and port: what a sentence may say about the address."""
        return f"{urlsplit(self.base_url).scheme}://{host_of(self.base_url)}"

    @property
    def direct(self) -> bool:
        """Whether it is never asked by way of a proxy: what is not encrypted goes nowhere else."""
        return is_plain(self.base_url)

    def headers(self) -> dict[str, str]:
        """For the handshake with the gateway."""
        told = {PROVIDER_HEADER: self.provider, BASE_URL_HEADER: self.base_url}
        if self.allow_insecure:
            told[ALLOW_INSECURE_HEADER] = "1"
        if self.model is not None:
            told[MODEL_HEADER] = quote(self.model.encode("utf-8", "replace"))
        return told if self.key is None else {**told, KEY_HEADER: self.key}


def upstream_of(headers: Mapping[str, str]) -> Upstream | None:
    """What a handshake asks for (names in lower case); None when it names no provider.

    Raises `SettingsError`.
    """
    provider = headers.get(PROVIDER_HEADER)
    if provider is None:
        return None
    allowed = headers.get(ALLOW_INSECURE_HEADER) == "1"
    base, key = headers.get(BASE_URL_HEADER, ""), headers.get(KEY_HEADER)
    model = unquote(headers.get(MODEL_HEADER, "")) or None
    return Upstream(provider, base, key, allowed, model)
