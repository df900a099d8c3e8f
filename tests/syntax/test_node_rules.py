"""The rules of each language name only nodes that its grammar has."""

from collections.abc import Iterator
from dataclasses import fields

import pytest

from lsp_server.syntax.declarations import Declarations, NoDeclarations
from lsp_server.syntax.languages import Language, all_languages
from lsp_server.syntax.node_rules import (
    HEADER_FIELDS,
    SHARED_LISTS,
    SHARED_ROWS,
    Kinds,
    NodeRules,
    kinds,
)


def _named(language: Language) -> Iterator[tuple[str, Kinds]]:
    """The kinds that a language's rules name, with the place that names them."""
    for field in fields(NodeRules):
        value = getattr(language.nodes, field.name)
        if field.name != "comments" and isinstance(value, frozenset):
            yield f"nodes.{field.name}", value - SHARED_LISTS - SHARED_ROWS
    facts = language.declarations
    if isinstance(facts, Declarations):
        yield "declarations.kinds", frozenset(facts.kinds)
        yield "declarations.imports", frozenset({*facts.imports, *facts.imports_behind})
        yield "declarations.through", facts.through
    else:
        yield "declarations.entries", facts.entries
    if language.embedded is not None:
        yield "embedded.kinds", language.embedded.kinds


def _missing(language: Language, kinds: Kinds) -> set[str]:
    """The kinds that the grammar of `language` does not have."""
    return {kind for kind in kinds if language.grammar.id_for_node_kind(kind, True) is None}


@pytest.mark.parametrize("language", all_languages(), ids=lambda language: str(language.id))
def test_every_kind_is_one_of_the_grammar(language: Language) -> None:
    for place, named in _named(language):
        missing = _missing(language, named)
        assert not missing, f"{language.module} has no nodes {sorted(missing)}: see {place}."
    comments = language.nodes.comments
    if comments:
        assert _missing(language, comments) < comments, (
            f"{language.module} has none of the nodes in nodes.comments: name those it has."
        )


def test_every_shared_kind_and_header_field_is_used_by_a_grammar() -> None:
    grammars = [language.grammar for language in all_languages()]
    for kind in SHARED_LISTS | SHARED_ROWS:
        assert any(grammar.id_for_node_kind(kind, True) is not None for grammar in grammars), kind
    for name in HEADER_FIELDS:
        assert any(grammar.field_id_for_name(name) is not None for grammar in grammars), name


def test_a_language_cannot_leave_a_part_out() -> None:
    with pytest.raises(ValueError, match="bodies is empty"):
        NodeRules(bodies=frozenset(), lists=SHARED_LISTS, rows=SHARED_ROWS)
    with pytest.raises(ValueError, match="say why"):
        NoDeclarations(reason="", entries=kinds("pair"))
    with pytest.raises(TypeError, match=r"'nodes', 'declarations', .*'text'"):
        Language(  # type: ignore[call-arg]
            id="a", name="A", module="a", line_comments=(), block_comments=()
        )
