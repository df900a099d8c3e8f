"""Scopes: every case in `fixtures/scopes`, and what holds for any text and selection."""

from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given, settings

from lsp_server.syntax import scope as scopes_of
from lsp_server.syntax.embedded_languages import foreign_around
from lsp_server.syntax.indentation import IndentedLines
from lsp_server.syntax.languages import Language, all_languages, language_for
from lsp_server.syntax.nodes import blank, trim
from lsp_server.syntax.scope import ScopeLevel, find_scope, scopes_by_level
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.span import Span
from tests.syntax.scope_cases import FOLDER, ScopeCase, mark, scope_cases
from tests.syntax.texts import Place, places

CASES = [case for case in scope_cases() if case.instruction is None]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.language}/{case.name}")
def test_case(case: ScopeCase) -> None:
    scope = find_scope(case.text, case.selection, language_for(case.language), case.level)
    assert mark(case.text, case, scope.span) == mark(case.text, case, case.expected), case.sentence
    if case.kind is not None:
        assert scope.kind == case.kind, case.sentence


def test_every_language_has_its_cases() -> None:
    main = {"python", "javascript", "typescript", "go", "rust", "java"}
    folders = {folder.name for folder in FOLDER.iterdir() if folder.is_dir()}
    languages = {language_for(folder): folder for folder in folders}
    for language in all_languages():
        assert language in languages, (
            f"{language.name} has no cases: add at least 3 to fixtures/scopes/{language.id}/."
        )
    assert languages.keys() == {None, *all_languages()}
    for folder in folders:
        least = 8 if folder in main else 3
        plain = [case for case in CASES if case.language == folder]
        assert len(plain) >= least, f"Add {least - len(plain)} cases to fixtures/scopes/{folder}/."


@settings(max_examples=400, deadline=None)
@given(places())
def test_each_level_contains_the_selection_and_grows(place: Place) -> None:
    scopes = scopes_by_level(place.text, place.selection, place.language)
    assert [scope.level for scope in scopes] == [
        level for level in ScopeLevel if level != "selection"
    ]
    bare = trim(place.text, place.selection)
    if not bare.empty:
        assert scopes[0].span.contains(bare)
    for lower, upper in pairwise(scopes):
        assert lower.kind == "insertion" or upper.span.contains(lower.span)


@settings(max_examples=300, deadline=None)
@given(places())
def test_scope_has_no_blank_ends(place: Place) -> None:
    for scope in scopes_by_level(place.text, place.selection, place.language):
        if scope.kind != "insertion":
            assert scope.span == trim(place.text, scope.span)
            assert not scope.span.empty or blank(place.text)


@settings(max_examples=400, deadline=None)
@given(places())
def test_no_token_is_cut_and_no_scope_is_in_an_error(place: Place) -> None:
    if place.language is None:
        return
    tree = DocumentTree(place.language, place.text)
    for scope in scopes_by_level(place.text, place.selection, place.language, tree):
        if scope.kind == "insertion":
            continue
        for edge in (scope.span.start, scope.span.end - 1):
            leaf = tree.path(Span(edge, edge + 1))[-1]
            if foreign_around(tree, leaf, tree.byte_of(edge), tree.byte_of(edge + 1)) is not None:
                continue  # To the grammar all of it is one token.
            if leaf.child_count == 0 and edge < len(place.text):
                token = trim(place.text, tree.span_of(leaf))
                assert scope.span.contains(token) or not token.contains(Span(edge, edge + 1))
        if scope.kind != "lines":
            assert not _inside_an_error(tree, scope.span)


def _inside_an_error(tree: DocumentTree, span: Span) -> bool:
    """Whether an ERROR node holds all of `span` and more."""
    holders = tree.path(span)[1:]
    return any(node.is_error and trim(tree.text, tree.span_of(node)) != span for node in holders)


@settings(max_examples=300, deadline=None)
@given(places())
def test_a_scope_selected_again_is_the_same(place: Place) -> None:
    first = find_scope(place.text, place.selection, place.language)
    again = find_scope(place.text, first.span, place.language)
    if first.kind != "insertion":
        assert again.span.contains(first.span)
        assert find_scope(place.text, again.span, place.language).span == again.span


@settings(max_examples=200, deadline=None)
@given(places())
def test_selection_level_holds_the_selection(place: Place) -> None:
    scope = find_scope(place.text, place.selection, place.language, ScopeLevel.SELECTION)
    bare = trim(place.text, place.selection)
    if not bare.empty:
        assert scope.span.contains(bare)
        smallest = find_scope(place.text, place.selection, place.language)
        assert smallest.span.contains(scope.span)


@pytest.mark.parametrize("language", [None, *all_languages()], ids=str)
@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "\ufeff\r\n", "\r", "\x00", "\ud800", " \t"])
def test_texts_with_next_to_nothing_in_them(language: Language | None, text: str) -> None:
    for start in range(len(text) + 1):
        for scope in scopes_by_level(text, Span(start, len(text) + 5), language):
            assert scope.span.end <= len(text)


def test_a_tree_that_is_current_is_used() -> None:
    python = language_for("python")
    assert python is not None
    tree = DocumentTree(python, "x = 1\n")
    assert find_scope("x = 1\n", Span(0, 0), python, tree=tree).span == Span(0, 5)
    assert find_scope("yy = 1\n", Span(0, 0), python, tree=tree).span == Span(0, 6)


def test_the_lines_of_a_text_that_takes_too_long_are_read_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    python = language_for("python")
    assert python is not None
    # The parse may take its time, to where it is halted and where it ends; its readers may not.
    watches = iter([False, False])
    bounded = python.bounded(lambda: partial(bool, next(watches, True)))
    text = "def f(a):\n" + "    # a comment\n" * 9_000
    tree = DocumentTree(bounded, text)
    assert tree.readable
    read: list[str] = []

    class Counted(IndentedLines):
        def __init__(self, text: str) -> None:
            read.append(text)
            super().__init__(text)

    monkeypatch.setattr(scopes_of, "IndentedLines", Counted)
    middle = len(text) // 2
    scopes = scopes_by_level(text, Span(middle, middle), bounded, tree)
    assert len(scopes) == len(ScopeLevel) - 1 and scopes[0].kind == "lines"
    assert read == [text]
