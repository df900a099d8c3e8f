"""Python: modules and packages, relative and from wherever the workspace may keep its sources."""

import os
import sys
from collections.abc import Iterator

from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.context.resolution.target import Target
from lsp_server.imports.statements import ImportStatement

_SOURCES = ("src", "lib", "python")
"""Folders in which projects keep their packages."""
_MOST_PROJECTS = 200
"""Folders of a workspace that may be projects of their own."""


def resolve(statement: ImportStatement, path: str, files: ProjectFiles) -> Target:
    """The file of a module, and of each imported name that is a module."""
    name = statement.module.lstrip(".")
    dots = len(statement.module) - len(name)
    parts = name.split(".") if name else []
    for base in _relative(path, dots) if dots else _bases(path, parts[0], files):
        place = os.path.join(base, *parts)
        found = _module(place, files)
        modules = {
            each.local: inner
            for each in statement.names
            if (inner := _module(os.path.join(place, each.name), files))
        }
        if found or modules:
            return Target(found, modules)
    return Target()


def _module(place: str, files: ProjectFiles) -> tuple[str, ...]:
    """The file of a module without its ending."""
    package = os.path.join(place, "__init__.py")
    return files.first(package, f"{place}.py", f"{place}.pyi", f"{package}i")


def _relative(path: str, dots: int) -> Iterator[str]:
    folder = os.path.dirname(path)
    for _ in range(dots - 1):
        folder = os.path.dirname(folder)
    yield folder


def _bases(path: str, top: str, files: ProjectFiles) -> Iterator[str]:
    """The folders that may hold the module or package `top`, the most likely first."""
    around = files.above(path)
    outside = [each for each in around if not files.is_file(os.path.join(each, "__init__.py"))]
    places = [*outside[:1], *files.roots, *outside[1:]]
    places += [os.path.join(each, inner) for each in [*around, *files.roots] for inner in _SOURCES]
    for place in dict.fromkeys(places):
        if _holds(place, top, files):
            yield place
    for root in files.roots if top not in sys.stdlib_module_names else ():
        for name in files.names(root)[:_MOST_PROJECTS]:
            project = os.path.join(root, name)
            for place in (project, os.path.join(project, "src")):
                if "." not in name and _holds(place, top, files):
                    yield place


def _holds(place: str, top: str, files: ProjectFiles) -> bool:
    whole = os.path.join(place, top)
    return files.is_folder(whole) or bool(files.first(f"{whole}.py", f"{whole}.pyi"))
