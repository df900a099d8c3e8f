"""The grammars' kinds of functions, loops, blocks and jumps, and whether a block's end is reached.

One set for all languages, because no kind means different things in two of them.
"""

from tree_sitter import Node


def word_set(words: str) -> frozenset[str]:
    """The words of a text, such as kinds of nodes."""
    return frozenset(words.split())


FUNCTIONS = word_set(
    """
    function_definition function_declaration function_expression generator_function
    generator_function_declaration arrow_function method_definition
    """
)
LOOPS = frozenset({"for_statement", "while_statement", "for_in_statement"})
BLOCKS = frozenset({"block", "statement_block"})
JUMPS = word_set(
    "return_statement raise_statement throw_statement continue_statement break_statement"
)
COMPOUND = LOOPS | word_set(
    "if_statement with_statement try_statement match_statement switch_statement"
)


def statements_of(block: Node) -> list[Node]:
    return [child for child in block.named_children if child.type != "comment"]


def leaves(block: Node) -> bool:
    """Whether the end of the block is never reached."""
    statements = statements_of(block)
    if not statements:
        return False
    last = statements[-1]
    if last.type in JUMPS:
        return True
    if last.type != "if_statement":
        return False
    arms = [last.child_by_field_name("consequence")]
    for clause in last.children_by_field_name("alternative"):
        inner = clause.child_by_field_name("consequence") or clause.child_by_field_name("body")
        arms.append(inner or next((c for c in clause.named_children if c.type in BLOCKS), None))
    has_else = any(c.type == "else_clause" for c in last.children_by_field_name("alternative"))
    return has_else and all(arm is not None and leaves(arm) for arm in arms)
