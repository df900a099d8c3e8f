"""The model API that a socket of the gateway uses: provider, address and key.

The server that started the gateway sends them as headers of the WebSocket handshake, over loopback
and with the gateway's token. So a key is in no argument, environment variable or file; it is in
memory only while a socket needs it. A shared gateway accepts no such headers: it uses its own
settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from lsp_server.addresses import host_of, is_loopback, is_plain, is_private
from lsp_server.errors import SettingsError
from lsp_server.provider_table import Provider, ProviderRow
from lsp_server.wording import setting

PROVIDER_HEADER = "midstream-provider"
BASE_URL_HEADER = "midstream-base-url"
KEY_HEADER = "midstream-key"
MODEL_HEADER = "midstream-model"
ALLOW_INSECURE_HEADER = "midstream-allow-insecure"

RESPONSES_OVER_HTTP = ("api.openai.com", "openai.azure.com", "api.x.ai", "ai-gateway.vercel.sh")
"""Hosts, or ends of host names, that document `POST …/responses` beside the WebSocket at the same
path (OpenAI: API reference, Responses; Azure: v1 API; xAI: REST API reference; Vercel: AI Gateway,
OpenResponses API)."""


def base_over_http(url: str) -> str | None:
    """The base URL over HTTP of the API behind a Responses WebSocket. None if not known."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    known = any(host == end or host.endswith(f".{end}") for end in RESPONSES_OVER_HTTP)
    if parts.scheme != "wss" or not known or parts.query or not parts.path.endswith("/responses"):
        return None
    return parts._replace(scheme="https", path=parts.path.removesuffix("/responses")).geturl()


@dataclass(frozen=True, slots=True)
class Upstream:
    """One model API. Its key is left out of `repr`.

    Raises `SettingsError` for an address with a user name or password, and for one that is not
    encrypted, unless it is on this machine or, with `allow_insecure`, an IP address of a private
    network.
    """

    provider: str
    base_url: str = ""
    key: str | None = field(default=None, repr=False)
    allow_insecure: bool = False
    model: str | None = field(default=None, compare=False)
    """The model that will be asked, if known: it may be loaded ahead."""

    def __post_init__(self) -> None:
        known = [provider.value for provider in Provider if provider.row.base_url]
        if self.provider not in known:
            raise SettingsError(
                f"There is no provider {self.provider!r}. The providers are: {', '.join(known)}."
            )
        url = (self.base_url or self.row.base_url).rstrip("/")
        object.__setattr__(self, "base_url", url)
        try:
            parts = urlsplit(url)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        if not sound or parts.username is not None or parts.password is not None:
            raise SettingsError(
                f"{setting('base_url')} in a profile must look like https://host/v1."
            )
        in_network = self.allow_insecure and is_private(parts.hostname or "")
        if parts.scheme == "http" and not (is_loopback(parts.hostname or "") or in_network):
            raise SettingsError(
                f"{self.place} isn't encrypted. Outside this machine only https:// is allowed."
            )

    @property
    def row(self) -> ProviderRow:
        """The facts about the provider."""
        return Provider(self.provider).row

    @property
    def host(self) -> str:
        """The host in lower case, without the port."""
        return (urlsplit(self.base_url).hostname or "").lower()

    @property
    def port(self) -> int:
        """The port; the scheme's own if the address names none."""
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
        """Scheme, host and port: the part of the address that messages may show."""
        return f"{urlsplit(self.base_url).scheme}://{host_of(self.base_url)}"

    @property
    def direct(self) -> bool:
        """Whether it is never reached through a proxy, because the connection is not encrypted."""
        return is_plain(self.base_url)

    def headers(self) -> dict[str, str]:
        """The headers that `upstream_of` reads."""
        headers = {PROVIDER_HEADER: self.provider, BASE_URL_HEADER: self.base_url}
        if self.allow_insecure:
            headers[ALLOW_INSECURE_HEADER] = "1"
        if self.model is not None:
            headers[MODEL_HEADER] = quote(self.model.encode("utf-8", "replace"))
        return headers if self.key is None else {**headers, KEY_HEADER: self.key}


def upstream_of(headers: Mapping[str, str]) -> Upstream | None:
    """The model API that a handshake names. None if it names no provider.

    `headers` have lower-case names. Raises `SettingsError`.
    """
    provider = headers.get(PROVIDER_HEADER)
    if provider is None:
        return None
    allowed = headers.get(ALLOW_INSECURE_HEADER) == "1"
    base, key = headers.get(BASE_URL_HEADER, ""), headers.get(KEY_HEADER)
    model = unquote(headers.get(MODEL_HEADER, "")) or None
    return Upstream(provider, base, key, allowed, model)
