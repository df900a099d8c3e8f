"""The scope and the text around it."""

from lsp_server.edit.reply.reply_context import NEIGHBOURS, ReplyContext, is_substantial


def test_a_scope_on_lines_of_its_own() -> None:
    context = ReplyContext.of("a()\r\n    b()", "if x:\r\n\r\n    ", "\r\n    c()\r\n", "")
    assert context.indent == "    "
    assert context.lines == ["a()", "    b()"]
    assert context.document_lines == ["    a()", "    b()"]
    assert context.lines_before == ["if x:"]
    assert context.lines_after == ["    c()"]
    assert (context.line_prefix, context.first) == ("", "a()")


def test_a_scope_within_a_line() -> None:
    context = ReplyContext.of("f(1)", "a\n  x = ", ";\nb", "")
    assert (context.indent, context.line_prefix) == ("  ", "x =")


def test_only_a_few_neighbours_count() -> None:
    context = ReplyContext.of("x", "line\n" * 500, "\n" + "line\n" * 500, "")
    assert len(context.lines_before) == len(context.lines_after) == NEIGHBOURS


def test_closers_are_not_substantial() -> None:
    assert not any(map(is_substantial, ["}", "});", "end", "fi", ""]))
    assert is_substantial("    return x")
