"""Secrets go out as placeholders and come back byte for byte, however the stream is cut."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.guard.masks import Masks, Unmasker
from lsp_server.guard.secrets import find_secrets
from lsp_server.text.span import Span
from tests.guard.test_secrets import random_text

_TOKEN = "gh" + "p_" + random_text(36)
_OTHER = "xox" + "b-" + random_text(24)
_PIECES = [
    _TOKEN,
    _OTHER,
    "redis://:pw1@host",
    "password = '" + random_text(18) + "'",
    "MIDSTREAM_SECRET_1_",
    "MIDSTREAM_SECRET_2",
    "MIDSTREAM_",
    "_",
    "1",
    "\n",
    " = ",
    "é",
    "\U0001f600",
]
_TEXTS = st.lists(st.sampled_from(_PIECES), max_size=12).map(" ".join) | st.lists(
    st.sampled_from(_PIECES), max_size=12
).map("".join)


def _secrets_of(text: str) -> list[str]:
    return [span.text(text) for span in find_secrets(text)]


@given(_TEXTS, _TEXTS)
def test_masking_is_undone_byte_for_byte(first: str, second: str) -> None:
    masks = Masks(find_secrets)
    masks.learn(first)
    for text in (second, first, first + second):
        masked = masks.mask(text)
        assert masks.unmask(masked) == text
        assert not any(
            secret in masked
            for secret in _secrets_of(text)
            if len(secret) >= 8 and "MIDSTREAM" not in secret
        )


@given(_TEXTS, st.data())
def test_the_result_does_not_depend_on_the_chunks(text: str, data: st.DataObject) -> None:
    masks = Masks(find_secrets)
    masked = masks.mask(text)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(masked)), max_size=6)))
    unmasker = Unmasker(masks)
    places = [0, *cuts, len(masked)]
    parts = [unmasker.push(masked[a:b]) for a, b in pairwise(places)] + [unmasker.finish()]
    assert "".join(parts) == text


def test_the_same_code_gives_the_same_prompt() -> None:
    text = f"a = '{_TOKEN}'\nb = '{_OTHER}'\n"
    one, two = Masks(find_secrets), Masks(find_secrets)
    assert (
        one.mask(text)
        == two.mask(text)
        == text.replace(_TOKEN, "MIDSTREAM_SECRET_1_").replace(_OTHER, "MIDSTREAM_SECRET_2_")
    )
    assert one.mask(text) == two.mask(text)
    assert len(one) == 2


def test_a_piece_is_recognised_by_the_whole_that_was_learned() -> None:
    masks = Masks(find_secrets)
    literal = random_text(18)
    masks.learn(f"password = '{literal}'")
    assert find_secrets(f"'{literal}'") == ()
    assert literal not in masks.mask(f"'{literal}'")


def test_a_short_secret_is_masked_only_where_it_is_one() -> None:
    masks = Masks(find_secrets)
    masked = masks.mask("redis://:set@host and a set of sets")
    assert masked == "redis://:MIDSTREAM_SECRET_1_@host and a set of sets"


def test_a_word_that_is_also_a_password_is_masked_only_as_one() -> None:
    masks = Masks(find_secrets)
    text = 'import postgres\nurl = "postgres://postgres:postgres@localhost/x"\n'
    masked = text.replace(":postgres@", ":MIDSTREAM_SECRET_1_@")
    assert masks.mask(text) == masked


@pytest.mark.parametrize("chosen", ["hunter2", "too-short-8", "release-2024"])
def test_secrets_known_by_name_are_masked_where_they_are_recognised(chosen: str) -> None:
    masks = Masks(find_secrets)
    text = f'password = "{chosen}"\nvalue = load("{chosen}")  # {chosen}\n'
    masked = text.replace(f'= "{chosen}"', '= "MIDSTREAM_SECRET_1_"')
    assert masks.mask(text) == masked


def test_a_short_password_that_is_cut_from_its_name_is_masked_where_nothing_names_it() -> None:
    masks = Masks(find_secrets)
    text = 'password = "hunter2"\n'
    masks.learn(text, cuts=[text.index('"')])
    typed = "The user typed:\nhunter2\nhunter22 and xhunter2\n"
    assert masks.mask(typed) == typed.replace("\nhunter2\n", "\nMIDSTREAM_SECRET_1_\n")


def test_a_part_of_what_was_searched_is_masked_as_there() -> None:
    searched: list[str] = []

    def find(text: str) -> tuple[Span, ...]:
        searched.append(text)
        return find_secrets(text)

    masks = Masks(find)
    context = f"a = '{_TOKEN}'\nb = '{_OTHER}'\n"
    masked = masks.mask(context)
    assert masks.mask(context[2:], context) == masked[2:]
    assert masks.mask(context) == masked
    assert searched == [context]


def test_many_known_secrets_cost_no_pass_over_the_text_each() -> None:
    """One alternation of all of them took half a minute. The deadline is far above one pass."""
    masks = Masks(lambda text: ())
    secrets = [random_text(14, seed=seed) for seed in range(8000)]
    masks.learn(
        "\n".join(secrets), lambda text: [Span(at * 15, at * 15 + 14) for at in range(8000)]
    )
    began = time.monotonic()
    sent = masks.mask("x = 1\n" * 160_000 + secrets[-1])
    assert time.monotonic() - began < 15
    assert secrets[-1] not in sent


def test_a_placeholder_that_was_never_sent_stays_a_word() -> None:
    masks = Masks(find_secrets)
    masks.mask(_TOKEN)
    assert masks.unmask("MIDSTREAM_SECRET_7_ MIDSTREAM_SECRET_0_") == (
        "MIDSTREAM_SECRET_7_ MIDSTREAM_SECRET_0_"
    )


def test_a_known_secret_inside_of_a_longer_one() -> None:
    masks = Masks(find_secrets)
    masks.learn(f"use {_TOKEN} here")
    longer = f"password = 'x7!{_TOKEN}q9-zz'"
    masked = masks.mask(longer)
    assert "q9-zz" not in masked
    assert masks.unmask(masked) == longer
