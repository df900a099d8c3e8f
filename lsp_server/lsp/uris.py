"""URIs as editors write them: the path that a URI names, and the folders that are open."""

import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import url2pathname

from lsp_server.errors import RequestFailed
from lsp_server.lsp.convert import Json

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""Two characters or more: a single one is a drive."""
_IN_ARCHIVE = re.compile(r"(?<=[^/\\])(?:![/\\]|::)")
"""The part behind the archive: `jar:file:///a.zip!/name`, `zipfile:///a.zip::name`."""
_MOST_ARCHIVES = 16
_MOST_WRAPPINGS = 4
"""URIs nested in a URI."""


def path_from(uri: str) -> Path | None:
    """The path that a `file:` URI names; `None` for any other."""
    parts = _split(uri)
    return Path(_path(parts)) if parts is not None and parts.scheme == "file" else None


def paths_meant(uri: str, depth: int = 0) -> tuple[str, ...]:
    """Every path that a document's URI may stand for; empty if it is on no disk.

    Some editors leave `?` and `#` in a name unescaped. Another scheme (an older version of a file,
    a cell of a notebook, a file in an archive) has the path of the file that it comes from, perhaps
    as a URI nested in the URI (`depth` levels so far). Raises `RequestFailed` for a URI that cannot
    be read.
    """
    parts = _split(uri)
    if parts is None or depth > _MOST_WRAPPINGS:
        raise _unknown()
    behind = parts.path and (parts.query or parts.fragment)
    rest = uri.partition(parts.path)[2] if behind else ""
    if parts.scheme != "file" and not parts.path.startswith("/"):
        inner = parts.path + rest
        each = dict.fromkeys((inner, unquote(inner, errors="surrogateescape")))
        found = (paths_meant(one, depth + 1) for one in each if _ADDRESS.match(one))
        return tuple(dict.fromkeys(path for paths in found for path in paths))
    path = _path(parts)
    whole = (path, path + unquote(rest, errors="surrogateescape")) if rest else (path,)
    return tuple(dict.fromkeys(one for way in whole for one in _with_archives(way)))


def _with_archives(path: str) -> Iterator[str]:
    """A path, and the path of each archive in it: a file in an archive is ignored if the archive
    is."""
    marks = list(islice(_IN_ARCHIVE.finditer(path), _MOST_ARCHIVES + 1))
    if len(marks) > _MOST_ARCHIVES:
        raise _unknown()
    return iter((path, *(path[: mark.start()] for mark in marks)))


def _unknown() -> RequestFailed:
    return RequestFailed(
        "The address of this file can't be read, so Midstream can't tell whether the file may "
        "be sent to a model. Save it under another name."
    )


def roots_of(params: Json) -> tuple[Path, ...]:
    """The workspace's folders, in any of the ways that clients send them."""
    folders = params.get("workspaceFolders")
    if isinstance(folders, list) and folders:
        return tuple(_folders(folders))
    uri, path = params.get("rootUri"), params.get("rootPath")
    if isinstance(uri, str):
        return tuple(_folders([{"uri": uri}]))
    return (Path(path),) if isinstance(path, str) and path else ()


def roots_after(roots: tuple[Path, ...], params: object) -> tuple[Path, ...]:
    """The workspace's folders after a `workspace/didChangeWorkspaceFolders`."""
    event = params.get("event") if isinstance(params, dict) else None
    added, removed = (
        list(_folders(event.get(name))) if isinstance(event, dict) else []
        for name in ("added", "removed")
    )
    kept = [root for root in roots if root not in removed]
    return tuple(dict.fromkeys([*kept, *added]))


def _folders(folders: object) -> Iterator[Path]:
    for folder in folders if isinstance(folders, Iterable) else ():
        uri = folder.get("uri") if isinstance(folder, dict) else None
        if isinstance(uri, str) and (path := path_from(uri)) is not None:
            yield path


def _split(uri: str) -> SplitResult | None:
    try:
        return urlsplit(uri)
    except ValueError:
        return None


def _path(parts: SplitResult) -> str:
    """The path of a URI. A file's name need not be UTF-8, so its bytes are kept. Except on Windows,
    the host in a URI can only be this machine: no other system opens another machine's files that
    way."""
    if os.name != "nt":
        path = unquote(parts.path, errors="surrogateescape")
        return "/" + path.lstrip("/") if path.startswith("/") else path
    path = url2pathname(parts.path)
    here = parts.netloc.casefold() in ("", "localhost", "127.0.0.1")
    return path if here else f"//{parts.netloc}{path}"
