"""What the settings are once they are read: plain values that the rest of the server can trust.

Knows nothing of files, JSON or the editor; `read.py` makes these, everybody else only reads them.
No key is ever held here, only the place where one comes from.
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


class LargeForm(StrEnum):
    """In which form a scope of `patch_from_lines` lines and more is asked for."""

    AUTO = "auto"
    REWRITE = "rewrite"
    PATCH = "patch"
    DEFINITIONS = "definitions"


class Role(StrEnum):
    """What a profile is good for."""

    FAST = "fast"
    DEEP = "deep"


class ReadAhead(StrEnum):
    """To which models selected code may be sent before an edit is started."""

    NEVER = "never"
    LOCAL = "local"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Profile:
    """A named model: where it is, what it is called, where its key comes from.

    Exactly one of `url` and `provider` is set; `base_url` only beside `provider`. At most one of
    the three key sources is set; none means that the place asks for no key. A place that is not
    encrypted is on this machine, or `allow_insecure` is set: then it is a private address, or a
    name that has to lead to one.
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
    """Seconds of silence after which an attempt is given up."""
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
        """The address that the settings name, if they name one."""
        return self.url or self.base_url

    @property
    def insecure(self) -> bool:
        """Whether what is sent to it can be read on its way through the user's own network."""
        place = self.place
        if place is None or not is_plain(place):
            return False
        return not is_loopback(urlsplit(place).hostname or "")


PRACTICE_PROFILE = Profile(PRACTICE, model=PRACTICE, provider=Provider.PRACTICE)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, in force. Built by `read.resolve`; the defaults stand here.

    What cannot be used is never stood in for by something else that sends code elsewhere: a
    profile with a fault is in `unusable` and not in `profiles`, and one that was chosen wrongly
    leaves a `choice_fault`.
    """

    profile: str = PRACTICE
    """The name that was chosen; "" for a choice that cannot be read."""
    choice_fault: str | None = None
    """Why there is no profile in use: the sentence that an edit is refused with."""
    requested_profile: str | None = None
    """A profile that the workspace names. It exists, but the user has not agreed to it yet."""
    profiles: Mapping[str, Profile] = field(
        default_factory=lambda: MappingProxyType({PRACTICE: PRACTICE_PROFILE})
    )
    """Those that can be used."""
    unusable: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Those that cannot: name to the sentence that says why, and what to change."""
    roles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """For each role the first profile that has it, also if that cannot be used."""
    profiles_fault: str | None = None
    """Why it is not known which profiles there are, where that is so."""
    publish: Publish = Publish.SYNTAX
    max_edits_per_second: float = 25.0
    patch_from_lines: int = 250
    cancel_leaves: Leave = Leave.VALID
    prompts: Mapping[str, str] = field(default_factory=lambda: DEFAULT_PROMPTS)
    workspace_prompts: frozenset[str] = frozenset()
    """The names of those prompts that the workspace has brought."""
    ignore: tuple[str, ...] = ()
    """Patterns in the syntax of `.gitignore`, to be read after those of the ignore files. What a
    workspace added stands last and never begins with `!`."""
    ignore_fault: str | None = None
    """Why it is not known which files are to be ignored; while it is not, none may be sent."""
    redact_secrets: bool = True
    refuse_invisible: bool = True
    read_ahead: ReadAhead = ReadAhead.LOCAL

    @property
    def current(self) -> Profile | None:
        """The profile in use; None when what was chosen cannot be used."""
        return None if self.choice_fault else self.profiles.get(self.profile)

    def called(self, name: str) -> Profile | None:
        """The profile of that name or, where none is called so, the first with that role.

        None when there is none. Raises `SettingsError` for one that cannot be used: another one
        never takes its place.
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
        """The profile in use. Raises `SettingsError` when there is none that can be used."""
        if (profile := self.current) is None:
            raise SettingsError(self.choice_fault or f"There is no profile `{self.profile}`.")
        return profile

    def refusing(self, fault: str) -> "Settings":
        """The same settings with something wrong in `ignore`."""
        return self if self.ignore_fault else replace(self, ignore_fault=fault)

    def using(self, profile: str) -> "Settings":
        """The same settings with `profile` in use: the user has chosen it or agreed to it."""
        if profile not in self.profiles:
            raise ContractError(f"There is no profile {profile!r} to be used.")
        return replace(self, profile=profile, choice_fault=None, requested_profile=None)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in somebody's settings; the sentence is shown to the user."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of reading: settings that can be used in any case, and what was wrong."""

    settings: Settings
    problems: tuple[Problem, ...] = ()
