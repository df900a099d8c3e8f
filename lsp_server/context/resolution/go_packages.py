"""Go: the packages of the modules in the workspace; a package is a folder."""

import os
import re
from collections.abc import Iterator

from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.context.resolution.target import NOWHERE, Target
from lsp_server.imports.statements import ImportStatement

_MODULE = re.compile(r"^\s*module\s+\"?([^\s\"]+)", re.MULTILINE)
_REPLACE = re.compile(r"^\s*(?:replace\s+)?(\S+)(?:\s+v\S+)?\s*=>\s*(\.\S*)", re.MULTILINE)
_USE = re.compile(r"^\s*(?:use\s+)?(\.[^\s()]*|[\w-][^\s()]*)\s*$", re.MULTILINE)
_MOST_MODULES = 100


def resolve(statement: ImportStatement, path: str, files: ProjectFiles) -> Target:
    """The files of an imported package without its tests."""
    for module, folder in _modules(path, files):
        if statement.module == module or statement.module.startswith(module + "/"):
            place = os.path.join(folder, *statement.module[len(module) :].split("/"))
            if found := _package(os.path.normpath(place), files):
                return Target(found)
    return NOWHERE


def visible(path: str, files: ProjectFiles) -> tuple[str, ...]:
    """The other files of the same package; its tests count for tests only."""
    tests = path.endswith("_test.go")
    folder = os.path.dirname(path)
    return _package(folder, files) + (files.files(folder, "_test.go") if tests else ())


def _package(folder: str, files: ProjectFiles) -> tuple[str, ...]:
    return tuple(each for each in files.files(folder, ".go") if not each.endswith("_test.go"))


def _modules(path: str, files: ProjectFiles) -> Iterator[tuple[str, str]]:
    """The modules of the workspace, the one around the file first, and the folder of each."""
    own = files.nearest(path, "go.mod")
    if own is not None:
        config = os.path.join(own, "go.mod")
        yield from _named(own, files)
        for module, place in files.parsed(config, "replace", _REPLACE.findall) or ():
            yield module, os.path.normpath(os.path.join(own, place))
    work = files.nearest(path, "go.work")
    if work is not None:
        used = files.parsed(os.path.join(work, "go.work"), "use", _USE.findall) or []
        for place in used[:_MOST_MODULES]:
            yield from _named(os.path.normpath(os.path.join(work, place)), files)
    for root in files.roots:
        if root != own:
            yield from _named(root, files)


def _named(folder: str, files: ProjectFiles) -> Iterator[tuple[str, str]]:
    found = files.parsed(os.path.join(folder, "go.mod"), "module", _MODULE.search)
    if found is not None:
        yield found[1], folder
