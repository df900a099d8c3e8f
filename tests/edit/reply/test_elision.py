"""Replacing placeholders with the original's lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.reply.elision import Elision, ElisionGuess
from lsp_server.edit.reply.reply_context import ReplyContext

ORIGINAL = "a(1)\nb(2)\n\nc(3)\nd(4)\n\nc(3)\ne(5)"


def filled(answer: str, original: str = ORIGINAL, language: str = "") -> str:
    """The answer with its placeholders filled."""
    stage = Elision(ReplyContext.of(original, "", "", ""), language)
    return stage.push(answer) + stage.end(sure=True, line_ended=True)


def test_a_placeholder_stands_for_the_lines_up_to_the_next_match() -> None:
    assert filled("a(1)\n# ... unchanged\ne(6)") == "a(1)\nb(2)\n\nc(3)\nd(4)\n\nc(3)\ne(6)"


def test_the_lines_after_it_tell_several_places_apart() -> None:
    assert filled("# ... unchanged\nc(3)\nd(0)") == "a(1)\nb(2)\n\nc(3)\nd(0)"
    assert filled("# ... unchanged\nc(3)\ne(5)") == ORIGINAL


def test_blank_lines_around_a_placeholder_are_the_originals() -> None:
    assert filled("a(1)\n\n# ...\n\ne(5)") == ORIGINAL


def test_a_placeholder_at_the_end_stands_for_all_remaining_lines() -> None:
    assert filled("a(0)\n# ... unchanged") == ORIGINAL.replace("a(1)", "a(0)")
    assert filled("# ... unchanged") == ORIGINAL


def test_new_lines_come_after_the_remaining_lines() -> None:
    assert filled("# ... unchanged\n\nnew()") == ORIGINAL + "\n\nnew()"


def test_nothing_is_placed_where_the_original_is_blank() -> None:
    assert filled("# ... unchanged\nx", original="") == "# ... unchanged\nx"


def test_a_hint_needs_both_neighbours() -> None:
    assert filled("a(1)\n# ...\ne(5)") == ORIGINAL
    assert filled("a(1)\n# no changes\n\ne(5)") == ORIGINAL
    for answer in (
        "x(0)\n# ...\ne(5)",
        "a(1)\n# ...\nx(6)",
        "a(1)\n# ...\nb(2)",
        "# ...\nnew()",
        "a(1)\n# ...\n# ...\ne(6)",
        "a(1)\n# other cases...\nf(6)\ne(5)",
    ):
        assert filled(answer).rstrip() == answer.rstrip()


def test_neighbours_may_have_changed() -> None:
    original = "a(one, two)\nb(2)\nc(3)\ne(five, six)"
    for words in ("# ...", "# same as before", "# unverändert", "# 保持不变", "# без изменений"):
        answer = f"a(one, three)\n{words}\ne(five, six, seven)"
        wanted = "a(one, three)\nb(2)\nc(3)\ne(five, six, seven)"
        assert filled(answer, original) == wanted


@pytest.mark.parametrize(
    "words",
    [
        "der Rest bleibt",
        "restlicher Code unverändert",
        "le reste du code reste inchangé",
        "el resto del código sin cambios",
        "o restante do código permanece igual",
        "il resto del codice rimane invariato",
        "остальной код без изменений",
        "решта коду без змін",
        "reszta kodu bez zmian",
        "de rest blijft ongewijzigd",
        "kodun geri kalanı aynı",
        "其余代码保持不变",
        "残りのコードは変更なし",
        "나머지 코드는 동일",
    ],
)
def test_other_languages_say_it_as_well(words: str) -> None:
    assert filled(f"a(0)\n// {words}\ne(6)") == ORIGINAL.replace("a(1)", "a(0)").replace("5", "6")
    assert filled(f"a(0)\n# ... {words} ...") == ORIGINAL.replace("a(1)", "a(0)")


def test_a_sentence_where_nothing_is_missing_is_a_comment() -> None:
    for words in (
        "the rest of the fields remain the same",
        "其他字段保持不变",
        "existing code unchanged",
    ):
        answer = f"a(1)\n# {words}\nb(0)\n\nc(3)"
        assert filled(answer, "a(1)\nb(2)\n\nc(3)") == answer
        answer = f"a(1)\nb(2)\n# {words}"
        assert filled(answer, "a(1)\nb(2)") == answer


def test_a_comment_in_no_known_language_is_one_where_many_lines_are_missing() -> None:
    stage = Elision(ReplyContext.of(ORIGINAL, "", "", ""), "")
    assert stage.push("a(1)\n# mbetet njësoj si më parë\ne(5)") + stage.end(True, True) == ORIGINAL
    assert stage.guesses == [ElisionGuess("# mbetet njësoj si më parë", 4)]
    stage = Elision(ReplyContext.of(ORIGINAL, "", "", ""), "", may_guess=False)
    answer = "a(1)\n# these are gone\ne(5)"
    assert stage.push(answer) + stage.end(True, True) == answer
    for answer in ("a(1)\nb(2)\n# one more\nd(4)\n\nc(3)\ne(5)", "a(1)\n# TODO again\ne(5)"):
        assert filled(answer) == answer


NESTED = (
    "def f(a):\n    if a is not None:\n        one(a)\n        two(a)\n        three(a)\n"
    "    return a"
)


def test_a_comment_beside_changed_lines_is_one_whatever_is_gone() -> None:
    for answer in (
        "def f(a):\n    if a is None:\n        # nothing there\n        return None\n    return a",
        "def f(a):\n    # one two three\n    return done(a)",
        "def f(a):\n    if a is not None:\n        # one two three\n        return one(a)",
    ):
        assert filled(answer, NESTED, "python") == answer


def test_an_english_comment_stands_for_lines_only_where_nothing_else_is_left_of_a_block() -> None:
    original = NESTED.replace("    return a", "    four(a)\n    five(a)\n    six(a)\n    return a")
    answer = f"{NESTED.removesuffix('    return a')}    # The cache does all this now\n    return a"
    assert filled(answer, original, "python") == answer
    left = "def f(a):\n    if a is not None:\n        # The calls are made here\n    return a"
    assert filled(left, NESTED, "python") == NESTED
    assert filled(left.replace("    return a", "    return [a]"), NESTED, "python") == (
        left.replace("    return a", "    return [a]")
    )


def test_a_comment_passes_as_soon_as_it_can_stand_for_nothing() -> None:
    stage = Elision(ReplyContext.of(NESTED, "", "", ""), "python")
    assert stage.push("def f(a):\n    b = a\n    # All of these") == "def f(a):\n    b = a"
    assert stage.push("\n    # Many items are ") == "\n    # All of these\n    # Many items are "
    stage = Elision(ReplyContext.of(NESTED, "", "", ""), "python")
    assert stage.push("def f(a):\n    # Many items are cheap\n    b") == (
        "def f(a):\n    # Many items are cheap\n    b"
    )


CLASS = (
    "class A:\n    def a(self):\n        one()\n        return two()\n\n"
    "    def b(self):\n        x()"
)


@pytest.mark.parametrize("stub", ["pass", "...", "# Existing implementation\n        pass"])
def test_an_omitted_body_is_restored(stub: str) -> None:
    head, body = "class A:\n    def a(self):\n        ", "one()\n        return two()"
    for tail in ("\n\n    def b(self):\n        y()", ""):
        assert filled(head + stub + tail, CLASS, "python").startswith(head + body)
        assert filled(head + stub + tail, CLASS, "python").endswith(tail)


def test_a_body_stays_empty_if_it_was_or_if_the_instruction_says_so() -> None:
    answer = "def a():\n    pass\n\ndef b(x):\n    ..."
    assert filled(answer, answer.replace("(x)", "()"), "python") == answer
    stage = Elision(
        ReplyContext.of("def a():\n    one()\n    two()", "", "", ""), "python", may_guess=False
    )
    assert stage.push("def a():\n    pass") + stage.end(True, True) == "def a():\n    pass"
    for answer in ("def a():\n    pass\n    one()", "def c():\n    pass\n\ndef a():\n    one()"):
        assert filled(answer, "def a():\n    one()\n    two()", "python") == answer


def test_dots_that_are_code() -> None:
    assert filled("a(1)\n...\ne(5)", language="python") == "a(1)\n...\ne(5)"
    assert filled("class A:\n...\ne(5)") == "class A:\n...\ne(5)"
    assert filled("x\n...\ny", original="x\ny") == "x\n...\ny"


def test_a_search_holds_and_a_cut_drops_it() -> None:
    stage = Elision(ReplyContext.of(ORIGINAL, "", "", ""), "")
    assert stage.push("a(1)\n# ... existing code ...\nc(3)\n") == "a(1)"
    assert stage.end(sure=False, line_ended=True) == ""


@given(st.integers(0, 7), st.integers(0, 7))
def test_any_placeholder_is_filled(first: int, second: int) -> None:
    lines = [f"line_{index}({index * 77})" for index in range(8)]
    start, end = sorted((first, second))
    answer = [*lines[:start], "// ... existing code ...", *lines[end:]]
    assert filled("\n".join(answer), "\n".join(lines)) == "\n".join(lines)
