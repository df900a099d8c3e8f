"""Places new import statements among those of a file.

The file decides: the group, the order, whether names of one module share a statement, quotes and
semicolons. What cannot be placed without breaking the file is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lsp_server.errors import ContractError, TooCostly
from lsp_server.imports.coverage import lacking
from lsp_server.imports.implicit_imports import ImplicitImports
from lsp_server.imports.import_blocks import import_groups
from lsp_server.imports.imported import ImportStatement
from lsp_server.imports.line_placing import LinePlacer
from lsp_server.imports.merging import Merger
from lsp_server.imports.origins import orders
from lsp_server.imports.statement_style import StatementStyle
from lsp_server.imports.statements import import_statements, reads_imports
from lsp_server.imports.written_imports import WrittenImport, written_imports
from lsp_server.syntax.nearby_children import first_members
from lsp_server.syntax.tree import DocumentTree, count_errors
from lsp_server.text.changes import Change, ChangeSet

__all__ = ["PlacedImport", "place_imports", "placed_together"]


_MOST_CHECKED = 20
"""Of how many imports each is parsed by itself, where they do not parse together."""
_MOST_STEPS = 100
"""How many changes are made one after the other."""


@dataclass(frozen=True, slots=True)
class PlacedImport:
    """A new import, and the change that brings it into the document."""

    line: str
    """The import as a statement of its own, on one line."""
    change: Change
    """In code points of the document."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A change that may bring an import into the document."""

    written: WrittenImport
    change: Change

    @property
    def statement(self) -> ImportStatement:
        return self.written.statement

    @property
    def placed(self) -> PlacedImport:
        return PlacedImport(self.written.text, self.change)

    def place(self, language_id: str) -> tuple[Any, ...]:
        """What candidates are sorted by: at one place, as the language sorts."""
        order = orders(language_id)[0]
        return self.change.start, order(self.statement), self.written.text


def place_imports(tree: DocumentTree, lines: Sequence[str]) -> tuple[PlacedImport, ...]:
    """The place of each import that the document lacks, in the order of the document.

    Each change is valid by itself: the document with it has no more syntax errors, and imports what
    the line says. Changes at the same place may be applied together in the order given. A line that
    imports several modules gives one result for each, and so does one whose names go to different
    places. Empty for a document that cannot be read. Never raises.
    """
    if not reads_imports(tree.language.id) or not tree.readable or _is_divided(tree):
        return ()
    try:
        found = sorted(_Placing(tree).all_of(lines), key=lambda each: each.place(tree.language.id))
    except TooCostly:
        return ()
    return tuple(each.placed for each in found)


def _is_divided(tree: DocumentTree) -> bool:
    """Whether a file of PHP has several namespaces, each with imports of its own."""
    if tree.language.id != "php":
        return False
    return sum(node.type == "namespace_definition" for node in first_members(tree.root)) > 1


def placed_together(tree: DocumentTree, lines: Sequence[str]) -> ChangeSet:
    """The changes that bring all of the lines into the document, placed one after the other.

    Unlike changes that were found one by one, these share the blank lines around a new group.
    """
    together = ChangeSet.identity(len(tree.text))
    for line in lines:
        # One line may need several changes, of which each moves the next.
        for _ in range(_MOST_STEPS):
            placed = place_imports(tree, [line])
            if not placed:
                break
            change = ChangeSet.of(len(tree.text), [placed[0].change])
            together = together.compose(change)
            tree = DocumentTree(tree.language, change.apply(tree.text))
    return together


class _Placing:
    """Places imports in one document."""

    def __init__(self, tree: DocumentTree) -> None:
        self._tree = tree
        self._language_id = tree.language.id
        self._existing = import_statements(tree)
        groups = import_groups(tree)
        self._merger = Merger(tree, [entry for group in groups for entry in group.entries])
        self._lines = LinePlacer(tree, groups)
        self._style = StatementStyle(tree, self._existing)
        self._implicit = ImplicitImports(tree)
        self._errors = count_errors(tree.root)

    def all_of(self, lines: Sequence[str]) -> list[_Candidate]:
        """The place of each import in `lines` that the document lacks."""
        wanted = list(self._lacking(lines))
        usual = [placed for each in wanted for placed in self._merged(each) or self._own(each)]
        if self._are_sound([(each.change, each.statement) for each in usual]):
            return usual
        found: list[_Candidate] = []
        for each in wanted[:_MOST_CHECKED]:
            for placed in (self._merged(each), self._own(each)):
                if placed and all(self._are_sound([(p.change, p.statement)]) for p in placed):
                    found += placed
                    break
        return found

    def _lacking(self, lines: Sequence[str]) -> Iterator[WrittenImport]:
        """What the document lacks of `lines`, as the document would write it."""
        known = list(self._existing)
        for line in lines:
            for written in written_imports(self._tree.language, line):
                fitting = self._style.fitting(written)
                missing = lacking(self._language_id, fitting.statement, known)
                if missing is not None and not self._implicit.holds(missing):
                    known.append(missing)
                    yield self._style.only(fitting, missing)

    def _merged(self, wanted: WrittenImport) -> list[_Candidate]:
        """One for each name that becomes part of a statement; empty unless all can."""
        found = self._merger.merged(wanted.statement)
        return [_Candidate(self._style.only(wanted, one), change) for one, change in found]

    def _own(self, wanted: WrittenImport) -> list[_Candidate]:
        """The import as a statement of its own; empty if there is no place for it."""
        change = self._lines.change_for(wanted)
        return [] if change is None else [_Candidate(wanted, change)]

    def _are_sound(self, wanted: Sequence[tuple[Change, ImportStatement]]) -> bool:
        """Whether the document with the changes parses as before and imports what is wanted."""
        changes = sorted((change for change, _ in wanted), key=lambda each: each.start)
        try:
            together = ChangeSet.of(len(self._tree.text), changes)
        except ContractError:
            return False  # Two of them overlap.
        after = self._tree.changed(together)
        if self._errors or (after.readable and after.root.has_error):
            # Where there are errors, a parse from an old tree may recover in another way.
            after = DocumentTree(self._tree.language, after.text)
        if not after.readable or count_errors(after.root) > self._errors:
            return False
        known = import_statements(after)
        return all(lacking(self._language_id, each, known) is None for _, each in wanted)
