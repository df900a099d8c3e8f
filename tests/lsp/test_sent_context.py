"""Places of pieces in the editor's units."""

import pytest

from lsp_server.lsp.sent_context import context_json, context_of_session
from lsp_server.lsp.session_record import SessionContext
from lsp_server.prompt.pieces import SentPiece, Why
from lsp_server.text.lines import Encoding
from lsp_server.text.span import Span


@pytest.mark.parametrize(
    ("encoding", "end"), [(Encoding.UTF8, 9), (Encoding.UTF16, 7), (Encoding.UTF32, 6)]
)
def test_ranges_are_in_the_editors_units_and_lines_are_those_of_the_file(
    encoding: Encoding, end: int
) -> None:
    document = "a = 1\nb = '🙂'\n"
    sent = [
        SentPiece("file:///w/a.py", Why.SCOPE, 4, document, Span(6, 12)),
        SentPiece("file:///w/b.py", Why.OPEN, 4, "one\ntwo\n", Span(0, 8), 7),
        SentPiece("file:///w/b.py", Why.OPEN, 4, "last", Span(0, 4), 30),
    ]
    listed = context_json(sent, encoding)
    assert listed[0] == {
        "uri": "file:///w/a.py",
        "range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": end}},
        "why": "scope",
        "tokens": 4,
    }
    assert [each["range"] for each in listed[1:]] == [
        {"start": {"line": 7, "character": 0}, "end": {"line": 9, "character": 0}},
        {"start": {"line": 30, "character": 0}, "end": {"line": 30, "character": 4}},
    ]


def test_the_list_of_a_session_is_made_once_for_each_prompt() -> None:
    context = SessionContext(sent=(SentPiece("file:///w/a.py", Why.SCOPE, 4, "a = 1", Span(0, 5)),))
    first = context_of_session(context, Encoding.UTF16)
    assert context_of_session(context, Encoding.UTF16) is first
    assert [each["why"] for each in first] == ["scope"]
    context.sent = (*context.sent, SentPiece("file:///w/b.py", Why.OPEN, 4, "b", Span(0, 1)))
    assert [each["why"] for each in context_of_session(context, Encoding.UTF16)] == [
        "scope",
        "open",
    ]
