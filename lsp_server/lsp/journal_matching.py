"""Where the scope of a journal is in a document that was opened again, and whose text is whose.

Knows texts and accounts, but no session, no editor and no file. What is not certain is `None`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rapidfuzz import fuzz

from lsp_server.edit.diff import diff
from lsp_server.edit.hunks import Attribution, Mark
from lsp_server.lsp.journal_format import JournalEntry, JournalState
from lsp_server.text.span import Span

AROUND = 400
"""Code points on either side of a scope that a journal holds, to find it again by."""
NEAR = (AROUND, 120, 40, 20)
"""So much of it is looked for, the most first: who has typed near the scope has changed some."""
TELLING = 8
"""Code points of a line, blanks left out at its edges, that may tell where a scope begins; and of
the least that is looked for of what stands around it."""
FAMILIAR = 40
"""Code points that are in two files by chance seldom enough, with a model's change among them."""
_MOST_PLACES = 64
"""So many texts that stood in front of a scope are looked for: more came of much typing there."""
FAR = 50_000
"""Code points. Longer scopes are found again only where nobody has typed in them since."""


def holds(text: str, state: JournalState) -> bool:
    """Whether the model's text and all that stood around it is in `text`, to the letter and once.

    Then it is the same document, whatever it is called by now.
    """
    for attribution in _attributions(state):
        whole = state.before + attribution.view + state.after
        if attribution.ours and len(whole.strip()) >= FAMILIAR:
            places = [at for at in _places(text, whole) if _at_edges(state, text, at, len(whole))]
            if places:
                return len(places) == 1
    return False


def as_it_is(text: str, entry: JournalEntry) -> JournalState:
    """The newest of a session's states that `text` holds to the letter; else its last.

    What was saved in the middle of an answer is an earlier one.
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
    """Where the scope of a journal is in a text; None where that is not certain.

    First by all that is known; then, for who has typed in it or near it, by what stands around it
    and by its first and last line.
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
    """Whose text is whose in a scope that holds `text` by now.

    What differs from all that the server knew of has been typed since.
    """
    nearest = max(_attributions(state), key=lambda attribution: _likeness(attribution.view, text))
    return nearest.typed_in(diff(nearest.view, text)) if nearest.view != text else nearest


def _attributions(state: JournalState) -> Iterator[Attribution]:
    """What the scope may hold: with the edit in flight, without it, or nothing of the model's
    (who closes an editor without saving has what was there before)."""
    locked = tuple(Mark(f"h{n}", *mark) for n, mark in enumerate(state.locked, 1))
    begun = replace(Attribution.begin(state.base), next_id=len(locked) + 1)
    landed = replace(begun.written(state.ours), locked=locked)
    if state.flying is not None:
        yield landed.written(state.flying)
    yield landed
    yield landed.written(landed.reverting())


def _between(text: str, state: JournalState, views: Iterable[str]) -> Span | None:
    """What stands between the first and the last thing that is surely known of a scope."""
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
    """The place that an anchor names which stands in `text` just once; None without any.

    With each anchor comes how far behind its beginning the place is.
    """
    for anchor, by in anchors:
        if len(places := _places(text, anchor)) == 1:
            return places[0] + by
    return None


def _at_edges(state: JournalState, text: str, start: int, length: int) -> bool:
    """Whether a scope that was at an edge of the document is there still."""
    at_end = start + length == len(text)
    return (bool(state.before) or start == 0) and (bool(state.after) or at_end)


def _places(text: str, piece: str) -> list[int]:
    """Where `piece` stands in `text`. More than a few are as good as none."""
    found: list[int] = []
    at = text.find(piece) if piece else -1
    while at >= 0 and len(found) < 8:
        found.append(at)
        at = text.find(piece, at + 1)
    return found


def _alike(one: str, other: str) -> bool:
    return _likeness(one, other) >= 50.0


def _likeness(one: str, other: str) -> float:
    """From 0 to 100, 100 being the same; texts that are very long are the same or nothing."""
    if one == other:
        return 101.0
    return 0.0 if len(one) + len(other) > 2 * FAR else fuzz.ratio(one, other)
