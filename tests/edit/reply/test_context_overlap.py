"""The surroundings at an answer's edges."""

from lsp_server.edit.reply.context_overlap import LeadingOverlap, LineRest, TrailingOverlap
from lsp_server.edit.reply.reply_context import ReplyContext


def headed(place: ReplyContext, answer: str) -> str:
    """The answer without what stands above the scope."""
    head = LeadingOverlap(place)
    return head.push(answer) + head.end(sure=True, line_ended=True)


def tailed(place: ReplyContext, answer: str) -> str:
    """The answer without what stands below the scope."""
    tail = TrailingOverlap(place)
    return tail.push(answer) + tail.end(sure=True, line_ended=True)


ABOVE = ReplyContext.of("scope()", "first()\nsecond()\n\n", "", "")
BELOW = ReplyContext.of("scope()", "", "\n\nthird()\n}\nfourth()\n", "")


def test_two_lines_from_above_are_an_echo() -> None:
    assert headed(ABOVE, "first()\nsecond()\n\nnew()") == "new()"


def test_one_line_from_above_is_one_where_it_is_as_near_as_there() -> None:
    assert headed(ABOVE, "second()\nscope()") == "scope()"
    assert headed(ABOVE, "second()\n\nnew()") == "new()"
    assert headed(ABOVE, "second()\nnew()") == "second()\nnew()"
    assert headed(ABOVE, "second()") == "second()"


def test_one_line_right_above_is_one_whatever_follows_it() -> None:
    place = ReplyContext.of("def f():\n        pass", "class A(Base):\n    ", "", "")
    assert headed(place, "class A(Base):\n    def g():") == "    def g():"
    assert headed(place, "class A(Base):\n        x = 1") == "        x = 1"
    place = ReplyContext.of(
        "def wide(self):\n        pass", "class A:\n    @property\n    ", "", ""
    )
    assert headed(place, "    @property\n    def wide(self, x):") == "    def wide(self, x):"


def test_a_run_is_one_also_where_the_lines_after_it_stand_further_above_as_well() -> None:
    place = ReplyContext.of("@Test\nold()", "@Other\na()\n}\n@Test\nb()\n}\n\n", "", "")
    assert headed(place, "}\n\n@Test\nnew()") == "@Test\nnew()"


def test_an_insertion_point_keeps_the_blank_lines_that_are_more_than_there() -> None:
    place = ReplyContext.of("", "first()\n\n", "\n\nsecond()\n", "")
    assert headed(place, "first()\n\n\nnew()") == "\nnew()"
    assert headed(place, "first()\n\nnew()") == "new()"
    assert tailed(place, "new()\n\n\nsecond()") == "new()\n"
    assert tailed(place, "new()\n\nsecond()") == "new()"


def test_lines_that_do_not_reach_the_scope_are_none() -> None:
    assert headed(ABOVE, "first()\nscope()") == "first()\nscope()"


def test_other_lines_flow_at_once() -> None:
    head = LeadingOverlap(ABOVE)
    assert head.push("se") == ""
    assert head.push("t") == "set"


def test_lines_from_below_are_an_echo_at_the_end_only() -> None:
    assert tailed(BELOW, "new()\n\nthird()\n}") == "new()"
    assert tailed(BELOW, "new()\nthird()\nmore()") == "new()\nthird()\nmore()"


def test_a_single_line_from_below_is_an_echo_where_it_is_as_near_as_there() -> None:
    place = ReplyContext.of("one()\ntwice()", "", "\nthird_step()\nfourth()\n", "")
    assert tailed(place, "new()\ntwice()\nthird_step()") == "new()\ntwice()"
    assert tailed(place, "new()\ntwice()\n\nthird_step()\n\n") == "new()\ntwice()"
    assert tailed(place, "twice()\nnew()\nthird_step()") == "twice()\nnew()"
    assert tailed(place, "twice()\nnew()\n\nthird_step()") == "twice()\nnew()\n\nthird_step()"
    assert tailed(place, "twice()\nnew()\nthird_step()\nfourth()") == "twice()\nnew()"


def test_a_line_from_below_is_none_where_the_answer_is_sound_only_with_it() -> None:
    place = ReplyContext.of("a()", "", "\nfinish\n", "")
    tail = TrailingOverlap(place, is_sound=lambda text: text.count("start") == text.count("finish"))
    assert tail.push("start\nb()\nfinish") + tail.end(True, True) == "start\nb()\nfinish"
    tail = TrailingOverlap(place, is_sound=lambda text: text.count("start") == text.count("finish"))
    assert tail.push("b()\nfinish") + tail.end(True, True) == "b()"
    for opening, closing in (("#ifdef B", "#endif"), ("if a", "end"), ("<b>", "</b>")):
        place = ReplyContext.of("a()", "", f"\n{closing}\n", "")
        answer = f"{opening}\nb()\n{closing}"
        assert tailed(place, answer) == answer
        assert tailed(place, f"b()\n{closing}") == "b()"


def test_a_cut_leaves_what_may_be_an_echo_out() -> None:
    tail = TrailingOverlap(BELOW)
    assert tail.push("new()\nthird()\n") == "new()"
    assert tail.end(sure=False, line_ended=True) == ""


def test_a_closer_is_an_echo_if_the_answer_never_opened_it() -> None:
    place = ReplyContext.of("a()", "", "\n}\n", "")
    assert tailed(place, "b()\n}") == "b()"
    assert tailed(place, "if {\nb()\n}") == "if {\nb()\n}"


def test_the_line_ends_at_the_end_are_the_originals() -> None:
    assert tailed(ReplyContext.of("a\n", "", "", ""), "b") == "b\n"
    assert tailed(ReplyContext.of("a", "", "", ""), "b\n\n") == "b"
    assert tailed(ReplyContext.of("", "", "", ""), "b\n") == "b\n"


def test_the_rest_of_the_line() -> None:
    place = ReplyContext.of("f(1)", "x = ", " + 1;\n", "")
    head = LeadingOverlap(place)
    rest = LineRest(place, head)
    text = head.push("x = f(2) + 1;")
    assert rest.push(text) + rest.end(sure=True, line_ended=True) == "f(2)"
    rest = LineRest(place, LeadingOverlap(place))
    assert rest.push("f(2) + 1;") + rest.end(sure=True, line_ended=True) == "f(2) + 1;"


def test_what_is_only_repeated_from_both_sides_is_no_answer() -> None:
    place = ReplyContext.of("scope()", "{\n  above()\n  ", "\n  below()\n}\n", "")
    tail = TrailingOverlap(place, repeats_above=lambda: True)
    assert tail.push("below()") + tail.end(sure=True, line_ended=True) == ""
    assert tail.removed_lines == ["below()"]
    assert tailed(place, "below()") == "below()"
