"""Finds the statement that a new import can become part of, as the file does it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lsp_server.imports.coverage import module_key
from lsp_server.imports.import_blocks import ImportEntry, widest_line
from lsp_server.imports.imported import ImportedName, ImportStatement
from lsp_server.imports.list_merging import NameList, added, lists_of, names_in
from lsp_server.imports.origins import segments
from lsp_server.imports.rendering import renamed
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.changes import Change

__all__ = ["Merger"]

_SCRIPTS = frozenset(("javascript", "typescript", "typescriptreact"))


@dataclass(frozen=True, slots=True)
class Merger:
    """Adds names to the import statements of one document."""

    tree: DocumentTree
    entries: Sequence[ImportEntry]

    def merged(self, wanted: ImportStatement) -> list[tuple[ImportStatement, Change]]:
        """The wanted names, each with a change that adds it to a statement.

        Empty unless all of them can be added.
        """
        found = []
        for name in wanted.names:
            one = replace(wanted, names=(name,), alias="")
            change = self._added(one, name) if not wanted.alias else None
            if change is None:
                return []
            found.append((one, change))
        return found

    def _added(self, wanted: ImportStatement, name: ImportedName) -> Change | None:
        language_id = self.tree.language.id
        if language_id in _SCRIPTS:
            found = self._promoted(wanted, name)
            if found is not None:
                return found
            if name.name == "default" and name.alias:
                return self._default(wanted, name)
        if self._names_are_apart(wanted):
            return None
        for names, text in self._targets(wanted, name):
            change = added(
                self.tree, names, text, widest_line(self.tree, self.entries), self.listed()
            )
            if change is not None:
                return change
        return self._behind_default(wanted, name) if language_id in _SCRIPTS else None

    def listed(self) -> list[list[str]]:
        """The names of each list of the file, which show how it sorts names."""
        language_id = self.tree.language.id
        return [
            names_in(self.tree, names)
            for entry in self.entries
            for names in lists_of(entry, language_id, self.tree)
        ]

    def _names_are_apart(self, wanted: ImportStatement) -> bool:
        """Whether the file imports each name of a module by a statement of its own."""
        singles: list[tuple[str, bool]] = []
        for entry in self.entries:
            each = entry.statement
            if len(each.names) > 1 or len(entry.statements) > 1:
                return False
            if each.names and each.form == wanted.form:
                singles.append((each.module, each.type_only))
        return len(singles) > len(set(singles))

    # -- the lists that may take a name -----------------------------------------------------------

    def _targets(
        self, wanted: ImportStatement, name: ImportedName
    ) -> Iterator[tuple[NameList, str]]:
        """The lists that may take the name, the best first, with the text for each."""
        language_id = self.tree.language.id
        plain = [entry for entry in self.entries if entry.plain]
        if language_id == "rust":
            yield from self._rust(plain, wanted, name)
        elif language_id == "php":
            yield from self._php(plain, wanted, name)
        elif language_id in (*_SCRIPTS, "python", "scala"):
            for entry in plain:
                text = self._text_in(entry, wanted, name)
                if text is not None:
                    for names in lists_of(entry, language_id, self.tree):
                        yield names, text

    def _text_in(
        self, entry: ImportEntry, wanted: ImportStatement, name: ImportedName
    ) -> str | None:
        """What to write for the name in a statement; None where it does not belong there."""
        language_id = self.tree.language.id
        existing = entry.statement
        keys = [module_key(language_id, each) for each in (existing, wanted)]
        if len(entry.statements) > 1 or keys[0] != keys[1]:
            return None
        if language_id == "python":
            renames = any(each.alias for each in existing.names)
            fits = existing.form == wanted.form and (not name.alias or renames)
            return renamed(language_id, name) if fits else None
        if language_id not in _SCRIPTS:
            return renamed(language_id, name)
        if existing.form != wanted.form:
            return None
        if existing.form == "require":
            return f"{name.name}: {name.alias}" if name.alias else name.name
        only_type = wanted.type_only or name.type_only
        if existing.type_only:
            return renamed(language_id, name) if only_type else None
        if only_type and not name.type_only and not self._marks_types():
            return None
        return f"{'type ' * only_type}{renamed(language_id, name)}"

    def _marks_types(self) -> bool:
        """Whether the file writes `type` before single names."""
        return any(n.type_only for e in self.entries for s in e.statements for n in s.names)

    def _rust(
        self, entries: list[ImportEntry], wanted: ImportStatement, name: ImportedName
    ) -> Iterator[tuple[NameList, str]]:
        path = [*segments(wanted), renamed("rust", name)]
        found: list[tuple[int, NameList, str]] = []
        for entry in entries:
            if entry.statement.form != wanted.form:
                continue
            for names in lists_of(entry, "rust", self.tree):
                depth = len(names.prefix)
                rest = path[depth:]
                if not depth or list(names.prefix) != path[:depth] or not rest:
                    continue
                nested = any("scoped" in item.type for item in names.items)
                if len(rest) == 1 or nested:
                    found.append((-depth, names, "::".join(rest)))
        for _, names, text in sorted(found, key=lambda each: each[0]):
            yield names, text

    def _php(
        self, entries: list[ImportEntry], wanted: ImportStatement, name: ImportedName
    ) -> Iterator[tuple[NameList, str]]:
        for entry in entries:
            forms = {each.form for each in entry.statements}
            prefix = next(
                (n for n in entry.node.named_children if n.type == "namespace_name"), None
            )
            kinds = [n.child_by_field_name("type") for n in entry.node.named_children]
            if prefix is None or forms != {wanted.form} or any(kinds):
                continue
            path = [*segments(wanted), renamed("php", name)]
            base = self.tree.span_of(prefix).text(self.tree.text).strip("\\").split("\\")
            if path[: len(base)] == base and len(path) > len(base):
                for names in lists_of(entry, "php", self.tree):
                    yield names, "\\".join(path[len(base) :])

    # -- JavaScript and TypeScript ----------------------------------------------------------------

    def _same_module(self, wanted: ImportStatement) -> Iterator[ImportEntry]:
        for entry in self.entries:
            existing = entry.statement
            same = existing.module == wanted.module and existing.form == wanted.form == "import"
            if same and not existing.alias:
                yield entry

    def _default(self, wanted: ImportStatement, name: ImportedName) -> Change | None:
        """Put the default export before the names: `import a, { b } from "m"`."""
        for entry in self._same_module(wanted):
            names = entry.statement.names
            if names and not entry.statement.type_only and not wanted.type_only:
                clause = entry.node.named_child(0)
                listed = None if clause is None else clause.named_child(0)
                if listed is not None and listed.type == "named_imports":
                    start = self.tree.span_of(listed).start
                    return Change(start, start, f"{name.alias}, ")
        return None

    def _behind_default(self, wanted: ImportStatement, name: ImportedName) -> Change | None:
        """Begin a list of names behind a default export."""
        for entry in self._same_module(wanted):
            clause = entry.node.named_child(0)
            only = clause is not None and clause.type == "import_clause"
            if clause is None or not only or clause.named_child_count != 1:
                continue
            default = clause.named_child(0)
            text = self._text_in(entry, wanted, name)
            if default is None or default.type != "identifier" or text is None:
                continue
            if not entry.statement.type_only:
                end = self.tree.span_of(default).end
                return Change(end, end, f", {{ {text} }}")
        return None

    def _promoted(self, wanted: ImportStatement, name: ImportedName) -> Change | None:
        """Make a type that is imported a value: two imports of one name are an error."""
        if wanted.type_only or name.type_only:
            return None
        for entry in self._same_module(wanted):
            existing = entry.statement
            for each in existing.names:
                alike = (each.name, each.local) == (name.name, name.local)
                if alike and each.type_only:
                    return self._without_type(entry, name)
                if alike and existing.type_only and len(existing.names) == 1:
                    word = next(c for c in entry.node.children if c.type == "type")
                    after = word.next_sibling
                    if after is not None:
                        start = self.tree.offset_of(word.start_byte)
                        return Change(start, self.tree.offset_of(after.start_byte), "")
        return None

    def _without_type(self, entry: ImportEntry, name: ImportedName) -> Change | None:
        for names in lists_of(entry, self.tree.language.id, self.tree):
            for item in names.items:
                word, named = item.child(0), item.child_by_field_name("name")
                if word is None or named is None or word.type != "type":
                    continue
                if self.tree.span_of(named).text(self.tree.text) == name.name:
                    start = self.tree.offset_of(word.start_byte)
                    return Change(start, self.tree.offset_of(named.start_byte), "")
        return None
