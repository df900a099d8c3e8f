"""Finds where the names that a scope uses are declared, through imports and packages.

Imports are resolved first and need no index; a name that a package makes visible is looked for in
the files of the package; what is left is asked of the index. Files are read as they are now.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lsp_server.context.file_facts import FUNCTIONS, VALUE, Declared
from lsp_server.context.resolution.families import ModuleResolver, family_of, packages_of
from lsp_server.context.source_files import ParsedFile, SourceFiles
from lsp_server.context.used_names import UsedNames, plain_code, used_names
from lsp_server.imports.statements import ImportedName, ImportStatement
from lsp_server.syntax.outline import OutlineEntry, enclosing
from lsp_server.text.span import Span

__all__ = ["DefinitionSearch", "FoundDefinition", "IndexedNames", "NoIndex"]

_MOST_STEPS = 6
"""Re-exports that are followed from one name; more than people nest packages."""
_MOST_FOLLOWED = 24
"""Types of fields and results that are followed for one scope."""
_SHORTEST_MEMBER = 4
"""Letters of a member that is looked for by its name alone: shorter ones mean anything."""
_MOST_LINES = 20
"""Lines of a class in which the type of a field is looked for."""
_LOWER_TYPES = frozenset({"go", "c", "cpp", "lua"})
"""Languages whose types often have names in lower case."""
_WORD = re.compile(r"[^\W\d]\w*")
_HEADS = ("crate", "self", "super")


@dataclass(frozen=True, slots=True)
class FoundDefinition:
    """A declaration in another file."""

    file: ParsedFile
    declared: Declared


IndexedNames = Callable[[Sequence[str], str, Sequence[str]], Sequence[tuple[str, str]]]
"""Asks the index where names are declared: the names, the language family, and packages, of which
there may be none. The answer has pairs of a name and a path."""


def _no_index(
    names: Sequence[str], family: str, packages: Sequence[str]
) -> Sequence[tuple[str, str]]:
    return ()


NoIndex: IndexedNames = _no_index


class DefinitionSearch:
    """One search, for one scope. Never raises for any file."""

    def __init__(
        self,
        sources: SourceFiles,
        resolver: ModuleResolver,
        indexed: IndexedNames,
        over: Callable[[], bool],
    ) -> None:
        self._sources, self._resolver, self._indexed = sources, resolver, indexed
        self._over = over
        self._document: ParsedFile
        self._known: dict[str, list[FoundDefinition]] = {}
        self._files: dict[str, ParsedFile | None] = {}
        self._beside_files: dict[str, tuple[str, ...]] = {}

    def find(self, document: ParsedFile, scope: Span) -> Iterator[FoundDefinition]:
        """The declarations in other files, best first; each once."""
        self._document = document
        code, around = scope.text(document.text), self.around(document, scope)
        self.used = used_names(code, document.language)
        header = "\n".join(entry.signature for entry in around)
        self.wanted = UsedNames((*used_names(header, document.language).chains, *self.used.chains))
        self.members = frozenset(self.wanted.members)
        self._own_names = {one.name for one in document.facts.declared}
        seen: set[tuple[str, int, int, str]] = set()
        for found in self._all(around):
            one = found.declared
            key = str(found.file.path), one.first, one.last, one.name
            if key not in seen and found.file.path != document.path:
                seen.add(key)
                yield found
            if self._over():
                return

    def named(self, document: ParsedFile, name: str) -> Iterator[FoundDefinition]:
        """What a name means in a document that imports it, or sees it in its package."""
        self._document, self._own_names = document, set[str]()
        self.wanted = UsedNames(((name,),))
        self.members = frozenset[str]()
        yield from self._imported(self.wanted)
        if not self._known.get(name):
            self._known.pop(name, None)
            yield from self._visible()

    def around(self, document: ParsedFile, scope: Span) -> tuple[OutlineEntry, ...]:
        """The declarations around the scope, and the one that it is; the outermost first."""
        tree = document.tree
        if tree is None or not tree.readable:
            return ()
        text = document.text
        start = scope.start
        while start < scope.end and text[start].isspace():
            start += 1
        return enclosing(text, start, None, tree)

    def _all(self, around: Sequence[OutlineEntry]) -> Iterator[FoundDefinition]:
        yield from self._imported(self.wanted)
        yield from self._visible()
        yield from self._of_fields(around)
        yield from self._behind_types()
        yield from self._by_index()

    # -- imports -----------------------------------------------------------------------------

    def _imported(self, wanted: UsedNames) -> Iterator[FoundDefinition]:
        """What the file's imports make known, in the order in which the scope uses it."""
        order = {name: number for number, name in enumerate(wanted.plain)}
        jobs: list[tuple[int, ImportStatement, ImportedName | None]] = []
        for statement in self._statements(wanted):
            for name in statement.names:
                if name.local in order:
                    jobs.append((order[name.local], statement, name))
            for head in _heads(statement, self._document.language_name):
                if head[0] in order and wanted.behind(head):
                    jobs.append((order[head[0]], statement, None))
        for _, statement, imported in sorted(jobs, key=lambda job: job[0]):
            if self._over():
                return
            yield from self._of_statement(statement, imported, wanted)

    def _statements(self, wanted: UsedNames) -> Iterator[ImportStatement]:
        """The imports of the file, and the paths that the scope itself spells out (Rust)."""
        yield from self._document.imports
        if self._document.language_name != "rust":
            return
        for chain in wanted.chains:
            if chain[0] in _HEADS and len(chain) > 2:
                for end in range(2, len(chain)):
                    name = ImportedName(chain[end], chain[0])
                    yield ImportStatement(Span(0, 0), "::".join(chain[:end]), (name,))

    def _of_statement(
        self, statement: ImportStatement, name: ImportedName | None, wanted: UsedNames
    ) -> Iterator[FoundDefinition]:
        target = self._resolver.target(statement, str(self._document.path), self._document_id)
        if name is None:
            for head in _heads(statement, self._document.language_name):
                for member in wanted.behind(head):
                    local = ".".join((*head, member))  # The name alone may mean another one.
                    yield from self._declared_in(target.files, target.packages, member, local)
        elif (module := target.modules.get(name.local)) is not None:
            for member in wanted.behind((name.local,)):
                yield from self._declared_in(module, (), member, f"{name.local}.{member}")
        else:
            yield from self._declared_in(target.files, target.packages, name.name, name.local)

    @property
    def _document_id(self) -> str:
        language = self._document.language
        return "" if language is None else language.id

    def _declared_in(
        self, files: Sequence[str], packages: Sequence[str], name: str, local: str = ""
    ) -> Iterator[FoundDefinition]:
        """What a module declares or passes on under a name. Remembers it as `local`."""
        found = list(self._follow(files, name, _MOST_STEPS, set()))
        if not found and packages:
            paths = [path for _, path in self._indexed((name,), self._family, packages)]
            found = list(self._follow(paths, name, 1, set()))
        self._known.setdefault(local or name, []).extend(found)
        yield from found

    @property
    def _family(self) -> str:
        return family_of(self._document_id)

    def _follow(
        self, paths: Sequence[str], name: str, steps: int, seen: set[tuple[str, str]]
    ) -> Iterator[FoundDefinition]:
        """A name in the files of one module, or where the module has it from."""
        files = [
            file
            for path in paths
            if not self._over() and (file := self._fresh(path, name, seen)) is not None
        ]
        if len(paths) > 1:
            files = [file for file in files if name in file.may_declare]
        found = False
        for file in files:
            if self._over():
                return
            for one in _exported(file, name):
                found = True
                yield FoundDefinition(file, one)
        if found or not steps:
            return
        for file in files:
            passed_on = list(self._passed_on(file, name, steps, seen))
            if passed_on:
                yield from passed_on
                return

    def _fresh(self, path: str, name: str, seen: set[tuple[str, str]]) -> ParsedFile | None:
        """A file in which this name was not looked for yet; none that a program made."""
        if (path, name) in seen:
            return None
        seen.add((path, name))
        file = self._read(path)
        return None if file is None or file.is_generated else file

    def _read(self, path: str) -> ParsedFile | None:
        """A file, looked at once in a search: a package is asked for many names."""
        if path not in self._files:
            self._files[path] = self._sources.read(path)
        return self._files[path]

    def _seen_from(self, path: str, language_id: str) -> tuple[str, ...]:
        """The files whose declarations a file sees without an import."""
        if path not in self._beside_files:
            self._beside_files[path] = self._resolver.visible(path, language_id)
        return self._beside_files[path]

    def _passed_on(
        self, file: ParsedFile, name: str, steps: int, seen: set[tuple[str, str]]
    ) -> Iterator[FoundDefinition]:
        """A name that a file has from another one."""
        language = file.language
        if language is None:
            return
        own = file.exported_as.get(name, name)
        everything: list[ImportStatement] = []
        for statement in file.imports:
            if statement.wildcard:
                everything.append(statement)
            for each in statement.names:
                if each.local == own:
                    target = self._resolver.target(statement, str(file.path), language.id)
                    yield from self._follow(target.files, each.name, steps - 1, seen)
                    return
        for statement in everything:
            if self._over():
                return
            target = self._resolver.target(statement, str(file.path), language.id)
            found = list(self._follow(target.files, own, steps - 1, seen))
            if found:
                yield from found
                return

    # -- packages ----------------------------------------------------------------------------

    def _visible(self) -> Iterator[FoundDefinition]:
        """What the package, the namespace or an import of everything makes visible."""
        path, language = str(self._document.path), self._document_id
        left = [name for name in self.wanted.plain if self._is_open(name)]
        packages = list(packages_of(self._family, self._document.text))
        for statement in self._document.imports:
            if not statement.wildcard or self._over():
                continue
            target = self._resolver.target(statement, path, language)
            packages += target.packages
            for name in left:
                if name not in self._known:
                    found = list(self._follow(target.files, name, _MOST_STEPS, set()))
                    if found:
                        self._known[name] = found
                        yield from found
        left = [name for name in left if name not in self._known]
        yield from self._in_package(self._seen_from(path, language), left)
        for name in left:
            if name not in self._known:
                paths = self._resolver.by_name(name, path, language)
                yield from self._declared_in(paths, (), name)
        left = [name for name in left if not self._known.get(name)]
        if packages and left:
            for name, place in self._indexed(left, self._family, packages):
                yield from self._declared_in((place,), (), name)

    def _is_open(self, name: str) -> bool:
        """Whether a name has no known meaning yet."""
        return bool(name) and name not in self._known and not self._document.declared(name)

    def _in_package(self, paths: Sequence[str], names: Sequence[str]) -> Iterator[FoundDefinition]:
        """The files that see one another's names: the names, then methods of the types."""
        files = [
            file for path in paths if not self._over() and (file := self._read(path)) is not None
        ]
        for name in names:
            if self._over():
                return
            found = [
                FoundDefinition(file, one)
                for file in files
                if not self._over() and name in file.may_declare
                for one in file.declared(name)
            ]
            if found:
                self._known[name] = found
                yield from found
        declared = self._own_names
        for name in self.wanted.members:
            if name in declared or self._over():
                continue
            methods = [
                FoundDefinition(file, one)
                for file in files
                if not self._over() and name in file.may_declare
                for one in file.facts.declared
                if one.name == name and one.container and one.kind in FUNCTIONS
            ]
            known = (each.declared.name for found in self._known.values() for each in found)
            types = {*self.wanted.plain, *self._known, *known}
            fitting = [each for each in methods if each.declared.container in types]
            yield from fitting or (methods if len(methods) == 1 else [])

    # -- types of fields and results ------------------------------------------------------------

    def _of_fields(self, around: Sequence[OutlineEntry]) -> Iterator[FoundDefinition]:
        """The types that the enclosing class gives to the fields that the scope uses."""
        fields = self.wanted.own_fields
        outer = next((e for e in around if e.kind not in ("function", "method", "module")), None)
        if outer is None or not fields:
            return
        text = outer.span.text(self._document.text)
        names: dict[str, None] = {}
        for field in fields:
            for line in _lines_with(text, field):
                said = plain_code(line, self._document.language)
                if not re.search(
                    rf"\b{re.escape(field)}\b\s*(?:[?!]?\s*[:=;]|\s+\*?[\w.\[\]*]+$)", said
                ):
                    continue
                words = [word for word in _WORD.findall(said) if word != field]
                names.update(dict.fromkeys(words))
                for word in words[-2:]:  # `self.field = word`: the parameter says the type.
                    for typed in _lines_with(text, f"{word}:"):
                        names.update(dict.fromkeys(_WORD.findall(typed.partition(f"{word}:")[2])))
        new = [name for name in names if name not in self._known]
        yield from self._imported(UsedNames(tuple((name,) for name in new)))
        path = str(self._document.path)
        left = [name for name in new if self._is_open(name)]
        yield from self._in_package_names(self._seen_from(path, self._document_id), left)

    def _in_package_names(
        self, paths: Sequence[str], names: Sequence[str]
    ) -> Iterator[FoundDefinition]:
        for path in paths if names else ():
            if self._over():
                return
            file = self._read(path)
            for name in names if file is not None else ():
                if file is not None and name in file.may_declare:
                    for one in file.declared(name):
                        found = FoundDefinition(file, one)
                        self._known.setdefault(name, []).append(found)
                        yield found

    def _behind_types(self) -> Iterator[FoundDefinition]:
        """Members that none of the found types has: in their bases, the types of their fields, and
        in what the found functions return."""
        waiting = [each for found in self._known.values() for each in found]
        done: set[tuple[str, str]] = set()
        missing = self._missing()
        for _ in range(_MOST_FOLLOWED):
            if not waiting or not missing or self._over():
                return
            found = waiting.pop(0)
            for name in _types_of(found, self.members):
                key = str(found.file.path), name
                if key in done or name in self._known:
                    continue
                done.add(key)
                deeper = list(self._follow((str(found.file.path),), name, _MOST_STEPS, set()))
                deeper = deeper or list(self._beside(found.file, name))
                useful = [one for one in deeper if _member_names(one) & missing]
                if useful:
                    self._known[name] = useful
                    waiting += useful
                    missing = missing.difference(*map(_member_names, useful))
                    yield from useful

    def _beside(self, file: ParsedFile, name: str) -> Iterator[FoundDefinition]:
        """A name in the files of another file's package."""
        language = file.language
        if language is not None:
            visible = self._seen_from(str(file.path), language.id)
            yield from self._follow(visible, name, 0, set())

    def _missing(self) -> frozenset[str]:
        """Members that the scope uses and none of the known types has."""
        has = {
            name
            for found in self._known.values()
            for each in found
            for name in (*_member_names(each), each.declared.name)
        }
        return self.members - has - self._own_names

    # -- the index ---------------------------------------------------------------------------

    def _by_index(self) -> Iterator[FoundDefinition]:
        """What only the index knows: names that one place in the workspace declares."""
        plain = [name for name in self.wanted.plain if self._is_open(name) and name[:1].isupper()]
        members = [name for name in sorted(self._missing()) if len(name) >= _SHORTEST_MEMBER]
        if self._over() or not (plain or members):
            return
        places: dict[str, list[str]] = {}
        for name, path in self._indexed([*plain, *members], self._family, ()):
            places.setdefault(name, []).append(path)
        for name, paths in places.items():
            if len(paths) != 1 or self._over():
                continue
            file = self._read(paths[0])
            for one in file.facts.declared if file is not None else ():
                if file is not None and one.name == name and one.kind != "impl":
                    yield FoundDefinition(file, one)


def _heads(statement: ImportStatement, language_name: str) -> Iterator[tuple[str, ...]]:
    """The names by which code refers to an imported module itself."""
    if statement.alias:
        yield (statement.alias,)
    elif statement.names or statement.wildcard or statement.form == "export":
        return
    elif language_name == "go":
        parts = statement.module.split("/")
        if len(parts) > 1 and re.fullmatch(r"v\d+", parts[-1]):
            parts.pop()
        yield (re.sub(r"^go-|[-.]go$|\.v\d+$", "", parts[-1]).replace("-", "_"),)
    elif language_name == "rust":
        yield (statement.module.rpartition("::")[2],)
    elif language_name == "python":
        yield tuple(statement.module.split("."))


def _exported(file: ParsedFile, name: str) -> Iterable[Declared]:
    """What a file declares under the name by which others import it."""
    own = file.exported_as.get(name, "")
    if name == "default":
        default = tuple(one for one in file.facts.declared if one.exported)
        return default or (file.declared(own) if own else ())
    found = file.declared(name) or (file.declared(own) if own else ())
    # In C a type may be named before it is declared: `struct item;`.
    whole = [one for one in found if one.kind != VALUE or one.last > one.first]
    return whole if file.language_name in ("c", "cpp") and whole else found


def _lines_with(text: str, word: str) -> Iterator[str]:
    """The first lines of a text that hold a word."""
    at = text.find(word)
    for _ in range(_MOST_LINES):
        if at < 0:
            return
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield text[text.rfind("\n", 0, at) + 1 : end]
        at = text.find(word, end)


def _member_names(found: FoundDefinition) -> frozenset[str]:
    if found.declared.kind in FUNCTIONS or found.declared.kind == VALUE:
        return frozenset()
    return found.file.facts.member_names(found.declared.name)


def _types_of(found: FoundDefinition, members: frozenset[str]) -> Iterator[str]:
    """Names in a declaration that may be types: bases, results, and types of used fields."""
    one, file = found.declared, found.file
    lines = [" ".join(file.lines[one.head : one.signature_end + 1])]
    if one.kind not in FUNCTIONS and one.kind != VALUE:
        for member in file.facts.members(one.name):
            if member.name in members:
                lines.append(" ".join(file.lines[member.head : member.signature_end + 1][:4]))
    words = dict.fromkeys(_WORD.findall(" ".join(lines)))
    for word in words:
        lower = word[:1].islower() and file.language_name not in _LOWER_TYPES
        if word != one.name and word not in members and not lower:
            yield word
