"""Writes import statements from what they import, one module each, on one line."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from lsp_server.imports.imported import ImportedName, ImportStatement

__all__ = ["as_import", "as_require", "renamed", "rendered", "renders"]


def rendered(language_id: str, statement: ImportStatement) -> str:
    """The statement as a line of the language. Only for languages that `renders` knows."""
    return _RENDERERS[language_id](statement)


def renders(language_id: str) -> bool:
    """Whether a statement of the language may import several names or modules."""
    return language_id in _RENDERERS


def renamed(language_id: str, name: ImportedName) -> str:
    """One imported name as it stands in a list of them."""
    if name.alias:
        return _ALIAS.get(language_id, "{0} as {1}").format(name.name, name.alias)
    return name.name


_ALIAS = {"scala": "{0} => {1}"}


def _list(language_id: str, names: tuple[ImportedName, ...]) -> str:
    return ", ".join(renamed(language_id, name) for name in names)


def _python(statement: ImportStatement) -> str:
    if statement.form == "import":
        alias = f" as {statement.alias}" if statement.alias else ""
        return f"import {statement.module}{alias}"
    names = "*" if statement.wildcard else _list("python", statement.names)
    return f"from {statement.module} import {names}"


def _go(statement: ImportStatement) -> str:
    alias = "." if statement.wildcard else statement.alias
    return " ".join(["import", *([alias] if alias else []), f'"{statement.module}"'])


def _rust(statement: ImportStatement) -> str:
    module, form = statement.module, statement.form
    if statement.wildcard:
        return f"{form} {module}::*;"
    if not statement.names:
        alias = f" as {statement.alias}" if statement.alias else ""
        return f"{form} {module}{alias};"
    names = _list("rust", statement.names)
    inner = names if len(statement.names) == 1 else f"{{{names}}}"
    return f"{form} {module}::{inner};"


def _php(statement: ImportStatement) -> str:
    form, names = statement.form, statement.names
    if not form.startswith("use"):
        return f"{form} '{statement.module}';"
    if len(names) > 1:
        return f"{form} {statement.module}\\{{{_list('php', names)}}};"
    path = "\\".join([statement.module, *(name.name for name in names)])
    alias = statement.alias or (names[0].alias if names else "")
    return f"{form} {path}{f' as {alias}' if alias else ''};"


def _scala(statement: ImportStatement) -> str:
    names = [renamed("scala", name) for name in statement.names]
    names += ["_"] * statement.wildcard
    if not names:
        return f"import {statement.module}"
    plain = len(names) == 1 and "=>" not in names[0]
    return f"import {statement.module}.{names[0] if plain else '{' + ', '.join(names) + '}'}"


def _script(statement: ImportStatement) -> str:
    """`import` and `require`, with double quotes and a semicolon."""
    if statement.form == "require":
        return _require(statement)
    source = f'"{statement.module}"'
    if statement.form == "import =":
        return f"import {statement.alias} = require({source});"
    parts = [name.alias for name in statement.names if name.name == "default" and name.alias]
    parts += [f"* as {statement.alias}"] if statement.alias else []
    named = [name for name in statement.names if name.name != "default" or not name.alias]
    if named:
        types = (f"{'type ' * name.type_only}{renamed('', name)}" for name in named)
        parts.append(f"{{ {', '.join(types)} }}")
    words = ["import", *["type"] * statement.type_only]
    words += [", ".join(parts), "from"] if parts else []
    return " ".join([*words, source]) + ";"


def _require(statement: ImportStatement) -> str:
    call = f'require("{statement.module}");'
    if statement.alias:
        return f"const {statement.alias} = {call}"
    if not statement.names:
        return call
    names = (f"{n.name}: {n.alias}" if n.alias else n.name for n in statement.names)
    return f"const {{ {', '.join(names)} }} = {call}"


def as_require(statement: ImportStatement) -> ImportStatement | None:
    """The same as a `require`; None if one cannot say it."""
    default = [name.local for name in statement.names if name.name == "default"]
    named = tuple(name for name in statement.names if name.name != "default")
    whole = default + ([statement.alias] if statement.alias else [])
    if statement.type_only or len(whole) + bool(named) > 1:
        return None
    return replace(statement, names=named, alias="".join(whole), form="require")


def as_import(statement: ImportStatement) -> ImportStatement:
    """A `require` as an `import`: the module itself becomes its default export."""
    names = statement.names
    if statement.alias:
        names = (ImportedName("default", statement.alias), *names)
    return replace(statement, names=names, alias="", form="import")


_RENDERERS: Mapping[str, Callable[[ImportStatement], str]] = {
    "python": _python,
    "go": _go,
    "rust": _rust,
    "php": _php,
    "scala": _scala,
    "javascript": _script,
    "typescript": _script,
    "typescriptreact": _script,
}
