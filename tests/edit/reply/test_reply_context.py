"""What is known of the scope before the answer comes."""

from lsp_server.edit.reply.reply_context import NEIGHBOURS, ReplyContext, is_substantial


def test_a_scope_on_lines_of_its_own() -> None:
    place = ReplyContext.of("a()\r\n    b()", "if x:\r\n\r\n    ", "\r\n    c()\r\n", "")
    assert place.indent == "    "
    assert place.lines == ["a()", "    b()"]
    assert place.document_lines == ["    a()", "    b()"]
    assert place.lines_before == ["if x:"]
    assert place.lines_after == ["    c()"]
    assert (place.line_prefix, place.first) == ("", "a()")


def test_a_scope_within_a_line() -> None:
    place = ReplyContext.of("f(1)", "a\n  x = ", ";\nb", "")
    assert (place.indent, place.line_prefix) == ("  ", "x =")


def test_only_a_few_neighbours_count() -> None:
    place = ReplyContext.of("x", "line\n" * 500, "\n" + "line\n" * 500, "")
    assert len(place.lines_before) == len(place.lines_after) == NEIGHBOURS


def test_closers_are_not_substantial() -> None:
    assert not any(map(is_substantial, ["}", "});", "end", "fi", ""]))
    assert is_substantial("    return x")
