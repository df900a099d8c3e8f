"""What a session needs of a model, whatever carries it: open a stream, close it, tell its state.

Knows no socket and no frame. `websocket` is the real carrier, `replay` plays a recording.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from lsp_server.addresses import host_of, is_loopback, is_plain, is_private
from lsp_server.errors import SettingsError
from lsp_server.session.events import ModelEvent

Sink = Callable[[ModelEvent], None]

Shorten = Callable[[int | None, "Callable[[ModelRequest | None], None]"], None]
"""Makes a request shorter, for a model that reads so many tokens (None: it did not say). What is
called back, soon or at once, gets the shorter one; None when it can be no shorter."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question to the model, ready to be written.

    The user's code stands in `instructions` and `input`, so they are left out of `repr`.
    """

    model: str
    instructions: str = field(repr=False)
    input: str = field(repr=False)
    reasoning_effort: str | None = None
    service_tier: str | None = None
    max_output_tokens: int | None = None
    prompt_cache_key: str | None = None
    stream_options: bool = True
    """Whether the server may be asked to leave out its padding."""
    tap: Callable[[bytes], None] | None = field(default=None, repr=False, compare=False)
    """Is shown each frame of the answer before its events are delivered: for recordings."""
    prediction: str | None = field(default=None, repr=False)
    """What the answer will mostly repeat. Like `prefix` only for our own gateway, which asks a
    model for what it can make of it."""
    prefix: str | None = field(default=None, repr=False)
    """What the answer is to begin with, where the model can go on from it."""
    temperature: float | None = None
    """None: what is best where the gateway knows the server, and else the server's own."""
    enough: int | None = None
    """Tokens that the answer can need. Our own gateway lets a model that does not think write no
    more, where the profile has no `max_output_tokens`."""
    shorten: Shorten | None = field(default=None, repr=False, compare=False)
    """What to do when it turns out to be longer than the model can read."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A Responses WebSocket server and how long to wait for it.

    Headers hold the key and are left out of `repr`. Refuses plain `ws://` to another machine:
    neither a key nor code may travel unencrypted. With `allow_insecure` it may be in a private
    network, by its IP address.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    idle_timeout_ms: int = 30_000
    connect_timeout_ms: int = 15_000
    reads_per_s: float | None = None
    """Tokens of a prompt that it reads in a second at least: so much longer may the first of an
    answer take. None: it reads as fast as it is asked."""
    own: bool = False
    """A gateway of ours: what it says of a failure is one of our sentences and may be shown."""
    allow_insecure: bool = False

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            sound = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
        except ValueError:  # brackets that do not match, a port that is no number
            sound = False
        if not sound:
            raise SettingsError(
                "The url of a profile must look like wss://host/v1/responses "
                "(or ws:// for a server on this machine)."
            )
        if parts.username is not None or parts.password is not None:
            raise SettingsError(
                "The url of a profile must not hold a name or password; "
                "give the key by apiKeyEnv, apiKeyCommand or apiKeyring."
            )
        in_network = self.allow_insecure and is_private(parts.hostname or "")
        if parts.scheme == "ws" and not (self.is_loopback or in_network):
            raise SettingsError(
                f"The url {self.place} is not encrypted; "
                "beyond this machine only wss:// is allowed."
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
        """Whether it is never asked by way of a proxy: what is not encrypted goes nowhere else."""
        return is_plain(self.url)

    @property
    def place(self) -> str:
        """Scheme, host and port: what a sentence may say about the url."""
        return f"{urlsplit(self.url).scheme}://{host_of(self.url)}"


class ConnectionState(StrEnum):
    """The word for the connection in `midstream.status`."""

    CLOSED = "closed"
    CONNECTING = "connecting"
    OPEN = "open"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One limit as the provider names it. `resets_at` is in seconds since 1970 (UTC)."""

    name: str
    limit: float | None
    remaining: float | None
    resets_at: float | None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counts them; told only at the end of an answer that was not cut."""

    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """How the connection to the model is, for `midstream.status`.

    `sentence` is the last failure and stays until something succeeds. `requested` and `served`
    are model names of the latest stream; they differ where the server rerouted.
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
    """One attempt's answer on its way. Times are `time.perf_counter()` in milliseconds."""

    @property
    def written_ms(self) -> float | None:
        """When `response.create` was handed to the operating system; None until then."""

    @property
    def first_frame_ms(self) -> float | None:
        """When the first frame of the answer was read."""

    def close(self) -> None:
        """Cut the stream at once. Idempotent; no event of it is delivered afterwards."""
