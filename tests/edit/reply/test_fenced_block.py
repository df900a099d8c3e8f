"""Judging a block of a reply."""

from lsp_server.edit.reply.fenced_block import FencedBlock, best_of, is_much_more_similar
from lsp_server.edit.reply.prose import CodeLikeness
from lsp_server.edit.reply.reply_context import ReplyContext

SCOPE = """def area(shape):
    width = shape.width
    height = shape.height
    return width * height"""
CONTEXT = ReplyContext.of(SCOPE, "import math\n\n\n", "\n\n\nlabel = 1\n", "")


def block(text: str) -> FencedBlock:
    """A finished block with these lines."""
    result = FencedBlock(CONTEXT, CodeLikeness(CONTEXT), held_back=True, eager=True)
    for line in text.split("\n"):
        result.convinces_early(line)
        result.take(line)
    result.finish()
    return result


def test_a_quotation_does_not_convince_and_a_change_does() -> None:
    assert not block(SCOPE).convinces
    assert not block(f"import math\n\n{SCOPE}\n\nlabel = 1").convinces
    assert block(SCOPE.replace("width * height", "height")).convinces
    assert block(SCOPE.rpartition("\n")[0]).convinces


def test_lines_around_the_scope_are_its_neighbourhood() -> None:
    assert block("import math").is_neighbourhood
    assert not block("import os").is_neighbourhood
    assert not block(SCOPE).is_neighbourhood


def test_a_line_that_departs_from_the_document_convinces_before_its_end() -> None:
    result = FencedBlock(CONTEXT, CodeLikeness(CONTEXT), held_back=True, eager=True)
    assert not result.convinces_early("def area(s")
    assert result.convinces_early("elf")
    result = FencedBlock(CONTEXT, CodeLikeness(CONTEXT), held_back=True, eager=True)
    assert not result.convinces_early("import math")
    result.take("import math")
    assert not result.convinces_early("from")


def test_the_first_block_counts_unless_another_is_much_more_alike() -> None:
    shell, rewrite = block("pip install x"), block(SCOPE.replace("width = ", "width: int = "))
    other = block(SCOPE.replace("height = ", "height: int = "))
    assert best_of([shell, rewrite]) is rewrite
    assert best_of([rewrite, other]) is rewrite
    assert best_of([block(SCOPE), other]) is other
    assert is_much_more_similar(rewrite, shell) and not is_much_more_similar(other, rewrite)
