"""Ruby: required files, and files found by the name of the constant, as autoloaders do."""

import os
import re

from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.context.resolution.target import Target
from lsp_server.imports.statements import ImportStatement

_LOADED_FROM = ("lib", "app", "test", "spec", ".")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_AUTOLOADED = ("models", "services", "controllers", "helpers", "jobs", "mailers", "lib", "concerns")


def resolve(statement: ImportStatement, path: str, files: ProjectFiles) -> Target:
    """The required file."""
    name = statement.module.removesuffix(".rb") + ".rb"
    if statement.local:
        return Target(files.first(os.path.normpath(os.path.join(os.path.dirname(path), name))))
    bases = [os.path.join(each, kept) for each in files.above(path) for kept in _LOADED_FROM]
    return Target(files.first(*(os.path.normpath(os.path.join(base, name)) for base in bases)))


def visible(path: str, files: ProjectFiles) -> tuple[str, ...]:
    """The files beside a file, in the folder of its own name, and in the folder around."""
    folder = os.path.dirname(path)
    inside = path.removesuffix(".rb")
    around = tuple(
        each
        for each in (f"{folder}.rb", os.path.join(folder, "..", "base.rb"))
        if files.is_file(each)
    )
    return files.files(inside, ".rb") + files.files(folder, ".rb") + around


def by_name(name: str, path: str, files: ProjectFiles) -> tuple[str, ...]:
    """The file that an autoloader would read for a constant."""
    if not name[:1].isupper():
        return ()
    stem = _WORDS.sub("_", name).lower() + ".rb"
    root = files.root_of(path)
    places = [os.path.join(root, "app", kept) for kept in _AUTOLOADED]
    return files.first(
        *(os.path.join(place, stem) for place in [*places, os.path.join(root, "lib")])
    )
