"""What the settings are once they are read: plain values that the rest of the server can trust.

Knows nothing of files, JSON or the editor; `read.py` makes these, everybody else only reads them.
No key is ever held here, only the place where one comes from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from lsp_server.errors import ContractError

PRACTICE = "practice"
"""The name of the profile that always exists and needs neither key nor network."""

DEFAULT_PROMPTS: Mapping[str, str] = MappingProxyType(
    {
        "Simplify": "Simplify this code without changing what it does.",
        "Add docstrings": "Add a docstring to each function and class that has none.",
        "Add type hints": "Add type hints.",
        "Guard clauses": "Turn nested ifs into guard clauses.",
        "Remove debug prints": "Remove the debug prints.",
    }
)
"""Offered as code actions until the user's settings say otherwise: name to instruction."""


class Publish(StrEnum):
    """When streamed text is shown in the editor."""

    SYNTAX = "syntax"
    LINE = "line"
    TOKEN = "token"


class Leave(StrEnum):
    """What a cancel leaves in the scope."""

    VALID = "valid"
    RAW = "raw"
    ORIGINAL = "original"


class Role(StrEnum):
    """What a profile is good for."""

    FAST = "fast"
    DEEP = "deep"


class Provider(StrEnum):
    """The HTTP model APIs (and the practice model) that the gateway reaches."""

    OPENAI_CHAT = "openai-chat"
    OPENAI_RESPONSES = "openai-responses"
    ANTHROPIC = "anthropic"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True)
class Profile:
    """A named model: where it is, what it is called, where its key comes from.

    Exactly one of `url` and `provider` is set; `base_url` only beside `provider`. At most one of
    the three key sources is set; none means that the place asks for no key.
    """

    name: str
    model: str
    url: str | None = None
    provider: Provider | None = None
    base_url: str | None = None
    reasoning_effort: str | None = None
    service_tier: str | None = None
    max_output_tokens: int | None = None
    context_tokens: int | None = None
    idle_timeout: float = 30.0
    """Seconds of silence after which an attempt is given up."""
    role: Role | None = None
    api_key_env: str | None = None
    api_key_command: tuple[str, ...] | None = None
    api_keyring: str | None = None

    @property
    def idle_timeout_ms(self) -> int:
        """`idle_timeout` in milliseconds."""
        return round(self.idle_timeout * 1000)


PRACTICE_PROFILE = Profile(PRACTICE, model="practice", provider=Provider.PRACTICE)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, in force. Built by `read.resolve`; the defaults stand here."""

    profile: str = PRACTICE
    requested_profile: str | None = None
    """A profile that the workspace names. It exists, but the user has not agreed to it yet."""
    profiles: Mapping[str, Profile] = field(
        default_factory=lambda: MappingProxyType({PRACTICE: PRACTICE_PROFILE})
    )
    publish: Publish = Publish.SYNTAX
    max_edits_per_second: float = 25.0
    patch_from_lines: int = 250
    cancel_leaves: Leave = Leave.VALID
    prompts: Mapping[str, str] = field(default_factory=lambda: DEFAULT_PROMPTS)
    ignore: tuple[str, ...] = ()
    """Patterns in the syntax of `.gitignore`, to be read after those of the ignore files. What a
    workspace added stands last and never begins with `!`."""
    redact_secrets: bool = True
    refuse_invisible: bool = True

    @property
    def current(self) -> Profile:
        """The profile in use."""
        return self.profiles[self.profile]

    def called(self, name: str) -> Profile | None:
        """The profile of that name or, where none is called so, the first with that role."""
        by_role = (one for one in self.profiles.values() if one.role == name)
        return self.profiles.get(name) or next(by_role, None)

    def using(self, profile: str) -> "Settings":
        """The same settings with `profile` in use: the user has chosen it or agreed to it."""
        if profile not in self.profiles:
            raise ContractError(f"There is no profile {profile!r} to be used.")
        return replace(self, profile=profile, requested_profile=None)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in somebody's settings; the sentence is shown to the user."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of reading: settings that can be used in any case, and what was wrong."""

    settings: Settings
    problems: tuple[Problem, ...] = ()
