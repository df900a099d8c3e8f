"""Places new import statements among those of a file.

The file decides: the group, the order, whether names of one module share a statement, quotes and
semicolons. What cannot be placed without breaking the file is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsp_server.errors import TooCostly
from lsp_server.imports.coverage import lacking
from lsp_server.imports.implicit_imports import ImplicitImports
from lsp_server.imports.import_blocks import ImportGroup, import_groups
from lsp_server.imports.imported import ImportStatement
from lsp_server.imports.line_placing import LinePlacer
from lsp_server.imports.merging import Merger
from lsp_server.imports.statement_style import StatementStyle
from lsp_server.imports.statements import import_statements, reads_imports
from lsp_server.imports.written_imports import WrittenImport, written_imports
from lsp_server.syntax.tree import DocumentTree, count_errors
from lsp_server.text.changes import Change, ChangeSet

__all__ = ["PlacedImport", "place_imports", "placed_together"]


@dataclass(frozen=True, slots=True)
class PlacedImport:
    """A new import, and the change that brings it into the document."""

    line: str
    """The import as a statement of its own, on one line."""
    change: Change
    """In code points of the document."""


def place_imports(tree: DocumentTree, lines: Sequence[str]) -> tuple[PlacedImport, ...]:
    """The place of each import that the document lacks, in the order of the document.

    Each change is valid by itself: the document with it has no more syntax errors, and imports what
    the line says. Changes at the same place may be applied together in the order given. A line that
    imports several modules gives one result for each, and so does one whose names go to different
    places. Empty for a document that cannot be read. Never raises.
    """
    if not reads_imports(tree.language.id) or not tree.readable:
        return ()
    try:
        placed = tuple(_Placing(tree).all_of(lines))
    except TooCostly:
        return ()
    return tuple(sorted(placed, key=lambda each: each.change.start))


def placed_together(tree: DocumentTree, lines: Sequence[str]) -> ChangeSet:
    """The changes that bring all of the lines into the document, placed one after the other.

    Unlike changes that were found one by one, these share the blank lines around a new group.
    """
    together = ChangeSet.identity(len(tree.text))
    for line in lines:
        # One line may need several changes, of which each moves the next.
        while placed := place_imports(tree, [line]):
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
        self._groups: tuple[ImportGroup, ...] = import_groups(tree)
        entries = [entry for group in self._groups for entry in group.entries]
        self._merger = Merger(tree, entries)
        self._lines = LinePlacer(tree, self._groups)
        self._style = StatementStyle(tree, self._existing)
        self._implicit = ImplicitImports(tree)
        self._errors = count_errors(tree.root)

    def all_of(self, lines: Sequence[str]) -> Iterator[PlacedImport]:
        """The place of each import in `lines` that the document lacks."""
        seen: list[ImportStatement] = []
        for line in lines:
            for written in written_imports(self._tree.language, line):
                fitting = self._style.fitting(written)
                known = [*self._existing, *seen]
                missing = lacking(self._language_id, fitting.statement, known)
                if missing is not None and not self._implicit.holds(missing):
                    placed = list(self._placed(self._style.only(fitting, missing)))
                    seen += [missing] * bool(placed)
                    yield from placed

    def _placed(self, wanted: WrittenImport) -> Iterator[PlacedImport]:
        merged = self._merger.merged(wanted.statement)
        if merged and all(self._is_sound(change, one) for one, change in merged):
            for one, addition in merged:
                yield PlacedImport(self._style.only(wanted, one).text, addition)
            return
        change = self._lines.change_for(wanted)
        if change is not None and self._is_sound(change, wanted.statement):
            yield PlacedImport(wanted.text, change)

    def _is_sound(self, change: Change, wanted: ImportStatement) -> bool:
        """Whether the document with the change parses as before and imports what is wanted."""
        text = ChangeSet.of(len(self._tree.text), [change]).apply(self._tree.text)
        after = DocumentTree(self._tree.language, text)
        if not after.readable or count_errors(after.root) > self._errors:
            return False
        return lacking(self._language_id, wanted, import_statements(after)) is None
