"""Blocks of a reply, weighed."""

from lsp_server.edit.reply.fenced_block import FencedBlock, best_of, is_much_more_similar
from lsp_server.edit.reply.prose import CodeLikeness
from lsp_server.edit.reply.reply_context import ReplyContext

SCOPE = """def area(shape):
    width = shape.width
    height = shape.height
    return width * height"""
PLACE = ReplyContext.of(SCOPE, "import math\n\n\n", "\n\n\nlabel = 1\n", "")


def block(text: str) -> FencedBlock:
    """A block that is over, with these lines."""
    made = FencedBlock(PLACE, CodeLikeness(PLACE), held_back=True, eager=True)
    for line in text.split("\n"):
        made.convinces_early(line)
        made.take(line)
    made.finish()
    return made


def test_a_quote_does_not_convince_and_a_change_does() -> None:
    assert not block(SCOPE).convinces
    assert not block(f"import math\n\n{SCOPE}\n\nlabel = 1").convinces
    assert block(SCOPE.replace("width * height", "height")).convinces
    assert block(SCOPE.rpartition("\n")[0]).convinces


def test_what_stands_around_the_scope_is_a_neighbourhood() -> None:
    assert block("import math").is_neighbourhood
    assert not block("import os").is_neighbourhood
    assert not block(SCOPE).is_neighbourhood


def test_a_line_that_leaves_the_document_shows_the_answer_before_its_end() -> None:
    made = FencedBlock(PLACE, CodeLikeness(PLACE), held_back=True, eager=True)
    assert not made.convinces_early("def area(s")
    assert made.convinces_early("elf")
    made = FencedBlock(PLACE, CodeLikeness(PLACE), held_back=True, eager=True)
    assert not made.convinces_early("import math")
    made.take("import math")
    assert not made.convinces_early("from")


def test_the_first_block_counts_unless_another_is_much_more_alike() -> None:
    shell, whole = block("pip install x"), block(SCOPE.replace("width = ", "width: int = "))
    other = block(SCOPE.replace("height = ", "height: int = "))
    assert best_of([shell, whole]) is whole
    assert best_of([whole, other]) is whole
    assert best_of([block(SCOPE), other]) is other
    assert is_much_more_similar(whole, shell) and not is_much_more_similar(other, whole)
