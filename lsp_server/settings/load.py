"""Finds the two settings files and reads them. The only part of the settings that touches a disk.

Nothing that stands in a file, or that a file turns out to be, raises: it becomes a sentence.
"""

import re
import stat
import tomllib
from pathlib import Path

import platformdirs

from lsp_server.settings.model import Loaded, Problem
from lsp_server.settings.read import Layer, Source, resolve

WORKSPACE_FILE = ".midstream.toml"
_LIMIT = 1_000_000
"""Bytes. A settings file that is larger is something else."""


def user_file() -> Path:
    """The user's settings file, in the platform's own configuration folder."""
    return Path(platformdirs.user_config_dir("midstream", appauthor=False)) / "config.toml"


def state_folder() -> Path:
    """Where the server keeps what is to outlive it, in the platform's own folder for that."""
    return Path(platformdirs.user_state_dir("midstream", appauthor=False))


def load(
    *,
    workspace: Path | None = None,
    initialization: object = None,
    configuration: object = None,
    user: Path | None = None,
) -> Loaded:
    """The settings from all four places; a file that is not there is no problem.

    `workspace` is the workspace's root folder. `initialization` and `configuration` are JSON as
    the editor sent it, None for nothing. `user` stands for `user_file()` when it is not given.
    """
    problems: list[Problem] = []
    sources = [
        Source(Layer.INITIALIZATION, initialization),
        Source(Layer.CONFIGURATION, configuration),
    ]
    files = [(Layer.USER_FILE, user or user_file())]
    if workspace is not None:
        files.append((Layer.WORKSPACE_FILE, workspace / WORKSPACE_FILE))
    for layer, path in files:
        name = str(path) if layer is Layer.USER_FILE else WORKSPACE_FILE
        table = _table(path, name, problems)
        sources.append(Source(layer, table, name))
    loaded = resolve(sources)
    return Loaded(loaded.settings, (*problems, *loaded.problems))


def _table(path: Path, name: str, problems: list[Problem]) -> dict[str, object] | None:
    """What a TOML file holds; None when there is none or it cannot be read."""
    try:
        content = _content(path)
        return None if content is None else tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        reason, line = _reason(str(error))
        problems.append(Problem(f"{name} is not valid TOML{line}: {reason}. It is left out."))
    except UnicodeDecodeError:
        problems.append(Problem(f"{name} is not in UTF-8; it is left out."))
    except RecursionError:
        problems.append(Problem(f"{name} is nested too deeply; it is left out."))
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        problems.append(Problem(f"{name} cannot be read ({reason}); it is left out."))
    return None


def _content(path: Path) -> str | None:
    """The text of a file. A repository may hold a pipe or a device of that name: never open one."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(mode):
        raise ValueError("it is not a file")
    with path.open("rb") as file:
        content = file.read(_LIMIT + 1)
    if len(content) > _LIMIT:
        raise ValueError(f"it is larger than {_LIMIT} bytes")
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def _reason(message: str) -> tuple[str, str]:
    """The TOML reader's message as (what is wrong, " in line N")."""
    found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    if found is None:
        return message, ""
    where = f" in line {found[1]}" if found[1] else " at its end"
    reason = message[: found.start()]
    return reason[:1].lower() + reason[1:], where
