"""Go: the other files of the package, and the packages of the same module."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tree_sitter import Node

from benchmarks.elsewhere.trees import below, inner_text, line_of, parse, walk
from benchmarks.elsewhere.uses import Function, Place, Use, source_files

__all__ = ["GoOracle"]

_KINDS = {
    "const_spec": "constant",
    "function_declaration": "function",
    "type_alias": "type",
    "type_spec": "type",
    "var_spec": "constant",
}
_FUNCTIONS = ("function_declaration", "method_declaration")
_MODULE = re.compile(r"^module\s+(\S+)", re.MULTILINE)


@dataclass(slots=True)
class _Source:
    """One file."""

    file: Path
    package: str = ""
    declared: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Line and kind of what the top level declares."""
    methods: dict[tuple[str, str], int] = field(default_factory=dict)
    """The line of each method, by its receiver's type and its name."""
    imports: dict[str, str] = field(default_factory=dict)
    functions: list[Node] = field(default_factory=list)


class GoOracle:
    """See `Oracle`."""

    def __init__(self, root: Path) -> None:
        self._files = source_files(root, frozenset({".go"}))
        self._root = root
        self._source = cache(_read)
        self._folders: dict[Path, list[Path]] = {}
        for file in self._files:
            self._folders.setdefault(file.parent, []).append(file)

    def functions(self) -> Sequence[Function]:
        """All of them, in the order of the files."""
        return [
            Function(file, line_of(node), node.end_point.row)
            for file in self._files
            for node in self._source(file).functions
        ]

    def uses(self, function: Function) -> tuple[Use, ...]:
        """Each name once."""
        source = self._source(function.file)
        node = next(n for n in source.functions if line_of(n) == function.first)
        found: dict[str, Use] = {}
        for use in (*self._package_names(source, node), *self._qualified(source, node)):
            found.setdefault(use.name, use)
        for use in self._methods(source, node):
            found.setdefault(use.name, use)
        return tuple(found.values())

    def _package_names(self, source: _Source, node: Node) -> Iterator[Use]:
        own = _declared_inside(node)
        other = {n.id for q in below(node, "qualified_type") for n in q.named_children}
        # In `Run{Status: done}` the name `Status` is a field.
        other |= {n.id for key in below(node, "keyed_element") for n in _key(key)}
        names = {
            inner_text(n) for n in below(node, "identifier", "type_identifier") if n.id not in other
        }
        own |= {"_", *source.declared, *source.imports}
        for name in sorted(names - own):
            places, kind = self._declarations(source.file.parent, source.package, name)
            if places:
                yield Use(name, places, "same package", kind)

    def _qualified(self, source: _Source, node: Node) -> Iterator[Use]:
        """`money.Format`, where the module holds the package."""
        own = _declared_inside(node)
        for inner in below(node, "selector_expression", "qualified_type"):
            owner = inner.child_by_field_name("operand") or inner.child_by_field_name("package")
            name = inner.child_by_field_name("field") or inner.child_by_field_name("name")
            package = inner_text(owner)
            if package in own or package not in source.imports:
                continue
            folder = self._folder(source.file, source.imports[package])
            places, kind = (
                self._declarations(folder, "", inner_text(name)) if folder else (frozenset(), "")
            )
            if places:
                yield Use(f"{package}.{inner_text(name)}", places, "other package", kind)

    def _methods(self, source: _Source, node: Node) -> Iterator[Use]:
        """Methods that are called on the receiver and stand in another file of the package."""
        receiver = node.child_by_field_name("receiver")
        kinds = [inner_text(n) for n in below(receiver, "type_identifier")]
        names = [inner_text(n) for n in below(receiver, "identifier")]
        if not kinds or not names:
            return
        for inner in below(node, "selector_expression"):
            name = inner_text(inner.child_by_field_name("field"))
            if inner_text(inner.child_by_field_name("operand")) != names[0]:
                continue
            key = kinds[0], name
            places = frozenset(
                Place(file, self._source(file).methods[key])
                for file in self._folders[source.file.parent]
                if key in self._source(file).methods
            )
            if places and all(place.file != source.file for place in places):
                yield Use(f"{names[0]}.{name}", places, "method", "function", member=True)

    def _declarations(self, folder: Path, package: str, name: str) -> tuple[frozenset[Place], str]:
        """Where a package declares a name. Without `package`: any that is no test."""
        places, kind = set(), ""
        for file in self._folders.get(folder, ()):
            source = self._source(file)
            same = source.package == package
            same = same or (not package and not file.name.endswith("_test.go"))
            if same and name in source.declared:
                line, kind = source.declared[name]
                places.add(Place(file, line))
        return frozenset(places), kind

    def _folder(self, importer: Path, path: str) -> Path | None:
        """The folder of a package of the same module."""
        folder = importer.parent
        while not (folder / "go.mod").is_file():
            if folder == self._root:
                return None
            folder = folder.parent
        found = _MODULE.search((folder / "go.mod").read_text("utf-8"))
        module = found[1] if found else "?"
        if path == module:
            return folder
        return folder / path[len(module) + 1 :] if path.startswith(f"{module}/") else None


def _read(file: Path) -> _Source:
    source = _Source(file)
    for node in parse(file).named_children:
        if node.type == "package_clause":
            source.package = inner_text(node.named_children[0])
        elif node.type == "import_declaration":
            for spec in below(node, "import_spec"):
                path = inner_text(spec.child_by_field_name("path")).strip('"`')
                name = inner_text(spec.child_by_field_name("name")) or _last(path)
                source.imports[name] = path
        elif node.type in _FUNCTIONS:
            source.functions.append(node)
        if node.type == "method_declaration":
            owner = node.child_by_field_name("receiver")
            kinds = [inner_text(n) for n in below(owner, "type_identifier")]
            name = inner_text(node.child_by_field_name("name"))
            source.methods[kinds[0] if kinds else "", name] = line_of(node)
        elif node.type.endswith("_declaration"):
            _enter(source, node)
    return source


def _last(path: str) -> str:
    """The name by which a package is usually known: `v2` is none."""
    steps = path.split("/")
    return steps[-2] if re.fullmatch(r"v\d+", steps[-1]) and len(steps) > 1 else steps[-1]


def _enter(source: _Source, node: Node) -> None:
    """What a declaration at the top level declares."""
    for spec in walk(node, lambda inner: inner.type not in _KINDS):
        if spec.type in _KINDS:
            for name in spec.children_by_field_name("name"):
                source.declared[inner_text(name)] = line_of(spec), _KINDS[spec.type]


def _key(element: Node) -> Iterator[Node]:
    key = element.child_by_field_name("key")
    yield from (key.named_children if key is not None else ())


def _declared_inside(node: Node) -> set[str]:
    """Names that mean something of the function's own anywhere in it."""
    found = {inner_text(node.child_by_field_name("name"))} if node.type == _FUNCTIONS[0] else set()
    for inner in below(
        node,
        *("parameter_declaration", "variadic_parameter_declaration", "var_spec", "const_spec"),
        *("type_parameter_declaration", "type_spec"),
    ):
        found |= {inner_text(name) for name in inner.children_by_field_name("name")}
    for inner in below(node, "short_var_declaration", "range_clause", "type_switch_statement"):
        left = inner.child_by_field_name("left") or inner.child_by_field_name("alias")
        found |= {inner_text(name) for name in below(left, "identifier")}
    for inner in below(node, "receive_statement"):
        found |= {inner_text(n) for n in below(inner.child_by_field_name("left"), "identifier")}
    return found
