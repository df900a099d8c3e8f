"""A section of a prompt is searched for secrets once, and what is in it is always found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.guard.secrets import MOST_SECRETS, TooManySecrets, find_secrets
from lsp_server.lsp.searched_sections import SearchedSections
from lsp_server.prompt.sections import INSTRUCTION, section
from lsp_server.text.span import Span
from tests.guard.test_secrets import random_text

_SECRET = f"token = '{'gh' + 'p_' + random_text(36)}'"
_OTHER = f"password = '{random_text(18)}'"
_LINES = st.lists(st.sampled_from((_SECRET, _OTHER, "a = 1", "```", "")), max_size=8)


class Counting:
    """Searches, and keeps what it has searched."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, text: str, most: int) -> tuple[Span, ...]:
        self.texts.append(text)
        return find_secrets(text, most)


def _prompt(*texts: str) -> str:
    files = [section("file", text, rest=' "a.py"') for text in texts]
    return "\n\n".join([*files, f"{INSTRUCTION}do it"])


@given(st.lists(_LINES, max_size=4))
def test_the_secrets_are_those_of_the_whole_prompt(texts: list[list[str]]) -> None:
    prompt = _prompt(*("\n".join(lines) for lines in texts))
    searched = SearchedSections()
    for _ in range(2):
        assert searched.find(prompt, MOST_SECRETS, find_secrets) == find_secrets(prompt)


def test_only_what_is_new_is_searched() -> None:
    searched, search = SearchedSections(), Counting()
    searched.find(_prompt(_SECRET, "a = 1"), MOST_SECRETS, search)
    first = len(search.texts)
    later = _prompt(_SECRET, "a = 2", "a = 1")
    assert 0 < searched.new_in(later, search) < len(later)
    searched.find(later, MOST_SECRETS, search)
    assert [text for text in search.texts[first:] if "a = 2" not in text] == []
    assert searched.new_in(later, search) == 0


def test_old_sections_make_way() -> None:
    searched, search = SearchedSections(most_kept=200), Counting()
    for number in range(30):
        searched.find(_prompt(f"a = {number}"), MOST_SECRETS, search)
    assert searched.new_in(_prompt("a = 0"), search) > 0
    assert searched.new_in(_prompt("a = 29"), search) == 0
    searched.find("x" * 500, MOST_SECRETS, search)
    assert searched.new_in("x" * 500, search) == 500


def test_there_may_be_too_many_in_all_sections_together() -> None:
    prompt = _prompt(_SECRET, _OTHER, _SECRET)
    with pytest.raises(TooManySecrets):
        SearchedSections().find(prompt, 2, find_secrets)
