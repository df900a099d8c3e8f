"""What a session needs from a model: requests, endpoints, streams and the connection's state.

Knows no socket and no frame; `websocket` does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from lsp_server.addresses import host_of, is_loopback, is_plain, is_private
from lsp_server.errors import SettingsError
from lsp_server.session.events import ModelEvent
from lsp_server.wording import GIVE_KEY, setting

Sink = Callable[[ModelEvent], None]

Shorten = Callable[[int | None, "Callable[[ModelRequest | None], None]"], None]
"""Shortens a request for a model with a context of so many tokens (None: unknown). Calls back, soon
or at once, with the shorter request, or with None if it cannot be shorter."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One request to the model, ready to be encoded.

    `instructions` and `input` hold the user's code, so they are left out of `repr`.
    """

    model: str
    instructions: str = field(repr=False)
    input: str = field(repr=False)
    reasoning_effort: str | None = None
    service_tier: str | None = None
    max_output_tokens: int | None = None
    prompt_cache_key: str | None = None
    stream_options: bool = True
    """Whether to ask the server to leave out its padding."""
    tap: Callable[[bytes], None] | None = field(default=None, repr=False, compare=False)
    """Called with each frame of the answer before its events are delivered: for recordings."""
    prediction: str | None = field(default=None, repr=False)
    """Text that the answer will mostly repeat. Like `prefix`, only for our own gateway, which
    passes it on to models that can use it."""
    prefix: str | None = field(default=None, repr=False)
    """How the answer should begin, where the model can continue from it."""
    temperature: float | None = None
    """None: the best value where the gateway knows the server, else the server's default."""
    enough: int | None = None
    """Tokens that the answer can need. Our own gateway limits a model that does not think to them,
    unless the profile has `max_output_tokens`."""
    shorten: Shorten | None = field(default=None, repr=False, compare=False)
    """Shortens the request when it turns out to exceed the model's context."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A Responses WebSocket server, and how long to wait for it.

    The headers hold the key and are left out of `repr`. Raises `SettingsError` for plain `ws://` to
    another machine, because neither a key nor code may travel unencrypted; with `allow_insecure` an
    IP address of a private network is accepted.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    idle_timeout_ms: int = 30_000
    connect_timeout_ms: int = 15_000
    reads_per_s: float | None = None
    """Tokens of a prompt that the server reads in a second, at least. The first text of an answer
    may take that much longer. None: reading takes no time worth counting."""
    own: bool = False
    """Our own gateway: its messages for failures are ours and may be shown."""
    allow_insecure: bool = False

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            sound = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
        except ValueError:  # unmatched brackets, or a port that is not a number
            sound = False
        if not sound:
            raise SettingsError(
                f"{setting('url')} in a profile must look like wss://host/v1/responses (or ws:// "
                "for a server on this machine)."
            )
        if parts.username is not None or parts.password is not None:
            raise SettingsError(
                f"{setting('url')} in a profile must not contain a name or password. To give the "
                f"profile a key, {GIVE_KEY}."
            )
        in_network = self.allow_insecure and is_private(parts.hostname or "")
        if parts.scheme == "ws" and not (self.is_loopback or in_network):
            raise SettingsError(
                f"{self.place} isn't encrypted. Outside this machine only wss:// is allowed."
            )

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine."""
        return is_loopback(urlsplit(self.url).hostname or "")

    @property
    def is_near(self) -> bool:
        """Whether it is on this machine or, by its IP address, in a private network."""
        return self.is_loopback or is_private(urlsplit(self.url).hostname or "")

    @property
    def direct(self) -> bool:
        """Whether it is never reached through a proxy, because the connection is not encrypted."""
        return is_plain(self.url)

    @property
    def place(self) -> str:
        """Scheme, host and port: the part of the URL that messages may show."""
        return f"{urlsplit(self.url).scheme}://{host_of(self.url)}"


class ConnectionState(StrEnum):
    """The state of the connection, as in `midstream.status`."""

    CLOSED = "closed"
    CONNECTING = "connecting"
    OPEN = "open"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One limit under the provider's name. `resets_at` is in seconds since 1970 (UTC)."""

    name: str
    limit: float | None
    remaining: float | None
    resets_at: float | None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as counted by the server. Known only after an answer that was not cut."""

    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """The connection to the model, for `midstream.status`.

    `sentence` is the last failure; it stays until something succeeds. `requested` and `served` are
    the model names of the latest stream; they differ if the server rerouted it.
    """

    state: ConnectionState
    sentence: str | None = None
    requested: str | None = None
    served: str | None = None
    service_tier: str | None = None
    usage: Usage | None = None
    rate_limits: tuple[RateLimit, ...] = ()
    queue_ms: float | None = None


class Stream(Protocol):
    """The stream of one attempt's answer. Times are `time.perf_counter()` in milliseconds."""

    @property
    def written_ms(self) -> float | None:
        """When `response.create` was passed to the operating system. None until then."""

    @property
    def first_frame_ms(self) -> float | None:
        """When the first frame of the answer was read."""

    def close(self) -> None:
        """Cut the stream at once. Idempotent; no event of it is delivered afterwards."""
