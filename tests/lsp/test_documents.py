"""The open documents follow the editor, whatever it sends."""

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.errors import InvalidParams
from lsp_server.lsp.documents import Document, Documents
from lsp_server.text.lines import Encoding, Text

URI = "file:///a.py"


def opened(uri: str = URI, text: str = "abc\n", version: object = 1) -> dict[str, Any]:
    return {"textDocument": {"uri": uri, "languageId": "python", "version": version, "text": text}}


def changed(*changes: object, uri: str = URI, version: object = 2) -> dict[str, Any]:
    return {"textDocument": {"uri": uri, "version": version}, "contentChanges": list(changes)}


def insertion(line: int, character: int, text: str) -> dict[str, Any]:
    place = {"line": line, "character": character}
    return {"range": {"start": place, "end": place}, "text": text}


def test_open_change_close() -> None:
    documents = Documents()
    assert documents.open(opened()) == Document(URI, "python", 1, Text("abc\n"))
    change = documents.change(changed(insertion(0, 1, "X"), insertion(0, 2, "Y")))
    assert change is not None
    assert change.before.text.text == "abc\n"
    assert change.after == Document(URI, "python", 2, Text("aXYbc\n"))
    assert [c.length for c in change.changes] == [4, 5]
    assert documents.get(URI) == change.after
    assert list(documents) == [change.after]
    assert documents.close({"textDocument": {"uri": URI}}) == change.after
    assert documents.get(URI) is None
    assert len(documents) == 0


def test_columns_are_in_the_agreed_encoding() -> None:
    documents = Documents(Encoding.UTF8)
    documents.open(opened(text="ß日b"))
    change = documents.change(changed(insertion(0, 5, "X")))
    assert change is not None
    assert change.after.text.text == "ß日Xb"


def test_what_is_not_open_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    documents = Documents()
    assert documents.change(changed(insertion(0, 0, "secret"))) is None
    assert documents.close({"textDocument": {"uri": URI}}) is None
    assert len(caplog.records) == 2
    assert "secret" not in caplog.text


@pytest.mark.parametrize("version", [1, 0, -5, None, "2"])
def test_a_version_that_does_not_grow_is_noted_and_the_text_followed(
    version: object, caplog: pytest.LogCaptureFixture
) -> None:
    documents = Documents()
    documents.open(opened())
    with caplog.at_level(logging.WARNING):
        change = documents.change(changed({"text": "new"}, version=version))
    assert change is not None
    assert change.after.text.text == "new"
    assert change.after.version == (version if isinstance(version, int) else 1)
    assert caplog.records


def test_opened_twice_is_opened_anew() -> None:
    documents = Documents()
    documents.open(opened())
    documents.open(opened(text="other", version=7))
    assert [(d.version, d.text.text) for d in documents] == [(7, "other")]


def test_a_change_without_changes_still_has_its_version() -> None:
    documents = Documents()
    documents.open(opened())
    change = documents.change(changed())
    assert change is not None
    assert (change.after.version, change.changes) == (2, ())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("file:///c%3A/a%20b.py", "file:///C:/a b.py"),
        ("file:///%C3%9F.py", "file:///ß.py"),
    ],
)
def test_a_uri_is_found_however_it_is_escaped(one: str, other: str) -> None:
    documents = Documents()
    document = documents.open(opened(uri=one))
    assert documents.get(other) == document
    change = documents.change(changed({"text": ""}, uri=other))
    assert change is not None
    assert change.after.uri == one
    assert documents.close({"textDocument": {"uri": other}}) == change.after


@pytest.mark.parametrize(
    ("params", "field"),
    [
        (None, "textDocument"),
        ([], "textDocument"),
        ({"textDocument": 3}, "textDocument"),
        ({"textDocument": {}}, "textDocument.uri"),
        ({"textDocument": {"uri": ""}}, "textDocument.uri"),
        ({"textDocument": {"uri": URI}}, "textDocument.text"),
    ],
)
def test_what_cannot_be_read_is_named(params: object, field: str) -> None:
    with pytest.raises(InvalidParams, match=f"^`{field}` must be"):
        Documents().open(params)


def test_a_change_that_cannot_be_read_leaves_the_document_alone() -> None:
    documents = Documents()
    document = documents.open(opened())
    with pytest.raises(InvalidParams):
        documents.change(changed(insertion(0, 0, "x"), {"range": 3, "text": ""}))
    assert documents.get(URI) is document


@given(st.text(st.sampled_from("a\n\r\u2028\f𝄞"), max_size=20), st.text(max_size=5))
def test_a_whole_document_is_taken_as_it_is(before: str, after: str) -> None:
    documents = Documents()
    documents.open(opened(text=before))
    change = documents.change(changed({"text": after}))
    assert change is not None
    assert change.after.text.text == after
    assert [c.apply(before) for c in change.changes] == [after]
