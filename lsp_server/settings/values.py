"""Reads single values of the settings: from any TOML or JSON value to a typed one.

A reader takes any object and returns the value, or raises `WrongValueError` with what it should
have been ("must be …"). Knows no keys and no files, and never repeats a text that looks like a
secret.
"""

import os
import re
import shlex
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

from rapidfuzz import process

E = TypeVar("E", bound=StrEnum)

Reader = Callable[[object], object]

_SECRET_START = re.compile(
    r"(?:bearer\s|sk-|sk_|gsk_|rk_|xai-|xox[abp]-|aiza|gh[opsu]_|github_pat_|glpat-|hf_|pplx-|nvapi-|akia|eyj)",
    re.IGNORECASE,
)
_SECRET_LENGTH = 20
_LONG = 60
"""Code points. No setting's name is half as long."""
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ADDRESS = re.compile(
    r"\s*(?:[A-Za-z][A-Za-z0-9+.\-]*://\S+"
    r"|(?:[\w.\-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}/\S*"
    r"|(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]{1,5})?(?:/\S*)?"
    r"|[\w\-]+(?:\.[\w\-]+)*\.[A-Za-z][\w\-]+/v[0-9]\w*(?:/\S*)?)\s*"
)
"""With a scheme, with a port and a path, in numbers, or with the path of an API. `model:7` is not
an address."""


class WrongValueError(ValueError):
    """The value is not what it should be. The text is worded to follow the name of the key."""


class SecretError(WrongValueError):
    """The value is an API key or looks like one, so it must not be in any file."""


def near(name: str, names: list[str]) -> str | None:
    """The one of `names` that was probably meant by `name`; `None` for a very long one."""
    if len(name) > _LONG:
        return None
    found = process.extractOne(name.lower(), {n: n.lower() for n in names}, score_cutoff=70)
    return None if found is None else str(found[2])


def looks_like_key(text: str) -> bool:
    """Whether `text` is probably an API key and not the name of something."""
    if _SECRET_START.match(text):
        return True
    if len(text) < _SECRET_LENGTH or re.search(r"[^A-Za-z0-9_\-.+=]", text):
        return False
    kinds = (r"[a-z]", r"[A-Z]", r"[0-9]")
    present = sum(re.search(kind, text) is not None for kind in kinds)
    # Variables are upper case, services lower case with few digits; API keys are well mixed.
    return present == 3 or (present == 2 and len(re.findall(r"[0-9]", text)) * 5 >= len(text))


def looks_like_address(text: str) -> bool:
    """Whether `text` is an address and nothing else."""
    return _ADDRESS.fullmatch(text) is not None


def text(value: object) -> str:
    """A text that is not empty and does not look like an API key."""
    if not isinstance(value, str) or not value.strip():
        raise WrongValueError("must be a non-empty string")
    if _SECRET_START.match(value):
        raise SecretError("contains what looks like a key")
    return value


def word(value: object) -> str:
    """The same for a name. Refuses an address: it was meant as the place, and without it another
    place would be used."""
    read = text(value)
    if looks_like_address(read):
        raise WrongValueError("must be a name; put an address into `base_url` or `url`")
    return read


def yes_or_no(value: object) -> bool:
    """A truth value."""
    if not isinstance(value, bool):
        raise WrongValueError("must be true or false")
    return value


def number(low: float, high: float) -> Callable[[object], float]:
    """A reader of numbers from `low` to `high`."""

    def read(value: object) -> float:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not low <= value <= high  # False for NaN as well.
        ):
            raise WrongValueError(f"must be a number from {low:g} to {high:g}")
        return float(value)

    return read


def whole_number(low: int, high: int) -> Callable[[object], int]:
    """A reader of whole numbers from `low` to `high`."""

    def read(value: object) -> int:
        if isinstance(value, float) and value.is_integer():  # Some editors have no integers.
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise WrongValueError(f"must be an integer from {low} to {high}")
        return value

    return read


def one_of(kind: type[E]) -> Callable[[object], E]:
    """A reader of the values of an enumeration."""

    def read(value: object) -> E:
        names = [member.value for member in kind]
        if isinstance(value, str):
            if value in names:
                return kind(value)
            if guess := near(value, names):
                raise WrongValueError(
                    f"must be one of {', '.join(names)} (did you mean `{guess}`?)"
                )
        raise WrongValueError(f"must be one of {', '.join(names)}")

    return read


def texts(value: object) -> tuple[str, ...]:
    """A list of texts, or a single one. Blank ones are dropped."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise WrongValueError("must be a list of strings")
    if any("\ud800" <= c <= "\udfff" for text in value for c in text):
        raise WrongValueError("must be Unicode text; one string has half a character (a surrogate)")
    return tuple(text for text in value if text.strip())


def paths_inside(value: object) -> tuple[str, ...]:
    """Paths or globs below a workspace's folder."""
    read = texts(value)
    for path in read:
        names = re.split(r"[/\\]", path)
        if ".." in names or not names[0] or names[0].endswith(":"):
            raise WrongValueError("must be a list of paths inside the workspace, without `..`")
    return read


def named_texts(value: object) -> Mapping[str, str]:
    """Names with a text each. A text may be empty."""
    if value == []:  # Some editors write an empty table so in JSON.
        return {}
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise WrongValueError("must be a table of names and strings")
    if any(not isinstance(k, str) or not k.strip() for k in value):
        raise WrongValueError("must not contain an empty name")
    return value


def socket_url(value: object) -> str:
    """The address of a Responses WebSocket server."""
    url = _url(value, secure="wss", plain="ws")
    if "#" in url:
        raise WrongValueError("must be an address without `#`")
    return url


def http_url(value: object) -> str:
    """The address of an HTTP model API, to which paths are appended."""
    url = _url(value, secure="https", plain="http")
    if "?" in url or "#" in url:
        raise WrongValueError("must be an address without `?` and `#`")
    return url


def environment_name(value: object) -> str:
    """The name of an environment variable, never its value."""
    if isinstance(value, str) and looks_like_key(value):
        raise SecretError("contains what looks like a key")
    if not isinstance(value, str) or not _ENVIRONMENT_NAME.fullmatch(value):
        raise WrongValueError("must be the name of an environment variable")
    return value


def keyring_entry(value: object) -> str:
    """`service` or `service/user` in the system's keyring."""
    if isinstance(value, str) and any(looks_like_key(part) for part in value.split("/")):
        raise SecretError("contains what looks like a key")
    if not isinstance(value, str) or not value.partition("/")[0].strip():
        raise WrongValueError("must be `service` or `service/user`")
    return value


def command(value: object) -> tuple[str, ...]:
    """A program with its arguments, as a list or in one line that is split as a shell does."""
    if isinstance(value, str):
        try:
            words = split_command(value)
        except ValueError:
            raise WrongValueError("must be a command whose quotes are closed") from None
    elif isinstance(value, list) and all(isinstance(word, str) for word in value):
        words = tuple(value)
    else:
        words = ()
    if not words or not words[0].strip():
        raise WrongValueError("must be a command: a list of strings, or one line")
    if any(_SECRET_START.match(word) for word in words):
        raise SecretError("contains what looks like a key")
    return words


def split_command(line: str, *, windows: bool = os.name == "nt") -> tuple[str, ...]:
    """The words of a command line. Nothing is expanded.

    On Windows a backslash is part of a path and escapes nothing. Raises `ValueError` for an
    unclosed quote.
    """
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    if windows:
        lexer.escape = ""
    return tuple(lexer)


def _url(value: object, *, secure: str, plain: str) -> str:
    """An address without an API key in it. The profile decides whether it may be unencrypted."""
    wrong = WrongValueError(
        f"must be an address `{secure}://…` (or `{plain}://…` to this machine, or with "
        "`allow_insecure = true` to a private address of your own network)"
    )
    if not isinstance(value, str) or any(c.isspace() or not c.isprintable() for c in value):
        raise wrong
    try:
        parts = urlsplit(value)
        host = parts.hostname
        _ = parts.port  # Reading it checks it.
    except ValueError:
        raise wrong from None
    if _holds_secret(parts):
        raise SecretError("contains a user name, a password or what looks like a key")
    if not host or parts.scheme not in (secure, plain):
        raise wrong
    return value


def _holds_secret(parts: SplitResult) -> bool:
    if "@" in parts.netloc:
        return True
    secret_name = re.compile(r"(?:^|[-_])(?:api[-_]?key|key|token|secret|password)$", re.IGNORECASE)
    return any(
        secret_name.search(name) or looks_like_key(value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    )
