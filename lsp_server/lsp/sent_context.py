"""What a prompt holds, as clients see it: `context` of the ledger, the status and the command."""

from collections.abc import Iterable

from lsp_server.lsp import convert
from lsp_server.lsp.convert import Json
from lsp_server.lsp.session_record import SessionContext
from lsp_server.prompt.pieces import SentPiece
from lsp_server.text.lines import Encoding, Text


def context_of_session(context: SessionContext, encoding: Encoding) -> list[Json]:
    """What the latest prompt of a session holds. It is asked for often and made once."""
    if context.listed is None or context.listed[0] is not context.sent:
        context.listed = context.sent, context_json(context.sent, encoding)
    return context.listed[1]


def context_json(sent: Iterable[SentPiece], encoding: Encoding) -> list[Json]:
    """One object for each piece, in the order of the prompt."""
    texts: dict[int, Text] = {}  # Many pieces are of the same document.
    return [_piece(piece, texts, encoding) for piece in sent]


def _piece(piece: SentPiece, texts: dict[int, Text], encoding: Encoding) -> Json:
    if (text := texts.get(id(piece.text))) is None:
        text = texts[id(piece.text)] = Text(piece.text)
    place = convert.range_of(text, piece.span, encoding)
    for end in place.values():
        end["line"] += piece.line
    return {
        "uri": piece.uri,
        "range": place,
        "why": piece.why.value,
        "tokens": piece.tokens,
    }
