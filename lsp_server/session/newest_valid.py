"""Finds the newest of many states that is sound, by checking few of them."""

from collections.abc import Callable

from lsp_server.session.check_budget import MayCheck

# So many of the newest states are looked at one by one, then further and further back.
NEWEST_TRIES = 8


def newest_sound(count: int, is_sound: Callable[[int], bool], in_time: MayCheck) -> int:
    """The number of the newest state that is sound, of `count`; 0 is the newest of them.

    Of a long answer not every state can be checked. What stands open at one place mostly stays open
    behind it: so from the newest ones the search goes back in growing steps, then halves the last
    of them. When the time is up, the newest that was found is taken; the oldest is sound.
    """
    found, refused = count - 1, -1  # Before anything came the text was sound.
    place, step = 0, 1
    while place < found and in_time():
        if is_sound(place):
            found = place
            break
        refused = place
        step = 1 if place < NEWEST_TRIES else 2 * step
        place += step
    while found - refused > 1 and in_time():
        middle = (found + refused) // 2
        if is_sound(middle):
            found = middle
        else:
            refused = middle
    return found
