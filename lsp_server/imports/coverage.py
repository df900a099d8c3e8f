"""Tells which part of an import statement a file lacks."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lsp_server.imports.imported import ImportedName, ImportStatement, Surroundings

__all__ = ["lacking", "module_key"]

_SCRIPTS = frozenset(("javascript", "typescript", "typescriptreact"))
_ALSO_CONDITIONS = frozenset(("python", "ruby", *_SCRIPTS))
"""The languages where an import in a condition or a `try` counts: another branch imports what
stands in for it."""
_OVERLOADING = frozenset(("java", "kotlin", "scala"))
"""The languages where several functions of one name may be imported."""
_SAME_FORM = {
    "pub use": "use",
    "global using": "using",
    "require": "import",
    "import =": "import",
    "@testable import": "import",
}
"""Forms that import the same as another one."""


def lacking(
    language_id: str, wanted: ImportStatement, existing: Sequence[ImportStatement]
) -> ImportStatement | None:
    """The wanted import with only those names that the file lacks; None if it lacks nothing.

    What would give a name of the file a second meaning is left out too.
    """
    counted = [each for each in existing if _counts(language_id, each)]
    alike = [each for each in counted if _same_module(language_id, wanted, each)]
    if not wanted.names:
        covered = any(_covers_module(language_id, wanted, each) for each in alike)
        return None if covered or _conflicts(_bound(language_id, wanted), counted) else wanted
    names = tuple(
        name
        for name in wanted.names
        if not any(_covers_name(language_id, wanted, name, each) for each in alike)
        and not _clashes(language_id, wanted, name, counted)
    )
    if not names and not (wanted.alias and not _conflicts(wanted.alias, counted)):
        return None
    return replace(wanted, names=names)


def _bound(language_id: str, wanted: ImportStatement) -> str:
    """The name that the module itself gets in the file, as far as that is known."""
    if wanted.alias or wanted.wildcard:
        return wanted.alias
    if language_id == "python":
        return wanted.module.partition(".")[0]
    return wanted.module.rpartition("/")[2] if language_id == "go" else ""


def module_key(language_id: str, statement: ImportStatement) -> str:
    """The module, the same for each way to write it."""
    module = statement.module
    if language_id == "ruby":
        return module.removeprefix("./").removesuffix(".rb")
    return module.removeprefix("::").removeprefix("node:") if module else ""


def _counts(language_id: str, existing: ImportStatement) -> bool:
    """Whether what a statement imports is there wherever the file needs it."""
    if existing.form in ("export", "import()"):
        return False
    if existing.surroundings == Surroundings.CONDITION:
        return language_id in _ALSO_CONDITIONS
    return existing.surroundings == Surroundings.TOP


def _same_module(language_id: str, wanted: ImportStatement, existing: ImportStatement) -> bool:
    forms = [_form(language_id, each) for each in (wanted, existing)]
    if forms[0] != forms[1] and not (language_id == "swift" and forms[1] == "import"):
        return False
    one, other = (module_key(language_id, each) for each in (wanted, existing))
    if language_id == "python" and wanted.form == "import" and not wanted.alias:
        return other == one or other.startswith(f"{one}.")
    return one == other


def _form(language_id: str, statement: ImportStatement) -> str:
    form = statement.form
    if form.startswith("pub") and form.endswith(" use"):
        return "use"
    if language_id not in _SCRIPTS and form == "require":
        return form
    return _SAME_FORM.get(form, form)


def _covers_module(language_id: str, wanted: ImportStatement, existing: ImportStatement) -> bool:
    """Whether the module is imported as wanted, where no names of it are."""
    if wanted.wildcard:
        return existing.wildcard
    if wanted.type_only < existing.type_only:
        return False
    if language_id in _SCRIPTS:
        default = any(n.name == "default" and n.local == wanted.alias for n in existing.names)
        return not wanted.alias or existing.alias == wanted.alias or default
    if wanted.alias == "_":
        return True
    return not existing.names and existing.alias == wanted.alias and not existing.wildcard


def _covers_name(
    language_id: str, wanted: ImportStatement, name: ImportedName, existing: ImportStatement
) -> bool:
    """Whether a statement that imports the same module gives the file this name."""
    only_type = wanted.type_only or name.type_only
    if existing.wildcard and not name.alias:
        return True
    for each in existing.names:
        if (each.name, each.local) == (name.name, name.local):
            return only_type or not (existing.type_only or each.type_only)
    return (
        language_id in _SCRIPTS
        and name.name == "default"
        and bool(existing.alias)
        and existing.alias == name.local
    )


def _clashes(
    language_id: str,
    wanted: ImportStatement,
    name: ImportedName,
    existing: Sequence[ImportStatement],
) -> bool:
    """Whether a wanted name is that of something else in the file."""
    if language_id in _OVERLOADING and name.local[:1].islower():
        return False
    return _conflicts(name.local, existing, only_type_of=module_key(language_id, wanted))


def _conflicts(local: str, existing: Iterable[ImportStatement], only_type_of: str = "") -> bool:
    """Whether the file has something else under this name.

    `only_type_of`: a module whose type of that name is no conflict, since it can be made a value.
    """
    if not local or local in "._":
        return False
    for each in existing:
        if each.alias == local:
            return True
        for name in each.names:
            type_only = each.type_only or name.type_only
            if name.local == local and not (type_only and each.module == only_type_of):
                return True
    return False
