"""From what files and editors hold to `Settings`: the only door through which settings come in.

Pure: it is given the values of each layer and gives back settings that can be used in any case,
with one sentence for each thing that is wrong. It never raises for what somebody wrote.

A cloned repository must not be able to send code or keys anywhere, or to run anything. So the
layers that a repository can write (`.midstream.toml`, and an editor's configuration, which
editors mix from the user's and the workspace's) set only what is harmless.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from typing import Any

from lsp_server.settings import values
from lsp_server.settings.model import (
    DEFAULT_PROMPTS,
    PRACTICE,
    PRACTICE_PROFILE,
    Loaded,
    Problem,
    Profile,
    Provider,
    Settings,
)
from lsp_server.settings.schema import (
    COMPOSITE_KEYS,
    KEY_SOURCES,
    KEYS,
    PLACE_KEYS,
    PROFILE_KEYS,
    Key,
)

_NAMES_OF_A_KEY = frozenset(
    {"apikey", "key", "token", "apitoken", "accesstoken", "secret", "apisecret", "password"}
    | {"authorization", "bearer", "bearertoken", "headers", "xapikey"}
)


class Layer(Enum):
    """Where settings can come from, in the order in which the later wins."""

    USER_FILE = "config.toml"
    WORKSPACE_FILE = ".midstream.toml"
    INITIALIZATION = "initializationOptions"
    CONFIGURATION = "workspace/configuration"

    @property
    def trusted(self) -> bool:
        """Whether only the user can have written it."""
        return self in (Layer.USER_FILE, Layer.INITIALIZATION)

    @property
    def json(self) -> bool:
        """Whether its keys are in camelCase."""
        return self in (Layer.INITIALIZATION, Layer.CONFIGURATION)


@dataclass(frozen=True, slots=True)
class Source:
    """The values of one layer. `name` is how sentences call it; None stands for the layer's own."""

    layer: Layer
    values: object
    name: str | None = None

    @property
    def called(self) -> str:
        """The name for sentences."""
        return self.name or self.layer.value


def resolve(sources: Sequence[Source]) -> Loaded:
    """Settings from all layers, the later over the earlier, in `Layer`'s own order."""
    work = _Work()
    order = list(Layer)
    for source in sorted(sources, key=lambda s: order.index(s.layer)):
        _LayerReader(work, source).read()
    return _finished(work)


@dataclass(slots=True)
class _Work:
    """Settings in the making."""

    problems: list[Problem] = field(default_factory=list)
    plain: dict[str, Any] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=lambda: dict(DEFAULT_PROMPTS))
    ignore: tuple[str, ...] = ()
    ignore_added: list[str] = field(default_factory=list)
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    chosen: list[tuple[str, Source]] = field(default_factory=list)
    requested: tuple[str, Source] | None = None
    faulty: set[str] = field(default_factory=set)
    """Profiles of which something was left out: what follows from that needs no second sentence."""

    def tell(self, sentence: str) -> None:
        """Note a problem, each only once."""
        if (problem := Problem(sentence)) not in self.problems:
            self.problems.append(problem)


class _LayerReader:
    """Reads one layer into the work."""

    def __init__(self, work: _Work, source: Source) -> None:
        self._work = work
        self._source = source
        self._layer = source.layer

    def read(self) -> None:
        """Take over every value that is right and allowed."""
        table = self._source.values
        if table is None:
            return
        if not isinstance(table, dict):
            self._work.tell(f"{self._source.called} must be a table of settings; it is left out.")
            return
        known = {self._spelling(key): key for key in (*KEYS, *COMPOSITE_KEYS)}
        for name, value in table.items():
            key = known.get(name)
            if key is None:
                self._unknown(str(name), "", list(known))
            elif value is not None:  # An editor sends null for what is not set.
                self._take(key, value)

    def _take(self, key: Key, value: object) -> None:
        if key.name == "profiles":
            self._take_profiles(value)
            return
        read = self._value(key, value, "")
        if read is None:
            return
        match key.name:
            case "profile":
                self._take_profile(str(read))
            case "prompts" if isinstance(read, Mapping):
                for name, instruction in read.items():
                    self._work.prompts.pop(name, None)
                    if instruction.strip():
                        self._work.prompts[name] = instruction
            case "ignore" if isinstance(read, tuple):
                self._take_ignore(read)
            case name if not (key.from_workspace or self._layer.trusted):
                in_force = self._work.plain.get(name, getattr(Settings(), name))
                if read != in_force:
                    self._not_allowed(key)
            case name:
                self._work.plain[name] = read

    def _take_profile(self, name: str) -> None:
        if self._layer.trusted:
            self._work.chosen.append((name, self._source))
        else:
            self._work.requested = (name, self._source)

    def _take_ignore(self, patterns: tuple[str, ...]) -> None:
        work = self._work
        if self._layer.trusted:
            work.ignore = patterns
            return
        for pattern in patterns:
            if not pattern.lstrip().startswith("!"):
                work.ignore_added.append(pattern)
            elif pattern not in work.ignore:
                work.tell(
                    f"`ignore` in {self._source.called} may only add files; `{pattern}` is left "
                    "out. Only your own config.toml and initializationOptions can take some out."
                )

    def _take_profiles(self, value: object) -> None:
        key = COMPOSITE_KEYS[1]
        if not isinstance(value, dict):
            self._work.tell(f"`profiles` in {self._source.called} must be a table of profiles.")
            return
        for name, table in value.items():
            where = f"{self._spelling(key)}.{name}."
            if table is None:
                continue
            if not isinstance(table, dict) or not isinstance(name, str) or not name.strip():
                self._work.tell(
                    f"`{where[:-1]}` in {self._source.called} must be a table of settings; "
                    "it is left out."
                )
                continue
            told = len(self._work.problems)
            read = self._profile_values(name, table, where)
            if len(self._work.problems) > told:
                self._work.faulty.add(name)
            in_force = self._work.profiles.get(name, {})
            if self._layer.trusted:
                self._work.profiles[name] = _merged(in_force, read)
            elif any(in_force.get(k) != v for k, v in read.items()):
                self._not_allowed(key)

    def _profile_values(self, name: str, table: dict[Any, Any], where: str) -> dict[str, Any]:
        """What a layer says about one profile, without what is wrong."""
        known = {self._spelling(key): key for key in PROFILE_KEYS}
        read: dict[str, Any] = {}
        for spelling, value in table.items():
            key = known.get(spelling)
            if key is None:
                self._unknown(str(spelling), where, list(known))
            elif value is not None and (taken := self._value(key, value, where)) is not None:
                read[key.name] = taken
        if name == PRACTICE:
            foreign = (PLACE_KEYS | KEY_SOURCES) & read.keys()
            if read.get("provider") is Provider.PRACTICE:
                foreign -= {"provider"}
            if foreign:
                self._work.tell(
                    f"`{where[:-1]}` in {self._source.called} is the built-in practice model, which"
                    " has no address and no key; give a profile of another name to the model."
                )
            read = {k: v for k, v in read.items() if k not in foreign}
        return read

    def _value(self, key: Key, value: object, where: str) -> object:
        """The value of a key, or None after a sentence."""
        spelling = where + self._spelling(key)
        try:
            return key.reader(value)
        except values.SecretError as wrong:
            self._refuse_key(spelling, str(wrong))
        except values.WrongValueError as wrong:
            self._work.tell(f"`{spelling}` in {self._source.called} {wrong}; it is left out.")
        return None

    def _unknown(self, name: str, where: str, known: list[str]) -> None:
        plain = name.replace("_", "").replace("-", "").lower()
        if plain in _NAMES_OF_A_KEY:
            self._refuse_key(where + name, "is a key itself")
            return
        guess = values.near(name, known)
        hint = f"; did you mean `{where}{guess}`?" if guess else "."
        shown = "…" if values.looks_like_key(name) else name
        self._work.tell(f"`{where}{shown}` in {self._source.called} is not a setting{hint}")

    def _refuse_key(self, spelling: str, why: str) -> None:
        names = [key for key in PROFILE_KEYS if key.name in KEY_SOURCES]
        env, command, keyring = (f"`{self._spelling(key)}`" for key in names)
        self._work.tell(
            f"`{spelling}` in {self._source.called} {why} and is refused: a key never stands in "
            f"settings; say where it comes from with {env}, {command} or {keyring}."
        )

    def _not_allowed(self, key: Key) -> None:
        self._work.tell(
            f"`{self._spelling(key)}` in {self._source.called} is left out: it is taken only from "
            "your own config.toml and from initializationOptions, because a workspace must not "
            "decide where code is sent."
        )

    def _spelling(self, key: Key) -> str:
        return key.json_name if self._layer.json else key.name


def _merged(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """One profile from two layers.

    A later layer that names another place takes the earlier key source away with the earlier
    place: a key goes only where it was meant to go. A later key source replaces the earlier one.
    """
    dropped: frozenset[str] = frozenset()
    if any(earlier.get(name) != later[name] for name in PLACE_KEYS & later.keys()):
        dropped = PLACE_KEYS | KEY_SOURCES
    elif KEY_SOURCES & later.keys():
        dropped = KEY_SOURCES
    return {k: v for k, v in earlier.items() if k not in dropped} | later


def _finished(work: _Work) -> Loaded:
    """What can only be judged when all layers have been read."""
    profiles = {PRACTICE: replace(PRACTICE_PROFILE, **work.profiles.pop(PRACTICE, {}))}
    for name, table in work.profiles.items():
        wrong = _flaw(table)
        if wrong is None:
            profiles[name] = Profile(name=name, **table)
        elif name not in work.faulty:
            work.tell(f"The profile `{name}` {wrong}; it is left out.")
            work.faulty.add(name)
    profile = PRACTICE
    for name, source in work.chosen:
        if name in profiles:
            profile = name
        else:
            work.tell(_no_profile(name, source, work, profiles) + f" `{profile}` stays in use.")
    requested = None
    if work.requested is not None and work.requested[0] != profile:
        name, source = work.requested
        if name in profiles:
            requested = name
        else:
            work.tell(_no_profile(name, source, work, profiles))
    settings = Settings(
        profile=profile,
        requested_profile=requested,
        profiles=MappingProxyType(profiles),
        prompts=MappingProxyType(work.prompts),
        ignore=(*work.ignore, *_new(work.ignore_added, work.ignore)),
        **work.plain,
    )
    return Loaded(settings, tuple(work.problems))


def _new(patterns: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Those of `patterns` that are not known yet, each once."""
    return tuple(p for p in dict.fromkeys(patterns) if p not in known)


def _flaw(table: dict[str, Any]) -> str | None:
    """What is wrong with a profile as a whole."""
    if "url" in table and "provider" in table:
        return "has both `url` and `provider`, of which it can have one"
    if "url" not in table and "provider" not in table:
        return "has neither `url` nor `provider`"
    if "base_url" in table and "provider" not in table:
        return "has a base address, which only goes with `provider`"
    if len(KEY_SOURCES & table.keys()) > 1:
        return "has more than one place where its key comes from"
    if "model" not in table:
        if table.get("provider") is not Provider.PRACTICE:
            return "has no `model`"
        table["model"] = PRACTICE_PROFILE.model
    return None


def _no_profile(name: str, source: Source, work: _Work, profiles: Mapping[str, Profile]) -> str:
    if name in work.faulty:
        return f"The profile `{name}` cannot be used as it stands."
    guess = values.near(name, list(profiles))
    hint = f"; did you mean `{guess}`?" if guess else "."
    return f"`profile` in {source.called} names `{name}`, which is not there{hint}"
