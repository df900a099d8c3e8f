"""Python: scopes by `symtable`, definitions by `ast`, modules by the folders of the project."""

import ast
import symtable
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from benchmarks.elsewhere.uses import Function, Place, Use, source_files

__all__ = ["PythonOracle"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_DEEPEST = 12
"""How many modules may hand a name on."""


@dataclass(frozen=True, slots=True)
class _Import:
    """What one name of a module is imported as: a module, or a name in one."""

    module: str
    level: int
    name: str | None


@dataclass(slots=True)
class _Module:
    """One file: what its top level defines and imports."""

    file: Path
    tree: ast.Module
    table: symtable.SymbolTable
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, list[_Import]] = field(default_factory=dict)
    wildcards: list[_Import] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Found:
    """A definition, and how the name came here."""

    module: _Module
    nodes: tuple[ast.stmt, ...]
    how: str


class PythonOracle:
    """See `Oracle`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = source_files(root, frozenset({".py"}))
        self._module = cache(self._read)

    def functions(self) -> Sequence[Function]:
        """All of them, in the order of the files."""
        found = []
        for file in self._files:
            module = self._module(file)
            for _, node in _functions(module.tree) if module else ():
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                found.append(Function(file, first - 1, (node.end_lineno or node.lineno) - 1))
        return found

    def uses(self, function: Function) -> tuple[Use, ...]:
        """Each name once."""
        module = self._module(function.file)
        assert module is not None
        for owner, node in _functions(module.tree):
            if (node.end_lineno or 0) - 1 == function.last and node.lineno - 1 >= function.first:
                found: dict[str, Use] = {}
                for use in (*self._names(module, node), *self._members(module, owner, node)):
                    found.setdefault(use.name, use)
                return tuple(found.values())
        raise LookupError(function)

    # -- what a function uses --------------------------------------------------------------------

    def _names(
        self, module: _Module, node: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> Iterator[Use]:
        """Names that are global in the function, or that it imports itself."""
        own = dict(_local_imports(node))
        names = _global_names(module.table, node)
        for expression in _outside_expressions(node):
            names |= {n.id for n in ast.walk(expression) if isinstance(n, ast.Name)}
        for name in sorted(names | own.keys()):
            found = self._bound(module, name, own)
            if isinstance(found, _Found):
                yield from self._use(name, found, module.file)
            elif found is not None:
                yield from self._attributes(name, found, module, node)

    def _bound(
        self, module: _Module, name: str, own: dict[str, _Import]
    ) -> "_Found | _Module | None":
        if name in own:
            return self._imported(module, own[name], 0)
        return self._resolve(module, name, 0)

    def _attributes(self, name: str, of: _Module, module: _Module, node: ast.AST) -> Iterator[Use]:
        """What the function takes from a module: `name.x`."""
        for inner in ast.walk(node):
            if not isinstance(inner, ast.Attribute):
                continue
            steps = _dotted(inner)
            if steps is None or steps[0] != name:
                continue
            target: _Module | _Found | None = of
            for step in steps[1:]:
                if isinstance(target, _Module):
                    target = self._resolve(target, step, 0) or self._submodule(target, step)
            if isinstance(target, _Found) and len(steps) == 2:
                yield from self._use(".".join(steps), target, module.file, "module attribute")

    def _members(self, module: _Module, owner: ast.ClassDef | None, node: ast.AST) -> Iterator[Use]:
        """Members of `self` that a base class in another file defines."""
        if owner is None:
            return
        own = _class_members(owner)
        for inner in ast.walk(node):
            if not isinstance(inner, ast.Attribute) or _dotted(inner) != ["self", inner.attr]:
                continue
            if inner.attr in own:
                continue
            found = self._inherited(module, owner, inner.attr, 0)
            if found is not None:
                yield from self._use(f"self.{inner.attr}", found, module.file, "base class", True)

    def _inherited(
        self, module: _Module, owner: ast.ClassDef, name: str, depth: int
    ) -> _Found | None:
        for base in owner.bases if depth < _DEEPEST else ():
            found = self._resolve(module, base.id, 0) if isinstance(base, ast.Name) else None
            if not isinstance(found, _Found) or not isinstance(found.nodes[0], ast.ClassDef):
                continue
            members = _class_members(found.nodes[0])
            if name in members:
                return _Found(found.module, (members[name],), found.how)
            if deeper := self._inherited(found.module, found.nodes[0], name, depth + 1):
                return deeper
        return None

    def _use(
        self, name: str, found: _Found, here: Path, how: str = "", member: bool = False
    ) -> Iterator[Use]:
        if found.module.file == here:
            return
        places = frozenset(Place(found.module.file, node.lineno - 1) for node in found.nodes)
        yield Use(name, places, how or found.how, _kind(found.nodes[0]), member)

    # -- where a name leads ----------------------------------------------------------------------

    def _resolve(self, module: _Module, name: str, depth: int) -> "_Found | _Module | None":
        """A definition, or a module that the name stands for."""
        if depth > _DEEPEST:
            return None
        if name in module.definitions:
            return _Found(module, tuple(module.definitions[name]), "same file")
        for imported in module.imports.get(name, ()):
            if found := self._imported(module, imported, depth):
                return found
        for wildcard in module.wildcards if not name.startswith("_") else ():
            source = self._find(module.file, wildcard.module, wildcard.level)
            found = self._resolve(source, name, depth + 1) if source else None
            if isinstance(found, _Found):
                return _Found(found.module, found.nodes, "wildcard import")
        return None

    def _imported(
        self, module: _Module, imported: _Import, depth: int
    ) -> "_Found | _Module | None":
        source = self._find(module.file, imported.module, imported.level)
        if imported.name is None or source is None:
            return source
        found = self._resolve(source, imported.name, depth + 1)
        if isinstance(found, _Found):
            how = "relative import" if imported.level else "absolute import"
            how = how if found.how == "same file" else f"re-export, {found.how}"
            return _Found(found.module, found.nodes, how if depth == 0 else found.how)
        return found or self._submodule(source, imported.name)

    def _submodule(self, module: _Module, name: str) -> _Module | None:
        if module.file.name != "__init__.py":
            return None
        return self._at(module.file.parent / name)

    def _find(self, file: Path, dotted: str, level: int) -> _Module | None:
        steps = dotted.split(".") if dotted else []
        if level:
            base = file.parents[level - 1]
            return self._at(base.joinpath(*steps))
        if steps[0] in sys.stdlib_module_names:
            return None
        top = file.parent
        while (top / "__init__.py").exists() and top != self._root:
            top = top.parent
        for base in (self._root, self._root / "src", top):
            if found := self._at(base.joinpath(*steps)):
                return found
        return None

    def _at(self, path: Path) -> _Module | None:
        for file in (path / "__init__.py", path.with_name(path.name + ".py")):
            if file.is_file() and file.is_relative_to(self._root):
                return self._module(file)
        return None

    def _read(self, file: Path) -> _Module | None:
        try:
            text = file.read_text("utf-8")
            tree, table = ast.parse(text), symtable.symtable(text, str(file), "exec")
        except (SyntaxError, UnicodeDecodeError, ValueError, RecursionError):
            return None
        module = _Module(file, tree, table)
        for node in _top_level(tree):
            _enter(module, node)
        return module


def _enter(module: _Module, node: ast.stmt) -> None:
    match node:
        case ast.Import() | ast.ImportFrom():
            for name, imported in _imports_of(node):
                if imported.name == "*":
                    module.wildcards.append(imported)
                else:
                    module.imports.setdefault(name, []).append(imported)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            module.definitions.setdefault(node.name, []).append(node)
        case ast.Assign() | ast.AnnAssign():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for inner in ast.walk(target):
                    if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                        module.definitions.setdefault(inner.id, []).append(node)


def _top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements of a module, also those in its `if` and `try`."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            for name in ("body", "orelse", "finalbody"):
                waiting += getattr(node, name, [])
            for handler in getattr(node, "handlers", []):
                waiting += handler.body


def _imports_of(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, _Import]]:
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, _Import(node.module or "", node.level, alias.name)
        elif alias.asname:
            yield alias.asname, _Import(alias.name, 0, None)
        else:
            top = alias.name.partition(".")[0]
            yield top, _Import(top, 0, None)


def _functions(
    tree: ast.Module,
) -> Iterator[tuple[ast.ClassDef | None, _Function]]:
    """Functions of the module and of its classes, with the class."""
    waiting: list[tuple[ast.ClassDef | None, ast.stmt]] = [(None, n) for n in _top_level(tree)]
    while waiting:
        owner, node = waiting.pop(0)
        if isinstance(node, _FUNCTIONS):
            yield owner, node
        elif isinstance(node, ast.ClassDef):
            waiting += [(node, inner) for inner in node.body]


def _local_imports(node: ast.AST) -> Iterator[tuple[str, _Import]]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Import | ast.ImportFrom):
            yield from _imports_of(inner)


def _global_names(table: symtable.SymbolTable, node: _Function) -> set[str]:
    """What the function and all inside it take from the module."""
    waiting, names = list(table.get_children()), set[str]()
    while waiting:
        inner = waiting.pop()
        if inner.get_name() == node.name and _begins(inner, node):
            below = [inner]
            while below:
                one = below.pop()
                below += one.get_children()
                names |= {s.get_name() for s in one.get_symbols() if s.is_global()}
            return names
        waiting += inner.get_children()
    return names


def _begins(table: symtable.SymbolTable, node: _Function) -> bool:
    lines = {node.lineno, *(decorator.lineno for decorator in node.decorator_list)}
    return table.get_type() == "function" and table.get_lineno() in lines


def _outside_expressions(node: _Function) -> Iterator[ast.expr]:
    """What belongs to a function and is computed around it: decorators, defaults, annotations."""
    yield from node.decorator_list
    yield from node.args.defaults
    yield from (default for default in node.args.kw_defaults if default is not None)
    if node.returns is not None:
        yield node.returns
    for argument in ast.walk(node.args):
        if isinstance(argument, ast.arg) and argument.annotation is not None:
            yield argument.annotation


def _dotted(node: ast.expr) -> list[str] | None:
    """`a.b.c` as its steps."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute) and (steps := _dotted(node.value)) is not None:
        return [*steps, node.attr]
    return None


def _class_members(node: ast.ClassDef) -> dict[str, ast.stmt]:
    """What a class declares: methods, fields, and what its methods give to `self`."""
    members: dict[str, ast.stmt] = {}
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            members.setdefault(inner.name, inner)
        elif isinstance(inner, ast.Assign | ast.AnnAssign):
            targets = inner.targets if isinstance(inner, ast.Assign) else [inner.target]
            members.update({t.id: inner for t in targets if isinstance(t, ast.Name)})
    for statement in ast.walk(node):
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            given = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in given:
                if isinstance(target, ast.Attribute) and _dotted(target) == ["self", target.attr]:
                    members.setdefault(target.attr, statement)
    return members


def _kind(node: ast.stmt) -> str:
    if isinstance(node, ast.ClassDef):
        return "class"
    return "function" if isinstance(node, _FUNCTIONS) else "constant"
