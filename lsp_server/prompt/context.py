"""Sections on the rest of a file that is too long to be sent whole.

They hold the signatures around the scope, the imports, the definitions that the scope uses, and the
signatures of all others, but nothing that the lines around the scope show already. If not all of it
fits, what is nearest to the scope is chosen. The file's order is kept.
"""

from collections.abc import Iterable, Sequence

from lsp_server.prompt.budget import tokens_of
from lsp_server.prompt.pieces import Why
from lsp_server.prompt.sections import section
from lsp_server.syntax.definitions import definitions, names_in
from lsp_server.syntax.outline import OutlineEntry, enclosing, imports, outline
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.span import Span

Piece = tuple[Span, str]
"""A place in the file, and what is sent of it."""

_LONGEST_DEFINITION = 400
"""Tokens; of a longer definition only the signature is sent."""
_SHARES = {"imports": 0.3, "definitions": 0.6, "outline": 1.0}
"""The share of the remaining tokens that each part may take, in this order."""


_WHY = {"imports": Why.OUTLINE, "definitions": Why.DEFINITION, "outline": Why.OUTLINE}


def enclosing_pieces(tree: DocumentTree | None, scope: Span) -> list[Piece]:
    """The signatures around a scope, the outermost first."""
    if tree is None:
        return []
    return [
        (_first_line(tree.text, entry.span), entry.signature)
        for entry in enclosing(tree.text, scope.start, None, tree)
        if entry.span.start < scope.start or entry.span.end > scope.end
    ]


def enclosing_section(pieces: Sequence[Piece]) -> str:
    """The section of these signatures; "" for none."""
    return section("enclosing", "\n".join(text for _, text in pieces)) if pieces else ""


class RestOfFile:
    """The rest of a scope's file: read once, then written for any number of tokens."""

    def __init__(self, tree: DocumentTree | None, scope: Span) -> None:
        self._scope = scope
        self._parts: tuple[tuple[str, list[Piece]], ...] = ()
        if tree is None or not tree.readable:
            return
        named = names_in(scope.text(tree.text))
        entries = outline(tree.text, None, tree, (scope.start, named))
        own = {e.name for e in entries if scope.start <= e.span.start < scope.end}
        used = named - own
        defined = _sendable(tree, definitions(tree, entries, used, scope.start))
        sent = {(span.start, span.end) for span, _ in defined}
        others = [e for e in entries if (e.span.start, e.span.end) not in sent]
        imported = imports(tree.text, None, tree)
        self._parts = (
            ("imports", [(s, s.text(tree.text)) for s in imported]),
            ("definitions", defined),
            ("outline", _signatures(tree.text, others)),
        )

    def text(self, shown: Span, tokens: int) -> str:
        """The sections on what begins outside `shown` (code points), in about `tokens` at most."""
        return "\n\n".join(text for text, _, _ in self._sections(shown, tokens))

    def sent(self, shown: Span, tokens: int) -> list[tuple[Why, Piece]]:
        """The pieces in these sections."""
        return [
            (_WHY[name], piece)
            for _, name, chosen in self._sections(shown, tokens)
            for piece in chosen
        ]

    def _sections(self, shown: Span, tokens: int) -> list[tuple[str, str, list[Piece]]]:
        """Each section's text, its name and its pieces."""
        left = tokens
        found = []
        for name, pieces in self._parts:
            outside = [piece for piece in pieces if not shown.start <= piece[0].start < shown.end]
            chosen = _nearest(outside, self._scope, int(left * _SHARES[name]))
            if chosen:
                text = section(name, "\n".join(text for _, text in chosen))
                found.append((text, name, chosen))
                left -= tokens_of(text)
        return found


def _sendable(tree: DocumentTree, spans: Iterable[Span]) -> list[Piece]:
    """The definitions that are short enough to send, each from the start of its line."""
    pieces = []
    for span in spans:
        line = tree.text.rfind("\n", 0, span.start) + 1
        indent = tree.text[line : span.start]
        text = (indent if not indent.strip() else "") + span.text(tree.text)
        if tokens_of(text) <= _LONGEST_DEFINITION:
            pieces.append((span, text))
    return pieces


def _signatures(text: str, entries: Iterable[OutlineEntry]) -> list[Piece]:
    """One line for each declaration."""
    return [
        (_first_line(text, entry.span), "    " * entry.depth + entry.signature)
        for entry in entries
        if entry.signature
    ]


def _first_line(text: str, span: Span) -> Span:
    """The part of a span that is on its first line."""
    end = text.find("\n", span.start, span.end)
    return Span(span.start, span.end if end < 0 else end)


def _nearest(pieces: Sequence[Piece], scope: Span, tokens: int) -> list[Piece]:
    """The pieces nearest to the scope that fit, in the order of the file."""
    by_distance = sorted(
        range(len(pieces)), key=lambda index: abs(pieces[index][0].start - scope.start)
    )
    chosen = []
    used = 0
    for index in by_distance:
        used += tokens_of(pieces[index][1]) + 1
        if used > tokens:
            break
        chosen.append(index)
    return [pieces[index] for index in sorted(chosen)]
