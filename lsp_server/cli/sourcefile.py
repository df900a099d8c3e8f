"""A file to edit: read as text and written back byte for byte.

Only UTF-8, with or without a byte order mark. Line ends are never translated. Knows nothing of
edits; every refusal is one sentence.
"""

import codecs
import contextlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lsp_server.errors import MidstreamError, SettingsError


class WriteError(MidstreamError):
    """The result could not be written. The file is unchanged."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was read. `text` has no byte order mark, `data` is every byte."""

    name: str
    """The name as the user gave it, for messages."""
    path: Path
    """The real path: absolute, without links. So a link stays a link."""
    data: bytes
    text: str

    @classmethod
    def read(cls, name: str) -> "SourceFile":
        """Read a file. Raises `SettingsError` if it is not a text file."""
        try:
            path = Path(name).resolve(strict=True)
            mode = path.stat().st_mode
            if stat.S_ISDIR(mode):
                raise SettingsError(f"`{name}` is a folder. Name a file in it.")
            if not stat.S_ISREG(mode):
                raise SettingsError(f"`{name}` isn't a regular file, so it can't be edited.")
            data = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise SettingsError(f"There is no file `{name}`. Check the path.") from None
        except (OSError, RuntimeError, ValueError) as error:
            raise SettingsError(f"`{name}` can't be read: {_reason(error)}.") from None
        if b"\0" in data:
            raise SettingsError(f"`{name}` is a binary file. Midstream edits only UTF-8 text.")
        try:
            text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise SettingsError(
                f"`{name}` isn't in UTF-8 (see line {line}). Convert it first."
            ) from None
        return cls(name, path, data, text)

    @property
    def given(self) -> Path:
        """The file as the user named it, absolute: ignore rules may apply to a link to it."""
        plain = Path(os.path.abspath(self.name))  # noqa: PTH100 - links are to stay
        if plain == self.path or plain.resolve() == self.path:
            return plain
        return Path.cwd() / self.name  # A `..` after a link does not lead where it seems to.

    def refuse_unwritable(self) -> None:
        """Raises `SettingsError` if it is known beforehand that the result cannot be written."""
        # An administrator may write everything, but a file without write permission is left alone.
        if not os.access(self.path, os.W_OK) or not self.path.stat().st_mode & 0o222:
            raise SettingsError(f"`{self.name}` can't be written to. Change its permissions.")
        if not os.access(self.path.parent, os.W_OK | os.X_OK):
            raise SettingsError(
                f"The folder of `{self.name}` can't be written to. Change its permissions."
            )

    def write(self, text: str) -> bool:
        """Replace the file's content by `text` in one step; False if nothing had to be written.

        Raises `WriteError` if the file is not what was read, or cannot be replaced.
        """
        mark = codecs.BOM_UTF8 if self.data.startswith(codecs.BOM_UTF8) else b""
        data = mark + text.encode("utf-8")
        try:
            now = self.path.read_bytes()
        except OSError as error:
            raise WriteError(
                f"`{self.name}` is gone ({_reason(error)}), so nothing was written."
            ) from None
        if now != self.data:
            raise WriteError(
                f"Another program changed `{self.name}`, so nothing was written. Start "
                "the edit again."
            )
        if data == self.data:
            return False
        try:
            self._replace(data)
        except OSError as error:
            raise WriteError(f"`{self.name}` can't be written: {_reason(error)}.") from None
        return True

    def _replace(self, data: bytes) -> None:
        """Write a new file beside it and rename that: nobody ever sees half of it."""
        descriptor, name = tempfile.mkstemp(
            dir=self.path.parent, prefix=f".{self.path.name[:100]}.", suffix=".midstream"
        )
        new = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            shutil.copymode(self.path, new)
            _copy_owner(self.path, new)
            new.replace(self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                new.unlink()
            raise


def _copy_owner(old: Path, new: Path) -> None:
    """As far as the system allows: only root may give files away."""
    if hasattr(os, "chown"):
        before = old.stat()
        if (before.st_uid, before.st_gid) != (os.getuid(), os.getgid()):
            with contextlib.suppress(OSError):
                os.chown(new, before.st_uid, before.st_gid)
                shutil.copymode(old, new)  # Giving a file away clears its set-id bits.


def _reason(error: Exception) -> str:
    """The system's message, without the path that it repeats."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
