"""Settings under construction, and the checks that need all layers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lsp_server.settings import values
from lsp_server.settings.bounds import MOST_PROBLEMS, shown
from lsp_server.settings.layers import Source, closed
from lsp_server.settings.misplaced import alike, confusable_names
from lsp_server.settings.model import (
    DEFAULT_PROMPTS,
    DEFAULT_RULES,
    PRACTICE,
    ContextSettings,
    Loaded,
    Problem,
    Profile,
    Role,
    Settings,
)
from lsp_server.settings.profiles import ProfileDraft


@dataclass(frozen=True, slots=True)
class Choice:
    """The profile that one of the user's layers names, or the fault that prevents reading it."""

    name: str
    source: Source
    fault: str | None = None


@dataclass(slots=True)
class SettingsDraft:
    """Settings under construction."""

    problems: dict[str, None] = field(default_factory=dict)
    plain: dict[str, Any] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=lambda: dict(DEFAULT_PROMPTS))
    defined_prompts: set[str] = field(
        default_factory=lambda: {alike(name) for name in DEFAULT_PROMPTS}
    )
    """The names of prompts that the user or the defaults have defined."""
    workspace_prompts: list[tuple[Source, str, str]] = field(default_factory=list)
    """Prompts of the workspace: layer, name, instruction."""
    ignore: tuple[str, ...] = ()
    ignore_added: list[str] = field(default_factory=list)
    ignore_fault: str | None = None
    context: dict[str, Any] = field(default_factory=dict)
    """The parts of `ContextSettings` that are set."""
    rules: tuple[str, ...] = DEFAULT_RULES
    profiles: dict[str, ProfileDraft] = field(default_factory=dict)
    profiles_fault: str | None = None
    place_fault: str | None = None
    """The sentence about a place that belongs to no profile: it may be meant for any profile
    without an address."""
    choice: Choice | None = None
    requested: tuple[str, Source] | None = None

    def report_place(self, fault: str) -> None:
        """Report a place that belongs to no profile."""
        sentence = self.report(fault)
        self.place_fault = self.place_fault or sentence

    def report(self, fault: str) -> str:
        """Report a problem, each only once. Returns the complete sentence."""
        sentence = closed(fault)
        self.problems[sentence] = None
        return sentence


def finished(settings_draft: SettingsDraft) -> Loaded:
    """The final settings, after the checks that need all layers."""
    profiles, unusable = _profiles(settings_draft)
    choice_fault = _choice_fault(settings_draft, profiles, unusable)
    profile = settings_draft.choice.name if settings_draft.choice is not None else PRACTICE
    requested = None
    if settings_draft.requested is not None and settings_draft.requested[0] != profile:
        name, source = settings_draft.requested
        if name in profiles:
            requested = name
        else:
            settings_draft.report(_no_profile(name, source, profiles, unusable))
    mine, brought = _prompts(settings_draft)
    settings = Settings(
        profile=profile,
        choice_fault=choice_fault,
        requested_profile=requested,
        profiles=MappingProxyType(profiles),
        unusable=MappingProxyType(unusable),
        roles=MappingProxyType(_roles(settings_draft)),
        profiles_fault=settings_draft.profiles_fault,
        prompts=MappingProxyType(mine | brought),
        workspace_prompts=frozenset(brought),
        ignore=(*settings_draft.ignore, *_new(settings_draft.ignore_added, settings_draft.ignore)),
        ignore_fault=settings_draft.ignore_fault,
        context=ContextSettings(**settings_draft.context),
        rules=settings_draft.rules,
        **settings_draft.plain,
    )
    return Loaded(settings, _bounded(list(settings_draft.problems)))


def _profiles(settings_draft: SettingsDraft) -> tuple[dict[str, Profile], dict[str, str]]:
    """The usable profiles, and for each of the others the reason why it cannot be used."""
    profiles: dict[str, Profile] = {}
    unusable: dict[str, str] = {}
    drafts = {
        PRACTICE: settings_draft.profiles.get(PRACTICE, ProfileDraft())
    } | settings_draft.profiles
    exposed = any(draft.goes_to_maker for draft in drafts.values())
    for draft in drafts.values() if exposed else ():
        for sentence in draft.misplaced_sentences():
            settings_draft.report_place(sentence)
    if exposed and (same := confusable_names(settings_draft.profiles)) is not None:
        first, other = (shown(name) for name in same)
        settings_draft.report_place(
            f"The profiles `{first}` and `{other}` differ only in capitals or blanks. Merge them, "
            "or rename one. Until then no profile can be used that has a `provider` and no address"
        )
    for name, draft in drafts.items():
        if not name.strip():
            draft.faults.append("a profile must have a name")
        if (flaw := draft.check_complete(name)) is not None:
            settings_draft.report(
                f"{flaw[0].upper()}{flaw[1:]}; the profile `{shown(name)}` can't be used"
            )
        if draft.faults:
            unusable[name] = draft.refusal(shown(name))
        elif settings_draft.profiles_fault is not None and name != PRACTICE:
            unusable[name] = settings_draft.profiles_fault
        elif settings_draft.place_fault is not None and draft.goes_to_maker:
            unusable[name] = (
                f"The profile `{shown(name)}` can't be used: {settings_draft.place_fault}"
            )
        else:
            profiles[name] = draft.profile(name)
    return profiles, unusable


def _roles(settings_draft: SettingsDraft) -> dict[str, str]:
    """For each role, the first profile that has it or may have been meant to have it."""
    roles: dict[str, str] = {}
    for name, draft in settings_draft.profiles.items():
        role = draft.table.get("role")
        if role is not None:
            roles.setdefault(role.value, name)
        elif "role" in draft.unreadable:
            for each in Role:
                roles.setdefault(each.value, name)
    return roles


def _choice_fault(
    settings_draft: SettingsDraft, profiles: Mapping[str, Profile], unusable: Mapping[str, str]
) -> str | None:
    """Why the profile that the user has chosen is not in use."""
    if settings_draft.choice is None:
        return unusable.get(PRACTICE)
    name, source, fault = (
        settings_draft.choice.name,
        settings_draft.choice.source,
        settings_draft.choice.fault,
    )
    if fault is not None:
        return fault
    if name in profiles:
        return None
    if name in unusable:
        return unusable[name]
    if settings_draft.profiles_fault is not None:
        return settings_draft.profiles_fault
    sentence = _no_profile(name, source, profiles, unusable)
    return settings_draft.report(
        f"{closed(sentence)} No edit starts until you name an existing profile"
    )


def _no_profile(
    name: str, source: Source, profiles: Mapping[str, Profile], unusable: Mapping[str, str]
) -> str:
    if name in unusable:
        return f"The profile `{shown(name)}`, which {source.called} asks for, can't be used"
    guess = values.near(name, [*profiles, *unusable])
    hint = f"; did you mean `{shown(guess)}`?" if guess else ""
    return f"`profile` in {source.called} names `{shown(name)}`, which doesn't exist{hint}"


def _prompts(settings_draft: SettingsDraft) -> tuple[dict[str, str], dict[str, str]]:
    """The user's prompts and those of the workspace. The workspace cannot use a name that equals,
    or looks like, one of the user's or of the defaults."""
    brought: dict[str, str] = {}
    for source, name, instruction in settings_draft.workspace_prompts:
        mine = settings_draft.prompts.get(name, "")
        if mine == instruction or not (mine or instruction.strip()):
            continue  # An editor repeats what the user has.
        if alike(name) in settings_draft.defined_prompts:
            settings_draft.report(
                f"`prompts.{shown(name)}` in {source.called} has the name of a prompt of yours. "
                "It is ignored, and yours stays"
            )
        else:
            brought[name] = instruction
    brought = {name: instruction for name, instruction in brought.items() if instruction.strip()}
    return settings_draft.prompts, brought


def _bounded(sentences: Sequence[str]) -> tuple[Problem, ...]:
    """The problems up to the limit, and how many more there are."""
    problems = [Problem(sentence) for sentence in sentences[:MOST_PROBLEMS]]
    if (more := len(sentences) - MOST_PROBLEMS) > 0:
        problems.append(Problem(f"The settings have {more} more faults."))
    return tuple(problems)


def _new(patterns: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Those of `patterns` that are not in `known`, without duplicates."""
    return tuple(p for p in dict.fromkeys(patterns) if p not in known)
