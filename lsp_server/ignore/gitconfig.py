"""What git's configuration says about ignoring: `core.excludesFile` and `core.ignoreCase`.

The files are read as git reads them, includes too; git itself is never run, because the
configuration of a hostile repository can make it run programs.
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lsp_server.ignore.files import Shelf
from lsp_server.ignore.glob import Malformed, PathGlob, fold, literal_length
from lsp_server.ignore.unreadable import Unreadable

Entry = tuple[str, str]
"""A key in small letters, the name between its dots as it is written; and its value."""

_MOST_FILES = 64
"""Configuration files that count for one verdict, includes among them."""
_MOST_BYTES = 500_000
"""Of all these together."""
_MOST_DEPTH = 10
"""Includes within includes, as in git."""
_WANTED = ("core.excludesfile", "core.ignorecase", "extensions.worktreeconfig", "include.path")
_HEADER = re.compile(r'\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\\n]|\\.)*)")?\s*\]')
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(=?)[ \t]*")
_SKIPPED = re.compile(r'(?:[^"\\\n]++|"(?:[^"\\\n]++|\\[\s\S])*+"|\\[\s\S])*+')
_PLAIN = re.compile(r'([^"\\\n#;]*)(?=[\n#;]|\Z)')
_ESCAPED = {"n": "\n", "t": "\t", "b": "\b"}


@dataclass(frozen=True, slots=True)
class _File:
    size: int
    entries: tuple[Entry, ...]


class Left:
    """What may still be read for one verdict. A file that counts for several repositories is
    counted once."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def count(self, path: str, size: int) -> None:
        """Raises `Unreadable` when it is too much."""
        self._seen[path] = size
        if len(self._seen) > _MOST_FILES or sum(self._seen.values()) > _MOST_BYTES:
            most = f"{_MOST_FILES} files and {_MOST_BYTES:,} bytes"
            words = f"and what counts beside it have more than {most}"
            raise Unreadable(words, "shorten git's configuration", path)


@dataclass(frozen=True, slots=True)
class GitConfig:
    """`own` is the user's own file of excludes, `effective` what git takes: the repository may
    name another. `ignore_case` is `None` where nothing says it."""

    own: str | None
    effective: str | None
    ignore_case: bool | None


class ConfigReader:
    """Reads what counts for a repository, each file again only when it has changed."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._shelf = Shelf(lambda data: _File(len(data), parse(data)), _MOST_BYTES)

    @property
    def _home(self) -> str:
        return self._environ.get("HOME") or os.path.expanduser("~")

    def read(
        self, git_dir: str | None, common: str | None, top: str, left: Left | None = None
    ) -> GitConfig:
        """`git_dir` and `common` are the repository's folders, `top` its working tree's; `None`
        outside of a repository. Raises `Unreadable`."""
        left = left or Left()
        own = [e for path in self._users() for e in self._entries(path, git_dir, left, 0)]
        local: list[Entry] = []
        if git_dir is not None and common is not None:
            local += self._entries(os.path.join(common, "config"), git_dir, left, 0)
            if _truth(_last(local, "extensions.worktreeconfig")):
                local += self._entries(os.path.join(git_dir, "config.worktree"), git_dir, left, 0)
        mine = _last(own, "core.excludesfile")
        named = _last([*own, *local, *self._of_environment()], "core.excludesfile")
        default = os.path.join(self._folder(), "ignore")
        case = _last([*own, *local, *self._of_environment()], "core.ignorecase")
        return GitConfig(
            default if mine is None else self._path(mine, top),
            default if named is None else self._path(named, top),
            None if case is None else _truth(case),
        )

    def _folder(self) -> str:
        """git's folder among the user's configuration."""
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

    def _of_environment(self) -> Iterator[Entry]:
        count = self._environ.get("GIT_CONFIG_COUNT", "")
        for number in range(min(int(count), 1_000) if count.isdecimal() else 0):
            key = self._environ.get(f"GIT_CONFIG_KEY_{number}", "")
            yield key.lower(), self._environ.get(f"GIT_CONFIG_VALUE_{number}", "")

    def _entries(self, path: str, git_dir: str | None, left: Left, depth: int) -> Iterator[Entry]:
        """The entries of a file and of what it includes, in order."""
        if not path:
            return
        file = self._shelf.read(path)
        if file is None:
            return
        left.count(path, file.size)
        if depth > _MOST_DEPTH:
            raise Unreadable("is included over and over", "shorten git's configuration", path)
        for key, value in file.entries:
            if key.startswith("include"):
                condition = key[len("includeif.") : -len(".path")]
                if key == "include.path" or self._holds(condition, path, git_dir):
                    named = self._path(value, os.path.dirname(os.path.realpath(path)))
                    yield from self._entries(named, git_dir, left, depth + 1)
            else:
                yield key, value

    def _holds(self, condition: str, path: str, git_dir: str | None) -> bool:
        """Whether what a condition asks for is so. One that is not known here counts as true:
        then more is ignored, not less."""
        kind, _, pattern = condition.partition(":")
        if kind not in ("gitdir", "gitdir/i"):
            return True
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
        return any(_fits(pattern, place, folded) for place in places)

    def _path(self, value: str, base: str) -> str:
        """A path as git expands it; one that is empty stays so, and names nothing."""
        if value == "~" or value.startswith("~/"):
            return self._home + value[1:]
        if value.startswith("~"):
            return os.path.expanduser(value)
        return os.path.join(base, value) if value else ""


def parse(data: bytes) -> tuple[Entry, ...]:
    """The entries of a configuration file that speak of ignoring. Never raises: what git itself
    would refuse is left out."""
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff").replace("\r\n", "\n")
    found: list[Entry] = []
    section, at = "", 0
    while at < len(text):
        char = text[at]
        if char in " \t\n":
            at += 1
        elif char in "#;":
            at = _line_end(text, at)
        elif char == "[":
            header = _HEADER.match(text, at)
            at = header.end() if header else _line_end(text, at)
            section = _section(header[1], header[2]) if header else ""
        elif key := _KEY.match(text, at):
            name = f"{section}.{key[1].lower()}"
            if name in _WANTED or (name.startswith("includeif.") and name.endswith(".path")):
                value, at = _value(text, key.end()) if key[2] else ("true", key.end())
                found.append((name, value))
            else:
                at = _line_end(text, _skipped(text, key.end()))
        else:
            at = _line_end(text, at)
    return tuple(found)


def _section(name: str, inner: str | None) -> str:
    if inner is None:
        return name.lower()
    inner = re.sub(r"\\(.)", r"\1", inner)
    return f"{name.lower()}.{inner}"


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _skipped(text: str, at: int) -> int:
    """Where a value ends that nobody wants to know."""
    end = _SKIPPED.match(text, at)
    return end.end() if end else at


def _value(text: str, at: int) -> tuple[str, int]:
    """The value that begins at `at`, and where the next line begins."""
    plain = _PLAIN.match(text, at)
    if plain is not None:
        return plain[1].rstrip(" \t"), _line_end(text, plain.end(1))
    pieces: list[str] = []
    quoted, kept = False, 0
    while at < len(text) and text[at] != "\n":
        char = text[at]
        at += 1
        if char == "\\" and at < len(text):
            if text[at] != "\n":
                pieces.append(_ESCAPED.get(text[at], text[at]))
                kept = len(pieces)
            at += 1
        elif char == '"':
            quoted = not quoted
            kept = len(pieces)
        elif char in "#;" and not quoted:
            at = _line_end(text, at) - 1
            break
        else:
            pieces.append(char)
            if quoted or char not in " \t":
                kept = len(pieces)
    return "".join(pieces[:kept]), at + 1


def _last(entries: list[Entry], key: str) -> str | None:
    return next((value for name, value in reversed(entries) if name == key), None)


def _truth(value: str | None) -> bool:
    return value is not None and value.strip().lower() not in ("", "0", "false", "no", "off")


def _fits(pattern: str, place: str, folded: bool) -> bool:
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
        return True


def _system_files(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Where git's own packages keep the system's file."""
    if sys.platform == "win32":
        return (os.path.join(environ.get("PROGRAMFILES", ""), "Git", "etc", "gitconfig"),)
    return ("/etc/gitconfig", "/usr/local/etc/gitconfig", "/opt/homebrew/etc/gitconfig")
