"""Words: nothing is lost, and what counts as one."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.words import is_name, word_end, words


@given(st.text())
def test_joined_they_are_the_text_again(text: str) -> None:
    assert "".join(words(text)) == text
    assert all(words(text))


@given(st.text(min_size=1))
def test_word_end_is_where_the_first_word_ends(text: str) -> None:
    assert word_end(text, 0) == len(words(text)[0])


def test_the_four_kinds() -> None:
    assert words("a_1 +=\t2\r\n    x\f") == ["a_1", " ", "+", "=", "\t", "2", "\r\n    ", "x", "\f"]
    assert [is_name(word) for word in ("a", "_", "7", "é", "+", " ", "\n")] == [True] * 4 + [
        False
    ] * 3
