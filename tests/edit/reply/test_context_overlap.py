"""Removing repeated context from the edges of an answer."""

from lsp_server.edit.reply.context_overlap import LeadingOverlap, LineRest, TrailingOverlap
from lsp_server.edit.reply.reply_context import ReplyContext


def without_lines_above(context: ReplyContext, answer: str) -> str:
    """The answer without the lines above the scope."""
    leading = LeadingOverlap(context)
    return leading.push(answer) + leading.end(sure=True, line_ended=True)


def without_lines_below(context: ReplyContext, answer: str) -> str:
    """The answer without the lines below the scope."""
    trailing = TrailingOverlap(context)
    return trailing.push(answer) + trailing.end(sure=True, line_ended=True)


ABOVE = ReplyContext.of("scope()", "first()\nsecond()\n\n", "", "")
BELOW = ReplyContext.of("scope()", "", "\n\nthird()\n}\nfourth()\n", "")


def test_two_lines_from_above_are_removed() -> None:
    assert without_lines_above(ABOVE, "first()\nsecond()\n\nnew()") == "new()"


def test_one_line_from_above_is_removed_if_blank_lines_match() -> None:
    assert without_lines_above(ABOVE, "second()\nscope()") == "scope()"
    assert without_lines_above(ABOVE, "second()\n\nnew()") == "new()"
    assert without_lines_above(ABOVE, "second()\nnew()") == "second()\nnew()"
    assert without_lines_above(ABOVE, "second()") == "second()"


def test_one_line_directly_above_is_removed_whatever_follows() -> None:
    context = ReplyContext.of("def f():\n        pass", "class A(Base):\n    ", "", "")
    assert without_lines_above(context, "class A(Base):\n    def g():") == "    def g():"
    assert without_lines_above(context, "class A(Base):\n        x = 1") == "        x = 1"
    context = ReplyContext.of(
        "def wide(self):\n        pass", "class A:\n    @property\n    ", "", ""
    )
    assert (
        without_lines_above(context, "    @property\n    def wide(self, x):")
        == "    def wide(self, x):"
    )


def test_a_run_is_removed_although_its_lines_occur_further_above_too() -> None:
    context = ReplyContext.of("@Test\nold()", "@Other\na()\n}\n@Test\nb()\n}\n\n", "", "")
    assert without_lines_above(context, "}\n\n@Test\nnew()") == "@Test\nnew()"


def test_an_insertion_point_keeps_additional_blank_lines() -> None:
    context = ReplyContext.of("", "first()\n\n", "\n\nsecond()\n", "")
    assert without_lines_above(context, "first()\n\n\nnew()") == "\nnew()"
    assert without_lines_above(context, "first()\n\nnew()") == "new()"
    assert without_lines_below(context, "new()\n\n\nsecond()") == "new()\n"
    assert without_lines_below(context, "new()\n\nsecond()") == "new()"


def test_lines_that_do_not_reach_the_scope_stay() -> None:
    assert without_lines_above(ABOVE, "first()\nscope()") == "first()\nscope()"


def test_other_lines_flow_at_once() -> None:
    leading = LeadingOverlap(ABOVE)
    assert leading.push("se") == ""
    assert leading.push("t") == "set"


def test_lines_from_below_are_removed_only_at_the_end() -> None:
    assert without_lines_below(BELOW, "new()\n\nthird()\n}") == "new()"
    assert without_lines_below(BELOW, "new()\nthird()\nmore()") == "new()\nthird()\nmore()"


def test_a_single_line_from_below_is_removed_if_blank_lines_match() -> None:
    context = ReplyContext.of("one()\ntwice()", "", "\nthird_step()\nfourth()\n", "")
    assert without_lines_below(context, "new()\ntwice()\nthird_step()") == "new()\ntwice()"
    assert without_lines_below(context, "new()\ntwice()\n\nthird_step()\n\n") == "new()\ntwice()"
    assert without_lines_below(context, "twice()\nnew()\nthird_step()") == "twice()\nnew()"
    assert (
        without_lines_below(context, "twice()\nnew()\n\nthird_step()")
        == "twice()\nnew()\n\nthird_step()"
    )
    assert (
        without_lines_below(context, "twice()\nnew()\nthird_step()\nfourth()") == "twice()\nnew()"
    )


def test_a_line_from_below_stays_if_the_answer_is_sound_only_with_it() -> None:
    context = ReplyContext.of("a()", "", "\nfinish\n", "")
    trailing = TrailingOverlap(
        context, is_sound=lambda text: text.count("start") == text.count("finish")
    )
    assert trailing.push("start\nb()\nfinish") + trailing.end(True, True) == "start\nb()\nfinish"
    trailing = TrailingOverlap(
        context, is_sound=lambda text: text.count("start") == text.count("finish")
    )
    assert trailing.push("b()\nfinish") + trailing.end(True, True) == "b()"
    for opening, closing in (("#ifdef B", "#endif"), ("if a", "end"), ("<b>", "</b>")):
        context = ReplyContext.of("a()", "", f"\n{closing}\n", "")
        answer = f"{opening}\nb()\n{closing}"
        assert without_lines_below(context, answer) == answer
        assert without_lines_below(context, f"b()\n{closing}") == "b()"


def test_a_cut_drops_lines_that_may_be_repeated() -> None:
    trailing = TrailingOverlap(BELOW)
    assert trailing.push("new()\nthird()\n") == "new()"
    assert trailing.end(sure=False, line_ended=True) == ""


def test_a_closer_is_removed_if_the_answer_never_opened_it() -> None:
    context = ReplyContext.of("a()", "", "\n}\n", "")
    assert without_lines_below(context, "b()\n}") == "b()"
    assert without_lines_below(context, "if {\nb()\n}") == "if {\nb()\n}"


def test_the_line_ends_at_the_end_are_the_originals() -> None:
    assert without_lines_below(ReplyContext.of("a\n", "", "", ""), "b") == "b\n"
    assert without_lines_below(ReplyContext.of("a", "", "", ""), "b\n\n") == "b"
    assert without_lines_below(ReplyContext.of("", "", "", ""), "b\n") == "b\n"


def test_the_rest_of_the_line() -> None:
    context = ReplyContext.of("f(1)", "x = ", " + 1;\n", "")
    leading = LeadingOverlap(context)
    rest = LineRest(context, leading)
    text = leading.push("x = f(2) + 1;")
    assert rest.push(text) + rest.end(sure=True, line_ended=True) == "f(2)"
    rest = LineRest(context, LeadingOverlap(context))
    assert rest.push("f(2) + 1;") + rest.end(sure=True, line_ended=True) == "f(2) + 1;"


def test_lines_repeated_from_both_sides_are_no_answer() -> None:
    context = ReplyContext.of("scope()", "{\n  above()\n  ", "\n  below()\n}\n", "")
    trailing = TrailingOverlap(context, repeats_above=lambda: True)
    assert trailing.push("below()") + trailing.end(sure=True, line_ended=True) == ""
    assert trailing.removed_lines == ["below()"]
    assert without_lines_below(context, "below()") == "below()"
