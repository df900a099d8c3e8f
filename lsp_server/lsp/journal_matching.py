"""Finds the scope of a journal in a document that was opened again, and whose text is whose in it.

Knows texts and attributions, but no session, editor or file. Returns `None` for what is not
certain.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rapidfuzz import fuzz

from lsp_server.edit.diff import diff
from lsp_server.edit.hunks import Attribution, Mark
from lsp_server.lsp.journal_format import JournalEntry, JournalState
from lsp_server.text.span import Span

AROUND = 400
"""Code points on either side of a scope that a journal stores, to find the scope again."""
NEAR = (AROUND, 120, 40, 20)
"""How much of the surrounding text is searched for, the most first: typing near the scope changes
some of it."""
TELLING = 8
"""Code points of a line, without blanks at its edges, that can identify where a scope begins; also
the least surrounding text that is searched for."""
FAMILIAR = 40
"""Code points, including a model's change, that two files rarely share by chance."""
_MOST_PLACES = 64
"""How many texts before a scope are searched for. Much typing there leaves more."""
FAR = 50_000
"""Code points. A longer scope is found again only if nobody has typed in it since."""


def holds(text: str, state: JournalState) -> bool:
    """Whether `text` contains the model's text and everything around it, exactly and once.

    Then it is the same document, whatever its name is now.
    """
    for attribution in _attributions(state):
        whole = state.before + attribution.view + state.after
        if attribution.ours and len(whole.strip()) >= FAMILIAR:
            places = [at for at in _places(text, whole) if _at_edges(state, text, at, len(whole))]
            if places:
                return len(places) == 1
    return False


def as_it_is(text: str, entry: JournalEntry) -> JournalState:
    """The newest state of a session that `text` contains exactly; otherwise the last one.

    A file that was saved in the middle of an answer contains an earlier one.
    """
    places: dict[str, list[int]] = {"": [0]}
    for state in (entry.state, *entry.earlier):
        if (before := state.before) not in places:
            if len(places) > _MOST_PLACES:
                break
            places[before] = [at + len(before) for at in _places(text, before)]
        landed = state.ours.apply(state.base)
        views = (landed,) if state.flying is None else (state.flying.apply(landed), landed)
        for whole in (view + state.after for view in views):
            found = [at for at in places[before] if text.startswith(whole, at)]
            if len(found) == 1 and (state.after or found[0] + len(whole) == len(text)):
                return state
    return entry.state


def located(text: str, state: JournalState) -> Span | None:
    """Where the scope of a journal is in a text; `None` if that is not certain.

    Searches first for everything that is known. Then, in case the user has typed in or near the
    scope, for the text around it and its first and last line.
    """
    views = tuple(dict.fromkeys(attribution.view for attribution in _attributions(state)))
    for view in views:
        whole = state.before + view + state.after
        places = [at for at in _places(text, whole) if _at_edges(state, text, at, len(whole))]
        if places:
            start = places[0] + len(state.before)
            return Span(start, start + len(view)) if len(places) == 1 else None
    span = _between(text, state, views)
    likely = span is not None and any(_alike(span.text(text), view) for view in views)
    return span if likely else None


def attribution_of(state: JournalState, text: str) -> Attribution:
    """Whose text is whose in a scope that contains `text` now.

    Everything that differs from what the server knew was typed since.
    """
    nearest = max(_attributions(state), key=lambda attribution: _likeness(attribution.view, text))
    return nearest.typed_in(diff(nearest.view, text)) if nearest.view != text else nearest


def _attributions(state: JournalState) -> Iterator[Attribution]:
    """What the scope may contain: with the edit in flight, without it, or nothing of the model's
    (an editor closed without saving leaves the earlier text)."""
    locked = tuple(Mark(f"h{n}", *mark) for n, mark in enumerate(state.locked, 1))
    begun = replace(Attribution.begin(state.base), next_id=len(locked) + 1)
    landed = replace(begun.written(state.ours), locked=locked)
    if state.flying is not None:
        yield landed.written(state.flying)
    yield landed
    yield landed.written(landed.reverting())


def _between(text: str, state: JournalState, views: Iterable[str]) -> Span | None:
    """What is between the first and the last known text of a scope."""
    starts = [(state.before[-size:], min(size, len(state.before))) for size in NEAR]
    ends = [(state.after[:size], 0) for size in NEAR]
    for anchors in (starts, ends):
        if len(anchors[-1][0].strip()) < TELLING:
            del anchors[-1]
    for view in views:
        lines = [line for line in view.splitlines() if len(line.strip()) >= TELLING]
        if lines:
            starts.append((lines[0], -view.find(lines[0])))
            ends.append((lines[-1], len(view) - view.rfind(lines[-1])))
    start = _only(text, starts) if state.before else 0
    end = _only(text, ends) if state.after else len(text)
    if start is None or end is None or not 0 <= start <= end <= len(text):
        return None
    return Span(start, end)


def _only(text: str, anchors: Iterable[tuple[str, int]]) -> int | None:
    """The place of an anchor that occurs exactly once in `text`; `None` if there is none.

    Each anchor comes with the distance from its beginning to the place.
    """
    for anchor, by in anchors:
        if len(places := _places(text, anchor)) == 1:
            return places[0] + by
    return None


def _at_edges(state: JournalState, text: str, start: int, length: int) -> bool:
    """Whether a scope that was at an edge of the document is still there."""
    at_end = start + length == len(text)
    return (bool(state.before) or start == 0) and (bool(state.after) or at_end)


def _places(text: str, piece: str) -> list[int]:
    """Where `piece` occurs in `text`. Many places are as useless as none."""
    found: list[int] = []
    at = text.find(piece) if piece else -1
    while at >= 0 and len(found) < 8:
        found.append(at)
        at = text.find(piece, at + 1)
    return found


def _alike(one: str, other: str) -> bool:
    return _likeness(one, other) >= 50.0


def _likeness(one: str, other: str) -> float:
    """From 0 to 100; 100 is equal. Very long texts are equal or have nothing in common."""
    if one == other:
        return 101.0
    return 0.0 if len(one) + len(other) > 2 * FAR else fuzz.ratio(one, other)
