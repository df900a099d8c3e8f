"""The list of all settings: name, default, type, meaning, and who may set them.

The documentation, `midstream doctor` and the reader all use this one list, so they know the same
keys.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lsp_server.choices import Leave, Publish
from lsp_server.provider_table import Provider
from lsp_server.settings import values
from lsp_server.settings.model import Imports, LargeForm, ReadAhead, Role


@dataclass(frozen=True, slots=True)
class Key:
    """One setting. `name` is its name in TOML. `reader` raises `values.WrongValueError`."""

    name: str
    reader: Callable[[object], object]
    default: str
    type: str
    meaning: str
    from_workspace: bool = False
    """Whether a workspace may set it, which somebody else may have written."""
    safe: object = None
    """The value in force if the user's own cannot be read; `None` if the previous value does no
    harm."""
    users_only: object = None
    """A value that a workspace may not set; `None` for none."""
    refused: str = "the value before stays"
    """What happens to it if a value cannot be read, in words."""

    @property
    def json_name(self) -> str:
        """The name in JSON."""
        return camel_case(self.name)


def camel_case(name: str) -> str:
    """`patch_from_lines` as `patchFromLines`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _choice(kind: type[StrEnum]) -> str:
    return ", ".join(f"`{member.value}`" for member in kind)


KEYS: tuple[Key, ...] = (
    Key(
        "publish",
        values.one_of(Publish),
        "`syntax`",
        _choice(Publish),
        "when text is shown: `syntax` shows only versions that parse",
        from_workspace=True,
        safe=Publish.SYNTAX,
        refused="`syntax`",
    ),
    Key(
        "max_edits_per_second",
        values.number(0.1, 1000),
        "25",
        "number",
        "most edits per second in one document; the first edit of an attempt is exempt",
        from_workspace=True,
    ),
    Key(
        "patch_from_lines",
        values.whole_number(1, 1_000_000),
        "250",
        "integer",
        "for scopes of this many lines or more, the model is asked for a patch, or for what "
        "the profile's `form` says",
        from_workspace=True,
    ),
    Key(
        "cancel_leaves",
        values.one_of(Leave),
        "`valid`",
        _choice(Leave),
        "what Stop leaves in the scope",
        from_workspace=True,
        safe=Leave.VALID,
        refused="`valid`",
    ),
    Key(
        "redact_secrets",
        values.yes_or_no,
        "true",
        "true or false",
        "whether secrets are masked before code is sent",
        safe=True,
        refused="true",
    ),
    Key(
        "refuse_invisible",
        values.yes_or_no,
        "true",
        "true or false",
        "whether invisible characters are removed from an answer, unless the file has the same "
        "ones",
        safe=True,
        refused="true",
    ),
    Key(
        "read_ahead",
        values.one_of(ReadAhead),
        "`local`",
        _choice(ReadAhead),
        "whether selected code may be sent before you start an edit, to make the answer "
        "faster: `local` only to a model on this machine",
        safe=ReadAhead.NEVER,
        refused="`never`",
    ),
    Key(
        "imports",
        values.one_of(Imports),
        "`ask`",
        _choice(Imports),
        "imports that an edit needs: `ask` offers them, `add` also writes them when you accept the "
        "edit; a workspace can't set `add`",
        from_workspace=True,
        safe=Imports.ASK,
        users_only=Imports.ADD,
        refused="`ask`",
    ),
)
"""The settings with a single value each."""

_UNUSABLE = "the profile can't be used"

COMPOSITE_KEYS: tuple[Key, ...] = (
    Key(
        "profile",
        values.text,
        "`practice`",
        "name of a profile",
        "the profile in use",
        refused="no edit starts without naming a profile",
    ),
    Key(
        "profiles",
        values.named_texts,
        "`practice`",
        "table of profiles",
        "the models you use, by name",
    ),
    Key(
        "prompts",
        values.named_texts,
        "some",
        "table: name to instruction",
        "instructions by name, offered as code actions; an empty one removes the prompt of "
        "that name; a workspace's never replaces yours",
        from_workspace=True,
        refused="the others stay",
    ),
    Key(
        "ignore",
        values.texts,
        "none",
        "list of globs, or one",
        "files that are never sent to a model, in addition to `.gitignore` and "
        "`.midstreamignore`; a workspace can only add some",
        from_workspace=True,
        refused="no file is sent",
    ),
    Key(
        "context",
        values.yes_or_no,
        "all true, no `files`",
        "table: `definitions`, `callers`, `open`: true or false; `files`: list of paths and globs",
        "what is sent of other files: definitions that the code uses, its callers, open documents, "
        "and files that go with every edit; a workspace can only turn parts off",
        from_workspace=True,
        refused="the unreadable part is off",
    ),
    Key(
        "rules",
        values.paths_inside,
        "`AGENTS.md` and [others](#rules-files)",
        "list of paths and globs",
        "the rules files that are sent; a workspace can only take some out",
        from_workspace=True,
    ),
)
"""The settings that layers do not simply override. `read.py` has a rule for each."""

CONTEXT_READERS: Mapping[str, Callable[[object], object]] = {
    "definitions": values.yes_or_no,
    "callers": values.yes_or_no,
    "open": values.yes_or_no,
    "files": values.paths_inside,
}
"""The keys of the setting `context`, with what reads each."""

PROFILE_KEYS: tuple[Key, ...] = (
    Key(
        "url",
        values.socket_url,
        "",
        "`wss://…`",
        "a Responses WebSocket server; plain `ws://` only on this machine, or with "
        "`allow_insecure`",
    ),
    Key(
        "provider",
        values.one_of(Provider),
        "",
        _choice(Provider),
        "instead of `url`: a model API that Midstream reaches through its gateway",
    ),
    Key(
        "base_url",
        values.http_url,
        "the provider's own",
        "`https://…`",
        "the address of the provider's API; plain `http://` only on this machine, or with "
        "`allow_insecure`",
    ),
    Key(
        "allow_insecure",
        values.yes_or_no,
        "false",
        "true or false",
        "whether plain `http://` or `ws://` may go to a private address in your own network",
    ),
    Key("model", values.word, "", "string", "the name of the model on its server"),
    Key(
        "form",
        values.one_of(LargeForm),
        "`auto`",
        _choice(LargeForm),
        "what the model is asked for in scopes of `patchFromLines` lines or more; `auto`: the "
        "definitions that change if the model is on this machine, else a patch",
    ),
    Key("reasoning_effort", values.word, "the model's own", "string", "how long the model thinks"),
    Key(
        "service_tier", values.word, "the server's own", "string", "the service tier of the server"
    ),
    Key(
        "max_output_tokens",
        values.whole_number(1, 10_000_000),
        "by the size of the scope if the model is known not to think, else the model's own",
        "integer",
        "most tokens of one attempt; replaces the limit by the size of the scope",
    ),
    Key(
        "temperature",
        values.number(0, 2),
        "0 if the model is known to accept it",
        "number",
        "how random the answer is; 0 gives the most likely one",
    ),
    Key(
        "context_tokens",
        values.whole_number(1000, 100_000_000),
        "what the model is known to read, else 32,000",
        "integer",
        "how many tokens the model can read",
    ),
    Key(
        "idle_timeout",
        values.number(1, 3600),
        "30",
        "seconds",
        "silence after which Midstream gives up an attempt",
    ),
    Key("role", values.one_of(Role), "", _choice(Role), "what the profile is good for"),
    Key(
        "api_key_env",
        values.environment_name,
        "",
        "name of a variable",
        "the environment variable that holds the key",
    ),
    Key(
        "api_key_command",
        values.command,
        "",
        "list of strings, or one line",
        "a command that prints the key; it runs without a shell",
    ),
    Key(
        "api_keyring",
        values.keyring_entry,
        "",
        "`service` or `service/user`",
        "the entry of the system keyring that holds the key",
    ),
)
"""The settings of one profile, `profiles.NAME.…`."""

PLACE_KEYS = frozenset({"url", "provider", "base_url"})
ADDRESS_KEYS = PLACE_KEYS - {"provider"}
PERMISSION = "allow_insecure"
KEY_SOURCES = frozenset({"api_key_env", "api_key_command", "api_keyring"})


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One line of the documentation's table of settings."""

    key: str
    toml_key: str
    default: str
    type: str
    meaning: str
    from_workspace: bool
    refused: str


def describe() -> tuple[SettingRow, ...]:
    """All settings, in the order of the documentation."""
    profile, profiles, *others = COMPOSITE_KEYS
    return (
        _row("", profile),
        *(_row(f"{profiles.name}.NAME.", key, _UNUSABLE) for key in PROFILE_KEYS),
        *(_row("", key) for key in (*others, *KEYS)),
    )


def _row(prefix: str, key: Key, refused: str | None = None) -> SettingRow:
    return SettingRow(
        prefix + key.json_name,
        prefix + key.name,
        key.default,
        key.type,
        key.meaning,
        key.from_workspace,
        refused or key.refused,
    )
