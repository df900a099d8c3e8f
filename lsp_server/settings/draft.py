"""Settings in the making, and what can only be judged when all layers have been read. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lsp_server.settings import values
from lsp_server.settings.bounds import MOST_PROBLEMS, shown
from lsp_server.settings.layers import Source, closed
from lsp_server.settings.misplaced import alike, twins
from lsp_server.settings.model import (
    DEFAULT_PROMPTS,
    PRACTICE,
    Loaded,
    Problem,
    Profile,
    Role,
    Settings,
)
from lsp_server.settings.profiles import ProfileDraft


@dataclass(frozen=True, slots=True)
class Choice:
    """Which profile a layer of the user's names, or why that cannot be told."""

    name: str
    source: Source
    fault: str | None = None


@dataclass(slots=True)
class SettingsDraft:
    """Settings in the making."""

    problems: dict[str, None] = field(default_factory=dict)
    plain: dict[str, Any] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=lambda: dict(DEFAULT_PROMPTS))
    spoken_for: set[str] = field(default_factory=lambda: {alike(name) for name in DEFAULT_PROMPTS})
    """The names of prompts on which the user, or the house, has had the word."""
    brought: list[tuple[Source, str, str]] = field(default_factory=list)
    """Prompts of the workspace: layer, name, instruction."""
    ignore: tuple[str, ...] = ()
    ignore_added: list[str] = field(default_factory=list)
    ignore_fault: str | None = None
    profiles: dict[str, ProfileDraft] = field(default_factory=dict)
    profiles_fault: str | None = None
    place_fault: str | None = None
    """What speaks of a place that belongs to no profile: it may be any profile's without one."""
    choice: Choice | None = None
    requested: tuple[str, Source] | None = None

    def lose_place(self, fault: str) -> None:
        """A place stands where it is no profile's."""
        sentence = self.tell(fault)
        self.place_fault = self.place_fault or sentence

    def tell(self, fault: str) -> str:
        """Note a problem, each only once; the whole sentence."""
        sentence = closed(fault)
        self.problems[sentence] = None
        return sentence


def finished(work: SettingsDraft) -> Loaded:
    """What can only be judged when all layers have been read."""
    profiles, unusable = _profiles(work)
    choice_fault = _choice_fault(work, profiles, unusable)
    profile = work.choice.name if work.choice is not None else PRACTICE
    requested = None
    if work.requested is not None and work.requested[0] != profile:
        name, source = work.requested
        if name in profiles:
            requested = name
        else:
            work.tell(_no_profile(name, source, profiles, unusable))
    mine, brought = _prompts(work)
    settings = Settings(
        profile=profile,
        choice_fault=choice_fault,
        requested_profile=requested,
        profiles=MappingProxyType(profiles),
        unusable=MappingProxyType(unusable),
        roles=MappingProxyType(_roles(work)),
        profiles_fault=work.profiles_fault,
        prompts=MappingProxyType(mine | brought),
        workspace_prompts=frozenset(brought),
        ignore=(*work.ignore, *_new(work.ignore_added, work.ignore)),
        ignore_fault=work.ignore_fault,
        **work.plain,
    )
    return Loaded(settings, _bounded(list(work.problems)))


def _profiles(work: SettingsDraft) -> tuple[dict[str, Profile], dict[str, str]]:
    """Those that can be used, and why the others cannot."""
    profiles: dict[str, Profile] = {}
    unusable: dict[str, str] = {}
    drafts = {PRACTICE: work.profiles.get(PRACTICE, ProfileDraft())} | work.profiles
    exposed = any(draft.goes_to_maker for draft in drafts.values())
    for draft in drafts.values() if exposed else ():
        for sentence in draft.astray():
            work.lose_place(sentence)
    if exposed and (same := twins(work.profiles)) is not None:
        first, other = (shown(name) for name in same)
        work.lose_place(
            f"The profiles `{first}` and `{other}` differ only in capitals or blanks. Merge them, "
            "or rename one. Until then no profile can be used that has a `provider` and no address"
        )
    for name, draft in drafts.items():
        if not name.strip():
            draft.faults.append("a profile must have a name")
        if (flaw := draft.settle(name)) is not None:
            work.tell(f"{flaw[0].upper()}{flaw[1:]}; the profile `{shown(name)}` can't be used")
        if draft.faults:
            unusable[name] = draft.refusal(shown(name))
        elif work.profiles_fault is not None and name != PRACTICE:
            unusable[name] = work.profiles_fault
        elif work.place_fault is not None and draft.goes_to_maker:
            unusable[name] = f"The profile `{shown(name)}` can't be used: {work.place_fault}"
        else:
            profiles[name] = draft.profile(name)
    return profiles, unusable


def _roles(work: SettingsDraft) -> dict[str, str]:
    """For each role the first profile that has it, or that may have been meant to."""
    found: dict[str, str] = {}
    for name, draft in work.profiles.items():
        role = draft.table.get("role")
        if role is not None:
            found.setdefault(role.value, name)
        elif "role" in draft.unreadable:
            for each in Role:
                found.setdefault(each.value, name)
    return found


def _choice_fault(
    work: SettingsDraft, profiles: Mapping[str, Profile], unusable: Mapping[str, str]
) -> str | None:
    """Why the profile that the user has chosen is not in use."""
    if work.choice is None:
        return unusable.get(PRACTICE)
    name, source, fault = work.choice.name, work.choice.source, work.choice.fault
    if fault is not None:
        return fault
    if name in profiles:
        return None
    if name in unusable:
        return unusable[name]
    if work.profiles_fault is not None:
        return work.profiles_fault
    sentence = _no_profile(name, source, profiles, unusable)
    return work.tell(f"{closed(sentence)} No edit starts until you name an existing profile")


def _no_profile(
    name: str, source: Source, profiles: Mapping[str, Profile], unusable: Mapping[str, str]
) -> str:
    if name in unusable:
        return f"The profile `{shown(name)}`, which {source.called} asks for, can't be used"
    guess = values.near(name, [*profiles, *unusable])
    hint = f"; did you mean `{shown(guess)}`?" if guess else ""
    return f"`profile` in {source.called} names `{shown(name)}`, which doesn't exist{hint}"


def _prompts(work: SettingsDraft) -> tuple[dict[str, str], dict[str, str]]:
    """The user's, and those that the workspace brings. No name is the workspace's if it is, or
    looks like, one of the user's or the house's."""
    brought: dict[str, str] = {}
    for source, name, instruction in work.brought:
        mine = work.prompts.get(name, "")
        if mine == instruction or not (mine or instruction.strip()):
            continue  # An editor repeats what the user has.
        if alike(name) in work.spoken_for:
            work.tell(
                f"`prompts.{shown(name)}` in {source.called} has the name of a prompt of yours. "
                "It is ignored, and yours stays"
            )
        else:
            brought[name] = instruction
    brought = {name: instruction for name, instruction in brought.items() if instruction.strip()}
    return work.prompts, brought


def _bounded(sentences: Sequence[str]) -> tuple[Problem, ...]:
    """The problems, and how many more there are than are told."""
    told = [Problem(sentence) for sentence in sentences[:MOST_PROBLEMS]]
    if (more := len(sentences) - MOST_PROBLEMS) > 0:
        told.append(Problem(f"The settings have {more} more faults."))
    return tuple(told)


def _new(patterns: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Those of `patterns` that are not known yet, each once."""
    return tuple(p for p in dict.fromkeys(patterns) if p not in known)
