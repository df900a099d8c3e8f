"""Finds the place of a file's first import."""

from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.imports.import_blocks import indentation_of
from lsp_server.imports.import_nodes import is_include_guard
from lsp_server.imports.statement_text import StatementText
from lsp_server.syntax.nearby_children import FEW
from lsp_server.syntax.node_rules import kinds
from lsp_server.syntax.tree import DocumentTree

__all__ = ["HeadPlace", "head_place"]

_HEADS = {
    "go": kinds("package_clause"),
    "rust": kinds("shebang inner_attribute_item"),
    "java": kinds("package_declaration"),
    "kotlin": kinds("package_header file_annotation shebang shebang_line"),
    "scala": kinds("package_clause"),
    "csharp": kinds(
        "extern_alias_directive preproc_nullable preproc_define preproc_undef preproc_pragma"
        " file_scoped_namespace_declaration shebang_directive"
    ),
    "php": kinds("php_tag declare_statement namespace_definition"),
    "c": kinds("preproc_call"),
    "cpp": kinds("preproc_call"),
}
"""What comes before a first import, beside comments."""
_SCRIPTS = frozenset(("javascript", "typescript", "typescriptreact"))
_NEEDED = {"go": "package_clause", "php": "php_tag"}
"""What a file has to have before it may import."""
_MAGIC_LINES = 3
"""Only the first lines of a file may tell tools how to read it."""
_FIRST_BLANKS = 2
"""Blank lines between the imports and a function or class in Python."""


@dataclass(frozen=True, slots=True)
class HeadPlace:
    """Where a first import goes. Offsets are code points."""

    offset: int
    """The start of a line, or the end of the text."""
    blanks_before: int
    """The blank lines that have to be inserted before the import."""
    blanks_after: int
    indentation: str


def head_place(tree: DocumentTree) -> HeadPlace | None:
    """The place of the first import; None where no place is safe."""
    source = StatementText(tree)
    above, below = _neighbours(tree, source)
    needed = _NEEDED.get(tree.language.id)
    if needed is not None and not any(child.type == needed for child in _children(tree.root)):
        return None
    lines = tree.lines
    last = -1 if above is None else lines.line_of(_end_of(source, above))
    if below is not None and lines.line_of(source.span(below).start) <= last:
        return None
    if below is None:
        gap = sum(1 for line in range(last + 1, lines.line_count) if not _has_text(tree, line))
        gap = max(gap - 1, 0)
        after = 0
    else:
        gap = lines.line_of(source.span(below).start) - last - 1
        after = _blanks_after(tree, below)
    before = 0 if above is None else _blanks_before(source, above)
    passed = min(gap, before)
    line = last + 1 + passed
    offset = len(tree.text) if line >= lines.line_count else lines.line_span(line).start
    if offset == 0 and tree.text.startswith("\ufeff"):
        offset = 1
    indentation = ""
    if below is not None:
        indentation = indentation_of(tree, lines.line_of(source.span(below).start))
    return HeadPlace(offset, before - passed, max(after - (gap - passed), 0), indentation)


def _children(node: Node) -> list[Node]:
    """The first children, which hold all that must come first."""
    found = [node.child(number) for number in range(min(node.child_count, FEW))]
    return [child for child in found if child is not None]


def _neighbours(tree: DocumentTree, source: StatementText) -> tuple[Node | None, Node | None]:
    """The last node that must stay above the import, and the first one below it."""
    above: Node | None = None
    comments: list[Node] = []
    waiting = _children(tree.root)[::-1]
    while waiting:
        node = waiting.pop()
        if node.type in tree.language.nodes.comments:
            if _is_inner_doc(source, node):
                above, comments = node, []
            else:
                comments.append(node)
        elif not node.is_named and node.type in ("{", "#ifndef", "namespace", "\n"):
            continue
        elif (inside := _opened(node, source)) is not None:
            above, comments = inside[0], []
            waiting = inside[1][::-1]
        elif _is_head(tree, node, source, first=_is_first(tree, above)):
            above, comments = node, []
        else:
            return _with_header(tree, source, above, comments, node)
    return (comments[-1] if comments else above), None


def _opened(node: Node, source: StatementText) -> tuple[Node, list[Node]] | None:
    """What imports stand inside of: an include guard, a namespace with braces in PHP."""
    if is_include_guard(node, source):
        inner = _children(node)
        at = next(i for i, child in enumerate(inner) if child.type == "preproc_def")
        return inner[at], inner[at + 1 :]
    body = node.child_by_field_name("body") if node.type == "namespace_definition" else None
    if body is not None and body.child_count:
        inner = _children(body)
        return inner[0], inner[1:]
    return None


def _is_first(tree: DocumentTree, above: Node | None) -> bool:
    """Whether there are only comments so far."""
    return above is None or above.type in tree.language.nodes.comments


def _is_head(tree: DocumentTree, node: Node, source: StatementText, *, first: bool) -> bool:
    language_id = tree.language.id
    if node.type in _HEADS.get(language_id, ()):
        return True
    if language_id in ("c", "cpp") and node.type == "preproc_def":
        return source.field(node, "name").startswith("_")  # A switch of the system's headers.
    inner = node.named_child(0) if node.type == "expression_statement" else None
    if language_id == "python":
        return first and inner is not None and inner.type == "string"
    if language_id in _SCRIPTS:
        return node.type == "hash_bang_line" or (inner is not None and inner.type == "string")
    return language_id == "ruby" and node.type == "shebang"


def _is_inner_doc(source: StatementText, node: Node) -> bool:
    return source.of(node).startswith(("//!", "/*!", "#!"))


def _with_header(
    tree: DocumentTree,
    source: StatementText,
    above: Node | None,
    comments: list[Node],
    below: Node,
) -> tuple[Node | None, Node]:
    """Comments with a blank line below are the file's; those right above code are the code's."""
    lines = tree.lines
    for number in range(len(comments) - 1, -1, -1):
        following = comments[number + 1] if number + 1 < len(comments) else below
        gap = lines.line_of(source.span(following).start) - lines.line_of(
            _end_of(source, comments[number])
        )
        if gap > 1 or _is_magic(tree, source, comments[number]):
            return comments[number], following
    return above, comments[0] if comments else below


def _is_magic(tree: DocumentTree, source: StatementText, comment: Node) -> bool:
    """Whether a comment of the file's first lines tells tools how to read it."""
    text = source.of(comment)
    if tree.lines.line_of(source.span(comment).start) >= _MAGIC_LINES:
        return False
    return text.startswith("#!") or any(
        word in text
        for word in ("coding:", "coding=", "frozen_string_literal", "swift-tools", "@ts-")
    )


def _end_of(source: StatementText, node: Node) -> int:
    """The last code point of a node, without a line end that the grammar counts to it."""
    span = source.span(node)
    return max(span.start, span.end - 1)


def _has_text(tree: DocumentTree, line: int) -> bool:
    return bool(tree.lines.line_span(line).text(tree.text).strip(" \t\f\ufeff"))


def _blanks_before(source: StatementText, above: Node) -> int:
    opens = source.of(above) == "{"
    return 0 if opens else 1


def _blanks_after(tree: DocumentTree, below: Node) -> int:
    if tree.language.id != "python":
        return 1
    kind = below.type
    if kind in tree.language.nodes.comments:
        following = below.next_named_sibling
        while following is not None and following.type in tree.language.nodes.comments:
            following = following.next_named_sibling
        kind = "" if following is None else following.type
    defines = kind in ("function_definition", "class_definition", "decorated_definition")
    return _FIRST_BLANKS if defines else 1
