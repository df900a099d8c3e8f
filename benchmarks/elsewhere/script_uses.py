"""TypeScript and JavaScript: imports whose path leads to a file, exports by their names."""

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tree_sitter import Node

from benchmarks.elsewhere.trees import below, inner_text, line_of, parse, walk
from benchmarks.elsewhere.uses import Function, Place, Use, source_files

__all__ = ["ScriptOracle"]

_ENDINGS = (".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_SUFFIXES = frozenset({Path(f"x{ending}").suffix for ending in _ENDINGS})
_DEEPEST = 12
"""How many modules may hand a name on."""
_KINDS = {
    "abstract_class_declaration": "class",
    "class_declaration": "class",
    "enum_declaration": "class",
    "function_declaration": "function",
    "function_signature": "function",
    "generator_function_declaration": "function",
    "interface_declaration": "type",
    "internal_module": "class",
    "type_alias_declaration": "type",
}
_FUNCTIONS = ("arrow_function", "function_expression", "generator_function")
_NAMES = frozenset({"identifier", "type_identifier", "shorthand_property_identifier"})
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = re.compile(r",(\s*[}\]])")


@dataclass(frozen=True, slots=True)
class _Import:
    """A name from a module; "*" is the module itself."""

    module: str
    name: str


@dataclass(slots=True)
class _Module:
    """One file: what its top level declares, imports and hands on."""

    file: Path
    root: Node
    declared: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Line and kind."""
    imports: dict[str, _Import] = field(default_factory=dict)
    exports: dict[str, str] = field(default_factory=dict)
    """The name outside, and the name in the file."""
    passed_on: dict[str, _Import] = field(default_factory=dict)
    wildcards: list[str] = field(default_factory=list)
    functions: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Found:
    places: frozenset[Place]
    kind: str
    steps: int


class ScriptOracle:
    """See `Oracle`. `endings` chooses between TypeScript and JavaScript."""

    def __init__(self, root: Path, endings: frozenset[str]) -> None:
        self._root = root
        self._files = source_files(root, endings)
        self._module = cache(_read)
        self._packages = cache(self._read_packages)
        self._paths = cache(self._read_paths)

    def functions(self) -> Sequence[Function]:
        """All of them, in the order of the files."""
        found = []
        for file in self._files:
            for node in self._module(file).functions:
                found.append(Function(file, line_of(node), node.end_point.row))
        return found

    def uses(self, function: Function) -> tuple[Use, ...]:
        """Each name once."""
        module = self._module(function.file)
        node = next(n for n in module.functions if line_of(n) == function.first)
        own = _declared_inside(node)
        found: dict[str, Use] = {}
        for name in _names_in(node):
            imported = module.imports.get(name)
            if imported is None or name in own:
                continue
            if imported.name == "*":
                for member in _members_of(node, name):
                    self._enter(found, module, f"{name}.{member}", _Import(imported.module, member))
            else:
                self._enter(found, module, name, imported)
        return tuple(found.values())

    def _enter(self, found: dict[str, Use], module: _Module, name: str, imported: _Import) -> None:
        target = self._file(module.file, imported.module)
        definition = self._exported(target, imported.name, 0) if target else None
        if name in found or definition is None:
            return
        if any(place.file == module.file for place in definition.places):
            return
        how = "relative" if imported.module.startswith(".") else "path or package"
        how = "namespace" if "." in name else how
        how += ", re-export" if definition.steps else ""
        found[name] = Use(name, definition.places, how, definition.kind)

    def _exported(self, file: Path, name: str, steps: int) -> _Found | None:
        """The definition that a file has under a name."""
        if steps > _DEEPEST or file.suffix not in _SUFFIXES:
            return None
        module = self._module(file)
        inside = module.exports.get(name, name)
        if (name in module.exports or name in module.declared) and inside in module.declared:
            lines = module.declared[inside]
            places = frozenset(Place(file, line) for line, _ in lines)
            return _Found(places, lines[0][1], steps)
        imported = module.passed_on.get(name) or module.imports.get(module.exports.get(name, ""))
        if imported is not None and (target := self._file(file, imported.module)):
            return self._exported(target, imported.name, steps + 1)
        for other in module.wildcards:
            target = self._file(file, other)
            if target and (found := self._exported(target, name, steps + 1)):
                return found
        return None

    # -- modules ---------------------------------------------------------------------------------

    def _file(self, importer: Path, module: str) -> Path | None:
        if module.startswith("."):
            return _at(Path(os.path.normpath(importer.parent / module)))
        for base, pattern, targets in self._paths(importer.parent):
            head, star, tail = pattern.partition("*")
            if module == pattern or (star and module.startswith(head) and module.endswith(tail)):
                middle = module[len(head) : len(module) - len(tail)] if star else ""
                for target in targets:
                    if found := _at(Path(os.path.normpath(base / target.replace("*", middle)))):
                        return found
        package = self._packages().get(module)
        if package is not None:
            return _at(package / "src" / "index") or _at(package / "index")
        return None

    def _read_packages(self) -> dict[str, Path]:
        """The packages of the project by their names."""
        found = {}
        for file in source_files(self._root, frozenset({".json"})):
            if file.name == "package.json":
                name = _json(file).get("name")
                if isinstance(name, str):
                    found[name] = file.parent
        return found

    def _read_paths(self, folder: Path) -> list[tuple[Path, str, list[str]]]:
        """The `paths` of the nearest `tsconfig.json` that has some."""
        while folder.is_relative_to(self._root):
            file = folder / "tsconfig.json"
            options = _json(file).get("compilerOptions") if file.is_file() else None
            if isinstance(options, dict) and isinstance(options.get("paths"), dict):
                base = folder / str(options.get("baseUrl", "."))
                return [(base, pattern, to) for pattern, to in options["paths"].items()]
            folder = folder.parent
        return []


def _json(file: Path) -> dict[str, object]:
    """A JSON file with comments and commas too many; empty if it is nothing of that kind."""
    text = _COMMENT.sub(lambda found: found[1] or "", file.read_text("utf-8", "replace"))
    try:
        value = json.loads(_COMMA.sub(r"\1", text))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _at(path: Path) -> Path | None:
    """The file that a path without its ending, or with that of its compiled form, stands for."""
    if path.suffix and path.is_file():
        return path
    bare = path.with_suffix("") if path.suffix in (".js", ".jsx", ".mjs", ".cjs") else path
    for base in (bare, path / "index"):
        for ending in _ENDINGS:
            file = base.with_name(base.name + ending)
            if file.is_file():
                return file
    return None


# -- reading a file ------------------------------------------------------------------------------


def _read(file: Path) -> _Module:
    module = _Module(file, parse(file))
    for node in module.root.named_children:
        _statement(module, node)
    return module


def _statement(module: _Module, node: Node) -> None:
    declaration = node
    if node.type == "import_statement":
        module.imports.update(_imports(node))
        return
    if node.type == "export_statement":
        _export(module, node)
        found = node.child_by_field_name("declaration")
        declaration = found if found is not None else node
    if declaration.type == "ambient_declaration" and declaration.named_children:
        declaration = declaration.named_children[0]
    if declaration.type == "expression_statement":
        _assigned(module, declaration)
    elif declaration.type in _KINDS:
        name = inner_text(declaration.child_by_field_name("name"))
        line = line_of(declaration)
        module.declared.setdefault(name, []).append((line, _KINDS[declaration.type]))
        _keep_functions(module, declaration)
    elif declaration.type in ("lexical_declaration", "variable_declaration"):
        for inner in declaration.named_children:
            _variable(module, declaration, inner)


def _keep_functions(module: _Module, declaration: Node) -> None:
    if _KINDS[declaration.type] == "function" and declaration.type != "function_signature":
        module.functions.append(declaration)
    elif "class" in declaration.type:
        body = declaration.child_by_field_name("body")
        module.functions += (
            [n for n in body.named_children if n.type == "method_definition"]
            if (body is not None)
            else []
        )


def _variable(module: _Module, statement: Node, declarator: Node) -> None:
    name, value = (declarator.child_by_field_name(field) for field in ("name", "value"))
    if name is None:
        return
    required = _required(value)
    if name.type == "object_pattern" and required:
        for inner in name.named_children:
            key = inner.child_by_field_name("key") or inner
            local = inner.child_by_field_name("value") or inner
            module.imports[inner_text(local)] = _Import(required, inner_text(key))
    elif required:
        module.imports[inner_text(name)] = _Import(required, "*")
    elif name.type == "identifier":
        function = value is not None and value.type in _FUNCTIONS
        kind = "function" if function else "constant"
        module.declared.setdefault(inner_text(name), []).append((line_of(declarator), kind))
        if function and len(statement.named_children) == 1:
            module.functions.append(statement)


def _required(value: Node | None) -> str:
    """What `require("…")` asks for."""
    if value is None or value.type != "call_expression":
        return ""
    if inner_text(value.child_by_field_name("function")) != "require":
        return ""
    return next((inner_text(n) for n in below(value, "string_fragment")), "")


def _imports(node: Node) -> Iterator[tuple[str, _Import]]:
    source = _source(node)
    for clause in node.named_children:
        for inner in clause.named_children if clause.type == "import_clause" else ():
            if inner.type == "identifier":
                yield inner_text(inner), _Import(source, "default")
            elif inner.type == "namespace_import":
                yield inner_text(inner.named_children[0]), _Import(source, "*")
            for one in inner.named_children if inner.type == "named_imports" else ():
                name = one.child_by_field_name("name")
                local = one.child_by_field_name("alias") or name
                yield inner_text(local), _Import(source, inner_text(name))


def _source(node: Node) -> str:
    return inner_text(node.child_by_field_name("source")).strip("'\"")


def _export(module: _Module, node: Node) -> None:
    source = _source(node)
    clauses = [n for n in node.named_children if n.type in ("export_clause", "namespace_export")]
    for clause in clauses:
        for one in clause.named_children if clause.type == "export_clause" else ():
            name = inner_text(one.child_by_field_name("name"))
            outside = inner_text(one.child_by_field_name("alias")) or name
            if source:
                module.passed_on[outside] = _Import(source, name)
            else:
                module.exports[outside] = name
    if source and not clauses:
        module.wildcards.append(source)
    if any(child.type == "default" for child in node.children):
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        named = declaration.child_by_field_name("name") if declaration is not None else value
        module.exports["default"] = inner_text(named)


def _assigned(module: _Module, statement: Node) -> None:
    """`module.exports = {…}`."""
    for inner in statement.named_children:
        left, right = (inner.child_by_field_name(side) for side in ("left", "right"))
        if inner_text(left) != "module.exports" or right is None:
            continue
        for one in right.named_children if right.type == "object" else ():
            if one.type == "shorthand_property_identifier":
                module.exports[inner_text(one)] = inner_text(one)
            elif one.type == "pair":
                key, value = (one.child_by_field_name(name) for name in ("key", "value"))
                module.exports[inner_text(key)] = inner_text(value)


# -- reading a function --------------------------------------------------------------------------


def _names_in(node: Node) -> list[str]:
    return sorted({inner_text(n) for n in walk(node) if n.type in _NAMES})


def _members_of(node: Node, namespace: str) -> list[str]:
    """The `x` of each `namespace.x`."""
    found = set()
    for inner in below(node, "member_expression", "nested_type_identifier"):
        owner = inner.child_by_field_name("object") or inner.child_by_field_name("module")
        member = inner.child_by_field_name("property") or inner.child_by_field_name("name")
        if owner is not None and owner.type == "identifier" and inner_text(owner) == namespace:
            found.add(inner_text(member))
    return sorted(found)


def _declared_inside(node: Node) -> set[str]:
    """Names that mean something of the function's own anywhere in it."""
    found = set()
    for inner in walk(node):
        pattern = inner.child_by_field_name("pattern")
        if inner.type == "variable_declarator":
            pattern = inner.child_by_field_name("name")
        elif inner.type == "arrow_function":
            pattern = inner.child_by_field_name("parameter")
        elif inner.type == "formal_parameters":
            found |= {inner_text(n) for n in inner.named_children if n.type == "identifier"}
            found |= {inner_text(n) for n in below(inner, "shorthand_property_identifier_pattern")}
        elif inner != node and inner.type in _KINDS:
            found.add(inner_text(inner.child_by_field_name("name")))
        if pattern is not None:
            names = ("identifier", "shorthand_property_identifier_pattern")
            found |= {inner_text(n) for n in below(pattern, *names)}
    return found
