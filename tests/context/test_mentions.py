"""What in an instruction is a mention, and where it ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.context.mentions import Mention, mentions_in


def _names(instruction: str) -> list[str]:
    return [mention.text for mention in mentions_in([instruction])]


@pytest.mark.parametrize(
    ("instruction", "mentions"),
    [
        ("as in #shop/money.py", ["#shop/money.py"]),
        ("as in #shop/money.py.", ["#shop/money.py"]),
        ("as in #shop/money.py:10-40, please", ["#shop/money.py:10-40"]),
        ("as in #shop/money.py:10!", ["#shop/money.py:10"]),
        ("(see #money.py)", ["#money.py"]),
        ("see `#money.py`, \"#till.py\" and '#a.py'", ["#money.py", "#till.py", "#a.py"]),
        ("like #Till.due() does", ["#Till.due"]),
        ("like #Till", ["#Till"]),
        ("#a.py #b.py\n#c.py", ["#a.py", "#b.py", "#c.py"]),
        ("#a.py and again #a.py", ["#a.py"]),
        ("route #app/(shop)/[id].tsx?", ["#app/(shop)/[id].tsx"]),
        ("(as #app/[id].tsx)", ["#app/[id].tsx"]),
        ("见 #shop/money.py。", ["#shop/money.py"]),
        ("#src/ünï.py…", ["#src/ünï.py"]),
        ("C#.NET and F#/C# and a#b.c", []),
        ("https://example.org/a#b.html", []),
        ("fix #12, #3.4 and #1/2", []),
        ("# a heading\n## another", []),
        ("##twice.py", []),
        ("# ", []),
        ("#.", []),
        ("&#39;", []),
        ("", []),
    ],
)
def test_where_a_mention_begins_and_ends(instruction: str, mentions: list[str]) -> None:
    assert _names(instruction) == mentions


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("#a/b.py:10-40", Mention("#a/b.py:10-40", "a/b.py", 10, 40)),
        ("#a/b.py:10", Mention("#a/b.py:10", "a/b.py", 10, 10)),
        ("#a/b.py:x", Mention("#a/b.py:x", "a/b.py:x")),
        ("#Makefile:3", Mention("#Makefile:3", "Makefile", 3, 3)),
        ("#Till::due", Mention("#Till::due", "Till::due")),
    ],
)
def test_a_range_of_lines(text: str, mention: Mention) -> None:
    assert mentions_in([text]) == (mention,)


def test_what_can_only_be_a_path_and_what_may_be_a_symbol() -> None:
    found = mentions_in(["#a.py #a/b #Till #Till.due #todo #a-b"])
    assert [(m.name, m.is_path, m.may_be_symbol) for m in found] == [
        ("a.py", True, True),
        ("a/b", True, False),
        ("Till", False, True),
        ("Till.due", True, True),
        ("todo", False, True),
        ("a-b", False, False),
    ]


def test_the_mentions_of_several_instructions_come_once() -> None:
    found = mentions_in(["use #a.py", "and #b.py, not #a.py"])
    assert [mention.name for mention in found] == ["a.py", "b.py"]


def test_a_list_that_was_pasted_has_an_end() -> None:
    assert len(mentions_in([" ".join(f"#{n}.py" for n in range(5000)).replace("#", "#a")])) == 50


@given(st.text(st.sampled_from("#a./:1-2() ,\n"), max_size=40))
def test_every_mention_stands_in_the_instruction(instruction: str) -> None:
    for mention in mentions_in([instruction]):
        assert mention.text in instruction
        assert mention.name
        assert not mention.text.endswith((".", ",", ":"))
