"""The newest sound state, found by checking few."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.session.scope_writer import newest_sound


@given(st.data(), st.integers(1, 5_000))
def test_where_the_text_broke_once_the_place_is_exact(data: st.DataObject, count: int) -> None:
    first = data.draw(st.integers(0, count - 1))
    checked: list[int] = []

    def is_sound(place: int) -> bool:
        checked.append(place)
        return place >= first

    assert newest_sound(count, is_sound, lambda: True) == first
    assert len(checked) <= 9 + 2 * count.bit_length()


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_what_is_found_is_sound_or_the_oldest(sound: list[bool]) -> None:
    found = newest_sound(len(sound), sound.__getitem__, lambda: True)
    assert sound[found] or found == len(sound) - 1


def test_when_the_time_is_up_the_newest_known_counts() -> None:
    found = []
    for checks in range(40):
        left = [True] * checks

        def in_time(left: list[bool] = left) -> bool:
            return bool(left) and left.pop()

        found.append(newest_sound(1_000, lambda place: place >= 100, in_time))
    assert found[0] == 999
    assert found[-1] == 100
    assert found == sorted(found, reverse=True)
    assert len(set(found)) > 3, "each check that finds something comes nearer"
