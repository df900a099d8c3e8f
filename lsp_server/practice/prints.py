"""Recipe: remove debug output.

Removes whole statements that only print for the developer. Prints to a file of the program
(`file=report`), `console.error`, `.warn` and `.info` stay: that output is wanted. A block is never
left empty.
"""

from tree_sitter import Node

from lsp_server.practice.fragment import Edit, Fragment, first_child, walk
from lsp_server.practice.node_shapes import word_set
from lsp_server.practice.recipe import RecipeResult

_PRINTERS = word_set(
    """
    print pprint pp pprint.pprint pprint.pp breakpoint pdb.set_trace ipdb.set_trace console.log
    console.debug console.dir console.table console.trace
    """
)
_DEBUGGERS = frozenset({"pdb", "ipdb"})
_OPEN_BLOCKS = word_set("module statement_block program switch_case switch_default")
"""Blocks that may be empty."""

_CONTINUES = (b"(", b"[", b"`", b"+", b"-", b"/")
"""Characters at the start of a line that continue a statement without a semicolon."""


def remove_debug_output(fragment: Fragment) -> RecipeResult:
    """Remove the statements that print for debugging or stop in a debugger."""
    removed = [node for node in walk(fragment.root) if _is_debug(fragment, node)]
    ids = {node.id for node in removed}
    edits = [_removal(fragment, node, ids) for node in removed]
    return RecipeResult.of(edits, "There is no debug output here.")


def _is_debug(fragment: Fragment, node: Node) -> bool:
    if not fragment.holds(node) or node.has_error:
        return False
    if node.type == "debugger_statement":
        return True
    if node.type == "import_statement":
        return _imports_debugger(fragment, node)
    if node.type != "expression_statement" or node.named_child_count != 1:
        return False
    call = first_child(node)
    if call is None or call.type not in ("call", "call_expression"):
        return False
    function = call.child_by_field_name("function")
    if function is None or fragment.source_of(function) not in _PRINTERS:
        return False
    return not _writes_to_file(fragment, call)


def _imports_debugger(fragment: Fragment, node: Node) -> bool:
    """Whether it is the `import pdb` of a `pdb.set_trace()` on the same line."""
    if not fragment.is_python or node.named_child_count != 1:
        return False
    name = fragment.source_of(node).removeprefix("import").strip()
    following = node.next_named_sibling
    return (
        name in _DEBUGGERS
        and following is not None
        and following.start_point[0] == node.start_point[0]
        and _is_debug(fragment, following)
    )


def _writes_to_file(fragment: Fragment, call: Node) -> bool:
    arguments = call.child_by_field_name("arguments")
    for argument in arguments.named_children if arguments else ():
        name = argument.child_by_field_name("name")
        value = argument.child_by_field_name("value")
        if argument.type == "keyword_argument" and name and fragment.source_of(name) == "file":
            return value is not None and fragment.source_of(value) not in (
                "sys.stderr",
                "sys.stdout",
            )
    return False


def _removal(fragment: Fragment, node: Node, removed: set[int]) -> Edit:
    stand_in = _stand_in(fragment, node, removed)
    if stand_in:
        return Edit(node.start_byte, node.end_byte, stand_in)
    start, end = _with_separator(fragment, node)
    line_start, line_end = fragment.line_start(start), _end_of_line(fragment, end)
    alone = not fragment.source[max(line_start, fragment.start) : start].strip()
    rest = fragment.source[end:line_end].strip()
    if not alone or (rest and not rest.startswith((b"#", b"//"))):
        return Edit(start, end, "")
    return _whole_lines(fragment, line_start, line_end)


def _whole_lines(fragment: Fragment, start: int, end: int) -> Edit:
    """Remove lines with one line end: at the end of the scope, the one before them."""
    following = fragment.next_line(end)
    if following <= fragment.end and following > end:
        # The first line's indentation is outside the scope, so the next line's goes instead.
        if start < fragment.start:
            return Edit(fragment.start, _first_text(fragment, following), "")
        return Edit(start, following, "")
    if start <= fragment.start:
        return Edit(fragment.start, min(end, fragment.end), "")
    before = start - 2 if fragment.source[start - 2 : start] == b"\r\n" else start - 1
    return Edit(max(before, fragment.start), min(end, fragment.end), "")


def _first_text(fragment: Fragment, offset: int) -> int:
    rest = fragment.source[offset : fragment.end]
    return offset + len(rest) - len(rest.lstrip(b" \t"))


def _end_of_line(fragment: Fragment, offset: int) -> int:
    """The offset of the line end."""
    following = fragment.next_line(offset)
    line = fragment.source[offset:following]
    return offset + len(line.rstrip(b"\r\n"))


def _with_separator(fragment: Fragment, node: Node) -> tuple[int, int]:
    """The node with the `;` and blanks that separate it from its neighbours on the line."""
    start, end = node.start_byte, node.end_byte
    if not fragment.is_python:
        return start, end
    rest = fragment.source[end : _end_of_line(fragment, end)]
    if rest.lstrip(b" \t").startswith(b";"):
        rest = rest.lstrip(b" \t")[1:]
        return start, _end_of_line(fragment, end) - len(rest.lstrip(b" \t"))
    head = fragment.source[fragment.line_start(start) : start].rstrip(b" \t")
    if head.endswith(b";"):
        start = fragment.line_start(start) + len(head) - 1
    return start, end


def _stand_in(fragment: Fragment, node: Node, removed: set[int]) -> str:
    """What must replace the statement so that the code around it still parses."""
    block = node.parent
    if fragment.is_python:
        return _python_stand_in(fragment, node, block, removed)
    if block is None or block.type not in _OPEN_BLOCKS:
        return "{}"
    if _would_join_next(fragment, node) or _is_whole_and_needed(fragment, node):
        return ";"
    return ""


def _python_stand_in(fragment: Fragment, node: Node, block: Node | None, removed: set[int]) -> str:
    if block is None:
        return ""
    statements = [child for child in block.named_children if child.type != "comment"]
    if any(child.id not in removed for child in statements):
        return ""
    if block.type == "module" and not fragment.indent_at(fragment.start):
        return ""
    if block.type != "block" and block.type != "module":
        return ""
    if node.id != statements[-1].id:
        return ""
    outer = block.parent is not None and not fragment.holds(block.parent)
    return "" if outer and not _opens_block(fragment) else "pass"


def _opens_block(fragment: Fragment) -> bool:
    """Whether the scope seems to be the whole content of the block around it."""
    head = fragment.before.rstrip()
    indent = fragment.indent_at(fragment.start)
    following = fragment.after.strip("\r\n").splitlines()[:1]
    goes_on = bool(following) and following[0].startswith(indent) and bool(following[0].strip())
    return not goes_on and (not head or head.endswith(":") or "#" in head.splitlines()[-1])


def _would_join_next(fragment: Fragment, node: Node) -> bool:
    """Whether the statement before, without a semicolon, would continue with the one after."""
    before, after = node.prev_named_sibling, node.next_named_sibling
    if before is None or after is None or before.type == "comment":
        return False
    if fragment.source[before.end_byte - 1 : before.end_byte] in (b";", b"}"):
        return False
    return fragment.source[after.start_byte : after.end_byte].startswith(_CONTINUES)


def _is_whole_and_needed(fragment: Fragment, node: Node) -> bool:
    """Whether the scope is only this statement, in a place that needs one, such as `if (x) …`."""
    if fragment.text.strip() != fragment.source_of(node).strip():
        return False
    head = fragment.before.rstrip()
    return bool(head) and not head.endswith(("{", "}", ";", ":", "*/"))
