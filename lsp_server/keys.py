"""Gets a profile's API key from where the profile says it is.

The only module that handles a key on its way from the user's machine to a connection. A key is
returned, and never stored, logged or put into a message.
"""

import importlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from lsp_server.errors import SettingsError
from lsp_server.settings.model import Profile
from lsp_server.wording import GIVE_KEY

COMMAND_TIMEOUT = 10.0
"""Seconds that a key command may take. A password manager may ask the user to unlock it."""


def resolve_key(
    profile: Profile,
    memory_keys: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    timeout: float = COMMAND_TIMEOUT,
) -> str | None:
    """The API key of `profile`; `None` if the profile needs none.

    `memory_keys` are keys that the client sent, kept in memory, by profile; they come first.
    `environ` replaces the process's environment. Raises `SettingsError` that says what is missing
    and where. May block for `timeout` seconds, so call it from a thread, not from the event loop.
    """
    if memory_keys and (handed := memory_keys.get(profile.name)):
        return _clean(handed, profile, "from your editor")
    if profile.api_key_env is not None:
        return _from_environment(profile, profile.api_key_env, environ)
    if profile.api_key_command is not None:
        return _from_command(profile, profile.api_key_command, timeout)
    if profile.api_keyring is not None:
        return _from_keyring(profile, profile.api_keyring)
    return None


def _from_environment(profile: Profile, name: str, environ: Mapping[str, str] | None) -> str:
    value = (os.environ if environ is None else environ).get(name, "")
    if not value.strip():
        raise SettingsError(
            f"The profile `{profile.name}` has no key: the environment variable {name} isn't set "
            f"where the server runs. To give it one, {GIVE_KEY}."
        )
    return _clean(value, profile, f"in the environment variable {name}")


def _from_command(profile: Profile, command: tuple[str, ...], timeout: float) -> str:
    """The first line that the command prints (password managers print more than the key).

    Runs without a shell and in the home folder, so that no workspace can substitute a program.
    """
    # A relative folder on the PATH is part of the project that the server was started in.
    path = os.pathsep.join(filter(os.path.isabs, os.get_exec_path()))
    program = shutil.which(command[0], path=path) if command else None
    if program is None or not Path(program).is_absolute():
        raise SettingsError(
            f"The key command of the profile `{profile.name}` wasn't found. It must be on the "
            "PATH, or an absolute path."
        )
    try:
        done = subprocess.run(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            cwd=Path.home(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SettingsError(
            f"The key command of the profile `{profile.name}` took more than {timeout:g} s."
        ) from None
    except (OSError, ValueError):
        raise SettingsError(
            f"The key command of the profile `{profile.name}` couldn't be run."
        ) from None
    if done.returncode != 0:
        raise SettingsError(
            f"The key command of the profile `{profile.name}` failed with exit code "
            f"{done.returncode}."
        )
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
    return _clean(lines[0] if lines else "", profile, "from its key command")


def _from_keyring(profile: Profile, entry: str) -> str:
    """The entry of the system's keyring, read by the optional package `keyring`."""
    service, _, user = entry.partition("/")
    try:
        value = importlib.import_module("keyring").get_password(service, user or profile.name)
    except ImportError:
        raise SettingsError(
            f"The profile `{profile.name}` keeps its key in the keyring, which needs the Python "
            "package `keyring`. Install it beside Midstream."
        ) from None
    except Exception:  # Its backends raise anything, and the text may contain the key.
        raise SettingsError(
            f"The keyring couldn't be read for the profile `{profile.name}`."
        ) from None
    if not value:
        raise SettingsError(
            f"The profile `{profile.name}` has no key: the keyring has no entry `{service}` for "
            f"`{user or profile.name}`. To give it one, {GIVE_KEY}."
        )
    return _clean(str(value), profile, "in the keyring")


def _clean(value: str, profile: Profile, where: str) -> str:
    """A key that fits into a header, which allows neither blanks nor line ends."""
    key = value.strip()
    if not key or not key.isascii() or any(c.isspace() or not c.isprintable() for c in key):
        raise SettingsError(
            f"The key of the profile `{profile.name}` {where} can't be used: it must be printable "
            "ASCII without blanks."
        )
    return key
