"""Left-out lines put back."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.reply.elision import Elision
from lsp_server.edit.reply.place import Place

ORIGINAL = "a(1)\nb(2)\n\nc(3)\nd(4)\n\nc(3)\ne(5)"


def filled(answer: str, original: str = ORIGINAL, language: str = "") -> str:
    """The answer with its placeholders filled out."""
    stage = Elision(Place.of(original, "", "", ""), language)
    return stage.push(answer) + stage.end(sure=True, line_ended=True)


def test_up_to_the_next_line() -> None:
    assert filled("a(1)\n# ... unchanged\ne(6)") == "a(1)\nb(2)\n\nc(3)\nd(4)\n\nc(3)\ne(6)"


def test_of_several_places_the_lines_after_tell() -> None:
    assert filled("# ... unchanged\nc(3)\nd(0)") == "a(1)\nb(2)\n\nc(3)\nd(0)"
    assert filled("# ... unchanged\nc(3)\ne(5)") == ORIGINAL


def test_blank_lines_around_it_are_the_originals() -> None:
    assert filled("a(1)\n\n# ...\n\ne(5)") == ORIGINAL


def test_all_at_the_end() -> None:
    assert filled("a(0)\n# ... unchanged") == ORIGINAL.replace("a(1)", "a(0)")
    assert filled("# ... unchanged") == ORIGINAL


def test_new_lines_come_after_what_is_left() -> None:
    assert filled("# ... unchanged\n\nnew()") == ORIGINAL + "\n\nnew()"


def test_nothing_is_placed_where_the_original_is_blank() -> None:
    assert filled("# ... unchanged\nx", original="") == "# ... unchanged\nx"


def test_a_hint_needs_both_neighbours() -> None:
    assert filled("a(1)\n# ...\ne(5)") == ORIGINAL
    assert filled("a(1)\n# no changes\n\ne(5)") == ORIGINAL
    for answer in (
        "a(0)\n# ...\ne(5)",
        "a(1)\n# ...\ne(6)",
        "a(1)\n# ...\nb(2)",
        "a(1)\n# ...\n\n",
        "# ...\nnew()",
        "a(1)\n# ...\n# ...\ne(6)",
        "a(1)\n# other cases...\nf(6)\ne(5)",
    ):
        assert filled(answer).rstrip() == answer.rstrip()


def test_dots_that_are_code() -> None:
    assert filled("a(1)\n...\ne(5)", language="python") == "a(1)\n...\ne(5)"
    assert filled("class A:\n...\ne(5)") == "class A:\n...\ne(5)"
    assert filled("x\n...\ny", original="x\ny") == "x\n...\ny"


def test_a_search_holds_and_a_cut_drops_it() -> None:
    stage = Elision(Place.of(ORIGINAL, "", "", ""), "")
    assert stage.push("a(1)\n# ... existing code ...\nc(3)\n") == "a(1)"
    assert stage.end(sure=False, line_ended=True) == ""


@given(st.integers(0, 7), st.integers(0, 7))
def test_a_planted_placeholder_is_undone(first: int, second: int) -> None:
    lines = [f"line_{index}({index * 77})" for index in range(8)]
    start, end = sorted((first, second))
    answer = [*lines[:start], "// ... existing code ...", *lines[end:]]
    assert filled("\n".join(answer), "\n".join(lines)) == "\n".join(lines)
