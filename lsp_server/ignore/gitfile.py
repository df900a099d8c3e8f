"""The syntax of git's configuration files, limited to the keys about ignoring. No disk access."""

import re

from lsp_server.ignore.unreadable import Unreadable

Entry = tuple[str, str]
"""A key in lower case, except for the quoted part of its section name; and its value."""

_MOST_SECTIONS = 50_000
"""Sections of one file."""
_MOST_STEPS = 20_000
"""Lines and headers of one file that may be about ignoring."""
_MOST_JOINED = 1_000_000
"""Bytes of a file that has continued lines: those take longer to read."""
_WANTED = frozenset(
    {"core.excludesfile", "core.ignorecase", "core.worktree", "extensions.worktreeconfig"}
    | {"include.path"}
)
_HEADER = re.compile(r'\[([A-Za-z0-9.-]++)(?:\s++"((?:[^"\\\n]|\\.)*+)")?\s*+\]')
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(=?)[ \t]*")
_BLANK = re.compile(r"[ \t\n]++")
# `(?>`: see `tests/support/patterns.py`. Python 3.11.2 loses its position after `(?:`.
_VALUE = r'(?>[^"\\\n#;]++|"(?:[^"\\\n]++|\\[\s\S])*+"|\\[\s\S])*+'
_SKIPPED = re.compile(_VALUE)
_MAYBE = re.compile(r"\[(?i:core|extensions|include|includeif)\b")
_OTHERS = re.compile(
    r"(?>[ \t\n]++"
    rf"|[A-Za-z]{_VALUE}[^\n]*+"
    r"|[^\[A-Za-z \t\n][^\n]*+"
    r"|\[(?!(?i:core|extensions|include|includeif)\b)[A-Za-z0-9.-]++"
    r'(?:\s++"(?:[^"\\\n]|\\.)*+")?\s*+\])*+'
)
"""The contents of irrelevant sections, up to a header that may be relevant."""
_PLAIN = re.compile(r'([^"\\\n#;]*)(?=[\n#;]|\Z)')
_SECTIONS = ("core", "extensions", "include")
_ESCAPED = {"n": "\n", "t": "\t", "b": "\b"}


def parse(data: bytes) -> tuple[Entry, ...]:
    """The entries of a configuration file that are about ignoring. Skips what git itself would
    reject. Raises `Unreadable` if the file has too many lines to be read in time."""
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
    """Whether the file has continued lines. Raises `Unreadable` if reading takes too long."""
    joined = "\\\n" in text
    if joined and len(text) > _MOST_JOINED:
        words = f"is larger than {_MOST_JOINED:,} bytes and has lines that continue on the next"
        raise Unreadable(words, "shorten it, or join these lines")
    if text.count("[") > _MOST_SECTIONS:
        raise Unreadable(f"has more than {_MOST_SECTIONS:,} sections", "shorten it")
    if len(_MAYBE.findall(text)) > _MOST_STEPS:
        raise _too_many_lines()
    return joined


def _too_many_lines() -> Unreadable:
    words = f"has more than {_MOST_STEPS:,} lines that may be about ignoring"
    return Unreadable(words, "shorten it")


def _others_end(text: str, at: int, joined: bool) -> int:
    """Where the irrelevant sections from `at` on end. Without continued lines (`joined`), it looks
    only at lines that may contain a header."""
    while not joined:
        mark = _MAYBE.search(text, at)
        if mark is None:
            return len(text)
        start = max(at, text.rfind("\n", at, mark.start()) + 1)
        end = _OTHERS.match(text, start, mark.end())
        if end is not None and end.end() < mark.end():
            return end.end()
        at = _line_end(text, mark.end())  # The match is in a value or a comment.
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
    """Where an irrelevant value ends."""
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
