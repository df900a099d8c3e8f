"""What git's configuration says about ignoring: `core.excludesFile`, `core.ignoreCase` and, if a
repository keeps its files elsewhere, `core.worktree`.

Reads the files as git does, includes too. Never runs git: the configuration of a hostile repository
can make git run programs.
"""

import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lsp_server.ignore.bounded_files import FileCache
from lsp_server.ignore.gitfile import Entry, parse
from lsp_server.ignore.glob import Malformed, PathGlob, fold, literal_length
from lsp_server.ignore.unreadable import Unreadable

_MOST_FILES = 64
"""Configuration files that count for one verdict, including included ones."""
_MOST_BYTES = 4_000_000
"""Bytes of all these files together. 5,000 branches with their lines take half a megabyte."""
_MOST_CASES = 16
"""Possible values of one key, if it is unknown which one is in force."""
_MOST_DEPTH = 10
"""Includes within includes, as in git."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry as it applies to a repository. `sure` is False if it depends on a condition that
    cannot be evaluated here."""

    key: str
    value: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class _File:
    size: int
    entries: tuple[Entry, ...]


class ReadBudget:
    """How much may still be read for one verdict. A file that applies to several repositories
    counts once."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def count(self, path: str, size: int) -> None:
        """Count one file. Raises `Unreadable` if that exceeds the budget."""
        self._seen[path] = size
        if len(self._seen) > _MOST_FILES or sum(self._seen.values()) > _MOST_BYTES:
            most = f"{_MOST_FILES} files and {_MOST_BYTES:,} bytes"
            words = f"and the files it includes have more than {most}"
            raise Unreadable(words, "shorten git's configuration", path)

    def add(self, other: "ReadBudget") -> None:
        """Count what another one has counted. Raises `Unreadable` if that exceeds the budget."""
        for path, size in other._seen.items():
            self.count(path, size)


@dataclass(frozen=True, slots=True)
class GitConfig:
    """The values that may be in force. If conditions leave several possible, a file is ignored if
    any of them says so.

    `own` are the user's own exclude files. `effective` are those that git uses, since a repository
    may name another one. `ignore_case` contains `None` if the key may be unset.
    """

    own: tuple[str, ...]
    effective: tuple[str, ...]
    ignore_case: tuple[bool | None, ...]


class ConfigReader:
    """Reads the configuration of a repository. Reads each file again only when it has changed."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._file_cache = FileCache(lambda data: _File(len(data), parse(data)), _MOST_BYTES)

    @property
    def _home(self) -> str:
        return self._environ.get("HOME") or os.path.expanduser("~")

    def read(
        self, git_dir: str | None, common: str | None, top: str, left: ReadBudget | None = None
    ) -> GitConfig:
        """The configuration of one repository: its folders `git_dir` and `common`, and its working
        tree `top`. All are `None` outside a repository. Raises `Unreadable`."""
        left = left or ReadBudget()
        own = [e for path in self._users() for e in self._entries(path, git_dir, left)]
        local: list[_Entry] = []
        if git_dir is not None and common is not None:
            local += self._entries(os.path.join(common, "config"), git_dir, left)
            second = {_truth(value) for value in _possible(local, "extensions.worktreeconfig")}
            if True in second:
                path, sure = os.path.join(git_dir, "config.worktree"), second == {True}
                local += self._entries(path, git_dir, left, sure=sure)
        entries = [*own, *local, *self._of_environment(git_dir, left)]
        cases = [
            None if value is None else _truth(value)
            for value in _possible(entries, "core.ignorecase")
        ]
        return GitConfig(
            self._lists(own, top), self._lists(entries, top), tuple(dict.fromkeys(cases))
        )

    def work_tree(self, git_dir: str, common: str) -> str | None:
        """The working tree that a repository names; `None` if it names none.

        As in git, included files do not count here, nor, for one of several trees, what all trees
        share. Raises `Unreadable`.
        """
        shared = self._own_entries(os.path.join(common, "config"))
        entries = shared if git_dir == common else []
        if _truth(_last(shared, "extensions.worktreeconfig")):
            entries = entries + self._own_entries(os.path.join(git_dir, "config.worktree"))
        tree = _last(entries, "core.worktree")
        return os.path.join(git_dir, tree) if tree else None

    def _own_entries(self, path: str) -> list[Entry]:
        """The entries of one file, without includes."""
        file = self._file_cache.read(path, dangling=True)
        return [] if file is None else list(file.entries)

    def _lists(self, entries: Sequence[_Entry], top: str) -> tuple[str, ...]:
        default = os.path.join(self._folder(), "ignore")
        return tuple(
            default if value is None else self._path(value, top)
            for value in _possible(entries, "core.excludesfile")
        )

    def _folder(self) -> str:
        """git's folder in the user's configuration folder."""
        base = self._environ.get("XDG_CONFIG_HOME") or os.path.join(self._home, ".config")
        return os.path.join(base, "git")

    def _users(self) -> Iterator[str]:
        """The system's files and the user's, in git's order."""
        if not _truth(self._environ.get("GIT_CONFIG_NOSYSTEM")):
            named = self._environ.get("GIT_CONFIG_SYSTEM")
            yield from (named,) if named is not None else _system_files(self._environ)
        named = self._environ.get("GIT_CONFIG_GLOBAL")
        if named is not None:
            yield named
            return
        yield os.path.join(self._folder(), "config")
        yield os.path.join(self._home, ".gitconfig")

    def _of_environment(self, git_dir: str | None, left: ReadBudget) -> Iterator[_Entry]:
        """What `git -c` and environment variables pass on to child processes."""
        count = self._environ.get("GIT_CONFIG_COUNT", "")
        given = [
            (
                self._environ.get(f"GIT_CONFIG_KEY_{n}", ""),
                self._environ.get(f"GIT_CONFIG_VALUE_{n}"),
            )
            for n in range(min(int(count), 1_000) if count.isdecimal() else 0)
        ]
        given += _parameters(self._environ.get("GIT_CONFIG_PARAMETERS", ""))
        for key, value in given:
            if key.lower() == "include.path":
                yield from self._entries(self._path(value or "", ""), git_dir, left)
            yield _Entry(key.lower(), value or "")

    def _entries(
        self, path: str, git_dir: str | None, left: ReadBudget, depth: int = 0, *, sure: bool = True
    ) -> Iterator[_Entry]:
        """The entries of a file and of its includes, in order. As in git, a link to nothing is no
        file."""
        file = self._file_cache.read(path, dangling=True) if path else None
        if file is None:
            return
        left.count(path, file.size)
        if depth > _MOST_DEPTH:
            raise Unreadable("is included too often", "shorten git's configuration", path)
        for key, value in file.entries:
            if not key.startswith("include"):
                yield _Entry(key, value, sure)
                continue
            condition = key[len("includeif.") : -len(".path")]
            holds = key == "include.path" or self._holds(condition, path, git_dir)
            if holds is not False:
                named = self._path(value, os.path.dirname(os.path.realpath(path)))
                certain = sure and holds is True
                yield from self._entries(named, git_dir, left, depth + 1, sure=certain)

    def _holds(self, condition: str, path: str, git_dir: str | None) -> bool | None:
        """Whether a condition holds; `None` if that cannot be known here."""
        kind, _, pattern = condition.partition(":")
        if kind not in ("gitdir", "gitdir/i"):
            return None
        if git_dir is None:
            return False
        if pattern.startswith("./"):
            pattern = os.path.dirname(os.path.realpath(path)) + pattern[1:]
        pattern = self._path(pattern, "") if pattern.startswith("~") else pattern
        if not os.path.isabs(pattern):
            pattern = f"**/{pattern}"
        if pattern.endswith("/"):
            pattern += "**"
        folded = kind == "gitdir/i"
        places = (os.path.abspath(git_dir), os.path.realpath(git_dir))
        found = {_fits(pattern, place, folded) for place in places}
        return True if True in found else None if None in found else False

    def _path(self, value: str, base: str) -> str:
        """A path as git expands it. An empty one stays empty and names nothing."""
        if value == "~" or value.startswith("~/"):
            return self._home + value[1:]
        if value.startswith("~"):
            return os.path.expanduser(value)
        return os.path.join(base, value) if value else ""


def _possible(entries: Sequence[_Entry], key: str) -> tuple[str | None, ...]:
    """The values that a key may have, the likeliest first: the last certain one, and any uncertain
    ones after it. Contains `None` if the key may be unset. Raises `Unreadable` if there are too
    many."""
    found: dict[str | None, None] = {}
    for entry in reversed(entries):
        if entry.key == key:
            found[entry.value] = None
            if entry.sure:
                break
    else:
        found[None] = None
    if len(found) > _MOST_CASES:
        words = f"sets `{key}` under more than {_MOST_CASES} conditions"
        raise Unreadable(words, "set it under fewer", "git's configuration")
    return tuple(found)


def _last(entries: Sequence[Entry], key: str) -> str | None:
    return next((value for name, value in reversed(entries) if name == key), None)


def _parameters(text: str) -> list[tuple[str, str]]:
    """The pairs of GIT_CONFIG_PARAMETERS, quoted as git does: `'key'='value'` or `'key=value'`.
    Raises `Unreadable` where git itself would stop."""
    try:
        words = shlex.split(text)
    except ValueError:
        raise Unreadable("can't be read", "unset it", "GIT_CONFIG_PARAMETERS") from None
    pairs = (word.partition("=") for word in words)
    return [(key, value if equals else "true") for key, equals, value in pairs]


def _truth(value: str | None) -> bool:
    return value is not None and value.strip().lower() not in ("", "0", "false", "no", "off")


def _fits(pattern: str, place: str, folded: bool) -> bool | None:
    """Whether a pattern matches a path; `None` for a malformed pattern."""
    raw = os.fsencode(pattern)
    path = os.fsencode(place)
    if folded:
        raw, path = fold(raw), fold(path)
    plain = literal_length(raw)
    if plain > len(path) or path[:plain] != raw[:plain]:
        return False
    try:
        return PathGlob.of(raw[plain:], folded).match(path[plain:])
    except Malformed:
        return None


def _system_files(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Where git's packages put the system's configuration file."""
    if sys.platform == "win32":
        return (os.path.join(environ.get("PROGRAMFILES", ""), "Git", "etc", "gitconfig"),)
    return ("/etc/gitconfig", "/usr/local/etc/gitconfig", "/opt/homebrew/etc/gitconfig")
