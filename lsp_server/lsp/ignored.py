"""Which files are never sent to a model: by `.gitignore`, `.midstreamignore` and the settings."""

from collections.abc import Sequence
from pathlib import Path

import pathspec

IGNORE_FILES = (".gitignore", ".midstreamignore")
_MOST_BYTES = 1_000_000


def ignored_by(path: Path, root: Path | None, patterns: Sequence[str]) -> str | None:
    """What says that `path` is not to be sent: the name of a file, "settings", or nothing (`None`).

    The ignore files of every folder from `root` down to the file's own are read, as git does: a
    deeper one has the last word over one of the same name. The patterns of the settings count
    from `root`, and nothing in a workspace takes them back. A file that cannot be read says
    nothing.
    """
    if root is None or not path.is_relative_to(root):
        root = path.parent
    relative = path.relative_to(root)
    for name in IGNORE_FILES:
        ignored = False
        for parent in reversed(relative.parents):
            folder = root / parent
            verdict = _spec(_lines(folder / name)).check_file(path.relative_to(folder).as_posix())
            ignored = ignored if verdict.include is None else verdict.include
        if ignored:
            return name
    return "settings" if _spec(patterns).match_file(relative.as_posix()) else None


def _lines(path: Path) -> list[str]:
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return []
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []


def _spec(lines: Sequence[str]) -> pathspec.GitIgnoreSpec:
    """The patterns; one that is malformed is left out."""
    sound: list[str] = []
    for line in lines:
        try:
            pathspec.GitIgnoreSpec.from_lines([line])
        except ValueError:
            continue
        sound.append(line)
    return pathspec.GitIgnoreSpec.from_lines(sound)
