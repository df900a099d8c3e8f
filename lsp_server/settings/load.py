"""Finds the two settings files and reads them. The only module of the package that reads files.

Nothing in a file, and no kind of file, raises an exception: it becomes a problem in the result.
"""

import os
import re
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path

import platformdirs

from lsp_server.settings.bounds import MOST_BYTES, shown, toml_fault
from lsp_server.settings.layers import Layer, Source
from lsp_server.settings.model import Loaded, Settings
from lsp_server.settings.read import resolve

WORKSPACE_FILE = ".midstream.toml"


def user_file() -> Path:
    """The user's settings file, in the platform's configuration folder."""
    return Path(platformdirs.user_config_dir("midstream", appauthor=False)) / "config.toml"


def state_folder() -> Path:
    """The platform's folder for data that the server keeps across runs."""
    return Path(platformdirs.user_state_dir("midstream", appauthor=False))


def cache_folder() -> Path:
    """The platform's folder for data that can be made again."""
    return Path(platformdirs.user_cache_dir("midstream", appauthor=False))


def load(
    *,
    workspace: Path | None = None,
    initialization: object = None,
    configuration: object = None,
    user: Path | None = None,
) -> Loaded:
    """The settings from all four sources. A missing file is not a problem.

    `workspace` is the workspace's root folder. `initialization` and `configuration` are JSON as the
    editor sent it, `None` for nothing. `user` replaces `user_file()`.
    """
    sources = [
        Source(Layer.INITIALIZATION, initialization),
        Source(Layer.CONFIGURATION, configuration),
        _file_source(Layer.USER_FILE, user or user_file()),
    ]
    if workspace is not None:
        sources.append(_file_source(Layer.WORKSPACE_FILE, workspace / WORKSPACE_FILE))
    return resolve(sources)


def unread(fault: str, initialization: object = None, configuration: object = None) -> Loaded:
    """The settings if the files could not be read: only those of the editor, and `fault`, worded to
    follow the name of the user's file."""
    return resolve(
        [
            Source(Layer.INITIALIZATION, initialization),
            Source(Layer.CONFIGURATION, configuration),
            Source(Layer.USER_FILE, None, str(user_file()), fault),
        ]
    )


def workspace_ignore(data: bytes) -> Settings:
    """What the bytes of a workspace's file say about ignoring: `ignore` and `ignore_fault`."""
    return resolve(
        [_parsed_source(Layer.WORKSPACE_FILE, lambda: _text(data), WORKSPACE_FILE)]
    ).settings


def _file_source(layer: Layer, path: Path) -> Source:
    """A settings file as a layer. A missing one has no values."""
    name = str(path) if layer is Layer.USER_FILE else WORKSPACE_FILE
    return _parsed_source(layer, lambda: _content(path), name)


def _parsed_source(layer: Layer, read: Callable[[], str | None], name: str) -> Source:
    try:
        content = read()
        if content is None:
            return Source(layer, None, name)
        if (fault := toml_fault(content)) is None:
            return Source(layer, tomllib.loads(content), name)
    except tomllib.TOMLDecodeError as error:
        reason, line = _reason(str(error))
        fault = f"isn't valid TOML{line}: {reason}"
    except UnicodeDecodeError:
        fault = "isn't in UTF-8"
    except RecursionError:
        fault = "is nested too deeply"
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        fault = f"can't be read ({reason})"
    return Source(layer, None, name, fault)


def _content(path: Path) -> str | None:
    """The text of a file. Never opens a pipe or device: a repository may have one by that name."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        _check_missing(path)
        return None
    if not stat.S_ISREG(mode):
        raise ValueError("it isn't a file")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    return _text(content)


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES} bytes")
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def _check_missing(path: Path) -> None:
    """A file is missing if its folder, or a folder above, has no such name. Raises `ValueError` if
    a link leads nowhere or a folder is not one: somebody meant to have settings there."""
    for part in (path, *path.parents):
        if os.path.lexists(part):
            if part.is_symlink() and not part.exists():
                raise ValueError(f"{shown(part.name)} is a broken link")
            if not part.is_dir():
                raise ValueError(f"{shown(part.name)} isn't a folder")
            return


def _reason(message: str) -> tuple[str, str]:
    """The TOML reader's message as (what is wrong, " in line N")."""
    found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    if found is None:
        return message, ""
    where = f" in line {found[1]}" if found[1] else " at its end"
    reason = message[: found.start()]
    return reason[:1].lower() + reason[1:], where
