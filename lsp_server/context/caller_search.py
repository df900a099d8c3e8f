"""Finds who calls a function, so that it can be changed with its callers in view.

The index says which files call the name; each is read as it is now, and a call counts only if the
tree has one at that place. Goes by names: a method of another class with the same name may be
among them, and files that import the edited one come first.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from tree_sitter import Node

from lsp_server.context.declaration_lines import Lines
from lsp_server.context.file_places import steps_between
from lsp_server.context.resolution.families import ModuleResolver
from lsp_server.context.source_files import ParsedFile, SourceFiles
from lsp_server.errors import TooCostly
from lsp_server.syntax.outline import OutlineEntry
from lsp_server.syntax.tree import DocumentTree

__all__ = ["CallerSearch", "called_name"]

MOST_CALLERS = 4
"""Places that are sent. The first two show how a function is called, more are for what differs."""
_MOST_OF_ONE_FILE = 2
_MOST_READ = 24
"""Files that are read to find them."""
_MOST_LOOKED_AT = 40
"""Places of a name in one file."""
_LONGEST = 8
"""Lines of a statement that is sent whole."""
_AROUND = 2
"""Lines on each side of a call in a longer statement."""
_CONSTRUCTORS = frozenset({"__init__", "__new__", "__construct", "constructor", "initialize"})
_CALLS = re.compile(r"call|invocation|new_expression|object_creation|jsx_\w*element|macro|command")
_FUNCTIONS = ("function", "method")


def called_name(around: Sequence[OutlineEntry]) -> str:
    """The name by which others call the function that is edited; "" if it is none.

    `around` are the declarations around the scope, the outermost first. A constructor is called by
    the name of its class.
    """
    functions = [entry for entry in around if entry.kind in _FUNCTIONS and entry.name]
    if not functions:
        return ""
    outer = functions[0]
    if outer.name in _CONSTRUCTORS:
        holders = [entry for entry in around if entry.kind not in _FUNCTIONS]
        return holders[-1].name if holders else ""
    return outer.name


class CallerSearch:
    """One search, for one function. Never raises."""

    def __init__(
        self, sources: SourceFiles, resolver: ModuleResolver, over: Callable[[], bool]
    ) -> None:
        self._sources, self._resolver, self._over = sources, resolver, over

    def find(
        self, document: ParsedFile, name: str, candidates: Iterable[str], *, rare: bool
    ) -> Iterator[tuple[ParsedFile, Lines]]:
        """The lines around calls in other files, nearest first.

        `rare` says that hardly any other function has the name; if not, only files that import the
        document, or lie in the same folder, count.
        """
        path = str(document.path)
        count = 0
        for place in self._nearest(path, candidates)[:_MOST_READ]:
            if count >= MOST_CALLERS or self._over():
                return
            file = self._sources.read(place)
            if file is None or file.is_generated or name not in file.text:
                continue
            beside = os.path.dirname(place) == os.path.dirname(path)
            if not (rare or beside or self._imports(file, path)):
                continue
            for lines in _calls(file, name):
                yield file, lines
                count += 1
                if count >= MOST_CALLERS:
                    return

    def _nearest(self, path: str, candidates: Iterable[str]) -> list[str]:
        """Files in the order of their distance in folders; tests come last."""
        is_test = self._resolver.files.is_test
        return sorted(
            {each for each in candidates if each != path},
            key=lambda each: (is_test(each), steps_between(each, path), each),
        )

    def _imports(self, file: ParsedFile, path: str) -> bool:
        """Whether a file imports the one at a path."""
        language = file.language
        if language is None:
            return False
        for statement in file.imports:
            target = self._resolver.target(statement, str(file.path), language.id)
            modules = (each for files in target.modules.values() for each in files)
            if path in target.files or path in modules:
                return True
        return False


def _calls(file: ParsedFile, name: str) -> Sequence[Lines]:
    """The lines around the first calls of a name in a file."""
    known = file.calls.get(name)
    if known is None:
        known = file.calls[name] = _read_calls(file, name)
    return known


def _read_calls(file: ParsedFile, name: str) -> Sequence[Lines]:
    tree = file.tree
    found: list[Lines] = []
    if tree is None or not tree.readable:
        return found
    try:
        for place in _places(file.text, name):
            node = _call_at(tree, place, name)
            if node is None:
                continue
            lines = _lines_around(tree, node, place)
            if not found or lines[0] > found[-1][1] + 1:
                found.append(lines)
            if len(found) >= _MOST_OF_ONE_FILE:
                break
    except TooCostly:
        pass
    return found


def _places(text: str, name: str) -> Iterator[int]:
    """Where a text has a name as a whole word, in code points."""
    pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for count, found in enumerate(pattern.finditer(text)):
        if count >= _MOST_LOOKED_AT:
            return
        yield found.start()


def _call_at(tree: DocumentTree, place: int, name: str) -> Node | None:
    """The call of a name at a place; None if it is not called there."""
    start, end = tree.byte_of(place), tree.byte_of(place + len(name))
    node = tree.root.descendant_for_byte_range(start, end)
    for _ in range(4):
        if node is None:
            return None
        if _CALLS.search(node.type):
            arguments = node.child_by_field_name("arguments")
            inside = arguments is not None and arguments.start_byte <= start < arguments.end_byte
            return None if inside else node
        if node.type.endswith(("_definition", "_declaration", "_item")) or "import" in node.type:
            return None
        node = node.parent
    return None


def _lines_around(tree: DocumentTree, node: Node, place: int) -> Lines:
    """The lines of the largest unit around a call that is short; of a long statement those around
    the call.

    A short function says more than its one line that calls.
    """
    bodies = tree.language.nodes.bodies
    statement = node
    while statement.parent is not None and statement.parent.type not in bodies:
        statement = statement.parent
    first, last = _lines_of(tree, statement)
    if last - first >= _LONGEST:
        line = tree.lines.line_of(place)
        return max(first, line - _AROUND), min(last, line + _AROUND)
    outer = statement.parent
    while outer is not None and outer.parent is not None:
        wider = _lines_of(tree, outer)
        if wider[1] - wider[0] >= _LONGEST:
            break
        first, last = wider
        outer = outer.parent
    return first, last


def _lines_of(tree: DocumentTree, node: Node) -> Lines:
    span = tree.span_of(node)
    return tree.lines.line_of(span.start), tree.lines.line_of(max(span.end - 1, span.start))
