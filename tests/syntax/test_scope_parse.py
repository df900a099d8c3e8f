"""A scope read from the last tree on is read as from nothing, where it is sound."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.syntax.languages import language_for
from lsp_server.syntax.scope_parse import ParseContext
from lsp_server.syntax.tree import encode
from tests.syntax.gate_sources import SOURCES


def frame_of(name: str) -> ParseContext:
    source = SOURCES[name]
    language = language_for(name)
    assert language is not None
    head, tail = source.document[: source.scope.start], source.document[source.scope.end :]
    return ParseContext(language, encode(head), encode(tail))


@settings(max_examples=30, deadline=None)
@pytest.mark.parametrize("name", SOURCES)
@given(lines=st.lists(st.integers(0, 60), max_size=8))
def test_from_the_last_sound_tree_as_from_nothing(name: str, lines: list[int]) -> None:
    source, frame = SOURCES[name], frame_of(name)
    pool = [*source.present.split("\n"), *source.answer.split("\n")]
    scope = encode("\n".join(pool[line % len(pool)] for line in lines))
    base = frame.read(encode(source.present))
    assert not base.errors.count
    old, fresh = frame.read(scope, base), frame.read(scope)
    assert bool(old.errors.count) is bool(fresh.errors.count)
    if not fresh.errors.count:
        assert str(old.tree.root_node) == str(fresh.tree.root_node)
        assert old.surroundings == fresh.surroundings


@pytest.mark.parametrize(("scope", "across"), [(b"1", False), (b"/* 1", True)])
def test_a_token_across_the_end(scope: bytes, across: bool) -> None:
    language = language_for("javascript")
    assert language is not None
    reading = ParseContext(language, b"a = ", b" + '`*/ b\n").read(scope)
    assert reading.leaf_across() is across
