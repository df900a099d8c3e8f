"""Rust, Java, C#, PHP, Ruby and C: names that an import, a namespace or a header leads to.

One rule for each language, and only for types, functions and constants of a file's top level.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tree_sitter import Node

from benchmarks.elsewhere.trees import below, inner_text, line_of, parse, walk
from benchmarks.elsewhere.uses import Function, Place, Use, source_files

__all__ = ["NAMED", "NamedOracle"]


@dataclass(frozen=True, slots=True)
class _Rules:
    """The nodes of one language."""

    endings: frozenset[str]
    functions: tuple[str, ...]
    declarations: dict[str, str]
    """The kind of what a node declares."""
    names: tuple[str, ...]
    """Nodes that are names."""


@dataclass(slots=True)
class _Source:
    """One file."""

    file: Path
    root: Node
    declared: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Lines and kinds."""
    functions: list[Node] = field(default_factory=list)
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a name may come from: files, the name there, and what leads to them."""

    files: tuple[Path, ...]
    name: str
    how: str


class NamedOracle:
    """See `Oracle`. A subclass says what an import leads to."""

    rules: _Rules

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = source_files(root, self.rules.endings)
        self._source = cache(self._read)

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
        own = {*source.declared, *_declared_inside(node)}
        names = {inner_text(n) for n in below(node, *self.rules.names)} - own
        found = []
        for name in sorted(names):
            for origin in self._origins(source, name):
                places, kind = self._declarations(origin)
                if places and all(place.file != function.file for place in places):
                    found.append(Use(name, places, origin.how, kind))
                    break
        return tuple(found)

    def _origins(self, source: _Source, name: str) -> Iterator[_Origin]:
        raise NotImplementedError

    def _namespace(self, root: Node) -> str:
        return ""

    def _declarations(self, origin: _Origin) -> tuple[frozenset[Place], str]:
        found = [
            (Place(file, line), kind)
            for file in origin.files
            for line, kind in self._source(file).declared.get(origin.name, ())
        ]
        return frozenset(place for place, _ in found), found[0][1] if found else ""

    def _read(self, file: Path) -> _Source:
        source = _Source(file, parse(file))
        source.namespace = self._namespace(source.root)
        rules = self.rules
        for node in walk(source.root, lambda n: n.type not in rules.functions):
            if node.type in rules.functions:
                source.functions.append(node)
            kind = rules.declarations.get(node.type)
            name = _name(node) if kind else ""
            if node.type.endswith("_specifier") and node.child_by_field_name("body") is None:
                continue  # `struct order *` names it and does not define it.
            if kind and name and not node.has_error:
                source.declared.setdefault(name, []).append((line_of(node), kind))
        return source


def _name(node: Node) -> str:
    """The name that a node declares; in C inside its declarators."""
    name = node.child_by_field_name("name")
    while name is None and (inner := node.child_by_field_name("declarator")) is not None:
        node = inner
        if "identifier" in node.type:
            name = node
        else:
            name = node.child_by_field_name("name")
    return inner_text(name)


def _declared_inside(node: Node) -> set[str]:
    """Names that the function gives to parameters and variables."""
    found = set()
    for inner in walk(node):
        if inner == node or "parameter" in inner.type or "declarat" in inner.type:
            found.add(_name(inner))
        pattern = inner.child_by_field_name("pattern")
        found |= {inner_text(n) for n in below(pattern, "identifier")}
    return found


_TYPES = dict.fromkeys(
    ("class_declaration", "enum_declaration", "record_declaration", "interface_declaration"),
    "class",
)


class _Rust(NamedOracle):
    rules = _Rules(
        frozenset({".rs"}),
        ("function_item",),
        {
            "const_item": "constant",
            "enum_item": "class",
            "function_item": "function",
            "static_item": "constant",
            "struct_item": "class",
            "trait_item": "class",
            "type_item": "type",
        },
        ("identifier", "type_identifier"),
    )

    def _origins(self, source: _Source, name: str) -> Iterator[_Origin]:
        for path, local in self._imports(source):
            if local == name:
                yield from self._origin(source.file, path, 0)

    def _origin(self, importer: Path, path: tuple[str, ...], depth: int) -> Iterator[_Origin]:
        """`crate::a::b::Name`; a module may have it from another by `pub use`."""
        file = self._module(importer, path[:-1])
        if file is None or depth > 8:
            return
        how = "use" if depth == 0 else "use, re-export"
        yield _Origin((file,), path[-1], how)
        for further, local in self._imports(self._source(file)):
            if local == path[-1] and further != path:
                yield from self._origin(file, further, depth + 1)

    def _module(self, importer: Path, path: tuple[str, ...]) -> Path | None:
        """The file of a module."""
        own = importer.stem in ("mod", "lib", "main")
        folder = importer.parent if own else importer.parent / importer.stem
        if not path or path[0] not in ("crate", "self", "super"):
            if not path or not own or not _beside(folder, path[0]):
                return None
        elif path[0] == "crate":
            while not any((folder / name).is_file() for name in ("lib.rs", "main.rs")):
                if folder == self._root:
                    return None
                folder = folder.parent
        while path and path[0] in ("crate", "self", "super"):
            folder = folder.parent if path[0] == "super" else folder
            path = path[1:]
        for step in path[:-1]:
            folder = folder / step
        if path:
            return _beside(folder, path[-1])
        files = [folder / name for name in ("mod.rs", "lib.rs", "main.rs")]
        files.append(folder.with_name(folder.name + ".rs"))
        return next((file for file in files if file.is_file()), None)

    def _imports(self, source: _Source) -> Iterator[tuple[tuple[str, ...], str]]:
        for node in below(source.root, "use_declaration"):
            argument = node.child_by_field_name("argument")
            if argument is not None:
                yield from _use_paths(argument, ())


def _beside(folder: Path, name: str) -> Path | None:
    files = (folder / f"{name}.rs", folder / name / "mod.rs")
    return next((file for file in files if file.is_file()), None)


def _use_paths(node: Node, before: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The whole path of each name, and its name in the file."""
    if node.type == "use_list":
        for inner in node.named_children:
            yield from _use_paths(inner, before)
    elif node.type == "scoped_use_list":
        path, names = (node.child_by_field_name(name) for name in ("path", "list"))
        steps = tuple(inner_text(path).split("::")) if path is not None else ()
        if names is not None:
            yield from _use_paths(names, before + steps)
    elif node.type in ("use_as_clause", "scoped_identifier", "identifier"):
        path = node.child_by_field_name("path") if node.type == "use_as_clause" else node
        steps = before + tuple(inner_text(path).split("::"))
        yield steps, inner_text(node.child_by_field_name("alias")) or steps[-1]


class _Java(NamedOracle):
    rules = _Rules(
        frozenset({".java"}),
        ("method_declaration", "constructor_declaration"),
        _TYPES,
        ("identifier", "type_identifier"),
    )

    def _origins(self, source: _Source, name: str) -> Iterator[_Origin]:
        for node in below(source.root, "import_declaration"):
            path = inner_text(node).removeprefix("import").strip(" ;").split(".")
            if path[-1] == name:
                ending = "/".join(path) + ".java"
                files = [f for f in self._files if f.as_posix().endswith(f"/{ending}")]
                yield _Origin(tuple(files), name, "import")
        beside = source.file.with_name(f"{name}.java")
        if beside.is_file():
            yield _Origin((beside,), name, "same package")


class _Namespaced(NamedOracle):
    """Files that say their namespace."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._by_name = cache(self._read_names)

    def _read_names(self) -> dict[tuple[str, str], list[Path]]:
        """The files that declare a name in a namespace."""
        found: dict[tuple[str, str], list[Path]] = {}
        for file in self._files:
            source = self._source(file)
            for name in source.declared:
                found.setdefault((source.namespace, name), []).append(file)
        return found

    def _in_namespace(self, namespace: str, name: str, how: str) -> Iterator[_Origin]:
        if files := self._by_name().get((namespace, name)):
            yield _Origin(tuple(files), name, how)


class _CSharp(_Namespaced):
    rules = _Rules(
        frozenset({".cs"}),
        ("method_declaration", "constructor_declaration"),
        {**_TYPES, "struct_declaration": "class", "delegate_declaration": "type"},
        ("identifier",),
    )

    def _namespace(self, root: Node) -> str:
        kinds = ("namespace_declaration", "file_scoped_namespace_declaration")
        return next((inner_text(n.child_by_field_name("name")) for n in below(root, *kinds)), "")

    def _origins(self, source: _Source, name: str) -> Iterator[_Origin]:
        steps = source.namespace.split(".")
        for count in range(len(steps), 0, -1):
            yield from self._in_namespace(".".join(steps[:count]), name, "same namespace")
        for node in below(source.root, "using_directive"):
            used = inner_text(node.named_children[-1]) if node.named_children else ""
            yield from self._in_namespace(used, name, "using")


class _Php(_Namespaced):
    rules = _Rules(
        frozenset({".php"}),
        ("method_declaration", "function_definition"),
        {**_TYPES, "trait_declaration": "class", "function_definition": "function"},
        ("name",),
    )

    def _namespace(self, root: Node) -> str:
        found = below(root, "namespace_definition")
        return next((inner_text(n.child_by_field_name("name")) for n in found), "")

    def _origins(self, source: _Source, name: str) -> Iterator[_Origin]:
        for node in below(source.root, "namespace_use_clause"):
            path = inner_text(node.named_children[0])
            local = inner_text(node.child_by_field_name("alias")) or path.rpartition("\\")[2]
            if local == name and node.parent is not None:
                namespace, _, real = path.rpartition("\\")
                yield from self._in_namespace(namespace, real, "use")
        yield from self._in_namespace(source.namespace, name, "same namespace")


class _Ruby(_Namespaced):
    rules = _Rules(
        frozenset({".rb"}),
        ("method", "singleton_method"),
        {"class": "class", "module": "class"},
        ("constant",),
    )

    def _origins(self, source: _Source, name: str) -> Iterator[_Origin]:
        """A class or module that one file alone declares; modules that many open say nothing."""
        files = self._by_name().get(("", name), [])
        if len(files) == 1:
            yield _Origin(tuple(files), name, "constant of one file")


class _C(NamedOracle):
    rules = _Rules(
        frozenset({".c", ".h"}),
        ("function_definition",),
        {
            "declaration": "function",
            "enum_specifier": "type",
            "function_definition": "function",
            "preproc_def": "constant",
            "preproc_function_def": "function",
            "struct_specifier": "type",
            "type_definition": "type",
        },
        ("identifier", "type_identifier"),
    )

    def _origins(self, source: _Source, name: str) -> Iterator[_Origin]:
        """What an included header declares, or the definition that belongs to it."""
        for node in below(source.root, "preproc_include"):
            path = inner_text(node.child_by_field_name("path"))
            header = source.file.parent / path.strip('"')
            known = path.startswith('"') and header.is_file()
            if known and name in self._source(header).declared:
                more = [f for f in self._files if f.suffix == ".c" and f != source.file]
                yield _Origin((header, *more), name, "include")


NAMED: dict[str, type[NamedOracle]] = {
    "c": _C,
    "csharp": _CSharp,
    "java": _Java,
    "php": _Php,
    "ruby": _Ruby,
    "rust": _Rust,
}
"""The oracle of each language, by its LSP id."""
