"""Java, Kotlin and Scala: packages as folders below the places where sources are kept."""

import os
import re
from collections.abc import Iterator

from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.context.resolution.target import Target
from lsp_server.imports.statements import ImportStatement

ENDINGS = (".java", ".kt", ".scala")
_PACKAGE = re.compile(r"^\s*package\s+([\w.`]+)", re.MULTILINE)
_KEPT_IN = tuple(
    os.path.join("src", *each)
    for kind in ("main", "commonMain", "jvmMain", "test")
    for each in ((kind, "java"), (kind, "kotlin"), (kind, "scala"))
)
"""Where build tools keep the sources of a module."""
_MOST_MODULES = 200


def resolve(statement: ImportStatement, path: str, files: ProjectFiles) -> Target:
    """The files of a class by its name, or all files of its package."""
    parts = statement.module.replace("`", "").split(".")
    whole = ".".join(parts)
    for root in _roots(path, files):
        folder = os.path.join(root, *parts)
        named = tuple(
            place
            for each in statement.names
            for ending in ENDINGS
            if files.is_file(place := os.path.join(folder, each.name + ending))
        )
        inner = files.first(*(folder + ending for ending in ENDINGS))
        found = named or files.files(folder, *ENDINGS) or inner
        if found:
            return Target(found, packages=(whole,))
    return Target(packages=(whole,))


def visible(path: str, files: ProjectFiles) -> tuple[str, ...]:
    """The files of the same package, also those beside the tests."""
    package = package_of(files.text(path) or "")
    own = os.path.dirname(path)
    folders = [os.path.join(root, *package.split(".")) for root in _roots(path, files)]
    return tuple(
        each for folder in dict.fromkeys([own, *folders]) for each in files.files(folder, *ENDINGS)
    )


def package_of(text: str) -> str:
    """The package that a file says it is in; "" for none."""
    found = _PACKAGE.search(text[:20_000])
    return found[1].replace("`", "") if found is not None else ""


def _roots(path: str, files: ProjectFiles) -> Iterator[str]:
    """The folders that packages begin in: the file's own, its module's, then all others'."""
    package = package_of(files.text(path) or "").split(".")
    folder = os.path.dirname(path)
    if package[0] and folder.split(os.sep)[-len(package) :] == package:
        yield os.sep.join(folder.split(os.sep)[: -len(package)]) or os.sep
    modules = [*files.above(path), *files.roots]
    for root in files.roots:
        below = [os.path.join(root, n) for n in files.names(root) if "." not in n]
        modules += below[:_MOST_MODULES]
    for module in dict.fromkeys(modules):
        if files.is_folder(os.path.join(module, "src")):
            for kept in _KEPT_IN:
                if files.is_folder(place := os.path.join(module, kept)):
                    yield place
