"""Globs of settings and rules files: as in `.gitignore`, with `{a,b}` besides. Pure."""

import re
from collections.abc import Callable
from functools import lru_cache

from lsp_server.ignore.glob import Malformed, NameGlob, PathGlob

_BRACES = re.compile(r"\{([^{}]*)\}")
_MOST = 64
"""Patterns that the braces of one glob may stand for."""


@lru_cache(maxsize=256)
def matching_glob(glob: str) -> Callable[[str], bool]:
    """Whether a path matches. A glob without a slash is compared with the path's last name, one
    that ends with a slash means everything below that folder. A malformed one matches nothing."""
    matches = [match for one in _without_braces(glob) if (match := _matcher(one)) is not None]
    return lambda path: any(match(path) for match in matches)


def is_glob(text: str) -> bool:
    """Whether a text has a sign that makes it a glob."""
    return any(sign in text for sign in "*?[{")


def _without_braces(glob: str) -> list[str]:
    done, todo = list[str](), [glob]
    while todo and len(done) + len(todo) <= _MOST:
        one = todo.pop()
        if (found := _BRACES.search(one)) is None:
            done.append(one)
        else:
            head, tail = one[: found.start()], one[found.end() :]
            todo += [f"{head}{part}{tail}" for part in found[1].split(",")]
    return done


def _matcher(glob: str) -> Callable[[str], bool] | None:
    plain = glob.removeprefix("./").lstrip("/")
    if plain.endswith("/"):
        plain += "**"
    raw = plain.encode("utf-8", "surrogateescape")
    try:
        if "/" in plain:
            by_path = PathGlob.of(raw, folded=False)
            return lambda path: by_path.match(_bytes(path))
        by_name = NameGlob.of(raw, folded=False)
        return lambda path: by_name.match(_bytes(path.rpartition("/")[2]))
    except Malformed:
        return None


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
