"""Rust: `mod`, paths from `crate`, `self` and `super`, and the crates of the workspace."""

import os
import re
from collections.abc import Iterator, Sequence

from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.context.resolution.target import NOWHERE, Target
from lsp_server.imports.statements import ImportStatement

_NAME = re.compile(r"^\s*name\s*=\s*\"([^\"]+)\"", re.MULTILINE)
_MEMBERS = re.compile(r"^\s*members\s*=\s*\[(.*?)\]", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"\"([^\"]+)\"")
_ROOTS = ("lib.rs", "main.rs")
_OWN_ROOTS = ("bin", "tests", "examples", "benches")
"""Folders in which each file is a crate of its own."""
_MOST_CRATES = 200


def resolve(statement: ImportStatement, path: str, files: ProjectFiles) -> Target:
    """The file of a module, and of each imported name that is a module."""
    if statement.local:
        return Target(_child(_inside(path), statement.module, files))
    parts = statement.module.split("::")
    for base, rest in _bases(parts, path, files):
        found = _module(base, rest, files)
        if not found:
            continue
        inside = _inside(found[0])
        modules = {
            each.local: inner
            for each in statement.names
            if (inner := _child(inside, each.name, files))
        }
        return Target(found, modules)
    return NOWHERE


def _inside(path: str) -> str:
    """The folder of the modules that a file declares with `mod`."""
    folder, name = os.path.split(path)
    if name in ("mod.rs", *_ROOTS) or os.path.basename(folder) in _OWN_ROOTS:
        return folder
    return os.path.join(folder, name.removesuffix(".rs"))


def _child(folder: str, name: str, files: ProjectFiles) -> tuple[str, ...]:
    place = os.path.join(folder, name.removeprefix("r#"))
    return files.first(f"{place}.rs", os.path.join(place, "mod.rs"))


def _module(base: str, parts: Sequence[str], files: ProjectFiles) -> tuple[str, ...]:
    """The file of a module below the file `base`, or of the last module on the way.

    What is behind it is declared inside: an enumeration or a `mod` with a body.
    """
    found: tuple[str, ...] = (base,)
    for part in parts:
        deeper = _child(_inside(found[0]), part, files)
        if not deeper:
            break
        found = deeper
    return found


def _bases(
    parts: Sequence[str], path: str, files: ProjectFiles
) -> Iterator[tuple[str, Sequence[str]]]:
    """The file at which a path begins, and the rest of the path."""
    first = parts[0]
    if first in ("self", "super"):
        base, ups = path, [part for part in parts if part == "super"]
        for _ in ups:
            base = next(iter(_parent(base, files)), base)
        yield base, [part for part in parts if part not in ("self", "super")]
        return
    if first == "crate":
        for root in _crate_roots(path, files):
            yield root, parts[1:]
        return
    for child in _child(_inside(path), first, files):
        yield child, parts[1:]
    for folder in _crates(path, first, files):
        for root in files.first(*(os.path.join(folder, "src", name) for name in _ROOTS)):
            yield root, parts[1:]


def _parent(path: str, files: ProjectFiles) -> tuple[str, ...]:
    """The file of the module around a file's."""
    folder, name = os.path.split(path)
    if name == "mod.rs":
        folder = os.path.dirname(folder)
    elif name in _ROOTS:
        return ()
    around = (os.path.join(folder, each) for each in ("mod.rs", *_ROOTS))
    return files.first(f"{folder}.rs", *around)


def _crate_roots(path: str, files: ProjectFiles) -> Iterator[str]:
    """The root files of the crate around a file; of a library with a program both."""
    folder = files.nearest(path, "Cargo.toml")
    if folder is None:
        return
    source = os.path.join(folder, "src")
    if not path.startswith(os.path.join(source, "")):
        yield path
    programs = os.path.join(source, "bin", "")
    if path.startswith(programs):  # Each file or folder there is a crate of its own.
        name, _, inside = path.removeprefix(programs).partition(os.sep)
        root = os.path.join(programs, name, "main.rs") if inside else path
        if files.is_file(root):
            yield root
            return
    for name in _ROOTS:
        if files.is_file(os.path.join(source, name)):
            yield os.path.join(source, name)


def _crates(path: str, name: str, files: ProjectFiles) -> Iterator[str]:
    """The folders of the workspace's crates of this name."""
    for folder in (*files.above(path), *files.roots):
        config = os.path.join(folder, "Cargo.toml")
        for place in (folder, *(files.parsed(config, "members", _members) or ())):
            for each in _expanded(os.path.normpath(os.path.join(folder, place)), files):
                found = files.parsed(os.path.join(each, "Cargo.toml"), "name", _NAME.search)
                if found is not None and found[1].replace("-", "_") == name:
                    yield each


def _members(text: str) -> list[str]:
    found = _MEMBERS.search(text)
    return _QUOTED.findall(found[1])[:_MOST_CRATES] if found is not None else []


def _expanded(place: str, files: ProjectFiles) -> Iterator[str]:
    """A folder, or those that a pattern such as `crates/*` means."""
    folder, name = os.path.split(place)
    if "*" not in name:
        yield place
        return
    for each in files.names(folder)[:_MOST_CRATES]:
        yield os.path.join(folder, each)
