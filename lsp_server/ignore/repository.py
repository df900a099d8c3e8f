"""Finds a repository and git's own folders. Reads files, never runs git."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lsp_server.ignore.bounded_files import read_bounded, regular
from lsp_server.ignore.path_walk import beside
from lsp_server.ignore.unreadable import Unreadable
from lsp_server.settings import WORKSPACE_FILE

_MOST_BYTES = 10_000
"""The size limit in bytes of a `.git` that is a file, and of `commondir`."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository. `top` is the folder where it was found, and the working tree unless its
    configuration names another. `git_dir` is git's folder for this tree, `common` the one that all
    trees of the repository share."""

    top: str
    git_dir: str
    common: str

    @classmethod
    def at(cls, folder: str) -> "Repository | None":
        """The repository whose working tree begins at `folder`; `None` if there is none.

        Decides as git does, so an empty folder `.git` does not hide the rules above it. Raises
        `Unreadable` if it cannot decide.
        """
        return cls.kept_in(folder, beside(folder, ".git"))

    @classmethod
    def kept_in(cls, top: str, git: str) -> "Repository | None":
        """The repository of a given `.git`, a folder or a file. A relative path starts at `top`."""
        git = os.path.join(top, git)
        try:
            mode = os.stat(git).st_mode
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        except OSError as error:
            raise _closed(git, error) from None
        if not stat.S_ISDIR(mode):
            words = _words(git, "gitdir:")
            if words is None:
                return None
            git = os.path.join(os.path.dirname(git), words)
        words = _words(os.path.join(git, "commondir"), "")
        common = git if words is None else os.path.join(git, words)
        sound = (
            _kind(os.path.join(git, "HEAD"), os.lstat) is not None
            and _kind(os.path.join(common, "objects"), os.stat) == stat.S_IFDIR
            and _kind(os.path.join(common, "refs"), os.stat) == stat.S_IFDIR
        )
        return cls(top, git, common) if sound else None


def workspace_above(path: Path) -> Path | None:
    """The nearest folder above a file that has `.git` or Midstream's settings."""
    return next((folder for folder in path.parents if is_workspace(str(folder))), None)


def is_workspace(folder: str) -> bool:
    """Whether a folder has `.git` or Midstream's settings."""
    # A folder that may not be read counts as absent; `pathlib` would raise.
    git, settings = beside(folder, ".git"), beside(folder, WORKSPACE_FILE)
    return os.path.exists(git) or os.path.isfile(settings)


def _words(path: str, prefix: str) -> str | None:
    """The line that git wrote into a file, without `prefix`; `None` if there is none. Raises
    `Unreadable`."""
    if regular(path) is None:
        return None
    text = os.fsdecode(read_bounded(path, _MOST_BYTES)).rstrip("\r\n")
    return text[len(prefix) :].strip() or None if text.startswith(prefix) else None


def _kind(path: str, look: Callable[[str], os.stat_result]) -> int | None:
    """The file type at one of git's paths; `None` if nothing is there. Raises `Unreadable`."""
    try:
        return stat.S_IFMT(look(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _closed(path, error) from None


def _closed(path: str, error: Exception) -> Unreadable:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Unreadable(f"can't be read ({reason})", "change its permissions", path)
