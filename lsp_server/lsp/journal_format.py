"""The contents of a journal, as JSON Lines.

The first line says what the session is about. Each further line is a state: whose text is whose in
the scope. The last readable line counts, so a file that was cut off anywhere still gives an earlier
state. The lines before it are earlier states, one of which may be what was saved. Knows texts, but
no session, file or lock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span

FORMAT = 1
"""The number of the format. Files in another format are left alone until they are old."""
MOST_BYTES = 8_000_000
"""Bytes. A larger journal is neither written nor read."""

_TEXTS = ("original", "base", "before", "after")


@dataclass(frozen=True, slots=True)
class JournalState:
    """Whose text is whose in a scope, at one moment.

    `original` is the scope when the session began. `base` is what it would be without the model:
    the original with what the user typed. `ours` leads from the base to what the editor is known to
    hold; `flying` leads on to what it was just asked to hold. `before` and `after` are the text on
    either side of the scope; "" is an edge of the document. `locked` are the places that the user
    has accepted, in what the editor is known to hold, each with the text that was there before.
    """

    original: str
    base: str
    ours: ChangeSet
    flying: ChangeSet | None = None
    before: str = ""
    after: str = ""
    locked: tuple[tuple[Span, str], ...] = ()


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One session in its journal. `earlier` are its earlier states, the newest first."""

    uri: str
    instruction: str
    profile: str
    state: JournalState
    earlier: tuple[JournalState, ...] = ()


def content_of(entry: JournalEntry) -> bytes:
    """All lines of a new journal. Raises `OSError` for text that cannot be written."""
    head = {
        "journal": FORMAT,
        "uri": entry.uri,
        "instruction": entry.instruction,
        "profile": entry.profile,
    }
    content = _line(head) + line_of(entry.state, None)
    if len(content) > MOST_BYTES:
        raise OSError(None, "the scope is too large")
    return content


def line_of(state: JournalState, known: JournalState | None) -> bytes:
    """What is new in `state`. Texts are included only if they have changed.

    Raises `OSError` for text that cannot be written.
    """
    table: dict[str, Any] = {
        name: getattr(state, name)
        for name in _TEXTS
        if known is None or getattr(known, name) != getattr(state, name)
    }
    table["ours"] = _plain(state.ours)
    if state.flying is not None:
        table["flying"] = _plain(state.flying)
    if state.locked:
        table["locked"] = [[span.start, span.end, before] for span, before in state.locked]
    return _line(table)


def _line(table: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(table) + b"\n"
    except orjson.JSONEncodeError as error:  # Lone surrogates: such a text has no journal.
        raise OSError(None, str(error)) from None


def _plain(changes: ChangeSet) -> list[object]:
    return [changes.length, [[c.start, c.end, c.text] for c in changes.changes]]


def entry_in(content: bytes) -> JournalEntry | None:
    """The entry of a journal; `None` for another format. Raises `ValueError`, `TypeError` or
    `KeyError` if this is no journal."""
    lines = content.split(b"\n")
    head = orjson.loads(lines[0])
    if head["journal"] != FORMAT:
        return None
    texts: dict[str, str] = {}
    states: list[JournalState] = []
    for line in lines[1:-1]:  # The last line is incomplete or empty.
        table = orjson.loads(line)
        texts |= {name: _text(table[name]) for name in _TEXTS if name in table}
        ours = _changes(table["ours"])
        flying = _changes(table["flying"]) if "flying" in table else None
        locked = tuple((Span(int(s), int(e)), _text(t)) for s, e, t in table.get("locked", ()))
        state = JournalState(
            ours=ours, flying=flying, locked=locked, **{name: texts[name] for name in _TEXTS}
        )
        if ours.length != len(state.base):
            raise ValueError("the changes are of another text")
        if flying is not None and flying.length != ours.length_after:
            raise ValueError("the changes are of another text")
        if any(span.end > ours.length_after for span, _ in locked):
            raise ValueError("what was accepted is of another text")
        states.append(state)
    if not states:
        raise ValueError("it holds no state")
    state, *earlier = reversed(states)
    uri, instruction, profile = (_text(head[name]) for name in ("uri", "instruction", "profile"))
    return JournalEntry(uri, instruction, profile, state, tuple(earlier))


def is_of_another(first_line: bytes, wanted: Callable[[str], bool]) -> bool:
    """Whether this is surely the beginning of a journal of a document that is not `wanted`."""
    try:
        table = orjson.loads(first_line)
        return table["journal"] != FORMAT or not wanted(_text(table["uri"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return False


def _changes(value: Any) -> ChangeSet:
    length, changes = value
    return ChangeSet.of(int(length), [Change(int(s), int(e), _text(t)) for s, e, t in changes])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("this should be a text")
    return value
