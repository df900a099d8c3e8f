"""The tree of a document: bytes and code points, updates, errors."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_sitter import Node

from lsp_server.syntax.languages import Language, all_languages, language_for
from lsp_server.syntax.tree import ByteIndex, DocumentTree, count_errors, encode
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span
from tests.syntax.texts import texts

ANY_TEXT = st.text(st.sampled_from("a \n\r\f\u2028é\u0301€😀\ufeff\x00\ud800\udfff"), max_size=40)


def _python(text: str) -> DocumentTree:
    language = language_for("python")
    assert language is not None
    return DocumentTree(language, text)


@settings(deadline=None)
@given(ANY_TEXT)
def test_encoding_keeps_every_character_its_own(text: str) -> None:
    source = encode(text)
    assert len(source.decode("utf-8")) == len(text)
    assert len(source) == len(text.encode("utf-8", "surrogatepass"))


@settings(deadline=None)
@given(ANY_TEXT, st.integers(1, 60))
def test_offsets_and_bytes_are_each_others_inverse(text: str, times: int) -> None:
    text *= times
    index = ByteIndex(text)
    for offset in {0, len(text) // 3, len(text) // 2, len(text)}:
        byte = index.byte_of(offset)
        assert byte == len(encode(text[:offset]))
        assert index.offset_of(byte) == offset
    assert index.byte_of(-1) == 0
    assert index.byte_of(len(text) + 9) == len(index.source)
    assert index.offset_of(len(index.source) + 9) == len(text)


def test_a_byte_inside_a_character_belongs_to_its_start() -> None:
    index = ByteIndex("a😀b")
    assert [index.offset_of(byte) for byte in range(7)] == [0, 1, 1, 1, 1, 2, 3]


def test_nothing_is_parsed_before_it_is_asked_for() -> None:
    nowhere = replace(all_languages()[0], id="missing", module="tree_sitter_missing")
    tree = DocumentTree(nowhere, "x")
    tree.update("xy", ChangeSet.of(1, [Change(1, 1, "y")]))
    assert tree.text == "xy"
    with pytest.raises(ImportError):
        _ = tree.root


def test_a_tree_is_parsed_once_for_each_text() -> None:
    tree = _python("x = 1\n")
    assert tree.tree is tree.tree
    before = tree.tree
    tree.update("x = 1\n", ChangeSet.identity(6))
    assert tree.tree is before


def test_nodes_handed_out_before_an_update_stay_as_they_were() -> None:
    tree = _python("x = 1\ny = 2\n")
    second = tree.root.named_children[1]
    tree.update("xxx = 1\ny = 2\n", ChangeSet.of(12, [Change(0, 1, "xxx")]))
    assert tree.root.named_children[1].start_byte == 8
    assert second.start_byte == 6
    assert second.text == b"y = 2"


def test_a_changed_tree_leaves_the_first_one_as_it_was() -> None:
    tree = _python("x = 1\ny = 2\n")
    before = tree.tree
    changed = tree.changed(ChangeSet.of(12, [Change(6, 6, "import z\n")]))
    assert changed.text == "x = 1\nimport z\ny = 2\n"
    assert [node.type for node in changed.root.named_children][1] == "import_statement"
    assert tree.tree is before
    assert tree.text == "x = 1\ny = 2\n"


def test_a_changed_tree_of_a_text_that_is_not_parsed_yet() -> None:
    tree = _python("x = 1\n")
    tree.update("xy = 1\n", ChangeSet.of(6, [Change(1, 1, "y")]))
    changed = tree.changed(ChangeSet.of(7, [Change(7, 7, "z = 2\n")]))
    assert len(changed.root.named_children) == 2
    assert tree.root.named_children[0].end_byte == 6


def _shape(node: Node) -> list[tuple[str, int, int]]:
    """The kinds and bytes of a node and all under it."""
    shape = [(node.type, node.start_byte, node.end_byte)]
    for child in node.children:
        shape += _shape(child)
    return shape


@settings(max_examples=300, deadline=None)
@given(texts(), st.data())
def test_an_updated_tree_is_the_tree_of_the_new_text(
    sample: tuple[str, Language | None], data: st.DataObject
) -> None:
    text, language = sample
    if language is None:
        return
    tree = DocumentTree(language, text)
    for _ in range(data.draw(st.integers(1, 3))):
        if data.draw(st.booleans()):
            _ = tree.root
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 6)))
        changes = ChangeSet.of(len(text), [Change(start, end, data.draw(ANY_TEXT)[:5])])
        text = changes.apply(text)
        tree.update(text, changes)
    assert tree.source == encode(text)
    assert tree.root.end_byte <= len(tree.source)
    fresh = DocumentTree(language, text)
    if not fresh.root.has_error and not tree.root.has_error and language.id == "python":
        assert _shape(tree.root) == _shape(fresh.root)


def test_errors_are_counted_where_they_are() -> None:
    tree = _python("x = (1\n\ny = 2\n")
    assert count_errors(tree.root) > 0
    good = _python("x = 1\ny = 2\n")
    assert count_errors(good.root) == 0
    assert count_errors(good.root, 0, 5) == 0
    c = language_for("c")
    assert c is not None
    missing = DocumentTree(c, "int a = 1\n;int b = 2")
    assert count_errors(missing.root) == 1
    assert count_errors(missing.root, 0, 9) == 0
    assert count_errors(missing.root, 11, len(missing.text)) == 1
    assert count_errors(missing.root.children[0]) == 0


@settings(deadline=None)
@given(texts())
def test_counting_is_the_plain_count(sample: tuple[str, Language | None]) -> None:
    text, language = sample
    if language is None:
        return
    tree = DocumentTree(language, text)

    def count(node: Node) -> int:
        own = int(node.is_error or node.is_missing)
        return own + sum(count(child) for child in node.children)

    assert count_errors(tree.root) == count(tree.root)


@pytest.mark.parametrize("language", all_languages(), ids=lambda language: str(language.id))
def test_deep_nesting_does_no_harm(language: Language) -> None:
    tree = DocumentTree(language, "([{<" * 3000)
    assert count_errors(tree.root) >= 0
    assert tree.path(Span(11_000, 11_001))


def test_the_path_leads_from_the_root_to_the_smallest_node() -> None:
    tree = _python('é = f(1, "ü")\n')
    kinds = [node.type for node in tree.path(Span(6, 7))]
    assert kinds[0] == "module"
    assert kinds[-1] == "integer"
    fields = [step.field for step in tree.steps(Span(6, 7))]
    assert "arguments" in fields
    assert tree.span_of(tree.path(Span(6, 7))[-1]) == Span(6, 7)
