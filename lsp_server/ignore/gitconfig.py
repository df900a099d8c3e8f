"""What git's configuration says about ignoring: `core.excludesFile` and `core.ignoreCase`.

The files are read as git reads them, includes too; git itself is never run, because the
configuration of a hostile repository can make it run programs.
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lsp_server.ignore.files import Shelf
from lsp_server.ignore.glob import Malformed, PathGlob, fold, literal_length
from lsp_server.ignore.unreadable import Unreadable

Entry = tuple[str, str]
"""A key in small letters, the name between its dots as it is written; and its value."""

_MOST_FILES = 64
"""Configuration files that count for one verdict, includes among them."""
_MOST_BYTES = 4_000_000
"""Of all these together. 5,000 branches, each with its lines, are half a megabyte."""
_MOST_SECTIONS = 50_000
"""Of one file."""
_MOST_STEPS = 20_000
"""Lines and headers of one file that may speak of ignoring."""
_MOST_JOINED = 1_000_000
"""Bytes of one file in which lines go on in the next: that takes longer to read."""
_MOST_CASES = 16
"""Values of one key of which it is not known which is in force."""
_MOST_DEPTH = 10
"""Includes within includes, as in git."""
_WANTED = ("core.excludesfile", "core.ignorecase", "extensions.worktreeconfig", "include.path")
_HEADER = re.compile(r'\[([A-Za-z0-9.-]++)(?:\s++"((?:[^"\\\n]|\\.)*+)")?\s*+\]')
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(=?)[ \t]*")
_BLANK = re.compile(r"[ \t\n]++")
_VALUE = r'(?:[^"\\\n#;]++|"(?:[^"\\\n]++|\\[\s\S])*+"|\\[\s\S])*+'
_SKIPPED = re.compile(_VALUE)
_MAYBE = re.compile(r"\[(?i:core|extensions|include|includeif)\b")
_OTHERS = re.compile(
    r"(?:[ \t\n]++"
    rf"|[A-Za-z]{_VALUE}[^\n]*+"
    r"|[^\[A-Za-z \t\n][^\n]*+"
    r"|\[(?!(?i:core|extensions|include|includeif)\b)[A-Za-z0-9.-]++"
    r'(?:\s++"(?:[^"\\\n]|\\.)*+")?\s*+\])*+'
)
"""What stands in sections that nobody here wants to know, up to a header that may be of another."""
_PLAIN = re.compile(r'([^"\\\n#;]*)(?=[\n#;]|\Z)')
_SECTIONS = ("core", "extensions", "include")
_ESCAPED = {"n": "\n", "t": "\t", "b": "\b"}


@dataclass(frozen=True, slots=True)
class _Said:
    """An entry as it counts for a repository; `sure` unless it hangs on a condition of which it is
    not known here whether it holds."""

    key: str
    value: str
    sure: bool = True


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
    """What may be in force. Where conditions leave it open, that is more than one, and what any of
    them says is ignored.

    `own` are the user's own lists of excludes, `effective` those that git takes: the repository
    may name another. `ignore_case` holds `None` where nothing may say it.
    """

    own: tuple[str, ...]
    effective: tuple[str, ...]
    ignore_case: tuple[bool | None, ...]


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
        own = [e for path in self._users() for e in self._entries(path, git_dir, left)]
        local: list[_Said] = []
        if git_dir is not None and common is not None:
            local += self._entries(os.path.join(common, "config"), git_dir, left)
            second = {_truth(value) for value in _possible(local, "extensions.worktreeconfig")}
            if True in second:
                path, sure = os.path.join(git_dir, "config.worktree"), second == {True}
                local += self._entries(path, git_dir, left, sure=sure)
        whole = [*own, *local, *self._of_environment()]
        cases = [
            None if value is None else _truth(value)
            for value in _possible(whole, "core.ignorecase")
        ]
        return GitConfig(
            self._lists(own, top), self._lists(whole, top), tuple(dict.fromkeys(cases))
        )

    def _lists(self, entries: Sequence[_Said], top: str) -> tuple[str, ...]:
        default = os.path.join(self._folder(), "ignore")
        return tuple(
            default if value is None else self._path(value, top)
            for value in _possible(entries, "core.excludesfile")
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

    def _of_environment(self) -> Iterator[_Said]:
        count = self._environ.get("GIT_CONFIG_COUNT", "")
        for number in range(min(int(count), 1_000) if count.isdecimal() else 0):
            key = self._environ.get(f"GIT_CONFIG_KEY_{number}", "")
            yield _Said(key.lower(), self._environ.get(f"GIT_CONFIG_VALUE_{number}", ""))

    def _entries(
        self, path: str, git_dir: str | None, left: Left, depth: int = 0, *, sure: bool = True
    ) -> Iterator[_Said]:
        """The entries of a file and of what it includes, in order. A link to nothing is no file,
        as git has it too."""
        file = self._shelf.read(path, dangling=True) if path else None
        if file is None:
            return
        left.count(path, file.size)
        if depth > _MOST_DEPTH:
            raise Unreadable("is included over and over", "shorten git's configuration", path)
        for key, value in file.entries:
            if not key.startswith("include"):
                yield _Said(key, value, sure)
                continue
            condition = key[len("includeif.") : -len(".path")]
            holds = key == "include.path" or self._holds(condition, path, git_dir)
            if holds is not False:
                named = self._path(value, os.path.dirname(os.path.realpath(path)))
                certain = sure and holds is True
                yield from self._entries(named, git_dir, left, depth + 1, sure=certain)

    def _holds(self, condition: str, path: str, git_dir: str | None) -> bool | None:
        """Whether what a condition asks for is so; `None` where that is not known here."""
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
        """A path as git expands it; one that is empty stays so, and names nothing."""
        if value == "~" or value.startswith("~/"):
            return self._home + value[1:]
        if value.startswith("~"):
            return os.path.expanduser(value)
        return os.path.join(base, value) if value else ""


def parse(data: bytes) -> tuple[Entry, ...]:
    """The entries of a configuration file that speak of ignoring. What git itself would refuse is
    left out. Raises `Unreadable` for one that has too many lines to be read in time."""
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff").replace("\r\n", "\n")
    found: list[Entry] = []
    section, at, steps = "", 0, 0
    joined = _checked(text)
    while at < len(text):
        if section not in _SECTIONS and not section.startswith("includeif."):
            at = _others_end(text, at, joined)
            if at == len(text):
                break
        steps += 1
        if steps > _MOST_STEPS:
            raise _too_many_lines()
        char = text[at]
        if blank := _BLANK.match(text, at):
            at = blank.end()
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


def _checked(text: str) -> bool:
    """Whether lines go on in the next. Raises `Unreadable` for what takes too long to read."""
    joined = "\\\n" in text
    if joined and len(text) > _MOST_JOINED:
        words = f"is larger than {_MOST_JOINED:,} bytes and has lines that go on in the next"
        raise Unreadable(words, "shorten it, or join these lines")
    if text.count("[") > _MOST_SECTIONS:
        raise Unreadable(f"has more than {_MOST_SECTIONS:,} sections", "shorten it")
    if len(_MAYBE.findall(text)) > _MOST_STEPS:
        raise _too_many_lines()
    return joined


def _too_many_lines() -> Unreadable:
    words = f"has more than {_MOST_STEPS:,} lines that may speak of ignoring"
    return Unreadable(words, "shorten it")


def _others_end(text: str, at: int, joined: bool) -> int:
    """Where that ends which stands in sections that nobody wants to know. Where no line goes on in
    the next (`joined`), only lines that may hold another header are looked at."""
    while not joined:
        mark = _MAYBE.search(text, at)
        if mark is None:
            return len(text)
        start = max(at, text.rfind("\n", at, mark.start()) + 1)
        end = _OTHERS.match(text, start, mark.end())
        if end is not None and end.end() < mark.end():
            return end.end()
        at = _line_end(text, mark.end())  # It stands in a value or in a comment.
    end = _OTHERS.match(text, at)
    return end.end() if end else at


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


def _possible(entries: Sequence[_Said], key: str) -> tuple[str | None, ...]:
    """The values that a key may have, the likeliest first: the last one that is sure, and what
    may stand after it. `None` where none may be set. Raises `Unreadable` for too many."""
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


def _truth(value: str | None) -> bool:
    return value is not None and value.strip().lower() not in ("", "0", "false", "no", "off")


def _fits(pattern: str, place: str, folded: bool) -> bool | None:
    """`None` for a pattern that nobody can read."""
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
    """Where git's own packages keep the system's file."""
    if sys.platform == "win32":
        return (os.path.join(environ.get("PROGRAMFILES", ""), "Git", "etc", "gitconfig"),)
    return ("/etc/gitconfig", "/usr/local/etc/gitconfig", "/opt/homebrew/etc/gitconfig")
