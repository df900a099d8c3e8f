"""The import statements of a file as its paragraphs: groups without a blank line in between."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tree_sitter import Node

from lsp_server.imports.import_nodes import statement_around
from lsp_server.imports.imported import ImportStatement, Surroundings
from lsp_server.imports.origins import origin_of
from lsp_server.imports.statements import read_imports
from lsp_server.syntax.declarations import Declarations
from lsp_server.syntax.nodes import blank
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

__all__ = ["ImportEntry", "ImportGroup", "import_groups", "indentation_of", "widest_line"]

_PLACED = (
    *("import", "from", "use", "using", "global", "pub", "#include", "extern", "require"),
    *("include", "@testable"),
)
"""The first words of forms that new imports may stand next to."""
_LEAST_WIDTH = 88
"""A line of an import may always be this wide, in code points: black's limit."""
_MOST_SIBLINGS = 400
"""How many nodes between two imports are looked at."""


@dataclass(frozen=True, slots=True)
class ImportEntry:
    """One import statement of the file, or one line of Go's block."""

    node: Node
    statements: tuple[ImportStatement, ...]
    lines: tuple[int, int]
    """Its first and its last line, with the attributes and comments right above it."""
    own_line: int
    """The line on which the statement itself begins."""
    origin: int
    in_block: bool = False
    """Whether it is a line of Go's `import ( … )`."""
    plain: bool = True
    """Whether it holds under no condition, such as an attribute of Rust."""

    @property
    def statement(self) -> ImportStatement:
        """The first of its modules."""
        return self.statements[0]


@dataclass(frozen=True, slots=True)
class ImportGroup:
    """Imports without a blank line or code between them. Invariant: there is at least one."""

    entries: tuple[ImportEntry, ...]

    @property
    def origins(self) -> frozenset[int]:
        """The origins that occur in it."""
        return frozenset(entry.origin for entry in self.entries)


def import_groups(tree: DocumentTree) -> tuple[ImportGroup, ...]:
    """The groups before the first function or class of the file. Raises `TooCostly`."""
    entries = list(_before_declarations(tree, _entries(tree)))
    lines = tree.lines
    groups: list[list[ImportEntry]] = []
    for before, entry in pairwise([None, *entries]):
        if entry is None:
            continue
        if before is not None and groups and _adjoin(lines, before, entry):
            groups[-1].append(entry)
        else:
            groups.append([entry])
    return tuple(ImportGroup(tuple(group)) for group in groups)


def _entries(tree: DocumentTree) -> Iterator[ImportEntry]:
    for way, statements in read_imports(tree):
        node, first = way[-1], statements[0]
        if first.surroundings != Surroundings.TOP or not first.form.startswith(_PLACED):
            continue
        if first.form == "using namespace" or (tree.language.id == "cpp" and first.form == "using"):
            continue
        specs = _block_lines(tree, node)
        if len(specs) == len(statements):
            for spec, statement in zip(specs, statements, strict=True):
                yield _entry(tree, spec, (statement,), in_block=True)
        elif first.module != "C" or tree.language.id != "go":
            yield _entry(tree, statement_around(way), statements)


def _block_lines(tree: DocumentTree, node: Node) -> list[Node]:
    """The lines of Go's block, if each of its imports has one to itself."""
    specs = [
        spec
        for outer in node.named_children
        if outer.type == "import_spec_list"
        for spec in outer.named_children
        if spec.type == "import_spec"
    ]
    starts = [node.start_byte, *(spec.start_byte for spec in specs)]
    rows = [tree.lines.line_of(tree.offset_of(byte)) for byte in starts]
    return specs if len(set(rows)) == len(rows) else []


def _entry(
    tree: DocumentTree,
    node: Node,
    statements: tuple[ImportStatement, ...],
    *,
    in_block: bool = False,
) -> ImportEntry:
    lines = tree.lines
    text = tree.text
    span = tree.span_of(node)
    while span.length and text[span.end - 1] in "\r\n":
        span = Span(span.start, span.end - 1)
    own = first = lines.line_of(span.start)
    attribute = node.prev_named_sibling
    plain = True
    while attribute is not None and attribute.type == "attribute_item":
        first, plain = lines.line_of(tree.offset_of(attribute.start_byte)), False
        attribute = attribute.prev_named_sibling
    first = _with_comments(tree, first)
    return ImportEntry(
        node,
        statements,
        (first, lines.line_of(span.end)),
        own,
        origin_of(tree.language.id, statements[0]),
        in_block,
        plain,
    )


def _with_comments(tree: DocumentTree, line: int) -> int:
    """The line above `line` where its comments begin; comments at the file's top are the file's."""
    first = line
    while first and _is_comment(tree, tree.lines, first - 1):
        first -= 1
    return first if first else line


def _is_comment(tree: DocumentTree, lines: Text, line: int) -> bool:
    text = lines.line_span(line).text(tree.text).strip()
    return bool(text) and text.startswith(tree.language.line_comments)


def _adjoin(lines: Text, before: ImportEntry, after: ImportEntry) -> bool:
    """Whether two imports are in one group."""
    if before.in_block != after.in_block:
        return False
    if before.in_block and before.node.parent != after.node.parent:
        return False
    return after.lines[0] <= before.lines[1] + 1


def _before_declarations(
    tree: DocumentTree, entries: Iterable[ImportEntry]
) -> Iterator[ImportEntry]:
    """The entries before the first declaration that stands between two of them."""
    facts = tree.language.declarations
    kinds = facts.kinds if isinstance(facts, Declarations) else {}
    last: Node | None = None
    for entry in entries:
        if last is not None and not entry.in_block:
            between = last.next_named_sibling
            for _ in range(_MOST_SIBLINGS):
                if between is None or between.start_byte >= entry.node.start_byte:
                    break
                if between.type in kinds and kinds[between.type] != "module":
                    return
                between = between.next_named_sibling
            else:
                return
        yield entry
        last = None if entry.in_block else entry.node


def indentation_of(tree: DocumentTree, line: int) -> str:
    """The white space at the beginning of a line."""
    text = tree.lines.line_span(line).text(tree.text).lstrip("\ufeff")
    return "" if blank(text) else text[: len(text) - len(text.lstrip())]


def widest_line(tree: DocumentTree, entries: Iterable[ImportEntry]) -> int:
    """How wide a line of an import may be, in code points: as the widest one of the file."""
    lines = tree.lines
    numbers = (line for each in entries for line in range(each.own_line, each.lines[1] + 1))
    return max([_LEAST_WIDTH, *(lines.line_span(line).length for line in numbers)])
