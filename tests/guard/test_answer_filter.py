"""Incoming answers: both filters, in order."""

import pytest

from lsp_server.guard.answer_filter import AnswerFilter, SentText
from lsp_server.guard.lookalikes import LookalikeNames
from lsp_server.guard.masks import Masks, placeholders_in
from lsp_server.guard.secrets import find_secrets
from tests.guard.test_secrets import random_text


def test_secrets_come_back_and_the_invisible_stays_out() -> None:
    masks = Masks(find_secrets)
    secret = "gh" + "p_" + random_text(36)
    masked = masks.mask(f"token = '{secret}'\n")
    answer_filter = AnswerFilter(masks, ())
    text = "".join(answer_filter.push(character) for character in masked + "x\u202e = 1\u200b\n")
    assert text + answer_filter.finish() == f"token = '{secret}'\nx = 1\n"
    assert answer_filter.sentences["invisible"] == (
        "The answer had invisible characters, which were removed: U+202E RIGHT-TO-LEFT OVERRIDE, "
        "U+200B ZERO WIDTH SPACE."
    )


def test_an_answer_that_ends_in_a_half_placeholder() -> None:
    masks = Masks(find_secrets)
    masks.mask("gh" + "p_" + random_text(36))
    for complete, rest in ((True, "MIDSTREAM_SEC"), (False, "")):
        answer_filter = AnswerFilter(masks, ())
        assert answer_filter.push("a MIDSTREAM_SEC") == "a "
        assert answer_filter.finish(complete=complete) == rest
        assert answer_filter.sentences == {}
    answer_filter = AnswerFilter(masks, ())
    assert answer_filter.push("a M") == "a "
    assert answer_filter.finish(complete=False) == "M"


def test_nothing_waits_where_nothing_was_masked() -> None:
    answer_filter = AnswerFilter(Masks(find_secrets), ())
    assert answer_filter.push("a MIDSTREAM_SEC") == "a MIDSTREAM_SEC"
    assert answer_filter.finish() == ""


def test_a_placeholder_that_the_model_garbled_is_reported() -> None:
    masks = Masks(find_secrets)
    masks.mask("gh" + "p_" + random_text(36))
    answer_filter = AnswerFilter(masks, ())
    text = "a = MIDSTREAM_SECRET_1\nb = MIDSTREAM_SECRET_7_\nc = MIDSTREAM_SECRET_1_\n"
    restored = "".join(map(answer_filter.push, text)) + answer_filter.finish()
    assert restored == text.replace("MIDSTREAM_SECRET_1_", "gh" + "p_" + random_text(36))
    assert answer_filter.sentences == {
        "strange": "The model garbled a placeholder for a secret. Put the right secret in place of "
        "MIDSTREAM_SECRET_1, MIDSTREAM_SECRET_7_."
    }


@pytest.mark.parametrize(
    "word",
    ["midstream_secret_1_", "MIDSTREAM_SECRET_N_", "MIDSTREAM-SECRET-1", "MidstreamSecret1"],
)
def test_a_placeholder_in_another_spelling_is_reported_however_it_comes(word: str) -> None:
    masks = Masks(find_secrets)
    masks.mask("gh" + "p_" + random_text(36))
    for size in (1, 5, 100):
        answer_filter = AnswerFilter(masks, ())
        text = f"a = '{word}'\nb = MIDSTREAM_SECRET_1_\n"
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        restored = "".join(map(answer_filter.push, pieces)) + answer_filter.finish()
        assert restored == text.replace("MIDSTREAM_SECRET_1_", "gh" + "p_" + random_text(36))
        assert f" {word}." in answer_filter.sentences["strange"]


def test_what_the_code_holds_may_come_back() -> None:
    answer_filter = AnswerFilter(Masks(find_secrets), "\u200c")
    assert answer_filter.push("\u0645\u06cc\u200c\u062e") == "\u0645\u06cc\u200c\u062e"


def test_the_user_may_take_everything() -> None:
    answer_filter = AnswerFilter(Masks(find_secrets), refuse=False)
    assert answer_filter.push("x\u202e") == "x\u202e"
    assert answer_filter.finish() == ""
    assert answer_filter.sentences == {}


_SECRET = "gh" + "p_" + random_text(36)
_CODE = f"a = '{_SECRET}'\nb = 1\n"


def _topics(answer: str, *, patch: bool = False, complete: bool = True) -> set[str]:
    """The topics of the warnings about an answer to `_CODE`, which has one secret, once."""
    masks = Masks(find_secrets)
    sent = placeholders_in(masks.mask(_CODE))
    answer_filter = AnswerFilter(masks, sent=SentText(sent, patch))
    for character in answer:
        answer_filter.push(character)
    answer_filter.finish(complete=complete)
    return set(answer_filter.sentences)


_LINE = "a = 'MIDSTREAM_SECRET_1_'\n"


@pytest.mark.parametrize(
    ("answer", "topics"),
    [
        (_LINE, set()),
        (f"MIDSTREAM_SECRET_1_ stays.\n{_LINE}", {"doubled"}),
        (_LINE + _LINE, {"doubled"}),
        ("a = os.environ['A']\n", {"lost"}),
        ("", {"lost"}),
    ],
)
def test_a_secret_that_is_lost_or_doubled_is_reported(answer: str, topics: set[str]) -> None:
    assert _topics(answer) == topics
    assert _topics(answer, complete=False) == set(), "What broke off says nothing of the rest."


@pytest.mark.parametrize(
    ("patch", "topics"),
    [
        (f"-{_LINE}+{_LINE}", set()),
        (" b = 1\n-c\n+d\n", set()),
        (f"-{_LINE}", {"lost"}),
        (f" {_LINE}+{_LINE}", {"doubled"}),
    ],
)
def test_of_a_patch_its_lines_count(patch: str, topics: set[str]) -> None:
    assert _topics(patch, patch=True) == topics


def test_what_only_looks_like_another_character_is_reported() -> None:
    names = LookalikeNames("def admin(role): ...")
    answer_filter = AnswerFilter(Masks(find_secrets), (), names=names)
    text = "".join(answer_filter.push(character) for character in "x =\u00a0аdmin\ry = 1\r\n5\r")
    assert text + answer_filter.finish() == "x = аdmin\ny = 1\r\n5\n"
    assert answer_filter.sentences == {
        "blanks": "The answer had characters that only look like a blank or a line end. They "
        "were replaced by ordinary ones: U+00A0 NO-BREAK SPACE, U+000D.",
        "alike": "The answer has names that look like other names: `аdmin` with U+0430 "
        "CYRILLIC SMALL LETTER A. Accept it only if you want that.",
    }


def test_what_waits_at_the_end_comes_and_is_unmasked() -> None:
    masks = Masks(find_secrets)
    masked = masks.mask("gh" + "p_" + random_text(36))
    answer_filter = AnswerFilter(masks, ())
    assert (
        answer_filter.push(masked + "\r") + answer_filter.finish()
        == "gh" + "p_" + random_text(36) + "\n"
    )
    answer_filter = AnswerFilter(masks, (), refuse=False)
    assert answer_filter.push("a\u00a0b\r\u200d") + answer_filter.finish() == "a\u00a0b\r\u200d"
