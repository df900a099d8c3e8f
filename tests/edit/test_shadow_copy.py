"""The invariants of a shadow copy on drawn changes; then the cases that matter."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.hunks import Mark
from lsp_server.edit.shadow_copy import ShadowCopy, line_around
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span
from tests.support.strategies import changes_of, texts

# What only the user types, so that it can be followed.
TYPED = "äöüß"


def only(text: str, letters: str) -> str:
    return "".join(character for character in text if character in letters)


def insertion(length: int, place: int, text: str) -> ChangeSet:
    return ChangeSet.of(length, [Change(place, place, text)])


@st.composite
def runs(draw: st.DrawFn) -> tuple[ShadowCopy, list[str]]:
    """A shadow copy after any writes of the model and any typing, and what was typed, in order."""
    shadow_copy = ShadowCopy.begin(draw(texts()))
    typed: list[str] = []
    for _ in range(draw(st.integers(0, 5))):
        if draw(st.booleans()):
            wanted = draw(changes_of(len(shadow_copy.copy)))
            write = shadow_copy.write(wanted, draw(st.integers(0, wanted.length_after)))
            shadow_copy = shadow_copy.landed(write)
        else:
            place = draw(st.integers(0, len(shadow_copy.view)))
            key = draw(st.sampled_from(TYPED))
            typed.append(key)
            shadow_copy = shadow_copy.typed(insertion(len(shadow_copy.view), place, key))
    return shadow_copy, typed


@given(runs())
def test_theirs_leads_from_the_copy_to_the_view(run: tuple[ShadowCopy, list[str]]) -> None:
    shadow_copy, _ = run
    assert shadow_copy.theirs.apply(shadow_copy.copy) == shadow_copy.view
    assert 0 <= shadow_copy.frontier <= len(shadow_copy.copy)


@given(runs())
def test_the_model_cannot_take_away_what_is_typed(run: tuple[ShadowCopy, list[str]]) -> None:
    shadow_copy, typed = run
    assert sorted(only(shadow_copy.view, TYPED)) == sorted(typed)
    assert only(shadow_copy.copy, TYPED) == ""


@given(runs(), st.data())
def test_a_write_reads_the_same_on_both_sides(
    run: tuple[ShadowCopy, list[str]], data: st.DataObject
) -> None:
    shadow_copy, _ = run
    wanted = data.draw(changes_of(len(shadow_copy.copy)))
    write = shadow_copy.write(wanted, 0)
    after = shadow_copy.landed(write)
    assert write.shown.apply(shadow_copy.view) == after.view
    assert write.private.apply(shadow_copy.copy) == after.copy
    assert write.withheld.apply(after.copy) == wanted.apply(shadow_copy.copy)
    # What is owned is still there, to the letter.
    for one, moved in zip(shadow_copy.protected, after.protected, strict=True):
        assert one.span.text(shadow_copy.copy) == moved.span.text(after.copy)


def test_what_is_typed_at_the_writing_place_stays_behind_it() -> None:
    shadow_copy = ShadowCopy.begin("foo()")
    shadow_copy = shadow_copy.landed(shadow_copy.write(insertion(5, 4, "xa"), 6))
    for place, key in ((6, "y"), (7, "z")):
        shadow_copy = shadow_copy.typed(insertion(len(shadow_copy.view), place, key))
    assert shadow_copy.view == "foo(xayz)"
    shadow_copy = shadow_copy.landed(shadow_copy.write(insertion(7, 6, ",b"), 8))
    assert shadow_copy.view == "foo(xa,byz)"
    shadow_copy = shadow_copy.typed(insertion(len(shadow_copy.view), 10, "!"))
    assert shadow_copy.view == "foo(xa,byz!)"


def test_a_line_that_the_user_touches_is_theirs() -> None:
    shadow_copy = ShadowCopy.begin("one\ntwo\nthree")
    shadow_copy = shadow_copy.typed(insertion(13, 7, "!"))
    assert shadow_copy.their_lines() == ("two!",)
    wanted = ChangeSet.of(13, [Change(0, 3, "1"), Change(4, 7, "2"), Change(8, 13, "3")])
    write = shadow_copy.write(wanted, 3)
    assert shadow_copy.landed(write).view == "1\ntwo!\n3"
    assert write.withheld == ChangeSet.of(7, [Change(2, 5, "2")])


def test_a_line_of_their_own_makes_no_other_theirs() -> None:
    shadow_copy = ShadowCopy.begin("one\ntwo")
    shadow_copy = shadow_copy.typed(insertion(7, 4, "new\n"))
    assert shadow_copy.protected == ()
    shadow_copy = shadow_copy.landed(shadow_copy.write(ChangeSet.of(7, [Change(4, 7, "2")]), 5))
    assert shadow_copy.view == "one\nnew\n2"


def test_nothing_is_joined_to_a_line_that_is_theirs() -> None:
    shadow_copy = ShadowCopy.begin("one\ntwo\nthree").typed(insertion(13, 7, "!"))
    write = shadow_copy.write(ChangeSet.of(13, [Change(3, 4, "")]), 0)
    assert not write.shown


def test_what_is_written_already_is_not_withheld() -> None:
    shadow_copy = ShadowCopy.begin("one\ntwo")
    shadow_copy = shadow_copy.landed(shadow_copy.write(ChangeSet.of(7, [Change(0, 3, "1")]), 2))
    shadow_copy = shadow_copy.typed(insertion(5, 1, "!"))
    assert shadow_copy.protected == ()


def test_what_is_locked_is_left_alone() -> None:
    shadow_copy = ShadowCopy.begin("one\ntwo", [Mark("h1", Span(0, 3), "1")])
    write = shadow_copy.write(ChangeSet.of(7, [Change(0, 3, "1"), Change(4, 7, "2")]), 3)
    assert shadow_copy.landed(write).view == "one\n2"
    shadow_copy = ShadowCopy.begin("one\ntwo").locking([Mark("h1", Span(4, 7), "2")])
    assert not shadow_copy.write(ChangeSet.of(7, [Change(5, 6, "")]), 0).shown


def test_taking_back_makes_no_line_theirs() -> None:
    shadow_copy = ShadowCopy.begin("one\ntwo").took_back(ChangeSet.of(7, [Change(4, 7, "2")]))
    assert (shadow_copy.view, shadow_copy.copy, shadow_copy.protected) == ("one\n2", "one\ntwo", ())


@given(texts(), st.data())
def test_a_line_is_what_stands_between_line_ends(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    start, end = line_around(text, place)
    assert 0 <= start <= place <= end <= len(text)
    assert start == 0 or text[start - 1] in "\r\n"
    assert end == len(text) or text[end] in "\r\n"
    assert not set(text[start:end]) & {"\r", "\n"}


def test_what_an_undo_brings_back_was_not_typed_anew() -> None:
    copy = "one two\nthree\n"
    everything = ChangeSet.of(len(copy), [Change(0, len(copy), "x")])
    shadow_copy = ShadowCopy.begin(copy).typed(everything)
    back = shadow_copy.typed(ChangeSet.of(1, [Change(0, 1, copy)]), undone=True)
    assert not back.theirs
    typed = (
        ShadowCopy.begin(copy)
        .typed(insertion(len(copy), 3, "!"))
        .typed(ChangeSet.of(len(copy) + 1, [Change(4, 9, "")]))
    )
    again = typed.typed(insertion(len(copy) - 4, 4, " two\n"), undone=True)
    assert again.theirs == insertion(len(copy), 3, "!")
    assert again.view == "one! two\nthree\n"


def test_an_undo_of_typing_gives_nothing_back() -> None:
    copy = "one\n  two\nthree\n"
    mine = "mine\n  more\n"
    shadow_copy = ShadowCopy.begin(copy).typed(
        ChangeSet.of(len(copy), [Change(0, len(copy), mine)])
    )
    again = shadow_copy.typed(insertion(len(mine), 0, "x\n"))
    undone = again.typed(ChangeSet.of(len(mine) + 2, [Change(0, 2, "")]), undone=True)
    assert undone.view == mine
    assert undone.theirs == shadow_copy.theirs


def test_a_line_opened_beside_a_line_that_goes_is_joined_to_nothing() -> None:
    for end in ("\n", "\r\n", "\r"):
        before, after = f"one{end}two{end}three{end}", f"one{end}three{end}"
        behind = before.index("two") + 3
        opened = [(behind, end + "mine"), (behind + len(end), "mine" + end)]
        opened += [(behind, end + "mine" + end + "more"), (behind, end + end + "mine")]
        for place, text in opened:
            shadow_copy = ShadowCopy.begin(before).typed(insertion(len(before), place, text))
            for start in (len("one"), len("one") + len(end)):
                size = len("two") + len(end)
                wanted = ChangeSet.of(len(before), [Change(start, start + size, "")])
                landed = shadow_copy.landed(shadow_copy.write(wanted, 0))
                assert landed.copy == after
                assert landed.view.replace(end, "\n") in (
                    "one\nmine\nthree\n",
                    "one\nmine\nmore\nthree\n",
                    "one\n\nmine\nthree\n",
                )


def test_lines_between_which_the_user_opened_one_are_not_joined() -> None:
    shadow_copy = ShadowCopy.begin("foo(\n  a)").typed(insertion(9, 4, "\n  # mine"))
    write = shadow_copy.write(ChangeSet.of(9, [Change(4, 7, "")]), 0)
    assert shadow_copy.landed(write).view == "foo(\n  # mine\n  a)"
    assert write.withheld.apply(write.private.apply(shadow_copy.copy)) == "foo(a)"


def test_both_lines_that_the_user_joins_are_theirs() -> None:
    shadow_copy = ShadowCopy.begin("one\ntwo\nthree").typed(ChangeSet.of(13, [Change(3, 4, "")]))
    assert shadow_copy.view == "onetwo\nthree"
    assert not shadow_copy.write(ChangeSet.of(13, [Change(4, 8, "")]), 0).shown
