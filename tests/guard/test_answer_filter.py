"""An answer on its way in: both filters in their order."""

import pytest

from lsp_server.guard.answer_filter import AnswerFilter, SentText
from lsp_server.guard.lookalikes import LookalikeNames
from lsp_server.guard.masks import Masks, placeholders_in
from lsp_server.guard.secrets import find_secrets
from tests.guard.test_secrets import made


def test_secrets_come_back_and_the_invisible_stays_out() -> None:
    masks = Masks(find_secrets)
    secret = "gh" + "p_" + made(36)
    masked = masks.mask(f"token = '{secret}'\n")
    inlet = AnswerFilter(masks, ())
    text = "".join(inlet.push(character) for character in masked + "x\u202e = 1\u200b\n")
    assert text + inlet.finish() == f"token = '{secret}'\nx = 1\n"
    assert inlet.sentences["invisible"] == (
        "The answer had invisible characters, which were removed: U+202E RIGHT-TO-LEFT OVERRIDE, "
        "U+200B ZERO WIDTH SPACE."
    )


def test_an_answer_that_ends_in_a_half_placeholder() -> None:
    masks = Masks(find_secrets)
    masks.mask("gh" + "p_" + made(36))
    for whole, rest in ((True, "MIDSTREAM_SEC"), (False, "")):
        inlet = AnswerFilter(masks, ())
        assert inlet.push("a MIDSTREAM_SEC") == "a "
        assert inlet.finish(whole=whole) == rest
        assert inlet.sentences == {}
    inlet = AnswerFilter(masks, ())
    assert inlet.push("a M") == "a "
    assert inlet.finish(whole=False) == "M"


def test_nothing_waits_where_nothing_was_masked() -> None:
    inlet = AnswerFilter(Masks(find_secrets), ())
    assert inlet.push("a MIDSTREAM_SEC") == "a MIDSTREAM_SEC"
    assert inlet.finish() == ""


def test_a_placeholder_that_the_model_garbled_is_told() -> None:
    masks = Masks(find_secrets)
    masks.mask("gh" + "p_" + made(36))
    inlet = AnswerFilter(masks, ())
    text = "a = MIDSTREAM_SECRET_1\nb = MIDSTREAM_SECRET_7_\nc = MIDSTREAM_SECRET_1_\n"
    said = "".join(map(inlet.push, text)) + inlet.finish()
    assert said == text.replace("MIDSTREAM_SECRET_1_", "gh" + "p_" + made(36))
    assert inlet.sentences == {
        "strange": "The model garbled a placeholder for a secret. Put the right secret in place of "
        "MIDSTREAM_SECRET_1, MIDSTREAM_SECRET_7_."
    }


@pytest.mark.parametrize(
    "word",
    ["midstream_secret_1_", "MIDSTREAM_SECRET_N_", "MIDSTREAM-SECRET-1", "MidstreamSecret1"],
)
def test_a_placeholder_in_another_spelling_is_told_however_it_comes(word: str) -> None:
    masks = Masks(find_secrets)
    masks.mask("gh" + "p_" + made(36))
    for size in (1, 5, 100):
        inlet = AnswerFilter(masks, ())
        text = f"a = '{word}'\nb = MIDSTREAM_SECRET_1_\n"
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        said = "".join(map(inlet.push, pieces)) + inlet.finish()
        assert said == text.replace("MIDSTREAM_SECRET_1_", "gh" + "p_" + made(36))
        assert f" {word}." in inlet.sentences["strange"]


def test_what_the_code_holds_may_come_back() -> None:
    inlet = AnswerFilter(Masks(find_secrets), "\u200c")
    assert inlet.push("\u0645\u06cc\u200c\u062e") == "\u0645\u06cc\u200c\u062e"


def test_the_user_may_take_everything() -> None:
    inlet = AnswerFilter(Masks(find_secrets), refuse=False)
    assert inlet.push("x\u202e") == "x\u202e"
    assert inlet.finish() == ""
    assert inlet.sentences == {}


_SECRET = "gh" + "p_" + made(36)
_CODE = f"a = '{_SECRET}'\nb = 1\n"


def _told(answer: str, *, patch: bool = False, whole: bool = True) -> set[str]:
    """What is told of an answer to `_CODE`, which holds one secret, once."""
    masks = Masks(find_secrets)
    sent = placeholders_in(masks.mask(_CODE))
    inlet = AnswerFilter(masks, asked=SentText(sent, patch))
    for character in answer:
        inlet.push(character)
    inlet.finish(whole=whole)
    return set(inlet.sentences)


_LINE = "a = 'MIDSTREAM_SECRET_1_'\n"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (_LINE, set()),
        (f"MIDSTREAM_SECRET_1_ stays.\n{_LINE}", {"doubled"}),
        (_LINE + _LINE, {"doubled"}),
        ("a = os.environ['A']\n", {"lost"}),
        ("", {"lost"}),
    ],
)
def test_a_secret_that_is_lost_or_doubled_is_told(answer: str, told: set[str]) -> None:
    assert _told(answer) == told
    assert _told(answer, whole=False) == set(), "What broke off says nothing of the rest."


@pytest.mark.parametrize(
    ("patch", "told"),
    [
        (f"-{_LINE}+{_LINE}", set()),
        (" b = 1\n-c\n+d\n", set()),
        (f"-{_LINE}", {"lost"}),
        (f" {_LINE}+{_LINE}", {"doubled"}),
    ],
)
def test_of_a_patch_its_lines_count(patch: str, told: set[str]) -> None:
    assert _told(patch, patch=True) == told


def test_what_only_looks_like_another_character_is_told() -> None:
    names = LookalikeNames("def admin(role): ...")
    inlet = AnswerFilter(Masks(find_secrets), (), names=names)
    text = "".join(inlet.push(character) for character in "x =\u00a0аdmin\ry = 1\r\n5\r")
    assert text + inlet.finish() == "x = аdmin\ny = 1\r\n5\n"
    assert inlet.sentences == {
        "blanks": "The answer had characters that only look like a blank or a line end. They "
        "were replaced by ordinary ones: U+00A0 NO-BREAK SPACE, U+000D.",
        "alike": "The answer has names that look like other names: `аdmin` with U+0430 "
        "CYRILLIC SMALL LETTER A. Accept it only if you want that.",
    }


def test_what_waits_at_the_end_comes_and_is_unmasked() -> None:
    masks = Masks(find_secrets)
    masked = masks.mask("gh" + "p_" + made(36))
    inlet = AnswerFilter(masks, ())
    assert inlet.push(masked + "\r") + inlet.finish() == "gh" + "p_" + made(36) + "\n"
    inlet = AnswerFilter(masks, (), refuse=False)
    assert inlet.push("a\u00a0b\r\u200d") + inlet.finish() == "a\u00a0b\r\u200d"
