"""Finds misplaced keys that say where code may be sent or which files must not be sent.

An address one line too high or in the wrong table belongs to no profile, and the profile that it
was meant for would then send code to the provider's own address. An unread ignore pattern would
likewise let a file be sent. Pure.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from lsp_server.settings import values
from lsp_server.settings.bounds import shown
from lsp_server.settings.layers import NAMES_OF_A_KEY
from lsp_server.settings.schema import KEY_SOURCES, PROFILE_KEYS

_CLOSE = 85
"""Of 100: how similar a name must be to count as a misspelling. Below this it is only reported."""
_LONG = 60
"""Code points. No setting's name is half as long."""

_PLACE_WORDS = frozenset(
    {"url", "uri", "urls", "endpoint", "endpoints", "host", "hosts", "hostname", "server"}
    | {"servers", "address", "addresses", "addr", "base", "domain", "origin", "socket", "gateway"}
)
_PLACE_NAMES = (
    "baseurl",
    "apibase",
    "apiurl",
    "endpoint",
    "hostname",
    "address",
    *(name.replace("_", "") for name in sorted(KEY_SOURCES)),
)
_IGNORE_WORDS = frozenset(
    {"ignore", "ignores", "ignored", "ignoring", "exclude", "excludes", "excluded", "excluding"}
    | {"exclusion", "exclusions", "deny", "denied", "denylist", "blocklist", "blacklist", "block"}
    | {"blocked", "private", "never", "skip", "skipped", "omit", "hide", "hidden", "forbid"}
    | {"forbidden", "protect", "protected", "sensitive", "confidential", "dont", "not", "no"}
    | {"midstreamignore", "gitignore", "withhold"}
)
_FILE_WORDS = frozenset(
    {"file", "files", "path", "paths", "folder", "folders", "dir", "dirs", "directory"}
    | {"directories", "glob", "globs", "pattern", "patterns", "list", "send", "sent", "upload"}
    | {"share", "read", "touch", "the", "to", "from", "model", "models", "do", "rule", "rules"}
    | {"ai", "edit", "open", "include"}
)
_GLOB_SIGNS = frozenset("*?/.")
_SECRET_WORDS = frozenset({"secret", "secrets"})
_HOST_AND_PORT = re.compile(r"\s*(?:[\w.\-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}\s*")


@dataclass(frozen=True, slots=True)
class MisplacedKey:
    """A key at any depth. `path` leads to it, separated by dots, as a message may show it."""

    path: str
    name: str
    value: object


def entries(name: str, value: object, before: str = "") -> Iterator[MisplacedKey]:
    """A key and all keys in its value, in tables and in lists."""
    todo: list[MisplacedKey] = [MisplacedKey(before + _shown_name(name), name, value)]
    while todo:
        entry = todo.pop()
        yield entry
        if isinstance(entry.value, dict):
            todo += [
                MisplacedKey(f"{entry.path}.{_shown_name(str(k))}", str(k), v)
                for k, v in entry.value.items()
            ]
        elif isinstance(entry.value, list):
            inner = [v for v in entry.value if isinstance(v, dict | list)]
            todo += [MisplacedKey(entry.path, "", v) for v in inner]


def place_in(name: str, value: object, before: str = "") -> str | None:
    """The path of the first entry of an unknown key that names an address or a key source."""
    for entry in entries(name, value, before):
        if entry.value is not None and (_names_place(entry.name) or holds_address(entry.value)):
            return entry.path
    return None


def ignoring_in(name: str, value: object, before: str = "") -> str | None:
    """The path of the first entry of an unknown key that names files not to be sent."""
    for entry in entries(name, value, before):
        if _has_value(entry.value) and (
            _names_ignoring(entry.name)
            or (_is_globs(entry.value) and _may_name_ignoring(entry.name))
        ):
            return entry.path
    return None


def place_prompt(name: str, value: object) -> bool:
    """Whether a prompt is an address or a key source in the wrong table."""
    if not isinstance(value, str):
        return value is not None and place_in(name, value) is not None
    if not value.strip():
        return False
    compound_keys = {key.name.replace("_", "") for key in PROFILE_KEYS if "_" in key.name}
    single_word = len(value.split()) == 1
    exact = folded(name) in compound_keys and folded(name) in _PLACE_NAMES
    return exact or holds_address(value) or (single_word and _names_place(name))


def ignoring_prompt(name: str, value: object) -> bool:
    """Whether a prompt is an `ignore` in the wrong table.

    An instruction is a sentence and its name a few words. So only `ignore` and synonyms count, the
    less usual ones only if the text is a single word, as a pattern is.
    """
    if not isinstance(value, str):
        return ignoring_in(name, value) is not None
    if not value.strip() or " " in name.strip() or not _names_ignoring(name):
        return False
    return folded(name).startswith(("ignore", "exclude")) or len(value.split()) == 1


def is_profile(value: object) -> bool:
    """Whether a table has at least one key of a profile, in either spelling."""
    known = {key.name for key in PROFILE_KEYS} | {key.json_name for key in PROFILE_KEYS}
    return isinstance(value, dict) and bool(known & value.keys())


def close(name: str, meant: str) -> bool:
    """Whether `name` is `meant` apart from a typing mistake."""
    return len(name) <= _LONG and fuzz.ratio(folded(name), meant) >= _CLOSE


def holds_address(value: object) -> bool:
    """Whether a text is an address and nothing else, or a list contains one."""
    texts = value if isinstance(value, list) else [value]
    return any(
        isinstance(text, str)
        and (values.looks_like_address(text) or _HOST_AND_PORT.fullmatch(text))
        for text in texts
    )


def folded(name: str) -> str:
    """A key's name without the differences between spellings: case, `_`, `-`, spaces."""
    folded_name = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded_name if c.isalnum())


def alike(name: str) -> str:
    """A name without what a reader may overlook: case, white space, invisible characters."""
    folded_name = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded_name if c.isprintable() and not c.isspace())


def confusable_names(names: Mapping[str, object]) -> tuple[str, str] | None:
    """The first two names that a reader would take for the same."""
    seen: dict[str, str] = {}
    for name in names:
        if (first := seen.setdefault(alike(name), name)) != name:
            return first, name
    return None


def _names_place(name: str) -> bool:
    """Whether a key's name means an address or a key source, or is close to such a name."""
    folded_name = folded(name)
    if not folded_name or len(name) > _LONG:
        return False
    if (
        folded_name in _PLACE_WORDS
        or folded_name in NAMES_OF_A_KEY
        or _words(name)[-1] in _PLACE_WORDS
    ):
        return True
    return (
        process.extractOne(folded_name, _PLACE_NAMES, scorer=fuzz.ratio, score_cutoff=_CLOSE)
        is not None
    )


def _names_ignoring(name: str) -> bool:
    """Whether a key's name says only that files are left out."""
    if not name or len(name) > _LONG:
        return False
    words = set(_words(name))
    if words & _IGNORE_WORDS and words <= _IGNORE_WORDS | _FILE_WORDS | _SECRET_WORDS:
        return True
    folded_name = folded(name)
    return folded_name in _IGNORE_WORDS or fuzz.ratio(folded_name, "ignore") >= 80


def _may_name_ignoring(name: str) -> bool:
    """Whether one word of a key's name says so. That is enough for a list of files."""
    words = set(_words(name)) if name and len(name) <= _LONG else set()
    return bool(words & _IGNORE_WORDS or (words & _SECRET_WORDS and words & _FILE_WORDS))


def _is_globs(value: object) -> bool:
    """Whether it is a list that may contain files."""
    texts = value if isinstance(value, list) else []
    return any(isinstance(text, str) and _GLOB_SIGNS & set(text) for text in texts)


def _words(name: str) -> list[str]:
    """The words of a name in snake, kebab or camel case. Never empty."""
    separated = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", unicodedata.normalize("NFKC", name))
    return [word for word in re.split(r"[\W_]+", separated.casefold()) if word] or [""]


def _shown_name(name: str) -> str:
    return "…" if values.looks_like_key(name) else shown(name)


def _has_value(value: object) -> bool:
    return value is not None and value is not False and value not in ("", [], {})
