"""What an accepted hunk has taken away does not come back; what is new beside it may come."""

import pytest

from lsp_server.edit.diff import diff
from lsp_server.edit.hunks import Mark
from lsp_server.edit.shadow_copy import ShadowCopy
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span


def later(before: str, accepted: str, answer: str) -> str:
    """What a later attempt leaves of `accepted`, which the user took in place of `before`."""
    change = diff(before, accepted)
    hunk = change.changes[0]
    end = change.changes[-1].end
    start, grown = hunk.start, change.length_after - change.length
    shadow_copy = ShadowCopy.begin(
        accepted, [Mark("h1", Span(start, end + grown), before[start:end])]
    )
    return shadow_copy.landed(shadow_copy.write(diff(accepted, answer), len(answer))).view


BLOCK = "def f():\n    a = one()\n    b = two(a)\n    return b\n\nrest()\n"
SHORT = "def f():\n    return two(one())\n\nrest()\n"


@pytest.mark.parametrize(
    ("before", "accepted", "answer", "left"),
    [
        ("a;\nb;\n", "a\nb;\n", "a;\nb;\n", "a\nb;\n"),
        ("a;\nb;\n", "a\nb;\n", "a;\nc;\n", "a\nc;\n"),
        ("foo(a, b)\n", "foo(a)\n", "foo(a, b)\n", "foo(a)\n"),
        ("one\ntwo\nthree\n", "one\nthree\n", "one\ntwo\nthree\n", "one\nthree\n"),
        ("one\ntwo\nthree\n", "one\nthree\n", "one\ntwo\nnew\nthree\n", "one\nnew\nthree\n"),
        ("one\r\ntwo\r\nthree", "one\r\nthree", "one\r\ntwo\r\nthree", "one\r\nthree"),
        ("one\ntwo\n", "one\n", "one\ntwo\n", "one\n"),
        ("one\ntwo", "two", "one\ntwo", "two"),
        ("x\n\n\ny\n", "x\n\ny\n", "x\n\n\ny\n", "x\n\ny\n"),
        ("same\nsame\n", "same\n", "same\nsame\n", "same\n"),
        (BLOCK, SHORT, BLOCK, SHORT),
    ],
)
def test_what_was_taken_away_stays_away(before: str, accepted: str, answer: str, left: str) -> None:
    assert later(before, accepted, answer) == left


def test_a_block_does_not_stand_again_in_front_of_what_replaced_it() -> None:
    block = BLOCK.replace("    return b\n", "    return b\n    return two(one())\n")
    assert later(BLOCK, SHORT, block) == SHORT
    behind = SHORT.replace("one())\n", "one())\n    a = one()\n    b = two(a)\n    return b\n")
    assert later(BLOCK, SHORT, behind) == SHORT


@pytest.mark.parametrize(
    "answer",
    [
        "new()\nfoo(a)\nend\n",
        "foo(a)\nif (x) {\n  bar()\n}\nend\n",
        "foo(a)\nelse\nend\n",
    ],
)
def test_what_is_new_beside_it_comes(answer: str) -> None:
    assert later("if (a) {\n  foo(a)\n}\nend\n", "foo(a)\nend\n", answer) == answer


def test_what_is_left_out_is_still_wanted() -> None:
    shadow_copy = ShadowCopy.begin("one\nthree\n", [Mark("h1", Span(4, 4), "two\n")])
    wanted = diff(shadow_copy.copy, "one\ntwo\nnew\nthree\n")
    write = shadow_copy.write(wanted, 12)
    assert write.private.apply(shadow_copy.copy) == "one\nnew\nthree\n"
    after = shadow_copy.landed(write)
    assert write.withheld.apply(after.copy) == "one\ntwo\nnew\nthree\n"
    again = after.write(diff(after.copy, "one\nnew\ntwo\nthree\n"), 8)
    assert again.private == ChangeSet.identity(len(after.copy))


def test_so_it_is_with_a_hunk_that_is_accepted_while_the_model_writes() -> None:
    shadow_copy = ShadowCopy.begin("one\ntwo\nthree\n")
    shadow_copy = shadow_copy.landed(shadow_copy.write(diff(shadow_copy.copy, "one\nthree\n"), 4))
    shadow_copy = shadow_copy.locking([Mark("h1", Span(4, 4), "two\n")])
    assert not shadow_copy.write(diff(shadow_copy.copy, "one\ntwo\nthree\n"), 0).shown
