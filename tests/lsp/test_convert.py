"""Converting against a plain reference, in all encodings, on texts with every kind of line end."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.errors import InvalidParams
from lsp_server.lsp import convert
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.lines import Encoding, Text
from lsp_server.text.span import Span

ALPHABET = ["a", "\n", "\r\n", "\r", "\f", "\u2028", "\u0085", "e\u0301", "ß", "日", "𝄞", "\ufeff"]
texts = st.lists(st.sampled_from(ALPHABET), max_size=14).map("".join)
encodings = st.sampled_from(Encoding)
far = st.integers(0, 30) | st.just(2**31 - 1)


def units(character: str, encoding: Encoding) -> int:
    """The reference: how many units one character takes."""
    form = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding.value]
    size = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding.value]
    return len(character.encode(form)) // size


def places(text: str, encoding: Encoding) -> dict[tuple[int, int], int]:
    """The reference: every position that can be named, with its offset."""
    found = {}
    line = character = 0
    for offset, letter in enumerate(text):
        if not (letter == "\n" and text[offset - 1 : offset] == "\r"):
            found[line, character] = offset
        if letter == "\n" or (letter == "\r" and text[offset + 1 : offset + 2] != "\n"):
            line, character = line + 1, 0
        elif letter != "\r":
            character += units(letter, encoding)
    found[line, character] = len(text)
    return found


def reference_offset(text: str, line: int, character: int, encoding: Encoding) -> int:
    """The reference: clamped to the line's end, or the text's; inside a character to its start."""
    on_line = {c: offset for (at, c), offset in places(text, encoding).items() if at == line}
    if not on_line:
        return len(text)
    return on_line[max(c for c in on_line if c <= character)]


def reference_apply(text: str, edits: list[Any], encoding: Encoding) -> str:
    """What an editor does with edits: all against the same text, from the last to the first."""
    spans = [
        tuple(
            reference_offset(
                text, edit["range"][e]["line"], edit["range"][e]["character"], encoding
            )
            for e in ("start", "end")
        )
        for edit in edits
    ]
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    for (start, end), edit in reversed(list(zip(spans, edits, strict=True))):
        text = text[:start] + edit["newText"] + text[end:]
    return text


@st.composite
def change_sets(draw: st.DrawFn, text: str) -> ChangeSet:
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return ChangeSet.of(len(text), [Change(a, b, draw(texts)) for a, b in pairs])


@given(texts, encodings)
def test_every_place_that_can_be_named_is_found_both_ways(text: str, encoding: Encoding) -> None:
    whole = Text(text)
    for (line, character), offset in places(text, encoding).items():
        position = {"line": line, "character": character}
        assert convert.offset_from(whole, position, encoding) == offset
        assert convert.position_of(whole, offset, encoding) == position


@given(texts, encodings, far, far)
def test_places_that_are_not_there_are_clamped(
    text: str, encoding: Encoding, line: int, character: int
) -> None:
    position = {"line": line, "character": character}
    expected = reference_offset(text, line, character, encoding)
    assert convert.offset_from(Text(text), position, encoding) == expected


@given(st.data(), texts, encodings)
def test_edits_do_in_the_editor_what_the_changes_do_here(
    data: st.DataObject, text: str, encoding: Encoding
) -> None:
    changes = data.draw(change_sets(text))
    edits = convert.text_edits(Text(text), changes, encoding)
    assert reference_apply(text, edits, encoding) == changes.apply(text)


@given(st.data(), texts, encodings)
def test_content_changes_follow_one_another(
    data: st.DataObject, text: str, encoding: Encoding
) -> None:
    items: list[dict[str, Any]] = []
    expected = text
    for _ in range(data.draw(st.integers(0, 4))):
        new = data.draw(texts)
        if data.draw(st.booleans()):
            items.append({"text": new})
            expected = new
            continue
        line, character = data.draw(st.tuples(far, far))
        start = reference_offset(expected, line, character, encoding)
        named = {offset: place for place, offset in places(expected, encoding).items()}
        end = data.draw(st.sampled_from(sorted(o for o in named if o >= start)))
        at = {"line": named[end][0], "character": named[end][1]}
        items.append(
            {"range": {"start": {"line": line, "character": character}, "end": at}, "text": new}
        )
        expected = expected[:start] + new + expected[end:]
    changes, after = convert.changes_from(Text(text), items, encoding)
    assert after.text == expected
    for change in changes:
        text = change.apply(text)
    assert text == expected


def test_a_change_inside_a_line_end_takes_the_whole_of_it() -> None:
    text = Text("a\r\nb")
    insertion = ChangeSet.of(4, [Change(2, 2, "x")])
    assert convert.text_edits(text, insertion, Encoding.UTF16) == [
        {
            "range": {"start": {"line": 0, "character": 1}, "end": {"line": 1, "character": 0}},
            "newText": "\rx\n",
        }
    ]


def test_a_range_whose_end_comes_first_is_turned_round() -> None:
    range_ = {"start": {"line": 0, "character": 3}, "end": {"line": 0, "character": 1}}
    assert convert.span_from(Text("abcd"), range_, Encoding.UTF8) == Span(1, 3)


def test_a_range_of_a_span() -> None:
    assert convert.range_of(Text("𝄞b\nc"), Span(1, 4), Encoding.UTF16) == {
        "start": {"line": 0, "character": 2},
        "end": {"line": 1, "character": 1},
    }


def test_an_edit_always_has_its_version() -> None:
    assert convert.workspace_edit("file:///a", 0, [{"newText": "x"}]) == {
        "documentChanges": [
            {"textDocument": {"uri": "file:///a", "version": 0}, "edits": [{"newText": "x"}]}
        ]
    }


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (None, Encoding.UTF16),
        ([], Encoding.UTF16),
        ("utf-8", Encoding.UTF16),
        (["utf-7", 3, "utf-8", "utf-16"], Encoding.UTF8),
        (["utf-32", "utf-8"], Encoding.UTF32),
    ],
)
def test_the_clients_own_encoding_is_taken(offered: object, expected: Encoding) -> None:
    assert convert.negotiate(offered) is expected


ORIGIN = {"line": 0, "character": 0}


@pytest.mark.parametrize(
    ("range_", "field"),
    [
        (None, "range"),
        ([], "range"),
        ({"end": ORIGIN}, "range.start"),
        ({"start": ORIGIN, "end": 3}, "range.end"),
        ({"start": {"line": -1, "character": 0}, "end": ORIGIN}, "range.start.line"),
        ({"start": {"line": True, "character": 0}, "end": ORIGIN}, "range.start.line"),
        ({"start": ORIGIN, "end": {"line": 0, "character": "1"}}, "range.end.character"),
        ({"start": ORIGIN, "end": {"line": 0, "character": 1.5}}, "range.end.character"),
    ],
)
def test_a_wrong_range_is_named(range_: object, field: str) -> None:
    with pytest.raises(InvalidParams, match=f"^`{field}` must be"):
        convert.span_from(Text("abc"), range_, Encoding.UTF16)


@pytest.mark.parametrize(
    "changes",
    [None, {}, [3], [{}], [{"text": None}], [{"text": "", "range": {"start": ORIGIN}}]],
)
def test_wrong_content_changes_are_named(changes: object) -> None:
    with pytest.raises(InvalidParams, match=r"^`contentChanges"):
        convert.changes_from(Text("abc"), changes, Encoding.UTF16)
