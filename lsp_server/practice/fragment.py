"""Parses a scope, even if it is only part of a program.

A method, an `except` clause or a property of an object literal does not parse by itself. So the
scope is parsed inside the first wrapper in which it has no errors: none, a block, a class, brackets
and so on. All offsets are bytes of the wrapped source, as in tree-sitter. Edits outside the scope
are refused, so the wrapper never shows.

Knows nothing of instructions or prompts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tree_sitter import Node, Tree

from lsp_server.syntax.language import Language
from lsp_server.syntax.languages import language_for
from lsp_server.text.lines import line_end_of

_LANGUAGES = ("python", "javascript", "typescript", "typescriptreact")
"""Ids of the languages that the practice model knows."""

_PLAIN = ("", "")

_PYTHON_WRAPPERS = (
    ("if 1:\n", ""),
    ("class _:\n", ""),
    ("if 1:\n{indent}    pass\n", ""),
    ("try:\n{indent}    pass\n", ""),
    ("match 1:\n", ""),
    ("(\n", "\n)"),
    ("{{\n", "\n}}"),
    ("_(\n", "\n)"),
    ("def _(\n", "\n): pass"),
)
"""`{indent}` is the scope's own indentation."""

_SCRIPT_WRAPPERS = (
    ("class _ {{\n", "\n}}"),
    ("({{\n", "\n}})"),
    ("switch (0) {{\n", "\n}}"),
    ("if (0) {{}}\n", ""),
    ("try {{}}\n", ""),
    ("(\n", "\n)"),
    ("_(\n", "\n)"),
    ("function _(\n", "\n) {{}}"),
    ("interface _ {{\n", "\n}}"),
)


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes `[start, end)` of the wrapped source by `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """A parsed scope at the bytes `[start, end)` of `source`."""

    language: Language
    source: bytes
    start: int
    end: int
    tree: Tree
    line_end: str
    before: str
    """The text before the scope, as far as known. Its last line is the beginning of the scope's."""
    after: str

    @property
    def root(self) -> Node:
        return self.tree.root_node

    @property
    def is_python(self) -> bool:
        return self.language.id == "python"

    @property
    def is_typed(self) -> bool:
        """Whether its annotations are TypeScript's."""
        return self.language.id.startswith("typescript")

    @property
    def text(self) -> str:
        """The scope itself."""
        return self.slice(self.start, self.end)

    @property
    def errors(self) -> int:
        """The number of places that do not parse."""
        if not self.root.has_error:
            return 0
        return sum(node.is_error or node.is_missing for node in walk(self.root))

    def slice(self, start: int, end: int) -> str:
        """The source between two byte offsets."""
        return self.source[start:end].decode("utf-8", "surrogatepass")

    def source_of(self, node: Node) -> str:
        """The source of a node."""
        return self.slice(node.start_byte, node.end_byte)

    def holds(self, node: Node) -> bool:
        """Whether the node is inside the scope, not part of the wrapper."""
        return self.start <= node.start_byte and node.end_byte <= self.end

    def line_start(self, offset: int) -> int:
        """The byte offset at which the line of `offset` begins."""
        return self.source.rfind(b"\n", 0, offset) + 1

    def next_line(self, offset: int) -> int:
        """The byte offset at which the line after that of `offset` begins."""
        end = self.source.find(b"\n", offset)
        return len(self.source) if end < 0 else end + 1

    def indent_at(self, offset: int) -> str:
        """The white space at the start of the line of `offset`."""
        start = self.line_start(offset)
        line = self.source[start : self.next_line(offset)]
        return self.slice(start, start + len(line) - len(line.lstrip(b" \t")))

    def opens_line(self, offset: int) -> bool:
        """Whether only white space precedes `offset` on its line."""
        if offset == self.start and _last_line(self.before).strip():
            return False
        return not self.source[self.line_start(offset) : offset].strip()

    def without_lines(self, start: int, end: int) -> Edit:
        """Takes whole lines away. At the scope's end the line end before them goes."""
        if end <= self.end and self.source[end - 1 : end] == b"\n":
            return Edit(start, end, "")
        start -= 2 if self.source[start - 2 : start] == b"\r\n" else 1
        return Edit(start, self.end, "")

    def rewrite(self, edits: Iterable[Edit]) -> str:
        """The scope after `edits`. Edits that overlap or leave the scope are skipped."""
        pieces: list[bytes] = []
        place = self.start
        for edit in sorted(edits):
            if edit.start < place or edit.end > self.end:
                continue
            text = edit.text.replace("\r\n", "\n").replace("\n", self.line_end)
            pieces += [self.source[place : edit.start], text.encode("utf-8", "surrogatepass")]
            place = edit.end
        pieces.append(self.source[place : self.end])
        return b"".join(pieces).decode("utf-8", "surrogatepass")


def known_language(language_id: str) -> Language | None:
    """The language by its LSP id. None when the practice model does not know it."""
    known = language_for(language_id)
    return known if known is not None and known.id in _LANGUAGES else None


def read_fragment(text: str, language: Language, before: str = "", after: str = "") -> Fragment:
    """Parse a scope. `before` and `after` are what the file holds around it."""
    head = _last_line(before)
    indent = head[: len(head) - len(head.lstrip(" \t"))]
    attempts = (
        _parse(text, language, indent, wrapper, before, after)
        for wrapper in _wrappers(language, indent)
    )
    best = next(attempts)
    for attempt in attempts:
        if not best.root.has_error:
            break
        if attempt.errors < best.errors:
            best = attempt
    return best


def first_child(node: Node) -> Node | None:
    """The first named child. None if there is none (tree-sitter itself raises)."""
    return node.named_child(0) if node.named_child_count else None


def walk(node: Node) -> Iterator[Node]:
    """The node and all its descendants, in the order of the source."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(current.children))


def walk_within(node: Node, boundaries: frozenset[str]) -> Iterator[Node]:
    """The descendants of the node, but not those of a descendant whose kind is in `boundaries`."""
    waiting = list(reversed(node.children))
    while waiting:
        current = waiting.pop()
        yield current
        if current.type not in boundaries:
            waiting.extend(reversed(current.children))


def ancestors(node: Node) -> Iterator[Node]:
    """The parents of the node, the nearest first."""
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _wrappers(language: Language, indent: str) -> Iterable[tuple[str, str]]:
    if language.id != "python":
        return (_PLAIN, *_SCRIPT_WRAPPERS)
    # An indented Python scope needs a block around it, so that its first line, the only one that
    # the wrapper indents, and the others are read as one block.
    return (*_PYTHON_WRAPPERS, _PLAIN) if indent else (_PLAIN, *_PYTHON_WRAPPERS[2:])


def _parse(
    text: str, language: Language, indent: str, wrapper: tuple[str, str], before: str, after: str
) -> Fragment:
    head, tail = (part.format(indent=indent) for part in wrapper)
    lead = (head + indent).encode("utf-8", "surrogatepass")
    scope = text.encode("utf-8", "surrogatepass")
    source = lead + scope + tail.encode()
    tree = language.parse(source)
    end = len(lead) + len(scope)
    line_end = line_end_of(text if "\n" in text or "\r" in text else before or after)
    return Fragment(language, source, len(lead), end, tree, line_end, before, after)


def _last_line(text: str) -> str:
    return text[1 + max(text.rfind("\n"), text.rfind("\r")) :]
