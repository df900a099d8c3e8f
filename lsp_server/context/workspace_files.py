"""Reads files of a workspace for a prompt: only text, within limits, never an ignored one.

A cloned project must not be able to send another file of the user's to a model, so a link that
leads out of the workspace's folders is not followed.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from lsp_server.errors import MidstreamError
from lsp_server.ignore import FileCache, Ignore, Unreadable, Verdicts

MOST_BYTES = 1_000_000
"""The most bytes of one file. Longer ones are data, or written by a program."""
_LOOKED_AT = 8_000
"""Bytes at the beginning of a file that are searched for a NUL, as git does."""


class NotReadError(MidstreamError):
    """Why a file is not sent. `what` is worded to follow its name: "is a folder"."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class WorkspaceFolders:
    """The folders that the editor has open, and what must not be sent of them."""

    roots: tuple[Path, ...] = ()
    ignored: tuple[str, ...] = ()
    """The setting `ignore`."""
    trusted: bool = True
    """Whether the user trusts the workspace; if not, its rules do not count."""

    def root_of(self, path: Path) -> Path | None:
        """The innermost folder that holds a path."""
        around = [root for root in self.roots if path.is_relative_to(root)]
        return max(around, key=lambda root: len(root.parts), default=None)

    def shown(self, path: Path) -> str:
        """The path as a prompt names it: within its folder, or only the file's name."""
        root = self.root_of(path)
        return path.name if root is None else path.relative_to(root).as_posix()


@dataclass(slots=True)
class WorkspaceFiles:
    """Reads files, and again only when they change. For one thread at a time."""

    ignore: Ignore = field(default_factory=Ignore)
    _texts: FileCache[str] = field(init=False)

    def __post_init__(self) -> None:
        self._texts = FileCache(_text, MOST_BYTES)

    def of_lookup(self, folders: WorkspaceFolders) -> "LookupFiles":
        """The files as one lookup sees them, which judges many at once."""
        verdicts = self.ignore.verdicts(folders.roots, folders.ignored, trusted=folders.trusted)
        return LookupFiles(folders, verdicts, self._texts)

    def text(self, path: Path, folders: WorkspaceFolders, *, outside: bool = False) -> str:
        """See `LookupFiles.text`."""
        return self.of_lookup(folders).text(path, outside=outside)


@dataclass(frozen=True, slots=True)
class LookupFiles:
    """Reads and judges files for one lookup. What several verdicts depend on is read once for all,
    and again after 50 ms. For one thread at a time."""

    folders: WorkspaceFolders
    _verdicts: Verdicts
    _texts: FileCache[str]

    def text(self, path: Path, *, outside: bool = False) -> str:
        """The text of a file. Raises `NotReadError`.

        With `outside`, the file may be outside the workspace's folders: the user has chosen it.
        """
        try:
            if path.is_dir():
                raise NotReadError("is a folder")
            found = self._texts.read(self.check(path, outside=outside))
        except Unreadable as error:
            raise NotReadError(error.what) from None
        except (OSError, ValueError) as error:
            raise _failed(error) from None
        if found is None:
            raise NotReadError("doesn't exist")
        return found

    def may_send(self, path: Path) -> bool:
        """Whether a file is in the workspace and no rule ignores it."""
        try:
            self.check(path)
        except NotReadError:
            return False
        return True

    def check(self, path: Path, *, outside: bool = False) -> str:
        """The path without links, as it was checked: a link may lead elsewhere later.

        Raises `NotReadError` for a file that must not be sent.
        """
        try:
            real = self._verdicts.real_path(path)
            if self.folders.root_of(path) is None:
                if not outside:
                    raise NotReadError("is outside of the workspace")
            elif not self._is_inside(real):
                raise NotReadError("is a link that leads out of the workspace")
            refusal = self._verdicts.refusal(path)
        except (OSError, ValueError) as error:
            raise _failed(error) from None
        if refusal is not None:
            raise NotReadError(f"is ignored ({refusal.by})")
        return real

    def _is_inside(self, real: str) -> bool:
        roots = [self._verdicts.real_path(root) for root in self.folders.roots]
        # `pathlib` knows where case does not count, but is slow.
        return any(real.startswith(os.path.join(root, "")) for root in roots) or any(
            Path(real).is_relative_to(root) for root in roots
        )


def _failed(error: Exception) -> NotReadError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return NotReadError(f"can't be read ({reason})")


def _text(data: bytes) -> str:
    if b"\0" in data[:_LOOKED_AT]:
        raise Unreadable("isn't text", "leave it out")
    return data.decode("utf-8-sig", "replace")
