"""JavaScript and TypeScript: relative paths, `tsconfig.json`, and the packages of a workspace."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.context.resolution.target import NOWHERE, Target
from lsp_server.imports.statements import ImportStatement

_ENDINGS = (
    *(".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mts", ".mjs", ".cts", ".cjs", ".d.mts", ".d.cts"),
    *(".vue", ".svelte"),
)
_WRITTEN_AS = {
    ".js": (".ts", ".tsx", ".d.ts"),
    ".jsx": (".tsx",),
    ".mjs": (".mts", ".d.mts"),
    ".cjs": (".cts", ".d.cts"),
}
"""What an ending in an import may stand for: TypeScript's files are named as they will be built."""
_MOST_EXTENDS = 8
_MOST_PACKAGES = 500
_CONFIGS = ("tsconfig.json", "jsconfig.json", "tsconfig.base.json")
_MANIFEST = "package.json"
_NOT_JSON = re.compile(
    r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/|,(?=(?:\s|//[^\n]*|/\*.*?\*/)*[}\]])', re.DOTALL
)
_YAML_ITEM = re.compile(r"^\s*-\s*['\"]?([^'\"#\n]+?)['\"]?\s*(?:#.*)?$", re.MULTILINE)


def resolve(statement: ImportStatement, path: str, files: ProjectFiles) -> Target:
    """The file that a module specifier means."""
    name = statement.module.partition("?")[0]
    if name.startswith(("./", "../")) or name in (".", ".."):
        place = os.path.normpath(os.path.join(os.path.dirname(path), name))
        return Target(_module(place, files))
    for place in (*_by_config(name, path, files), *_by_package(name, path, files)):
        if found := _module(place, files):
            return Target(found)
    return NOWHERE


def _module(place: str, files: ProjectFiles) -> tuple[str, ...]:
    """The file that a path without an ending, with one, or of a folder means."""
    stem, ending = os.path.splitext(place)
    written = tuple(stem + each for each in _WRITTEN_AS.get(ending, ()))
    if found := files.first(*written, *(place + each for each in _ENDINGS)):
        return found
    if ending and files.is_file(place):
        return (place,)
    if not files.is_folder(place):
        return ()
    if found := files.first(*(os.path.join(place, f"index{each}") for each in _ENDINGS)):
        return found
    manifest = files.parsed(os.path.join(place, _MANIFEST), "json", read_json)
    return _main(place, manifest, files) if manifest else ()


# -- tsconfig.json -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Paths:
    """What a configuration says about modules; all places are whole paths."""

    base: str | None
    patterns: tuple[tuple[str, tuple[str, ...]], ...]


def _by_config(name: str, path: str, files: ProjectFiles) -> Iterator[str]:
    """The places that the nearest configuration gives a module."""
    for folder in files.above(path):
        config = next(
            (c for c in _CONFIGS if files.is_file(os.path.join(folder, c))),
            None,
        )
        if config is None:
            continue
        paths = _paths_of(os.path.join(folder, config), files, _MOST_EXTENDS)
        yield from _matched(name, paths.patterns)
        if paths.base is not None:
            yield os.path.join(paths.base, name)
        if paths.patterns or paths.base is not None:
            return


def _paths_of(config: str, files: ProjectFiles, left: int) -> _Paths:
    """The paths of a configuration and of those that it extends."""
    read = files.parsed(config, "json", read_json) or {}
    folder = os.path.dirname(config)
    options = _mapping(read.get("compilerOptions"))
    base = options.get("baseUrl")
    base = os.path.normpath(os.path.join(folder, base)) if isinstance(base, str) else None
    start = base or folder
    patterns = tuple(
        (pattern, tuple(os.path.join(start, each) for each in _texts(places)))
        for pattern, places in _mapping(options.get("paths")).items()
    )
    extends = read.get("extends")
    for name in [extends] if isinstance(extends, str) else _texts(extends):
        if left <= 0 or (base is not None and patterns) or not name.startswith("."):
            continue
        place = os.path.normpath(os.path.join(folder, name))
        found = files.first(place, f"{place}.json")
        above = _paths_of(found[0], files, left - 1) if found else _Paths(None, ())
        base, patterns = base or above.base, patterns or above.patterns
    return _Paths(base, patterns)


def _matched(name: str, patterns: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """The places of a module by patterns with one star, the longest beginning first."""
    for pattern, places in sorted(patterns, key=lambda each: -len(each[0].partition("*")[0])):
        head, star, tail = pattern.partition("*")
        if star and name.startswith(head) and name.endswith(tail):
            middle = name[len(head) : len(name) - len(tail)]
        elif name == pattern:
            middle = ""
        else:
            continue
        for place in places:
            yield os.path.normpath(place.replace("*", middle, 1))


# -- packages ----------------------------------------------------------------------------------


def _by_package(name: str, path: str, files: ProjectFiles) -> Iterator[str]:
    """The places of a module that is a package of the workspace, or a part of one."""
    own = files.nearest(path, _MANIFEST)
    if own is not None and name.startswith("#"):
        manifest = files.parsed(os.path.join(own, _MANIFEST), "json", read_json) or {}
        patterns = [
            (pattern, tuple(os.path.join(own, each) for each in _entries(place)))
            for pattern, place in _mapping(manifest.get("imports")).items()
        ]
        yield from _matched(name, patterns)
        return
    parts = name.split("/")
    count = 2 if name.startswith("@") else 1
    package, rest = "/".join(parts[:count]), parts[count:]
    for folder in _folders_of(package, path, files):
        manifest = files.parsed(os.path.join(folder, _MANIFEST), "json", read_json) or {}
        if not rest:
            yield from _main(folder, manifest, files)
            continue
        exports = _mapping(manifest.get("exports"))
        patterns = [
            (pattern, tuple(os.path.join(folder, each) for each in _entries(place)))
            for pattern, place in exports.items()
        ]
        for place in _matched("/".join((".", *rest)), patterns):
            yield from _sources(place)
        yield os.path.join(folder, *rest)
        yield os.path.join(folder, "src", *rest)


def _folders_of(package: str, path: str, files: ProjectFiles) -> Iterator[str]:
    """The folders of the workspace's package of this name."""
    for folder in dict.fromkeys((*files.above(path), *files.roots)):
        manifest = files.parsed(os.path.join(folder, _MANIFEST), "json", read_json)
        if manifest is None:
            continue
        if manifest.get("name") == package:
            yield folder
        for place in _members(folder, manifest, files):
            inner = files.parsed(os.path.join(place, _MANIFEST), "json", read_json)
            if inner is not None and inner.get("name") == package:
                yield place


def _members(folder: str, manifest: Mapping[str, Any], files: ProjectFiles) -> Iterator[str]:
    """The folders of the packages that belong to a workspace."""
    named = manifest.get("workspaces")
    globs = _texts(named.get("packages") if isinstance(named, dict) else named)
    listed = files.text(os.path.join(folder, "pnpm-workspace.yaml"))
    if listed is not None:
        globs += _YAML_ITEM.findall(listed.partition("packages:")[2])
    count = 0
    for pattern in globs:
        for place in _expanded(folder, pattern.removeprefix("./").rstrip("/"), files):
            count += 1
            if count > _MOST_PACKAGES:
                return
            yield place


def _expanded(folder: str, pattern: str, files: ProjectFiles) -> Iterator[str]:
    """The folders that a pattern such as `packages/*` means; `**` means two levels."""
    if pattern.startswith("!"):
        return
    places = [folder]
    for part in pattern.split("/"):
        if "*" not in part:
            places = [os.path.join(place, part) for place in places]
            continue
        below = [
            os.path.join(place, name)
            for place in places
            for name in files.names(place)
            if name != "node_modules" and "." not in name
        ]
        deeper = [os.path.join(p, n) for p in below for n in files.names(p) if "." not in n]
        places = (below + deeper if part == "**" else below)[:_MOST_PACKAGES]
    yield from places


def _main(folder: str, manifest: Mapping[str, Any], files: ProjectFiles) -> tuple[str, ...]:
    """The source file that a package begins with: what it is built from, if that is there."""
    exports = manifest.get("exports")
    named = [exports.get(".", exports)] if isinstance(exports, dict) else [exports]
    named += [manifest.get(key) for key in ("source", "types", "typings", "module", "main")]
    places = [os.path.join(folder, each) for one in named for each in _entries(one)]
    built = [each for place in places for each in _sources(place)]
    usual = [
        os.path.join(folder, *each) for each in (("src", "index"), ("index",), ("lib", "index"))
    ]
    for place in (*built, *usual):
        if place != folder and (found := files.first(place)):
            return found
        if found := files.first(*(place + ending for ending in _ENDINGS)):
            return found
    return ()


def _sources(place: str) -> Iterator[str]:
    """Where the source of a built file may be, then the file itself."""
    stem = re.sub(r"(?:\.d)?\.[cm]?[jt]sx?$", "", os.path.normpath(place))
    for built in ("dist", "lib", "build", "out", "esm", "cjs"):
        mark = f"{os.sep}{built}{os.sep}"
        if mark in stem:
            head, _, tail = stem.rpartition(mark)
            yield os.path.join(head, "src", f"{tail}.ts")
            yield os.path.join(head, "src", f"{tail}.tsx")
    yield stem + ".ts"
    yield os.path.normpath(place)


def _entries(place: object, depth: int = 0) -> list[str]:
    """All files that an entry of `exports` or `imports` names, under whatever conditions."""
    if isinstance(place, str):
        return [place]
    if depth > _MOST_EXTENDS:
        return []
    inner = place.values() if isinstance(place, dict) else place if isinstance(place, list) else ()
    return [each for one in inner for each in _entries(one, depth + 1)]


def read_json(text: str) -> dict[str, Any]:
    """A JSON object that may have comments and trailing commas; empty for anything else."""
    try:
        read = json.loads(_NOT_JSON.sub(lambda found: found[1] or "", text))
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
