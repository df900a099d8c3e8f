"""Sections on the rest of a file that is too long to be sent whole.

They hold the signatures around the scope, the imports, the definitions that the scope uses, and the
signatures of all others, but nothing that the lines around the scope show already. If not all of it
fits, what is nearest to the scope is chosen. The file's order is kept.
"""

from collections.abc import Iterable, Sequence

from lsp_server.prompt.budget import tokens_of
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


def enclosing_section(tree: DocumentTree | None, scope: Span) -> str:
    """The section with the signatures around a scope, the outermost first; "" for none."""
    if tree is None:
        return ""
    around = [
        entry.signature
        for entry in enclosing(tree.text, scope.start, None, tree)
        if entry.span.start < scope.start or entry.span.end > scope.end
    ]
    if not around:
        return ""
    return section("enclosing", "\n".join(around))


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
            ("outline", _signatures(others)),
        )

    def text(self, shown: Span, tokens: int) -> str:
        """The sections on what begins outside `shown` (code points), in about `tokens` at most."""
        left = tokens
        parts = []
        for name, pieces in self._parts:
            outside = [piece for piece in pieces if not shown.start <= piece[0].start < shown.end]
            chosen = _nearest(outside, self._scope, int(left * _SHARES[name]))
            if chosen:
                parts.append(section(name, "\n".join(chosen)))
                left -= tokens_of(parts[-1])
        return "\n\n".join(parts)


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


def _signatures(entries: Iterable[OutlineEntry]) -> list[Piece]:
    """One line for each declaration."""
    return [
        (entry.span, "    " * entry.depth + entry.signature) for entry in entries if entry.signature
    ]


def _nearest(pieces: Sequence[Piece], scope: Span, tokens: int) -> list[str]:
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
    return [pieces[index][1] for index in sorted(chosen)]
