"""Which module of this package resolves the imports of which language."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lsp_server.context.resolution import (
    go_packages,
    included_files,
    jvm_packages,
    namespaces,
    python_modules,
    ruby_files,
    rust_modules,
    script_modules,
)
from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.context.resolution.target import NOWHERE, Target
from lsp_server.imports.statements import ImportStatement

__all__ = ["ModuleResolver", "family_of", "packages_of"]

_MOST_VISIBLE = 400
"""Files of one package that are looked through; the folders of larger ones are generated."""

_KEPT_S = 10.0
"""Seconds that an answer is kept. Most imports lead out of the workspace, which takes many looks to
find out; a file that is new is found this much later."""
_MOST_KEPT = 20_000


def _nothing(path: str, files: ProjectFiles) -> tuple[str, ...]:
    return ()


def _no_file(name: str, path: str, files: ProjectFiles) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class _Family:
    """How the languages of a family find what they import."""

    resolve: Callable[[ImportStatement, str, ProjectFiles], Target]
    visible: Callable[[str, ProjectFiles], tuple[str, ...]] = _nothing
    by_name: Callable[[str, str, ProjectFiles], tuple[str, ...]] = _no_file


_PYTHON = _Family(python_modules.resolve)
_SCRIPT = _Family(script_modules.resolve)
_JVM = _Family(jvm_packages.resolve, jvm_packages.visible)
_C = _Family(included_files.resolve)
_FAMILIES: Mapping[str, tuple[str, _Family]] = {
    "python": ("python", _PYTHON),
    "javascript": ("script", _SCRIPT),
    "typescript": ("script", _SCRIPT),
    "typescriptreact": ("script", _SCRIPT),
    "go": ("go", _Family(go_packages.resolve, go_packages.visible)),
    "rust": ("rust", _Family(rust_modules.resolve)),
    "java": ("jvm", _JVM),
    "kotlin": ("jvm", _JVM),
    "scala": ("jvm", _JVM),
    "c": ("c", _C),
    "cpp": ("c", _C),
    "csharp": ("csharp", _Family(namespaces.resolve_csharp, namespaces.visible_csharp)),
    "php": ("php", _Family(namespaces.resolve_php, namespaces.visible_php)),
    "swift": ("swift", _Family(namespaces.resolve_swift, namespaces.visible_swift)),
    "ruby": ("ruby", _Family(ruby_files.resolve, ruby_files.visible, ruby_files.by_name)),
}


def family_of(language_id: str) -> str:
    """The family of a language: one name for languages that use one another's declarations."""
    known = _FAMILIES.get(language_id)
    return language_id if known is None else known[0]


def packages_of(family: str, text: str) -> tuple[str, ...]:
    """The package or namespace that a file says it is in, then those around it whose names it sees;
    empty where the text does not say."""
    if family == "jvm":
        own = jvm_packages.package_of(text)
        return (own,) if own else ()
    if family not in ("csharp", "php"):
        return ()
    own = namespaces.namespace_of(text)
    found = []
    while own:
        found.append(own)
        own = own.rpartition(".")[0] if family == "csharp" else ""
    return tuple(found)


def _meaning(statement: ImportStatement) -> tuple[object, ...]:
    """All that an import says, wherever it stands: a search asks for the same one many times."""
    said = statement
    named = said.module, said.names, said.alias, said.form, said.surroundings
    return *named, said.wildcard, said.local, said.type_only


class ModuleResolver:
    """Resolves the imports of files in a workspace. Never raises."""

    def __init__(self, files: ProjectFiles, now: Callable[[], float] = time.monotonic) -> None:
        self.files = files
        self._now = now
        self._known: dict[tuple[object, ...], tuple[float, Target]] = {}

    def target(self, statement: ImportStatement, path: str, language_id: str) -> Target:
        """What an import statement of the file at `path` means."""
        family = _FAMILIES.get(language_id)
        if family is None or "\0" in statement.module:
            return NOWHERE
        key = language_id, path, *_meaning(statement)
        known, now = self._known.get(key), self._now()
        if known is None or now - known[0] > _KEPT_S:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            known = now, family[1].resolve(statement, os.path.normpath(path), self.files)
            self._known[key] = known
        return known[1]

    def visible(self, path: str, language_id: str) -> tuple[str, ...]:
        """Other files whose declarations the file sees without an import."""
        known = _FAMILIES.get(language_id)
        if known is None:
            return ()
        found = known[1].visible(os.path.normpath(path), self.files)
        return tuple(each for each in dict.fromkeys(found) if each != path)[:_MOST_VISIBLE]

    def by_name(self, name: str, path: str, language_id: str) -> tuple[str, ...]:
        """The files that the language's autoloader reads for a name."""
        known = _FAMILIES.get(language_id)
        return () if known is None else known[1].by_name(name, os.path.normpath(path), self.files)
