"""`midstream doctor`: what works here, and why something does not.

Reads the settings that the server would read in this folder, checks the servers on this machine and
lists the models that no profile uses yet. Only `--try` sends anything to a model elsewhere. No API
key is ever printed. An editor can pass the settings that it gives the server, and the names of the
profiles for which it keeps a key, but never a key.
"""

import argparse
import asyncio
import importlib.metadata
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson

from lsp_server import __version__
from lsp_server.cli.discover import keys_present, local_servers, settings_for
from lsp_server.cli.edit import root_of
from lsp_server.cli.network_environment import surroundings
from lsp_server.cli.offered_models import offered
from lsp_server.cli.server_check import check_server
from lsp_server.cli.trial import try_out
from lsp_server.errors import MidstreamError, SettingsError
from lsp_server.guard.invisible_filter import visible
from lsp_server.keys import resolve_key
from lsp_server.lsp.models import Models, place_of, proxy_before, warning_of
from lsp_server.lsp.settings_loading import trusts, with_sound_patterns
from lsp_server.settings import WORKSPACE_FILE, Loaded, Profile, Provider, load, user_file
from lsp_server.syntax.languages import all_languages
from lsp_server.wording import TERMINAL, WORDINGS, Wording

_PACKAGES = ("pygls", "lsprotocol", "websockets", "tree-sitter", "rapidfuzz", "orjson", "rich")
_EDITORS = {
    "nvim": "Neovim: set flags.debounce_text_changes = 0, or text appears only 7 times a second.",
    "code": "VS Code: install the extension, midstream.vsix.",
    "hx": "Helix: add midstream in languages.toml beside the language's own server.",
    "emacs": "Emacs: with eglot, set eglot-confirm-server-initiated-edits to nil.",
}


Say = Callable[..., None]
"""Prints a heading with sentences beside it."""

_MOST_BYTES = 10_000_000
"""Bytes of standard input. Longer input is not settings."""


@dataclass(frozen=True, slots=True)
class FromEditor:
    """What an editor has passed. Its settings are JSON, as in the LSP."""

    initialization: object = None
    configuration: object = None
    keys: frozenset[str] = frozenset()
    """The profiles whose API keys the editor keeps."""
    folder: str = ""
    """The workspace's folder; empty for the working directory."""
    wording: str = ""
    """The wording for actions in sentences; empty for the command line's."""


def run(chosen: argparse.Namespace) -> int:
    """Print everything. Returns 0 if the profile in use works, else 1; 2 for wrong settings."""
    editor = _parse_input(sys.stdin.buffer.read(_MOST_BYTES)) if chosen.editor else FromEditor()
    say = partial(_say, WORDINGS.get(editor.wording, TERMINAL))
    root = root_of(Path.cwd() / editor.folder / WORKSPACE_FILE)
    loaded = with_sound_patterns(
        load(
            workspace=root if trusts(editor.initialization) else None,
            initialization=editor.initialization,
            configuration=editor.configuration,
        )
    )
    say("Midstream", f"{__version__} on Python {platform.python_version()}, {_system()}.")
    say("Packages", f"{', '.join(_version(name) for name in _PACKAGES)}.")
    _settings(root, loaded, say)
    if chosen.editor:
        say("", "The settings of your editor are included.")
        if not trusts(editor.initialization):
            say("", "Your editor doesn't trust this workspace, so nothing in it is read.")
    works = asyncio.run(_profiles(loaded, editor.keys, vars(chosen)["try"], say))
    say("Network", *surroundings())
    _discoveries(loaded, say)
    _grammars(say)
    _editors(say)
    if loaded.problems:
        return 2
    return 0 if works else 1


def _parse_input(data: bytes) -> FromEditor:
    """Parse the editor's input. Raises `SettingsError` if it does not have the expected form."""
    try:
        read = orjson.loads(data)
    except orjson.JSONDecodeError:
        read = None
    match read:
        case dict():
            keys, folder = read.get("keys", []), read.get("folder", "")
            wording = read.get("wording", "")
        case _:
            keys = folder = wording = None
    named = isinstance(keys, list) and all(isinstance(name, str) for name in keys)
    if not named or not isinstance(folder, str) or "\0" in folder or not isinstance(wording, str):
        raise SettingsError(
            "--editor reads a JSON object on standard input: `initializationOptions`, "
            "`configuration`, `keys` (a list of profile names), `folder` (the workspace's path) "
            "and `wording` (for whom the sentences are)."
        )
    options, configuration = read.get("initializationOptions"), read.get("configuration")
    return FromEditor(options, configuration, frozenset(keys or ()), folder, wording)


def _say(wording: Wording, head: str, *sentences: str) -> None:
    for index, sentence in enumerate(sentences):
        shown = visible(wording.render(sentence))
        print(f"{'' if index else head:<11}{shown}".rstrip())


def _system() -> str:
    return f"{platform.system()} {platform.machine()}".strip()


def _version(package: str) -> str:
    try:
        return f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return f"{package} (not installed)"


# -- settings --


def _settings(root: Path, loaded: Loaded, say: Say) -> None:
    sentences = []
    for path, whose in ((user_file(), "yours"), (root / WORKSPACE_FILE, "of this workspace")):
        found = "is read" if path.is_file() else "doesn't exist, which is fine"
        sentences.append(f"{path} ({whose}) {found}.")
    sentences += [f"WRONG: {problem.sentence}" for problem in loaded.problems]
    if loaded.settings.ignore_fault is not None:
        sentences.append(
            "No edit starts, because Midstream doesn't know which files must not be sent."
        )
    say("Settings", *sentences)
    if loaded.settings.requested_profile is not None:
        requested = loaded.settings.requested_profile
        say(
            "",
            f"This workspace asks for the profile `{requested}`. "
            "Midstream uses it only if you agree.",
        )


# -- profiles --


async def _profiles(
    loaded: Loaded, editor_keys: frozenset[str], try_models: bool, say: Say
) -> bool:
    """Report on each profile. Returns whether the one in use works."""
    works = False
    models = Models()
    try_models = try_models and loaded.settings.ignore_fault is None
    try:
        for profile in loaded.settings.profiles.values():
            fine, sentences = await _judge(profile, models, editor_keys, try_models)
            in_use = profile == loaded.settings.current
            works |= fine and in_use
            name = f"`{profile.name}`{' (in use)' if in_use else ''}"
            say("Profile", f"{name}: {sentences[0]}", *(f"  {s}" for s in sentences[1:]))
        for name, sentence in loaded.settings.unusable.items():
            chosen = " (chosen)" if name == loaded.settings.profile else ""
            say("Profile", f"`{name}`{chosen}: {sentence}")
        if (fault := loaded.settings.choice_fault) is not None:
            say("", f"No profile is in use: {fault}")
    finally:
        await models.aclose()
    if not try_models:
        say("", "Nothing was sent to a model. --try asks each one for a tiny edit.")
    return works


async def _judge(
    profile: Profile, models: Models, editor_keys: frozenset[str], try_models: bool
) -> tuple[bool, list[str]]:
    """Whether the profile can be used, as far as can be determined, and what to report."""
    sentences = [_where(profile)]
    if (warning := warning_of(profile)) is not None:
        sentences.append(warning)
    key = None
    try:
        if (proxy := await asyncio.to_thread(proxy_before, profile)) is not None:
            sentences.append(f"It is reached {proxy}.")
    except MidstreamError as error:
        return False, [*sentences, str(error)]
    if profile.name in editor_keys:
        sentences.append("Its key is there (your editor keeps it).")
    else:
        try:
            models.refuse_unusable(profile)
            key = await asyncio.to_thread(resolve_key, profile)
        except MidstreamError as error:
            return False, [*sentences, str(error)]
        if key is not None:
            sentences.append(f"Its key is there ({_source(profile)}).")
        elif profile.url is not None:
            sentences.append("It is used without a key, because the settings name none.")
    check = await asyncio.to_thread(check_server, profile)
    if check is not None:
        sentences += check.sentences
        if not check.fine:
            return False, sentences
    if profile.name in editor_keys:
        return True, [*sentences, *(["It wasn't tried."] if try_models else [])]
    if not try_models:
        return True, sentences
    models.on_detour = sentences.append
    outcome = await try_out(profile, models)
    sentences += outcome.sentences
    if check is None and not outcome.fine:
        sentences += await offered(profile, key)
    return outcome.fine, sentences


def _where(profile: Profile) -> str:
    if profile.url is not None:
        return f"model {profile.model} at {profile.url}."
    if profile.provider is Provider.PRACTICE:
        return f"model {profile.model}, built in."
    place = place_of(profile)
    return f"model {profile.model} with {profile.provider} through the gateway, at {place}."


def _source(profile: Profile) -> str:
    if profile.api_key_env is not None:
        return f"from the environment variable {profile.api_key_env}"
    if profile.api_key_command is not None:
        return "from its key command"
    return "from the keyring"


# -- what could be used --


def _discoveries(loaded: Loaded, say: Say) -> None:
    """Report local servers and API keys in the environment, with settings to paste."""
    found, services = local_servers(), keys_present()
    sentences = []
    for local in found:
        models = f"with {', '.join(local.models)}" if local.models else "without a model yet"
        sentences.append(f"{local.server.name} answers at {local.base_url}, {models}.")
    sentences += [f"{service.variable} is set: a key for {service.name}." for service in services]
    if not sentences:
        sentences = [
            "No Ollama, LM Studio, llama.cpp, vLLM or SGLang answers on this machine, and no key "
            "of a known service is in the environment.",
        ]
    say("Found", *sentences)
    profiles = loaded.settings.profiles.values()
    used = {profile.base_url for profile in profiles} | {p.api_key_env for p in profiles}
    lines = settings_for(
        [local for local in found if local.base_url not in used],
        [service for service in services if service.variable not in used],
    )
    if lines:
        say("", f"To use them, put this into {user_file()}:", "")
        print("\n".join(f"    {visible(line)}".rstrip() for line in lines))


# -- grammars and editors --


def _grammars(say: Say) -> None:
    loaded = [language.name for language in all_languages() if language.available]
    missing = [language for language in all_languages() if not language.available]
    say("Grammars", f"{len(loaded)} work: {', '.join(loaded)}.")
    broken = [language.name for language in missing if not language.extra]
    extra = [language.name for language in missing if language.extra]
    if broken:
        say("", f"These don't load, and their files are edited by lines: {', '.join(broken)}.")
    if extra:
        say("", f"Edited by lines until you run pip install '.[languages]': {', '.join(extra)}.")


def _editors(say: Say) -> None:
    found = [hint for program, hint in _EDITORS.items() if shutil.which(program)]
    if not shutil.which("midstream"):
        found.append(
            "`midstream` isn't on the PATH. Give your editor the full path of the program."
        )
    say("Editors", *(found or ["Run `midstream serve` from any LSP client."]))
    say("", "docs/editors.md has the settings for each editor.")
