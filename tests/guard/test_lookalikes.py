"""Names that look like others are reported; names of one script, and names of the file, are not."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.guard.lookalikes import LONGEST, LookalikeNames, is_mixed, skeleton

_FILE = "def admin(role1, café, copy, user_id, ключ):\n    return file\n"


def found_names(text: str, document: str = _FILE) -> dict[str, str]:
    names = LookalikeNames(document)
    names.push(text)
    names.finish()
    return names.alike


@pytest.mark.parametrize(
    ("word", "sign"),
    [
        ("аdmin", "а"), ("adm\u0456n", "\u0456"), ("rοle9", "ο"), ("сору", "с"), ("ｃopy", "ｃ"),
        ("𝐜𝐨𝐩𝐲", "𝐜"), ("cafe\u0301", "\u0301"), ("ѕecret", "ѕ"), ("раsswоrd", "р"), ("Ꭺdd", "Ꭺ"),
        ("adոin", "ո"), ("ﬁle", "ﬁ"), ("role1\u200d", "\u200d"), ("copy\ufe00", "\ufe00"),
        ("user_іd", "і"), ("user＿id", "＿"), ("user﹏id", "﹏"),
    ],
)  # fmt: skip
def test_a_name_that_looks_like_another_is_found(word: str, sign: str) -> None:
    assert found_names(f"x = {word} + 1\n") == {word: sign}
    assert found_names(f"x = {word}") == {word: sign}


@pytest.mark.parametrize(
    "text",
    ["role1", "naïve café", "имя_файла = ключ", "Δx = x1 - x0", "µs, 5 Ω, 300 K", "ファイルpath名",
     "变量x", "변수x", "ﬀ", "x²", "café", "ключ", "# сор и ссора", "αβγ", "a" * 9 + "é", "שלום"],
)  # fmt: skip
def test_an_honest_name_is_not(text: str) -> None:
    assert found_names(text) == {}


def test_what_the_file_does_itself_is_no_news() -> None:
    assert found_names("ρ_y = 1", "ρ_x = 0") == {}
    assert found_names("rоle", "rоle = 1") == {}


def test_what_is_nothing_but_hidden_is_like_nothing() -> None:
    assert found_names("a \u200d b", "") == {}
    assert found_names("a \u200d b", "x = \ufe0f") == {}


def test_the_bounds() -> None:
    assert found_names("а" + "x" * LONGEST) == {}
    assert len(found_names(" ".join(f"аdmin{n}" for n in range(50)))) == 3


@given(
    st.lists(
        st.sampled_from(["a", "а", "o", "о", "_", "1", " ", "\n", "é", "e\u0301"]), max_size=40
    ),
    st.data(),
)
def test_the_result_does_not_depend_on_the_chunks(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    names = LookalikeNames("ao oa a_o é")
    for start, end in pairwise([0, *cuts, len(text)]):
        names.push(text[start:end])
    names.finish()
    assert names.alike == found_names(text, "ao oa a_o é")


def test_skeletons() -> None:
    assert skeleton("раypаl") == "paypal"
    assert skeleton("plain_1") == "plain_1"
    assert is_mixed("aб")
    assert not is_mixed("aé1_")
