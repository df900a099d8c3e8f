"""Recipe: turn nested ifs into guard clauses.

    if a:                       if not a:
        …                           return None
    else:               becomes …
        return None

An `if` is turned if leaving early is the same as falling through to the end: its `else` leaves
anyway, or it is the last statement of a function or loop body, or only one plain `return` follows.
An `else` after a branch that leaves is dissolved as well. Repeated from the outside in, this
flattens a whole nest.

Comments and blank lines move with their statements. Lines inside multi-line strings keep their
indentation, because it is content.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lsp_server.practice.conditions import opposite
from lsp_server.practice.fragment import Edit, Fragment, first_child, walk
from lsp_server.practice.node_shapes import (
    BLOCKS,
    COMPOUND,
    FUNCTIONS,
    LOOPS,
    leaves,
    statements_of,
    word_set,
)
from lsp_server.practice.recipe import RecipeResult

_LITERALS = frozenset({"string", "template_string", "concatenated_string"})
_OWN_NAMES = word_set(
    """
    identifier type_identifier shorthand_property_identifier shorthand_property_identifier_pattern
    """
)
_PLAIN_RESULTS = frozenset(
    {"identifier", "true", "false", "none", "null", "undefined", "integer", "float", "number"}
)
"""Results whose `return` may be written twice."""


@dataclass(frozen=True, slots=True)
class _Branches:
    """An `if` that can be turned: blocks on lines of their own, no `elif`."""

    node: Node
    condition: Node
    body: Node
    otherwise: Node | None
    """The block of the `else`."""
    clause: Node | None
    """The `else` clause itself."""


def use_guard_clauses(fragment: Fragment) -> RecipeResult:
    """Turn every outermost `if` that can be turned. Inner ones follow in the next round."""
    edits: list[Edit] = []
    done_until = fragment.start
    for block in walk(fragment.root):
        if block.type not in BLOCKS or block.start_byte < done_until or block.has_error:
            continue
        for branches in _ifs_of(fragment, block):
            change = _turn(fragment, block, branches)
            if change:
                edits += change
                done_until = block.end_byte
                break
    return RecipeResult.of(edits, "There is no nested `if` here that a guard clause could replace.")


def _ifs_of(fragment: Fragment, block: Node) -> Iterator[_Branches]:
    for node in block.named_children:
        branches = _branches(fragment, node) if node.type == "if_statement" else None
        if branches is not None:
            yield branches


def _branches(fragment: Fragment, node: Node) -> _Branches | None:
    condition = node.child_by_field_name("condition")
    body = node.child_by_field_name("consequence")
    others = node.children_by_field_name("alternative")
    if condition is None or body is None or not fragment.holds(node) or len(others) > 1:
        return None
    clause = others[0] if others else None
    otherwise = None
    if clause is not None:
        otherwise = next((child for child in clause.children if child.type in BLOCKS), None)
        if clause.type != "else_clause" or otherwise is None:
            return None
    in_shape = (
        body.type in BLOCKS
        and fragment.opens_line(node.start_byte)
        and _on_own_lines(fragment, body)
        and (otherwise is None or _on_own_lines(fragment, otherwise))
        and (clause is None or body.type == "block" or _meet(fragment, body, clause))
    )
    return _Branches(node, condition, body, otherwise, clause) if in_shape else None


def _on_own_lines(fragment: Fragment, block: Node) -> bool:
    """Whether the statements of the block are on lines of their own."""
    statements = statements_of(block)
    if not statements or not fragment.opens_line(statements[0].start_byte):
        return False
    if block.type == "block":
        return True
    opened = fragment.slice(block.start_byte + 1, statements[0].start_byte).partition("\n")[0]
    return not opened.strip() and fragment.opens_line(block.end_byte - 1)


def _meet(fragment: Fragment, body: Node, clause: Node) -> bool:
    """Whether only blanks are between a closing brace and its `else`."""
    return not fragment.slice(body.end_byte, clause.start_byte).strip()


def _turn(fragment: Fragment, block: Node, branches: _Branches) -> list[Edit]:
    """The edits that turn one `if`. None if it should stay."""
    if not _names_stay_apart(fragment, block, branches):
        return []
    if branches.otherwise is not None:
        return _turn_with_else(fragment, branches)
    if not _is_worth_it(branches.body):
        return []
    rest = statements_of(block)
    rest = rest[[node.id for node in rest].index(branches.node.id) + 1 :]
    leave = _leave(fragment, block) if not rest else _plain_return(fragment, rest)
    if not leave:
        return []
    edits = [*_guard(fragment, branches, leave), *_dedented(fragment, branches)]
    if rest and leaves(branches.body):
        edits.append(_without(fragment, branches.node, rest[0]))
    return edits


def _turn_with_else(fragment: Fragment, branches: _Branches) -> list[Edit]:
    body, otherwise = branches.body, branches.otherwise
    assert otherwise is not None
    body_leaves, else_leaves = leaves(body), leaves(otherwise)
    shorter_else = _height(otherwise) <= _height(body) or not body_leaves
    if else_leaves and _is_worth_it(body) and shorter_else:
        return _swap(fragment, branches)
    if body_leaves and _is_worth_it(otherwise):
        return _drop_else(fragment, branches)
    return []


def _is_worth_it(body: Node) -> bool:
    """Whether turning helps: a branch with one simple statement is short enough already."""
    statements = statements_of(body)
    return len(statements) > 1 or any(node.type in COMPOUND for node in statements)


def _height(node: Node) -> int:
    return node.end_point[0] - node.start_point[0]


def _leave(fragment: Fragment, block: Node) -> str:
    """The statement that equals reaching the end of `block`. "" if there is none."""
    owner = block.parent
    if owner is None or not fragment.holds(owner) or block.has_error:
        return ""
    end = _semicolon(fragment)
    if owner.type in LOOPS:
        return f"continue{end}"
    if owner.type not in FUNCTIONS:
        return ""
    if not _returns_values(owner):
        return f"return{end}"
    return "return None" if fragment.is_python else f"return undefined{end}"


def _returns_values(function: Node) -> bool:
    waiting = [child for child in function.children if child.type in BLOCKS]
    while waiting:
        node = waiting.pop()
        if node.type == "return_statement" and node.named_child_count:
            return True
        waiting.extend(child for child in node.children if child.type not in FUNCTIONS)
    return False


def _plain_return(fragment: Fragment, rest: list[Node]) -> str:
    """The one plain `return` that follows and may be written twice. "" if there is none."""
    if len(rest) != 1 or rest[0].type != "return_statement" or rest[0].has_error:
        return ""
    result = first_child(rest[0])
    plain = result is None or result.type in _PLAIN_RESULTS
    return fragment.source_of(rest[0]) if plain and rest[0].named_child_count < 2 else ""


def _semicolon(fragment: Fragment) -> str:
    """ ";" where the scope's statements end with one."""
    if fragment.is_python:
        return ""
    lines = [line.rstrip() for line in fragment.text.splitlines()]
    return ";" if any(line.endswith(";") for line in lines) else ""


def _names_stay_apart(fragment: Fragment, block: Node, branches: _Branches) -> bool:
    """Whether the names that a branch declares are not used around it.

    Only blocks in braces have names of their own. Removing the braces must not bring two
    declarations of one name together, nor hide an outer name from earlier statements.
    """
    if fragment.is_python:
        return True
    for arm in (branches.body, branches.otherwise):
        if arm is None:
            continue
        declared = {
            fragment.source_of(name)
            for child in statements_of(arm)
            for name in _declared_names(child)
        }
        for node in walk(block.parent or block):
            outside = node.end_byte <= arm.start_byte or node.start_byte >= arm.end_byte
            if outside and node.type in _OWN_NAMES and fragment.source_of(node) in declared:
                return False
    return True


def _declared_names(statement: Node) -> Iterator[Node]:
    if statement.type in ("lexical_declaration", "variable_declaration"):
        for declarator in statement.named_children:
            target = declarator.child_by_field_name("name")
            if target is not None:
                yield from (node for node in walk(target) if node.child_count == 0)
    elif statement.type.endswith("_declaration"):
        name = statement.child_by_field_name("name")
        if name is not None:
            yield name


def _guard(fragment: Fragment, branches: _Branches, leave: str) -> list[Edit]:
    """The negated condition, and the line that leaves."""
    inner = _inner_indent(fragment, branches.body)
    outer = fragment.indent_at(branches.node.start_byte)
    lines = f"{inner}{leave}\n"
    if not fragment.is_python:
        lines += f"{outer}}}\n"
    first = fragment.next_line(_end_of_header(branches))
    return [_turned_condition(fragment, branches), Edit(first, first, lines)]


def _turned_condition(fragment: Fragment, branches: _Branches) -> Edit:
    condition = branches.condition
    text = opposite(fragment, condition)
    return Edit(condition.start_byte, condition.end_byte, text)


def _end_of_header(branches: _Branches) -> int:
    """A byte on the last line of the header: the `{` or the condition's end."""
    if branches.body.type == "statement_block":
        return branches.body.start_byte
    return branches.condition.end_byte


def _inner_indent(fragment: Fragment, block: Node) -> str:
    return fragment.indent_at(statements_of(block)[0].start_byte)


def _dedented(fragment: Fragment, branches: _Branches) -> list[Edit]:
    """The body one level further out, without its closing brace."""
    first = fragment.next_line(_end_of_header(branches))
    if branches.body.type == "block":
        end = branches.clause.start_byte if branches.clause else branches.body.end_byte
        return _shift(fragment, branches.node, branches.body, first, end)
    close = branches.body.end_byte - 1
    edits = _shift(fragment, branches.node, branches.body, first, fragment.line_start(close))
    if branches.clause is None:
        edits.append(_without_line(fragment, close))
    return edits


def _shift(fragment: Fragment, node: Node, body: Node, start: int, end: int) -> list[Edit]:
    """Edits that give the lines starting in `[start, end)` the indentation of `node`."""
    inner, outer = _inner_indent(fragment, body), fragment.indent_at(node.start_byte)
    kept = _starts_in_literals(fragment, body)
    edits = []
    line = start
    while line < end:
        if fragment.source.startswith(inner.encode(), line) and line not in kept:
            edits.append(Edit(line, line + len(inner.encode()), outer))
        line = fragment.next_line(line)
    return edits


def _starts_in_literals(fragment: Fragment, body: Node) -> frozenset[int]:
    """The line starts inside a string, where blanks are content."""
    starts = set()
    for node in walk(body):
        if node.type in _LITERALS and node.start_point[0] != node.end_point[0]:
            line = fragment.next_line(node.start_byte)
            while line < node.end_byte:
                starts.add(line)
                line = fragment.next_line(line)
    return frozenset(starts)


def _without_line(fragment: Fragment, offset: int) -> Edit:
    return fragment.without_lines(fragment.line_start(offset), fragment.next_line(offset))


def _without(fragment: Fragment, before: Node, statement: Node) -> Edit:
    """Remove a statement that is no longer reached, with the blank lines before it."""
    start = fragment.next_line(before.end_byte - 1)
    if fragment.slice(start, statement.start_byte).strip():
        start = fragment.line_start(statement.start_byte)
    return fragment.without_lines(start, fragment.next_line(statement.end_byte - 1))


def _swap(fragment: Fragment, branches: _Branches) -> list[Edit]:
    """The `else` branch first, as the guard, and the body one level further out."""
    assert branches.clause is not None and branches.otherwise is not None
    first = fragment.next_line(_end_of_header(branches))
    moved, gone = _else_lines(fragment, branches)
    edits = [_turned_condition(fragment, branches), Edit(first, first, moved), gone]
    return [*edits, *_dedented(fragment, branches)]


def _else_lines(fragment: Fragment, branches: _Branches) -> tuple[str, Edit]:
    """The lines of the `else` branch, and the edit that removes it from its place."""
    assert branches.clause is not None and branches.otherwise is not None
    clause, otherwise = branches.clause, branches.otherwise
    if otherwise.type == "block":
        header = fragment.line_start(clause.start_byte)
        first = fragment.line_start(statements_of(otherwise)[0].start_byte)
        comments = fragment.slice(header, first).partition(":")[2].strip(" \t")
        lead = "" if not comments.strip() else _comment_lines(fragment, otherwise, comments)
        lines = fragment.slice(first, otherwise.end_byte)
        end = fragment.next_line(otherwise.end_byte - 1)
        return lead + _as_lines(lines), fragment.without_lines(header, end)
    first = fragment.next_line(otherwise.start_byte)
    close = otherwise.end_byte - 1
    lines = fragment.slice(first, fragment.line_start(close))
    outer = fragment.indent_at(branches.node.start_byte)
    header = fragment.line_start(branches.body.end_byte - 1)
    gone = fragment.without_lines(header, fragment.next_line(close))
    return _as_lines(lines) + f"{outer}}}\n", gone


def _comment_lines(fragment: Fragment, block: Node, comments: str) -> str:
    inner = _inner_indent(fragment, block)
    return "".join(f"{inner}{line.strip()}\n" for line in comments.splitlines() if line.strip())


def _as_lines(text: str) -> str:
    """With "\\n" as line end, and one at the end."""
    return text.replace("\r\n", "\n").rstrip("\n") + "\n"


def _drop_else(fragment: Fragment, branches: _Branches) -> list[Edit]:
    """Dissolve an `else` after a branch that leaves: its lines go one level further out."""
    assert branches.clause is not None and branches.otherwise is not None
    clause, otherwise = branches.clause, branches.otherwise
    header = fragment.line_start(clause.start_byte)
    if otherwise.type == "block":
        first = fragment.next_line(clause.start_byte)
        if "#" in fragment.slice(clause.start_byte, first):
            return []
        shifted = _shift(fragment, branches.node, otherwise, first, otherwise.end_byte)
        return [Edit(header, first, ""), *shifted]
    first, close = fragment.next_line(otherwise.start_byte), otherwise.end_byte - 1
    shifted = _shift(fragment, branches.node, otherwise, first, fragment.line_start(close))
    opening = Edit(branches.body.end_byte, first, "\n")
    return [opening, *shifted, _without_line(fragment, close)]
