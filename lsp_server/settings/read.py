"""Turns the contents of files and editor settings into `Settings`. All settings pass through here.

Pure: it takes the values of each layer and returns settings that are always usable, with one
sentence for each thing that is wrong. It never raises for bad input.

A cloned repository must not be able to send code or keys anywhere, or to run anything. So the
layers that a repository can write (`.midstream.toml`, and an editor's configuration, in which
editors mix the user's and the workspace's) set only harmless values.

A fault never makes the settings less careful: a faulty profile cannot be used, a choice that cannot
be read is no choice, and no file may be sent while it is unknown what to ignore.
"""

from collections.abc import Callable, Mapping, Sequence

from lsp_server.settings import misplaced, values
from lsp_server.settings.bounds import shown, values_fault
from lsp_server.settings.draft import Choice, SettingsDraft, finished
from lsp_server.settings.layers import NAMES_OF_A_KEY, Layer, Source, closed, stray
from lsp_server.settings.misplaced import alike
from lsp_server.settings.model import ContextSettings, Loaded, Settings
from lsp_server.settings.profiles import ProfileDraft, read_profile
from lsp_server.settings.schema import COMPOSITE_KEYS, CONTEXT_READERS, KEYS, Key
from lsp_server.wording import USER_SETTINGS

_TRUSTED = "trusted"
"""Sent in `initializationOptions` with the settings: whether the user trusts the workspace."""
_CHOOSING = ("profile", "profiles")
_UNSENT = "Until that is fixed, no code is sent to a model"


def resolve(sources: Sequence[Source]) -> Loaded:
    """The settings from all layers, in the order of `Layer`; later ones override earlier ones."""
    draft = SettingsDraft()
    order = list(Layer)
    for source in sorted(sources, key=lambda s: order.index(s.layer)):
        _LayerReader(draft, source).read()
    return finished(draft)


class _LayerReader:
    """Reads one layer into the draft."""

    def __init__(self, draft: SettingsDraft, source: Source) -> None:
        self._draft = draft
        self._source = source
        self._layer = source.layer

    def read(self) -> None:
        """Take every value that is valid and allowed."""
        source, table = self._source, self._source.values
        if source.fault is not None:
            self._lost(source.fault)
        if table is None or table == []:  # Some editors write an empty table so in JSON.
            return
        if self._layer is Layer.CONFIGURATION and table in ("", False):  # 0 equals False here.
            return  # Some editors answer this for a section that nobody has set.
        if not isinstance(table, dict):
            self._lost("must be a table of settings")
            return
        if (fault := values_fault(table)) is not None:
            self._lost(fault)
            return
        known = {source.spelling(key): key for key in (*KEYS, *COMPOSITE_KEYS)}
        for name, value in table.items():
            key = known.get(name)
            if key is None:
                self._unknown(str(name), value, known)
            elif value is not None:  # An editor sends null for what is not set.
                self._take(key, value)

    def _lost(self, fault: str) -> None:
        """The layer cannot be read, and neither can the settings in it that protect the user."""
        draft = self._draft
        sentence = draft.report(f"{self._source.called} {fault}. {_UNSENT}")
        draft.ignore_fault = draft.ignore_fault or sentence
        if self._layer.trusted:
            draft.profiles_fault = draft.profiles_fault or sentence
            draft.choice = Choice("", self._source, sentence)

    def _take(self, key: Key, value: object) -> None:
        if key.name == "profiles":
            self._take_profiles(value)
            return
        if key.name == "prompts":
            self._take_prompts(key, value)
            return
        if key.name == "context":
            self._take_context(key, value)
            return
        read = self._value(key, value)
        if read is None:
            return
        match key.name:
            case "profile" if self._layer.trusted:
                self._draft.choice = Choice(str(read), self._source)
            case "profile":
                self._draft.requested = (str(read), self._source)
            case "ignore" if isinstance(read, tuple):
                self._take_ignore(read)
            case "rules" if isinstance(read, tuple):
                self._draft.rules = self._allowed(key.name, read, self._draft.rules)
            case name if not (self._layer.trusted or self._from_workspace(key, read)):
                in_force = self._draft.plain.get(name, getattr(Settings(), name))
                if read != in_force:
                    self._not_allowed(key)
            case name:
                self._draft.plain[name] = read

    def _value(self, key: Key, value: object) -> object:
        """The value of a key. For a faulty one, reports it, applies the consequences and returns
        `None`."""
        spelling = self._source.spelling(key)
        try:
            return key.reader(value)
        except values.SecretError as wrong:
            fault = self._source.secret(spelling, str(wrong))
        except values.WrongValueError as wrong:
            fault = f"{self._source.named(spelling)} {wrong}"
        self._refused(key, fault, value)
        return None

    def _refused(self, key: Key, fault: str, value: object) -> None:
        """A value for `key` cannot be read: use the safe value from here on."""
        draft, trusted = self._draft, self._layer.trusted
        if key.name == "ignore":
            draft.ignore_fault = draft.ignore_fault or closed(f"{fault}. {_UNSENT}")
            draft.report(f"{fault}. {_UNSENT}")
        elif not trusted:
            draft.report(f"{fault}; it is ignored")
        elif key.name in ("profile", "profiles"):
            sentence = draft.report(fault)
            if key.name == "profiles" or isinstance(value, dict):
                draft.profiles_fault = draft.profiles_fault or sentence
            if key.name == "profile":
                draft.choice = Choice("", self._source, sentence)
        elif key.safe is not None:
            draft.plain[key.name] = key.safe
            in_force = str(key.safe).lower()
            draft.report(f"{fault}; `{in_force}` is used instead")
        else:
            draft.report(f"{fault}; it is ignored")

    def _unknown(self, name: str, value: object, known: Mapping[str, Key]) -> None:
        if name == _TRUSTED and self._layer is Layer.INITIALIZATION:
            return
        guess = values.near(name, list(known))
        meant = known[guess] if guess is not None else None
        trusted = self._layer.trusted
        place = misplaced.place_in(name, value) if trusted else None
        if (path := misplaced.ignoring_in(name, value)) is not None:
            self._refused(_key("ignore"), self._misplaced(path), value)
        elif trusted and (one := next((n for n in _CHOOSING if misplaced.close(name, n)), None)):
            hint = f" (did you mean `{one}`?)"
            self._refused(_key(one), self._source.unknown(name, "", None) + hint, value)
        elif place is None or misplaced.folded(name) in NAMES_OF_A_KEY:
            self._draft.report(self._source.unknown(name, "", guess))
            if trusted and meant is not None and meant.safe is not None:
                self._draft.plain[meant.name] = meant.safe
        if place is not None:
            self._draft.report_place(stray(self._source.named(place)))

    def _take_ignore(self, patterns: tuple[str, ...]) -> None:
        draft = self._draft
        if self._layer.trusted:
            draft.ignore = patterns
            return
        for pattern in patterns:
            if not pattern.lstrip().startswith("!"):
                draft.ignore_added.append(pattern)
            elif pattern not in draft.ignore:
                draft.report(
                    f"`ignore` in {self._source.called} may only add files, so `{shown(pattern)}` "
                    f"is ignored. Only {USER_SETTINGS} can take files out"
                )

    def _take_context(self, key: Key, value: object) -> None:
        """Take each part separately. One that cannot be read is off: it sends less."""
        source, draft, where = self._source, self._draft, f"{key.name}."
        if not isinstance(value, dict):
            if value != []:
                draft.report(f"{source.named(key.name)} must be a table; it is ignored")
            return
        for name, item in value.items():
            if (reader := CONTEXT_READERS.get(name)) is None:
                guess = values.near(str(name), list(CONTEXT_READERS))
                draft.report(source.unknown(str(name), where, guess))
                if (path := misplaced.ignoring_in(str(name), item, where)) is not None:
                    self._refused(_key("ignore"), self._misplaced(path), item)
            elif item is not None:
                self._take_part(name, reader, item, where)

    def _take_part(
        self, name: str, reader: Callable[[object], object], item: object, where: str
    ) -> None:
        """Take one part of `context`."""
        draft, path = self._draft, where + name
        before = draft.context.get(name, getattr(ContextSettings(), name))
        read: object
        try:
            read = reader(item)
        except values.WrongValueError as wrong:
            draft.report(f"{self._source.named(path)} {wrong}; this part is off")
            read = () if name == "files" else False
        if isinstance(read, tuple):
            read = self._allowed(path, read, before)
        elif read and not before and not self._layer.trusted:
            draft.report(f"{self._source.named(path)} is ignored: a workspace can only turn it off")
            read = False
        draft.context[name] = read

    def _allowed(
        self, path: str, read: tuple[str, ...], before: tuple[str, ...]
    ) -> tuple[str, ...]:
        """The entries of a list of files that this layer may set: a workspace can only take some
        out."""
        if self._layer.trusted:
            return read
        added = [entry for entry in read if entry not in before]
        if added:
            self._draft.report(
                f"`{path}` in {self._source.called} may only take files out, so "
                f"`{shown(added[0])}` is ignored. Only {USER_SETTINGS} can add files"
            )
        return tuple(entry for entry in before if entry in read)

    def _take_prompts(self, key: Key, value: object) -> None:
        """Take each prompt separately: one that cannot be read does not affect the others."""
        read: dict[str, str] = {}
        table = {} if value == [] else value
        for name, instruction in table.items() if isinstance(table, dict) else ((None, value),):
            try:
                read |= values.named_texts(value if name is None else {name: instruction})
            except values.WrongValueError as wrong:
                self._draft.report(f"{self._source.named(key.name)} {wrong}; it is ignored")
            self._check_prompt(key.name if name is None else str(name), instruction)
        for name, instruction in read.items():
            if not self._layer.trusted:
                self._draft.workspace_prompts.append((self._source, name, instruction))
                continue
            self._draft.prompts.pop(name, None)
            self._draft.defined_prompts.add(alike(name))
            if instruction.strip():
                self._draft.prompts[name] = instruction

    def _check_prompt(self, name: str, instruction: object) -> None:
        """Check for a setting that became a prompt because it is below the wrong table header."""
        path = f"prompts.{shown(name)}"
        if misplaced.ignoring_prompt(name, instruction):
            self._refused(_key("ignore"), self._misplaced(path), instruction)
        if self._layer.trusted and misplaced.place_prompt(name, instruction):
            self._draft.report_place(stray(self._source.named(path)))

    def _take_profiles(self, value: object) -> None:
        key = _key("profiles")
        source, draft = self._source, self._draft
        if not isinstance(value, dict):
            if value != []:
                fault = f"{source.named(source.spelling(key))} must be a table of profiles"
                self._refused(key, fault, value)
            return
        for name, table in value.items():
            if table is None:
                continue
            where = f"{source.spelling(key)}.{shown(name)}."
            read = read_profile(source, str(name), table, where)
            if (path := _ignoring(str(name), table, where)) is not None:
                self._refused(_key("ignore"), self._misplaced(path), table)
            if self._layer.trusted:
                draft.profiles.setdefault(str(name), ProfileDraft()).add(read)
                for fault in read.faults:
                    draft.report(f"{fault}; the profile `{shown(name)}` can't be used")
                continue
            for fault in read.faults:
                draft.report(f"{fault}; it is ignored")
            in_force = draft.profiles.get(str(name), ProfileDraft()).table
            if any(in_force.get(k) != v for k, v in read.table.items()):
                self._not_allowed(key)

    def _misplaced(self, path: str) -> str:
        return (
            f"{self._source.named(path)} seems to name files that must not be sent, but it isn't a "
            "setting. Use `ignore`, at the top, above everything in brackets"
        )

    def _from_workspace(self, key: Key, value: object) -> bool:
        """Whether a workspace may give the key this value."""
        return key.from_workspace and (key.users_only is None or value != key.users_only)

    def _not_allowed(self, key: Key) -> None:
        where, only = self._source.named(self._source.spelling(key)), f"only {USER_SETTINGS}"
        if key.users_only is None:
            why = f"{only} can set it, because a workspace must not decide where code is sent"
        else:
            why = f"{only} can set `{key.users_only}`"
        self._draft.report(f"{where} is ignored: {why}")


def _key(name: str) -> Key:
    return next(key for key in COMPOSITE_KEYS if key.name == name)


def _ignoring(name: str, table: object, where: str) -> str | None:
    """The path of an entry about ignoring in a profile. A real profile's name does not count."""
    if not misplaced.is_profile(table):
        return misplaced.ignoring_in(name, table, where[: -len(shown(name)) - 1])
    inner = table.items() if isinstance(table, dict) else ()
    found = (misplaced.ignoring_in(str(key), value, where) for key, value in inner)
    return next((path for path in found if path is not None), None)
