"""The validated settings: plain values that the rest of the server can trust.

Knows nothing of files, JSON or the editor. `read.py` builds them; everything else only reads them.
They never contain an API key, only the source of one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import urlsplit

from lsp_server.addresses import is_loopback, is_plain
from lsp_server.choices import Leave, Publish
from lsp_server.errors import ContractError, SettingsError
from lsp_server.provider_table import Provider

PRACTICE = Provider.PRACTICE.value
"""The name of the profile that always exists and needs neither a key nor a network."""

DEFAULT_PROMPTS: Mapping[str, str] = MappingProxyType(
    {
        "Simplify": "Simplify this code without changing what it does.",
        "Add docstrings": "Add a docstring to each function and class that has none.",
        "Add type hints": "Add type hints.",
        "Guard clauses": "Turn nested ifs into guard clauses.",
        "Remove debug prints": "Remove the debug prints.",
    }
)
"""Offered as code actions unless the user's settings say otherwise: name to instruction."""


DEFAULT_RULES = (
    "AGENTS.md",
    "CLAUDE.md",
    "GEMINI.md",
    ".github/copilot-instructions.md",
    ".cursor/rules/*.mdc",
    ".cursorrules",
    ".clinerules",
    ".windsurfrules",
    ".midstream/rules.md",
)
"""The rules files that are looked for: those of the common tools, and Midstream's own."""


class LargeForm(StrEnum):
    """The form of answer requested for a scope of `patch_from_lines` lines and more."""

    AUTO = "auto"
    REWRITE = "rewrite"
    PATCH = "patch"
    DEFINITIONS = "definitions"


class Role(StrEnum):
    """What a profile is good for."""

    FAST = "fast"
    DEEP = "deep"


class ReadAhead(StrEnum):
    """Which models may receive selected code before an edit starts."""

    NEVER = "never"
    LOCAL = "local"
    ALWAYS = "always"


class Imports(StrEnum):
    """What becomes of imports that an edit needs outside its scope."""

    ASK = "ask"
    """They are offered, and written if the user says so."""
    ADD = "add"
    """They are offered, and written when the user accepts the edit."""
    NEVER = "never"
    """They are not offered."""


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """What is sent of other files without being named in an instruction."""

    definitions: bool = True
    callers: bool = True
    open: bool = True
    files: tuple[str, ...] = ()
    """Paths and globs from the workspace's folder, sent with every edit."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A named model: its address, its name there, and the source of its API key.

    Exactly one of `url` and `provider` is set, and `base_url` only with `provider`. At most one of
    the three key sources is set; without one, the server needs no key. An unencrypted address is on
    this machine unless `allow_insecure` is set: then it is a private address, or a name that must
    resolve to one.
    """

    name: str
    model: str
    url: str | None = None
    provider: Provider | None = None
    base_url: str | None = None
    allow_insecure: bool = False
    reasoning_effort: str | None = None
    service_tier: str | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    context_tokens: int | None = None
    idle_timeout: float = 30.0
    """Seconds of silence after which an attempt fails."""
    role: Role | None = None
    form: LargeForm = LargeForm.AUTO
    api_key_env: str | None = None
    api_key_command: tuple[str, ...] | None = None
    api_keyring: str | None = None

    @property
    def idle_timeout_ms(self) -> int:
        """`idle_timeout` in milliseconds."""
        return round(self.idle_timeout * 1000)

    @property
    def place(self) -> str | None:
        """The address in the settings, if there is one."""
        return self.url or self.base_url

    @property
    def insecure(self) -> bool:
        """Whether the user's own network can read what is sent to it."""
        place = self.place
        if place is None or not is_plain(place):
            return False
        return not is_loopback(urlsplit(place).hostname or "")


PRACTICE_PROFILE = Profile(PRACTICE, model=PRACTICE, provider=Provider.PRACTICE)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings in force, with their defaults. Built by `read.resolve`.

    A value that cannot be used is never replaced by another that sends code elsewhere: a faulty
    profile is in `unusable` and not in `profiles`, and a faulty choice of profile sets
    `choice_fault`.
    """

    profile: str = PRACTICE
    """The chosen name; "" for a choice that cannot be read."""
    choice_fault: str | None = None
    """Why no profile is in use: the message with which an edit is refused."""
    requested_profile: str | None = None
    """A profile that the workspace names. It exists, but the user has not agreed to it yet."""
    profiles: Mapping[str, Profile] = field(
        default_factory=lambda: MappingProxyType({PRACTICE: PRACTICE_PROFILE})
    )
    """The usable profiles."""
    unusable: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The other profiles: name to a sentence that says why, and what to change."""
    roles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """For each role the first profile that has it, even if it cannot be used."""
    profiles_fault: str | None = None
    """Why it is unknown which profiles exist, if it is."""
    publish: Publish = Publish.SYNTAX
    max_edits_per_second: float = 25.0
    patch_from_lines: int = 250
    cancel_leaves: Leave = Leave.VALID
    prompts: Mapping[str, str] = field(default_factory=lambda: DEFAULT_PROMPTS)
    workspace_prompts: frozenset[str] = frozenset()
    """The names of the prompts that come from the workspace."""
    ignore: tuple[str, ...] = ()
    """Patterns in `.gitignore` syntax, applied after those of the ignore files. The patterns that a
    workspace adds come last and never begin with `!`."""
    ignore_fault: str | None = None
    """Why it is unknown which files to ignore. Until that is fixed, no file may be sent."""
    context: ContextSettings = ContextSettings()
    rules: tuple[str, ...] = DEFAULT_RULES
    """The rules files to look for: names, and paths and globs from the workspace's folder."""
    redact_secrets: bool = True
    refuse_invisible: bool = True
    read_ahead: ReadAhead = ReadAhead.LOCAL
    imports: Imports = Imports.ASK

    @property
    def current(self) -> Profile | None:
        """The profile in use; `None` if the chosen one cannot be used."""
        return None if self.choice_fault else self.profiles.get(self.profile)

    def profile_named(self, name: str) -> Profile | None:
        """The profile of that name, else the first with that role.

        `None` if there is none. Raises `SettingsError` for one that cannot be used: no other
        profile ever replaces it.
        """
        if name not in self.profiles and name not in self.unusable:
            name = self.roles.get(name, name)
        if (fault := self.unusable.get(name)) is not None:
            raise SettingsError(fault)
        found = self.profiles.get(name)
        if found is None and self.profiles_fault is not None:
            raise SettingsError(self.profiles_fault)
        return found

    def in_use(self) -> Profile:
        """The profile in use. Raises `SettingsError` if no usable one is chosen."""
        if (profile := self.current) is None:
            raise SettingsError(self.choice_fault or f"There is no profile `{self.profile}`.")
        return profile

    def refusing(self, fault: str) -> "Settings":
        """The same settings with a fault in `ignore`."""
        return self if self.ignore_fault else replace(self, ignore_fault=fault)

    def using(self, profile: str) -> "Settings":
        """The same settings with `profile` in use: the user has chosen it or agreed to it."""
        if profile not in self.profiles:
            raise ContractError(f"There is no profile {profile!r} to be used.")
        return replace(self, profile=profile, choice_fault=None, requested_profile=None)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in the settings. The sentence is shown to the user."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The result of reading: settings that are always usable, and what was wrong."""

    settings: Settings
    problems: tuple[Problem, ...] = ()
