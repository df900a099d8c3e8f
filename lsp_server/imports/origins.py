"""Where an imported module comes from, as far as its name tells, and how imports are sorted."""

import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from lsp_server.imports.imported import ImportStatement
from lsp_server.imports.standard_modules import STANDARD_MODULES

__all__ = ["item_orders", "orders", "origin_of", "segments", "separates_origins"]

Key = Callable[[ImportStatement], Any]
"""What statements of one order are compared by."""
_SCRIPTS = ("javascript", "typescript", "typescriptreact")
_LENGTHS_TELL = 5
"""Fewer statements in the order of their lengths are so by chance."""
_SEPARATORS = re.compile(r"::|[./\\]+")


def segments(statement: ImportStatement) -> list[str]:
    """The parts of the module's name."""
    return [part for part in _SEPARATORS.split(statement.module) if part]


def origin_of(language_id: str, statement: ImportStatement) -> int:
    """The kind of place that the module comes from; files list those with lower numbers first."""
    find = _ORIGINS.get(language_id)
    return 0 if find is None else find(statement)


def separates_origins(language_id: str) -> bool:
    """Whether modules of another origin get a paragraph of their own by the language's custom."""
    return language_id in ("python", "go", "rust", "php", "c", "cpp", "ruby", "java")


def _python(statement: ImportStatement) -> int:
    """The sections of isort; a package of the project looks like one of a third party."""
    if statement.module == "__future__":
        return 0
    if statement.module.startswith("."):
        return 3
    return 1 if statement.module.partition(".")[0] in STANDARD_MODULES else 2


def _script(statement: ImportStatement) -> int:
    module = statement.module
    if module.startswith("."):
        return 2
    return 1 if module.startswith(("@/", "~", "#", "/")) else 0


def _go(statement: ImportStatement) -> int:
    """Like goimports: the standard library has no dot in the first part of its paths."""
    return int("." in statement.module.partition("/")[0])


def _rust(statement: ImportStatement) -> int:
    if statement.form != "use":
        return -1 if statement.form == "extern crate" else 4
    first = statement.module.removeprefix("::").partition("::")[0]
    if first in ("std", "core", "alloc"):
        return 0
    return {"crate": 2, "super": 3, "self": 3}.get(first, 1)


def _java(statement: ImportStatement) -> int:
    if statement.form.endswith("static"):
        return 3
    first = statement.module.partition(".")[0]
    return {"javax": 1, "java": 2}.get(first, 0)


def _csharp(statement: ImportStatement) -> int:
    if statement.form.startswith("global"):
        return 0
    if statement.alias:
        return 3
    return 2 if statement.form.endswith("static") else 1


def _php(statement: ImportStatement) -> int:
    return {"use": 0, "use function": 1, "use const": 2}.get(statement.form, 3)


def _ruby(statement: ImportStatement) -> int:
    return {"require": 0, "require_relative": 1}.get(statement.form, 2)


def _swift(statement: ImportStatement) -> int:
    return int(statement.form.startswith("@testable"))


def _c(statement: ImportStatement) -> int:
    return int(statement.local)


_ORIGINS: Mapping[str, Callable[[ImportStatement], int]] = {
    "python": _python,
    **dict.fromkeys(_SCRIPTS, _script),
    "go": _go,
    "rust": _rust,
    "java": _java,
    "csharp": _csharp,
    "php": _php,
    "ruby": _ruby,
    "swift": _swift,
    "c": _c,
    "cpp": _c,
}


def orders(language_id: str, count: int = 0) -> tuple[Key, ...]:
    """The orders that `count` statements of the language may have, the usual one first."""
    found = _ORDERS.get(language_id, _PATH_ORDERS)
    return (*found, _length) if count >= _LENGTHS_TELL else found


def _length(statement: ImportStatement) -> int:
    return len(_full(statement))


def _full(statement: ImportStatement) -> str:
    """The module and the first name."""
    names = [name.name for name in statement.names[:1]] or ["*"] * statement.wildcard
    return _separator(statement).join([statement.module, *names])


def _separator(statement: ImportStatement) -> str:
    """What separates a name from its module: of the languages that `use`, only PHP has no `::`."""
    if not statement.form.endswith(("use", "use function", "use const")):
        return "."
    return "\\" if "\\" in statement.module or statement.module[:1].isupper() else "::"


def _parts(statement: ImportStatement) -> list[str]:
    return segments(statement) + [name.name for name in statement.names[:1]]


def _python_order(
    *, fold: bool, sections: bool, away: int = -1, from_first: bool = False, names: bool = False
) -> Key:
    """isort's orders. `away` is -1 where more dots come first."""

    def key(statement: ImportStatement) -> tuple[Hashable, ...]:
        name = statement.module.lstrip(".")
        dots = away * (len(statement.module) - len(name))
        module: tuple[Hashable, ...] = (dots, name.lower() if fold else name)
        if names:
            module = (*module, *(each.name.lower() for each in statement.names[:1]))
        is_from = (statement.form == "from") != from_first
        return (is_from, *module) if sections else (*module, is_from)

    return key


def _system_first(statement: ImportStatement) -> tuple[int, bool, str]:
    """Namespaces, static classes, aliases; `System` first in each."""
    system = segments(statement)[:1] == ["System"]
    return _csharp(statement), not system, statement.module.lower()


def _rust_order(*, by_case: bool) -> Key:
    """rustfmt's: `self`, `super`, `crate`, names, `*`, lists.

    Until the style edition of 2024, names go by their case: snake_case, CamelCase, SCREAMING_CASE.
    """

    def key(statement: ImportStatement) -> list[tuple[int, int, str]]:
        parts = segments(statement)
        if len(statement.names) > 1:
            return [*(_rust_part(part, by_case=by_case) for part in parts), (5, 0, "")]
        last = [name.name for name in statement.names] or ["*"] * statement.wildcard
        return [_rust_part(part, by_case=by_case) for part in (*parts, *last)]

    return key


def _rust_part(part: str, *, by_case: bool) -> tuple[int, int, str]:
    if part == "*":
        return (4, 0, "")
    before = {"self": 0, "super": 1, "crate": 2}.get(part, 3)
    return (before, by_case * _case(part, ("snake", "camel", "screaming")), part)


def _case(name: str, order: tuple[str, str, str]) -> int:
    if name.isupper() and len(name) > 1:
        return order.index("screaming")
    return order.index("camel" if name[:1].isupper() else "snake")


_PATH_ORDERS: tuple[Key, ...] = (
    _full,
    lambda each: _full(each).lower(),
    _parts,
    lambda each: [part.lower() for part in _parts(each)],
)
_SCRIPT_ORDERS: tuple[Key, ...] = (
    lambda each: (_script(each), _with_slash(each.module).lower(), not each.type_only),
    lambda each: (_script(each), _with_slash(each.module).lower(), each.type_only),
    lambda each: (_script(each), _with_slash(each.module).lower()),
    lambda each: (_script(each), _with_slash(each.module)),
    lambda each: (_script(each), -each.module.count("../"), each.module.lower()),
    lambda each: each.module.lower(),
    lambda each: each.module,
)
_ORDERS: Mapping[str, tuple[Key, ...]] = {
    "python": (
        _python_order(fold=True, sections=True, names=True),
        _python_order(fold=True, sections=True),
        _python_order(fold=True, sections=False, names=True),
        _python_order(fold=True, sections=False),
        _python_order(fold=True, sections=True, away=1),
        _python_order(fold=True, sections=False, away=1),
        _python_order(fold=True, sections=True, from_first=True),
        _python_order(fold=False, sections=True),
        _python_order(fold=False, sections=False),
    ),
    **dict.fromkeys(_SCRIPTS, _SCRIPT_ORDERS),
    "rust": (_rust_order(by_case=True), _rust_order(by_case=False), *_PATH_ORDERS),
    "csharp": (_system_first, *_PATH_ORDERS),
    "php": (lambda each: _full(each).lower(), *_PATH_ORDERS),
}


def _with_slash(module: str) -> str:
    """A path that sorts a folder's own index behind the files of the folders above it."""
    return f"{module}/" if module.endswith(".") else module


def item_orders(language_id: str) -> tuple[Callable[[str], Any], ...]:
    """The orders that the names in one statement are sorted by, the usual one first."""
    return _ITEM_ORDERS.get(language_id, (str.lower, lambda name: name))


_ITEM_ORDERS: Mapping[str, tuple[Callable[[str], Any], ...]] = {
    "python": (
        lambda name: (_case(name, ("screaming", "camel", "snake")), name.lower()),
        lambda name: name,
        str.lower,
    ),
    "rust": (
        lambda name: [_rust_part(part, by_case=True) for part in name.split("::")],
        lambda name: [_rust_part(part, by_case=False) for part in name.split("::")],
        str.lower,
    ),
}
