"""C#, PHP and Swift: names that namespaces and modules make visible.

A namespace of C# may be in any file, so only the index knows its files. PHP's are found through
`composer.json`. A module of Swift is a folder with all that is below it.
"""

import os
import re
from collections.abc import Iterator

from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.context.resolution.script_modules import read_json
from lsp_server.context.resolution.target import Target
from lsp_server.imports.statements import ImportStatement

_NAMESPACE = re.compile(r"^\s*(?:<\?php\s+)?namespace\s+([\w.\\]+)", re.MULTILINE)
_SOURCES = "Sources"
_MOST_FOLDERS = 200
"""Folders of one module of Swift."""


def namespace_of(text: str) -> str:
    """The first namespace of a file; "" for none."""
    found = _NAMESPACE.search(text[:20_000])
    return found[1] if found is not None else ""


# -- C# ----------------------------------------------------------------------------------------


def resolve_csharp(statement: ImportStatement, path: str, files: ProjectFiles) -> Target:
    """The namespace, or the class around it where static members or an alias are meant."""
    outer = statement.module.rpartition(".")[0]
    inner = (outer,) if outer and (statement.alias or "static" in statement.form) else ()
    return Target(packages=(statement.module, *inner))


def visible_csharp(path: str, files: ProjectFiles) -> tuple[str, ...]:
    """The files of the same folder, which mostly share their namespace."""
    return files.files(os.path.dirname(path), ".cs")


# -- PHP ---------------------------------------------------------------------------------------


def resolve_php(statement: ImportStatement, path: str, files: ProjectFiles) -> Target:
    """The file of a class, by the autoload rules of `composer.json`; a required file."""
    if statement.form.startswith(("require", "include")):
        place = os.path.normpath(os.path.join(os.path.dirname(path), statement.module.lstrip("/")))
        return Target(files.first(place))
    names = [each.name for each in statement.names] or [""]
    found: list[str] = []
    for name in names:
        whole = "\\".join(part for part in (statement.module.strip("\\"), name) if part)
        found += _autoloaded(whole, path, files)
    package = statement.module.strip("\\")
    return Target(tuple(dict.fromkeys(found)), packages=(package, package.rpartition("\\")[0]))


def visible_php(path: str, files: ProjectFiles) -> tuple[str, ...]:
    """The files of the same folder: by convention, those of the same namespace."""
    return files.files(os.path.dirname(path), ".php")


def _autoloaded(name: str, path: str, files: ProjectFiles) -> Iterator[str]:
    """The files that the autoload rules give a class."""
    folder = files.nearest(path, "composer.json")
    if folder is None:
        return
    rules = files.parsed(os.path.join(folder, "composer.json"), "json", read_json) or {}
    for part in ("autoload", "autoload-dev"):
        for standard in ("psr-4", "psr-0"):
            named = rules.get(part)
            table = named.get(standard) if isinstance(named, dict) else None
            for prefix, places in table.items() if isinstance(table, dict) else ():
                if not name.startswith(prefix):
                    continue
                rest = name[len(prefix) :] if standard == "psr-4" else name
                for place in [places] if isinstance(places, str) else places:
                    if isinstance(place, str):
                        whole = os.path.join(folder, place, *rest.strip("\\").split("\\"))
                        yield from files.first(f"{os.path.normpath(whole)}.php")


# -- Swift -------------------------------------------------------------------------------------


def resolve_swift(statement: ImportStatement, path: str, files: ProjectFiles) -> Target:
    """All files of a module of the same package."""
    package = files.nearest(path, "Package.swift")
    if package is None:
        return Target()
    return Target(
        _below(os.path.join(package, _SOURCES, statement.module.partition(".")[0]), files)
    )


def visible_swift(path: str, files: ProjectFiles) -> tuple[str, ...]:
    """All files of the module: of its folder in `Sources`, or of the file's own."""
    around = files.above(path)
    module = next(
        (each for each in around if os.path.basename(os.path.dirname(each)) == _SOURCES), None
    )
    package = files.nearest(path, "Package.swift")
    if module is None and package is not None:
        # A target may have another folder than the usual one.
        below = [each for each in around if each.startswith(os.path.join(package, ""))]
        module = below[-1] if below else None
    return _below(module or around[0], files)


def _below(folder: str, files: ProjectFiles) -> tuple[str, ...]:
    """The files of a folder and of those below it."""
    found: list[str] = []
    waiting = [folder]
    for _ in range(_MOST_FOLDERS):
        if not waiting:
            break
        place = waiting.pop(0)
        for name in files.names(place):
            whole = os.path.join(place, name)
            if name.endswith(".swift"):
                found.append(whole)
            elif "." not in name and files.is_folder(whole) and not os.path.islink(whole):
                waiting.append(whole)
    return tuple(found)
