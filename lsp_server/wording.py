"""How a sentence names what the user can do: by the commands and settings of their own client.

A sentence is written once, with slots: `f"To see it, {SHOW}."`. It keeps its slots through every
layer, a socket and a recording. Whoever shows it renders it with the wording of the client: VS Code
has commands and buttons, the command line has keys and options, other editors have the commands of
the protocol. A slot that begins a sentence gets a capital letter.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


def _slot(name: str) -> str:
    return f"⟦{name}⟧"


SHOW = _slot("show")
"""Shows the text that is held."""
REDIRECT = _slot("redirect")
REVERT = _slot("revert")
ACCEPT = _slot("accept")
GIVE_KEY = _slot("give_key")
"""Gives the profile a key, which it lacks."""
CHECK_KEY = _slot("check_key")
"""Corrects the key of the profile."""
OTHER_PROFILE = _slot("other_profile")
DOCTOR = _slot("doctor")
"""The name of the doctor, as it follows "run"."""
LOG = _slot("log")
"""The log of the server, as a noun."""
USER_SETTINGS = _slot("user_settings")
"""The settings that only the user can write, as a noun."""


def show_in(level: str) -> str:
    """Shows what is held in the place of a wider scope, a level as the protocol names it."""
    return _slot(f"show_in:{level}")


def setting(name: str) -> str:
    """The name of a setting or of a field of a profile, given as in TOML."""
    return _slot(f"setting:{name}")


_SLOT = re.compile(r"(?P<start>\A|[.!?] )?⟦(?P<name>\w+)(?::(?P<of>[^⟦⟧]*))?⟧")


@dataclass(frozen=True, slots=True)
class Wording:
    """The phrases of one kind of client. `phrases` has one for each slot; `{}` is its argument.

    `settings` names the settings in words; without it they are spelled as in TOML or, with `json`,
    as in JSON.
    """

    name: str
    phrases: Mapping[str, str]
    settings: Mapping[str, str] | None = None
    json: bool = True

    def render(self, sentence: str) -> str:
        """The sentence without slots. What only looks like a slot stays as it is."""
        return _SLOT.sub(self._phrase, sentence) if "⟦" in sentence else sentence

    def _phrase(self, found: re.Match[str]) -> str:
        name, argument = found["name"], found["of"] or ""
        if name == "setting" and self.settings is None:
            return (found["start"] or "") + self._spelling(argument)
        if name == "setting":
            phrase = self._in_words(argument)
        elif name in self.phrases:
            phrase = self.phrases[name].format(self._argument(argument))
        else:
            return found[0]
        start = found["start"]
        return phrase if start is None else start + phrase[:1].upper() + phrase[1:]

    def _in_words(self, name: str) -> str:
        assert self.settings is not None
        return self.settings.get(name, f"the {name.replace('_', ' ')}")

    def _spelling(self, name: str) -> str:
        head, *others = name.split("_")
        return head + "".join(map(str.capitalize, others)) if self.json else name

    def _argument(self, level: str) -> str:
        return level.capitalize() if self is VSCODE else level


VSCODE = Wording(
    "vscode",
    MappingProxyType(
        {
            "show": "choose Show It",
            "show_in": "choose Show in the Whole {}",
            "redirect": "redirect",
            "revert": "revert",
            "accept": "accept",
            "give_key": 'run "Midstream: Enter a Key for a Profile…"',
            "check_key": 'enter it again with "Midstream: Enter a Key for a Profile…"',
            "other_profile": 'choose another profile ("Midstream: Switch Profile…")',
            "doctor": '"Midstream: Run Doctor"',
            "log": 'the log ("Midstream: Show Log")',
            "user_settings": "your user settings",
        }
    ),
    MappingProxyType(
        {
            "allow_insecure": "the option for unencrypted connections",
            "api_key_command": "the key command",
            "base_url": "the base URL",
            "context_tokens": "the context limit",
            "idle_timeout": "the idle timeout",
            "max_output_tokens": "the output token limit",
            "model": "the model",
            "provider": "the provider",
            "reasoning_effort": "the reasoning effort",
            "url": "the URL",
        }
    ),
)
"""Our extension for VS Code: the titles of its commands and buttons, and settings in words."""

TERMINAL = Wording(
    "terminal",
    MappingProxyType(
        {
            "show": "type s",
            "show_in": "start again with --scope {}",
            "redirect": "type a new instruction",
            "revert": "type r",
            "accept": "press Enter",
            "give_key": "set api_key_env in the profile",
            "check_key": "check api_key_env, api_key_command or api_keyring in the profile",
            "other_profile": "choose another --profile",
            "doctor": "`midstream doctor`",
            "log": "the log (MIDSTREAM_LOG=info)",
            "user_settings": "your own config.toml",
        }
    ),
    json=False,
)
"""`midstream` on the command line: what can be typed, its options, and the keys of config.toml."""

LSP = Wording(
    "lsp",
    MappingProxyType(
        {
            "show": "run midstream.show",
            "show_in": "run midstream.show with scope {}",
            "redirect": "redirect",
            "revert": "revert",
            "accept": "accept",
            "give_key": "set apiKeyEnv in the profile",
            "check_key": "check apiKeyEnv, apiKeyCommand or apiKeyring in the profile",
            "other_profile": "choose another profile",
            "doctor": "`midstream doctor`",
            "log": "the server's log",
            "user_settings": "your own config.toml or initializationOptions",
        }
    ),
)
"""Every other editor: the commands of the protocol, and settings as its JSON spells them."""

WORDINGS: Mapping[str, Wording] = MappingProxyType({w.name: w for w in (VSCODE, TERMINAL, LSP)})
"""By the name under which a client asks for one: `experimental.midstream.wording`."""


def offers_show(sentence: str) -> bool:
    """Whether a sentence that is not rendered yet tells the user to show the held text."""
    return SHOW in sentence or _slot("show_in")[:-1] in sentence
