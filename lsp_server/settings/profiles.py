"""Combines what the user's layers say of a profile into a usable one, or the reason why there is
none.

Any fault makes the complete profile unusable: without the refused value it would be another
profile, at another address. Pure, like `read`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lsp_server.addresses import PRIVATE_WORDS, is_address, is_loopback, is_plain, is_private
from lsp_server.provider_table import Provider
from lsp_server.settings import misplaced, values
from lsp_server.settings.bounds import shown
from lsp_server.settings.layers import Source, closed, stray
from lsp_server.settings.model import PRACTICE, PRACTICE_PROFILE, Profile
from lsp_server.settings.schema import (
    ADDRESS_KEYS,
    KEY_SOURCES,
    PERMISSION,
    PLACE_KEYS,
    PROFILE_KEYS,
    Key,
)
from lsp_server.wording import DOCTOR


@dataclass(slots=True)
class ReadProfiles:
    """What one layer says of one profile. `faults` are sentences without their full stop."""

    table: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    where: dict[str, str] = field(default_factory=dict)
    """For each value, its key and where it is, as a message begins."""
    unreadable: set[str] = field(default_factory=set)
    """The keys that are present but have no readable value."""
    misplaced: dict[str, bool] = field(default_factory=dict)
    """Sentences about addresses under an unknown key. True if it is in a table of its own, so it
    may be meant for another profile."""


def read_profile(source: Source, name: str, value: object, where: str) -> ReadProfiles:
    """A profile as one layer has it. `where` precedes its keys in messages."""
    read = ReadProfiles()
    if not isinstance(value, dict):
        read.faults.append(f"{source.named(where[:-1])} must be a table of settings")
        if (path := misplaced.place_in(name, value, where[: -len(shown(name)) - 1])) is not None:
            read.misplaced[stray(source.named(path))] = True
        return read
    known = {source.spelling(key): key for key in PROFILE_KEYS}
    for spelling, item in value.items():
        key = known.get(spelling)
        if key is None:
            guess = values.near(str(spelling), list(known))
            read.faults.append(source.unknown(str(spelling), where, guess))
            if guess is not None:
                read.unreadable.add(known[guess].name)
            if (path := misplaced.place_in(str(spelling), item, where)) is not None:
                read.misplaced[stray(source.named(path))] = isinstance(item, dict | list)
        elif item is not None:  # An editor sends null for what is not set.
            _read_value(source, key, item, where, read)
    if name == PRACTICE:
        foreign = (PLACE_KEYS | KEY_SOURCES | {PERMISSION}) & read.table.keys()
        if read.table.get("provider") is Provider.PRACTICE:
            foreign -= {"provider"}
        if foreign:
            read.faults.append(
                f"{source.named(where[:-1])} is the built-in practice model, which has no address "
                "and no key. Use another name for your profile"
            )
    return read


def _read_value(source: Source, key: Key, value: object, where: str, read: ReadProfiles) -> None:
    spelling = where + source.spelling(key)
    read.unreadable.add(key.name)
    read.where[key.name] = source.named(spelling)
    try:
        read.table[key.name] = key.reader(value)
        read.unreadable.discard(key.name)
    except values.SecretError as wrong:
        read.faults.append(source.secret(spelling, str(wrong)))
    except values.WrongValueError as wrong:
        read.faults.append(f"{source.named(spelling)} {wrong}")


@dataclass(slots=True)
class ProfileDraft:
    """A profile under construction, from all of the user's layers."""

    table: dict[str, Any] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    misplaced: dict[str, bool] = field(default_factory=dict)

    def add(self, later: ReadProfiles) -> None:
        """Add a later layer.

        If it names another place, it removes the earlier place with its key source and its
        permission: a key only goes where it was meant to go. A later key source replaces an earlier
        one.
        """
        dropped: frozenset[str] = frozenset()
        places = PLACE_KEYS & later.table.keys()
        if any(self.table.get(name) != later.table[name] for name in places):
            self._check_moved(later)
            dropped = PLACE_KEYS | KEY_SOURCES | {PERMISSION}
        elif KEY_SOURCES & later.table.keys():
            dropped = KEY_SOURCES
        self.table = {k: v for k, v in self.table.items() if k not in dropped} | later.table
        self.where |= later.where
        self.faults += later.faults
        self.unreadable |= later.unreadable
        self.misplaced |= later.misplaced

    def _check_moved(self, later: ReadProfiles) -> None:
        """Another provider without an address would remove the earlier address. What was meant for
        the user's own server must not go to the provider instead."""
        lost = sorted(ADDRESS_KEYS & self.table.keys())
        provider = later.table.get("provider")
        if not lost or ADDRESS_KEYS & later.table.keys() or provider is Provider.PRACTICE:
            return
        later.faults.append(
            f"{later.where['provider']} names another provider without an address, "
            f"but {self.where[lost[0]]} names one. Name the address there too, even if it is "
            "the provider's own"
        )

    def misplaced_sentences(self) -> Iterator[str]:
        """Sentences about its addresses and key sources that may be meant for another profile."""
        mentioned = self.table.keys() | self.unreadable
        complete = "provider" in mentioned or {"url", "model"} <= mentioned
        yield from (
            sentence for sentence, separate in self.misplaced.items() if separate or not complete
        )
        if not complete:
            for key in PROFILE_KEYS:
                if key.name in (ADDRESS_KEYS | KEY_SOURCES) & mentioned:
                    yield stray(self.where.get(key.name, f"`{key.name}`"))

    def check_complete(self, name: str) -> str | None:
        """Check the complete profile. Records and returns the fault that only shows there."""
        if self.faults:
            return None
        fault = _combination_fault(name, self.table) or _unencrypted_fault(self.table, self.where)
        if fault is not None:
            self.faults.append(fault)
        return fault

    @property
    def goes_to_maker(self) -> bool:
        """Whether it sends to the provider's own address, because no address is given."""
        provider = self.table.get("provider")
        return provider not in (None, Provider.PRACTICE) and not ADDRESS_KEYS & self.table.keys()

    def profile(self, name: str) -> Profile:
        """The profile, if there is no fault."""
        table = self.table
        if name == PRACTICE or table.get("provider") is Provider.PRACTICE:
            built_in = {"model": PRACTICE_PROFILE.model, "provider": Provider.PRACTICE}
            table = built_in | table
        return Profile(name=name, **table)

    def refusal(self, name: str) -> str:
        """Why it cannot be used: the first fault, and how many more there are."""
        first, *more = self.faults
        sentence = f"The profile `{name}` can't be used: {closed(first)}"
        if more:
            sentence += f" Run {DOCTOR} to see {len(more)} more."
        return sentence


def _combination_fault(name: str, table: Mapping[str, Any]) -> str | None:
    """What is wrong with a profile as a combination of values, without the full stop."""
    if name == PRACTICE:
        return None
    if values.looks_like_address(name):
        return f"the profile `{name}` has an address as its name; put that into `url` or `base_url`"
    said = f"the profile `{name}` has"
    if "url" in table and "provider" in table:
        return f"{said} both `url` and `provider`; keep one of them"
    if "url" not in table and "provider" not in table:
        return f"{said} neither `url` nor `provider`; one of them must say where the model is"
    if "base_url" in table and "provider" not in table:
        return f"{said} a base address without a `provider`"
    if "base_url" in table and table["provider"] is Provider.PRACTICE:
        return f"{said} a base address, but its provider is the built-in practice model"
    if len(KEY_SOURCES & table.keys()) > 1:
        return f"{said} more than one source for its key"
    if "model" not in table and table.get("provider") is not Provider.PRACTICE:
        return f"{said} no `model`; name it as its server does"
    return None


def _unencrypted_fault(table: Mapping[str, Any], where: Mapping[str, str]) -> str | None:
    """What is wrong with an unencrypted address."""
    key = "url" if "url" in table else "base_url"
    address = table.get(key)
    if address is None or not is_plain(address):
        return None
    parts = urlsplit(address)
    host = parts.hostname or ""
    if is_loopback(host):
        return None
    plain, secure = parts.scheme, {"ws": "wss", "http": "https"}[parts.scheme]
    begin = where.get(key, f"`{key}`")
    if host in ("0.0.0.0", "::"):
        return (
            f"{begin} must be an address that can be reached: a server that listens on {host} is "
            "at "
            f"127.0.0.1 on this machine; from another machine use `{secure}://…` (TLS) or `ssh -L`"
        )
    if not table.get(PERMISSION):
        return (
            f"{begin} must be an address `{secure}://…` (TLS): {host} is another machine, and "
            f"others can read what goes there over `{plain}://`. In your own network you can set "
            "`allow_insecure = true` in this profile. Or use `ssh -L` and an address of this "
            "machine"
        )
    if is_address(host) and not is_private(host):
        return (
            f"{begin} must be an address `{secure}://…` (TLS): {host} isn't a private address, and "
            f"`allow_insecure` is only for those ({PRIVATE_WORDS}). Or use `ssh -L`"
        )
    return None
