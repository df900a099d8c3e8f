"""The connections to the profiles' models: one for each profile, made at its first use.

Knows where a profile's model is and where its API key comes from.
"""

import asyncio
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from urllib.parse import urlsplit

from lsp_server.addresses import checked_address, host_of, is_loopback, is_private
from lsp_server.backends.base import ConnectionState, ConnectionStatus, Endpoint, ModelRequest
from lsp_server.backends.network_route import proxy_of, trust
from lsp_server.backends.websocket import WebSocketBackend
from lsp_server.errors import RequestFailed, SettingsError
from lsp_server.gateway.child import GatewayChild
from lsp_server.gateway.providers import missing_package
from lsp_server.gateway.upstream import Upstream, base_over_http
from lsp_server.keys import resolve_key
from lsp_server.lsp.context_lengths import DEFAULT_CONTEXT_TOKENS, context_length
from lsp_server.lsp.convert import Json
from lsp_server.prompt.compose import Prompt, opening_of
from lsp_server.session.request import EditRequest, Form
from lsp_server.session.runaway import most_tokens_for
from lsp_server.settings import Profile, Provider, Settings
from lsp_server.wording import setting

DETOUR_S = 600.0
"""How long a profile uses HTTP before its WebSocket is tried again, in seconds."""

LOCAL_READS_PER_S = 50.0
"""The least tokens of a prompt that a server on the user's machine or in their network reads in a
second. Without a graphics card it reads 50 to 150."""
SURE_SHARE = 0.85
"""The share of a server's own limit to use: tokens are only estimated here, and its template
needs some."""

_OVER_HTTP = Provider.OPENAI_RESPONSES
"""The provider that takes over where no WebSocket gets through."""


class Models:
    """All connections to models. Use it on the event loop only."""

    def __init__(self) -> None:
        self.on_key: Callable[[str], None] = lambda key: None
        """Called with each key before it is used, so that a recording can leave it out."""
        self.on_detour: Callable[[str], None] = lambda sentence: None
        """Called with a sentence when a profile switches to HTTP: no WebSocket gets through."""
        self._gateway = GatewayChild()
        self._detours: dict[Profile, float] = {}
        self._backends: dict[Profile, WebSocketBackend] = {}
        self._keys: dict[str, str] = {}
        self._closing: set[asyncio.Future[None]] = set()

    def hand_keys(self, keys: Mapping[str, str], at_work: Container[str] = ()) -> None:
        """Take the client's API keys, by profile. They are kept in memory only.

        A connection with another key is closed, unless its profile is in `at_work`: then a model is
        answering over it.
        """
        changed = {
            name
            for name, key in keys.items()
            if self._keys.get(name) != key and name not in at_work
        }
        self._keys.update(keys)
        self._close(profile for profile in self._backends if profile.name in changed)

    def refuse_unusable(self, profile: Profile) -> None:
        """Raises `RequestFailed` for a profile that is known to be unusable.

        Keys from a command or a keyring take time; they are fetched with the edit.
        """
        if profile.provider is not None:
            missing = missing_package(profile.provider.value)
            if missing is not None:
                raise RequestFailed(missing)
        if profile.api_key_env is not None:
            try:
                resolve_key(profile, self._keys)
            except SettingsError as error:
                raise RequestFailed(str(error)) from None

    def backend(self, profile: Profile) -> WebSocketBackend:
        """The connection to a profile's model. Raises `RequestFailed` for an unusable profile."""
        self.refuse_unusable(profile)
        if profile not in self._backends:
            self._backends[profile] = WebSocketBackend(
                lambda: self._locate(profile), blocked=lambda: self._start_detour(profile)
            )
        return self._backends[profile]

    def keep(self, profiles: Iterable[Profile], at_work: Container[str]) -> None:
        """Close the connections of all other profiles.

        Those in `at_work`, over which models are answering, are closed the next time.
        """
        wanted = set(profiles)
        self._detours.clear()
        self._close(p for p in self._backends if p not in wanted and p.name not in at_work)

    def warm(self, profile: Profile, request: ModelRequest | None = None) -> None:
        """Open the sockets before an edit. Let the model read `request` ahead if its server can.

        Ignores an unusable profile.
        """
        try:
            self.backend(profile).warm(request)
        except RequestFailed:
            return

    def status(self, profile: Profile) -> ConnectionStatus:
        """The state of the connection to a profile's model."""
        backend = self._backends.get(profile)
        return backend.status if backend else ConnectionStatus(ConnectionState.CLOSED)

    def context_tokens(self, profile: Profile) -> int:
        """How many tokens a profile's model reads: as its settings say, else what it is known to
        read, or less if its server was found to read less."""
        backend = self._backends.get(profile)
        most = profile.context_tokens or known_context_tokens(profile)
        reads = None if backend is None else backend.reads
        return most if reads is None else min(most, int(reads * SURE_SHARE))

    async def aclose(self) -> None:
        """Close every connection and end the gateway process."""
        backends = list(self._backends.values())
        self._backends.clear()
        closing = [*self._closing, *(backend.aclose() for backend in backends)]
        await asyncio.gather(*closing, return_exceptions=True)
        await self._gateway.aclose()

    def _close(self, profiles: Iterable[Profile]) -> None:
        """Close their connections. The next edit opens new ones."""
        for profile in list(profiles):
            self._closing.add(asyncio.ensure_future(self._backends.pop(profile).aclose()))
        self._closing = {task for task in self._closing if not task.done()}

    async def _locate(self, profile: Profile) -> Endpoint:
        """The model's address and headers. Called before every handshake.

        Raises `SettingsError`.
        """
        idle = profile.idle_timeout_ms
        if profile.provider is Provider.PRACTICE:
            child = await self._gateway.endpoint()
            return replace(child, idle_timeout_ms=idle)
        place = await asyncio.to_thread(address_of, profile)
        key = await asyncio.to_thread(resolve_key, profile, dict(self._keys))
        self.on_key(key or "")
        allowed = profile.insecure
        near = stays_here(profile) or is_private(urlsplit(place).hostname or "")
        reading = LOCAL_READS_PER_S if near else None
        detour = self._detour(profile)
        if profile.url is None or detour is not None:
            provider = profile.provider or _OVER_HTTP
            upstream = Upstream(provider, detour or place, key, allowed, profile.model)
            child = await self._gateway.endpoint(upstream)
            return replace(child, idle_timeout_ms=idle, reads_per_s=reading)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return Endpoint(
            place,
            headers,
            idle_timeout_ms=idle,
            reads_per_s=reading,
            allow_insecure=allowed,
        )

    def _start_detour(self, profile: Profile) -> bool:
        """Switch to HTTP for a while, because no WebSocket gets through.

        False if that is not possible, or was done before.
        """
        base = base_over_http(profile.url or "")
        if base is None or missing_package(_OVER_HTTP) is not None or self._detour(profile):
            return False
        self._detours[profile] = asyncio.get_running_loop().time() + DETOUR_S
        self.on_detour(
            f"No WebSocket reaches {host_of(base)}, probably because of a proxy or a firewall. The "
            f"profile `{profile.name}` now uses HTTP instead. To use HTTP from the start, replace "
            f"{setting('url')} in the profile by {setting('provider')} = {_OVER_HTTP.value!r} and "
            f"{setting('base_url')} = {base!r}."
        )
        return True

    def _detour(self, profile: Profile) -> str | None:
        """The base URL of its API over HTTP while that replaces the WebSocket, else None."""
        if asyncio.get_running_loop().time() >= self._detours.get(profile, 0.0):
            return None
        return base_over_http(profile.url or "")


def stays_here(profile: Profile) -> bool:
    """Whether a profile's model is on this machine."""
    if profile.provider is Provider.PRACTICE:
        return True
    place = profile.place
    return place is not None and is_loopback(urlsplit(place).hostname or "")


def known_context_tokens(profile: Profile) -> int:
    """How many tokens may be sent to a profile's model if its settings do not say."""
    host = urlsplit(profile.place or "").hostname or ""
    near = stays_here(profile) or profile.insecure or is_private(host)
    known = context_length(profile.model)
    if near or known == DEFAULT_CONTEXT_TOKENS:
        return DEFAULT_CONTEXT_TOKENS
    return int(known * SURE_SHARE)


def place_of(profile: Profile) -> str:
    """Where a profile's model is, in words for the user."""
    if profile.provider is Provider.PRACTICE:
        return "built in, on this machine"
    if profile.place is not None:
        return host_of(profile.place)
    assert profile.provider is not None, "A profile has a url or a provider."
    row = profile.provider.row
    return f"{host_of(row.base_url)}: {row.maker}'s own address, because the profile sets no other"


def address_of(profile: Profile) -> str:
    """The address that the key and the code go to; "" for the provider's own.

    For an unencrypted address the host is resolved here, so that the checked address is the one
    that is connected to. Blocks on the system's resolver: call it from a thread. Raises
    `SettingsError`.
    """
    return checked_address(profile.place or "") if profile.insecure else profile.place or ""


def proxy_before(profile: Profile) -> str | None:
    """The proxy on the way to a profile's model, in words; None without one.

    Raises `RouteError` if the environment sets a proxy or certificates that cannot be used.
    """
    if profile.provider is Provider.PRACTICE:
        return None
    place = profile.place or (profile.provider and profile.provider.row.base_url) or ""
    if place.startswith(("https:", "wss:")):
        trust()
    proxy = proxy_of(place)
    return None if proxy is None else f"through the proxy {proxy.place} ({proxy.source})"


def warning_of(profile: Profile) -> str | None:
    """What the user has to know about the connection to a profile's model."""
    if not profile.insecure:
        return None
    return (
        f"Others in your network can read what is sent to {host_of(profile.place or '')}, "
        f"because it isn't encrypted ({setting('allow_insecure')})."
    )


def rows_of(settings: Settings, shown: Callable[[str], str] = str) -> list[Json]:
    """The profiles for `midstream.status`: usable ones, then unusable ones with the reason.

    `shown` makes the reason a sentence for the client.
    """
    usable: list[Json] = [
        {
            "name": p.name,
            "model": p.model,
            "local": stays_here(p),
            "usable": True,
            "place": place_of(p),
            "insecure": p.insecure,
            "sentence": shown(warning) if (warning := warning_of(p)) is not None else None,
        }
        for p in settings.profiles.values()
    ]
    lost: Json = {"model": "", "local": False, "usable": False, "place": None, "insecure": False}
    return usable + [
        {"name": name, **lost, "sentence": shown(sentence)}
        for name, sentence in settings.unusable.items()
    ]


def model_request(
    profile: Profile,
    prompt: Prompt,
    cache_key: str,
    request: EditRequest | None = None,
    language: str = "",
) -> ModelRequest:
    """The request to a profile's model. Prompts of one session share `cache_key`.

    Our own gateway also gets the longest possible answer to `request`, the text that the answer
    will mostly repeat, and the line that opens its code block, for models that can use them. That
    line holds none of the code: a model cannot change what it has to continue, whatever the
    instruction says.
    """
    prediction = prefix = enough = None
    if request is not None and profile.provider not in (None, Provider.PRACTICE):
        enough = most_tokens_for(request)
        if request.form is Form.REWRITE:
            prediction = request.current or None
        prefix = f"{opening_of(request, language)}\n"
    return ModelRequest(
        model=profile.model,
        instructions=prompt.instructions,
        input=prompt.input,
        reasoning_effort=profile.reasoning_effort,
        service_tier=profile.service_tier,
        max_output_tokens=profile.max_output_tokens,
        temperature=profile.temperature,
        prompt_cache_key=cache_key,
        prediction=prediction,
        prefix=prefix,
        enough=enough,
    )


def cache_key_of(uri: str, session: str) -> str:
    """The cache key that the prompts of one session share.

    The URI is hashed: OpenAI refuses keys of more than 64 characters, and the path is private.
    """
    document = sha256(uri.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"midstream-{document}-{session}"
