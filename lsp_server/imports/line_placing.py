"""Places a new import statement on a line of its own."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from lsp_server.imports.file_head import head_place
from lsp_server.imports.import_blocks import ImportEntry, ImportGroup, indentation_of, widest_line
from lsp_server.imports.imported import ImportStatement
from lsp_server.imports.list_merging import order_of
from lsp_server.imports.origins import orders, origin_of, segments, separates_origins
from lsp_server.imports.written_imports import WrittenImport
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.changes import Change
from lsp_server.text.lines import line_end_of

__all__ = ["LinePlacer"]

_SCRIPTS = frozenset(("javascript", "typescript", "typescriptreact"))
_FUTURE = "__future__"
"""Python's module that no other statement may precede."""
_BRACES = re.compile(r"(?P<before>.*\{) ?(?P<names>[^{}]*?) ?(?P<behind>\}.*)")
_LISTED = {
    "python": re.compile(r"(?P<before>from \S+ import )(?P<names>.*)(?P<behind>)"),
    "rust": _BRACES,
    **dict.fromkeys(_SCRIPTS, _BRACES),
}
"""Statements that may have a line for each name."""
_INDENTED = re.compile(r"^(\t| {2,8})\S", re.MULTILINE)
_RUST_WIDTH = 100
"""How wide rustfmt fills the lines of a list of names."""
_USUAL_INDENTATION = dict.fromkeys(_SCRIPTS, "  ")
_GO_IMPORT = re.compile(r"import\s+")


class LinePlacer:
    """Finds the line for a new import in one document."""

    def __init__(self, tree: DocumentTree, groups: Sequence[ImportGroup]) -> None:
        self._tree = tree
        self._language_id = tree.language.id
        self._groups = groups
        self._samples = [[entry.statement for entry in group.entries] for group in groups]
        entries = [entry for group in groups for entry in group.entries]
        self._widest = widest_line(tree, entries)
        self._end = line_end_of(tree.text)

    def change_for(self, wanted: WrittenImport) -> Change | None:
        """The change that inserts the statement; None where no place is safe."""
        statement = wanted.statement
        group = self._alike(statement) if self._groups else None
        if group is not None:
            entry, behind = self._neighbour(group, statement)
            return self._beside(entry, wanted, behind=behind, blank=False)
        if not self._groups or statement.module == _FUTURE:
            return self._first(wanted)
        origin = origin_of(self._language_id, statement)
        before = [group for group in self._groups if self._precedes(group, origin)]
        if before:
            return self._beside(before[-1].entries[-1], wanted, behind=True, blank=True)
        return self._beside(self._groups[0].entries[0], wanted, behind=False, blank=True)

    # -- the group ---------------------------------------------------------------------------------

    def _alike(self, statement: ImportStatement) -> ImportGroup | None:
        """The group whose members are most alike; None if the import begins one of its own."""
        origin = origin_of(self._language_id, statement)
        same = [group for group in self._groups if origin in group.origins]
        if same:
            return max(same, key=lambda group: self._likeness(group, statement, origin))
        mixed = [group for group in self._groups if len(group.origins) > 1]
        future = statement.module == _FUTURE
        separated = separates_origins(self._language_id) and (not mixed or future)
        if self._language_id == "java":
            # Only static imports are kept apart by all who write Java.
            separated = origin == 3 or self._all_static()
        if separated:
            return None
        return max(mixed or self._groups, key=lambda group: len(group.entries))

    def _all_static(self) -> bool:
        return all(entry.origin == 3 for group in self._groups for entry in group.entries)

    def _likeness(
        self, group: ImportGroup, statement: ImportStatement, origin: int
    ) -> tuple[int, float, int]:
        """How many parts of the module's name a member shares, and how many members are alike."""
        alike = [entry for entry in group.entries if entry.origin == origin]
        wanted = segments(statement)
        shared = max(_common(wanted, segments(entry.statement)) for entry in alike)
        # The project's own modules, which may look like those of others, come last in these.
        size = 0 if self._language_id in ("python", "go") else len(alike)
        return shared, len(alike) / len(group.entries), size

    def _precedes(self, group: ImportGroup, origin: int) -> bool:
        """Whether the group comes before imports of this origin."""
        if self._language_id in ("c", "cpp") and origin == 0:
            # The first include of a source file is often its own header.
            return group is self._groups[0] and len(group.entries) == 1
        return min(group.origins) < origin

    # -- the place in it ---------------------------------------------------------------------------

    def _neighbour(
        self, group: ImportGroup, statement: ImportStatement
    ) -> tuple[ImportEntry, bool]:
        """The member of the group that the import goes next to, and whether behind it."""
        entries = [*group.entries]
        if self._language_id in _SCRIPTS:
            entries = [entry for entry in entries if not _has_effects_only(entry)] or entries
        origin = origin_of(self._language_id, statement)
        same = [entry for entry in entries if entry.origin == origin]
        for pool in (entries, same):
            if len(pool) < 2 and same and pool is not same:
                continue
            keys = orders(self._language_id, len(pool))
            key = order_of(keys, [entry.statement for entry in pool], self._samples)
            if key is not None and pool:
                values = [key(entry.statement) for entry in pool]
                place = bisect_right(values, key(statement))
                return (pool[place - 1], True) if place else (pool[0], False)
        return (same or entries)[-1], True

    # -- the text ----------------------------------------------------------------------------------

    def _beside(
        self, entry: ImportEntry, wanted: WrittenImport, *, behind: bool, blank: bool
    ) -> Change:
        indentation = indentation_of(self._tree, entry.own_line)
        text = indentation + self._as_in(entry, self._wrapped(wanted.text, indentation))
        gap = self._end if blank else ""
        lines = self._tree.lines
        if not behind:
            start = lines.line_span(entry.lines[0]).start
            if not start and self._tree.text.startswith("\ufeff"):
                start = 1
            return Change(start, start, f"{text}{self._end}{gap}")
        last = lines.line_span(entry.lines[1], with_end=True)
        if last == lines.line_span(entry.lines[1]):
            return Change(last.end, last.end, f"{self._end}{gap}{text}")
        return Change(last.end, last.end, f"{gap}{text}{self._end}")

    def _wrapped(self, text: str, indentation: str) -> str:
        """The statement on several lines, as formatters have it, if it is too wide for one."""
        listed = _LISTED.get(self._language_id)
        found = None if listed is None else listed.fullmatch(text)
        if found is None or len(indentation) + len(text) <= self._widest:
            return text
        names = [name.strip() for name in found["names"].split(",")]
        if len(names) < 2:
            return text
        opened, closed = ("(", ")") if self._language_id == "python" else ("", "")
        step = _INDENTED.search(self._tree.text)
        unit = step[1] if step is not None else _USUAL_INDENTATION.get(self._language_id, "    ")
        rows = [f"{name}," for name in names]
        if self._language_id == "rust":
            rows = _filled(rows, _RUST_WIDTH - len(indentation + unit))
        inner = (f"{indentation}{unit}{row}" for row in rows)
        last = f"{indentation}{closed}{found['behind']}"
        return self._end.join([f"{found['before']}{opened}", *inner, last])

    def _as_in(self, entry: ImportEntry, text: str) -> str:
        """The statement as a line of Go's block if its neighbour is one."""
        return _GO_IMPORT.sub("", text, count=1) if entry.in_block else text

    def _first(self, wanted: WrittenImport) -> Change | None:
        place = head_place(self._tree)
        if place is None:
            return None
        end, text = self._end, self._tree.text
        before, after = end * place.blanks_before, end * place.blanks_after
        statement = self._wrapped(wanted.text, place.indentation)
        if place.offset and text[place.offset - 1] not in "\r\n\ufeff":
            return Change(place.offset, place.offset, f"{end}{before}{statement}")
        line = f"{place.indentation}{statement}{end}"
        return Change(place.offset, place.offset, f"{before}{line}{after}")


def _filled(words: Sequence[str], width: int) -> list[str]:
    """The words on as few lines as `width` allows."""
    rows: list[str] = []
    for word in words:
        if rows and len(rows[-1]) + 1 + len(word) <= width:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    return rows


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many parts two paths share at their beginning."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _has_effects_only(entry: ImportEntry) -> bool:
    """Whether a module of JavaScript is imported only for its effects: it stays where it is."""
    statement = entry.statement
    return not (statement.names or statement.alias)
