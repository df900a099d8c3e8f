"""The tables of node kinds name only what the grammars have."""

from dataclasses import fields

import pytest

from lsp_server.syntax.declarations import declared_kinds
from lsp_server.syntax.languages import Language, all_languages
from lsp_server.syntax.node_kinds import HEADER_FIELDS, SHARED_LISTS, NodeRules, rules_for


def _missing(language: Language, kinds: frozenset[str]) -> set[str]:
    """The kinds that the grammar of `language` does not have."""
    return {kind for kind in kinds if language.grammar.id_for_node_kind(kind, True) is None}


@pytest.mark.parametrize("language", all_languages(), ids=lambda language: str(language.id))
def test_every_kind_is_one_of_the_grammar(language: Language) -> None:
    rules = rules_for(language.id)
    tables = [getattr(rules, field.name) for field in fields(NodeRules) if field.name != "comments"]
    kinds = frozenset().union(*(table for table in tables if isinstance(table, frozenset)))
    assert not _missing(language, kinds - SHARED_LISTS)
    assert not _missing(language, declared_kinds(language.id))
    if rules.comments:
        assert _missing(language, rules.comments) < rules.comments


def test_every_shared_list_and_header_field_is_used_by_a_grammar() -> None:
    grammars = [language.grammar for language in all_languages()]
    for kind in SHARED_LISTS:
        assert any(grammar.id_for_node_kind(kind, True) is not None for grammar in grammars), kind
    for name in HEADER_FIELDS:
        assert any(grammar.field_id_for_name(name) is not None for grammar in grammars), name


def test_every_language_has_rules_of_its_own() -> None:
    for language in all_languages():
        assert rules_for(language.id) != NodeRules()
    assert rules_for("no such language") == NodeRules()
