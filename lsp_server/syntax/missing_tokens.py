"""Finds out whether a text lacks one token that its grammar knows, or has one cut in two.

One old token does not repair the syntax of a newer language. So a text that one token repairs is
broken. After a word that may be a new keyword, or a macro (in capitals or with two underscores), no
token is missing. All numbers are bytes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from tree_sitter import Node

from lsp_server.syntax.languages import Language

__all__ = ["lacks_a_token"]

_MOST_READINGS = 900
"""How many texts at most are parsed."""
_MOST_PLACES = 60
"""How many places at most are tried, those nearest to an error first."""
_OPERATOR = re.compile(r"[-+*/%<>=!&|^~?:.,@;]{1,3}\Z")
_MARK = re.compile(r"[A-Za-z]+\Z|[-+*/%<>=!&|^~?:.,@;\\]{1,3}\Z")
_COMMENTS = frozenset(("//", "///", "//!", "--", "@", "!"))
"""Tokens that turn any text into a comment or a decorated definition."""
_FIRST = ("=", ",", ":", ".", ";", "+", "==", ":=", "=>", "->", "::", "in", "as")
"""The tokens that are most often missing."""
_MEMBER = frozenset((".", "->", "::", "?."))
_ENDS, _STARTS = frozenset(",;:="), frozenset((",", ":", "=", "==", "!=", "&&", "||"))
"""Marks that never form one operator with a mark of `_MEMBER` next to them."""
_MACRO = re.compile(rb"(?:[A-Z][A-Z0-9_]*|__\w+|\w+__)\Z")
_WORD = re.compile(rb"\w+\Z")
_OPENERS, _CLOSERS = frozenset("([{"), frozenset(")]}")


def lacks_a_token(
    source: bytes, tokens: Sequence[Node], language: Language, passes: Callable[[bytes], bool]
) -> bool:
    """Whether `source`, the scope in its context, passes with one token added or completed.

    `tokens` are those that may be at fault, the likeliest first; `passes` judges such a text.
    """
    if language.text.takes_any_token:
        return False
    for number, text in enumerate(_completions(source, tokens[:_MOST_PLACES], language)):
        if number >= _MOST_READINGS:
            return False
        if passes(text):
            return True
    return False


def _completions(source: bytes, tokens: Sequence[Node], language: Language) -> Iterator[bytes]:
    """The text with one token added, or a cut one completed; the likeliest first."""
    kinds = _kinds(language)
    places = list(_places(tokens))
    for place, left, right in places:
        if _wants_operand(left, right):
            yield _with(source, place, "x")
    for token in tokens:
        word = (token.text or b"").decode("utf-8", "replace")
        for kind in kinds:
            if _grows(word, kind):
                yield source[: token.start_byte] + kind.encode() + source[token.end_byte :]
        if word in kinds and word.isalpha():  # A keyword may be the rest of a name.
            yield source[: token.start_byte] + b"x" + source[token.end_byte :]
    ends = [
        (place, right is not None and _OPERATOR.match(right.type) is not None)
        for place, left, right in places
        if (left is None and right is not None and not right.is_named)
        or (left is not None and _ends_operand(left, right, source, language))
    ]
    for kind in kinds:
        for place, before_mark in ends:
            if not before_mark or (kind.isalpha() and source[place : place + 1].isspace()):
                yield _with(source, place, kind)


def _grows(word: str, kind: str) -> bool:
    """Whether `word` may be the beginning of `kind`."""
    if word == "=":
        return kind == "=>"
    return bool(word) and kind != word and kind.startswith(word)


def _places(tokens: Sequence[Node]) -> Iterator[tuple[int, Node | None, Node | None]]:
    """Where a token may be missing, with its neighbours on the same line."""
    follows = {
        a.id: b
        for a, b in pairwise(sorted(tokens, key=lambda token: token.start_byte))
        if a.end_point.row == b.start_point.row
    }
    led = {token.id for token in follows.values()}
    for token in tokens:
        if token.id not in led:
            yield token.start_byte, None, token
        yield token.end_byte, token, follows.get(token.id)


def _with(source: bytes, place: int, word: str) -> bytes:
    """The text with `word` at `place`. A line keeps its column."""
    blank = b"" if source[:place].endswith((b" ", b"\t", b"\n")) else b" "
    return source[:place] + blank + word.encode() + b" " + source[place:]


def _wants_operand(left: Node | None, right: Node | None) -> bool:
    """Whether one of the two is a mark or a keyword; two that touch may be a new operator."""
    if left is not None and right is not None and left.end_byte == right.start_byte:
        one, two = left.type, right.type
        if _OPERATOR.match(one) and _OPERATOR.match(two):
            same = one == two and one in _MEMBER
            return same or (one in _MEMBER and two in _ENDS) or (two in _MEMBER and one in _STARTS)
    return any(node is not None and not node.is_named for node in (left, right))


def _ends_operand(left: Node, right: Node | None, source: bytes, language: Language) -> bool:
    """Whether an operand may end with `left`, which is no keyword or macro."""
    if left.type in _OPENERS or _OPERATOR.match(left.type):
        return False
    word = left.text or b""
    if language.text.preprocessor:
        sides = [word, (right.text or b"") if right is not None else b""]
        if any(_MACRO.match(side) for side in sides):
            return False
    if left.type in _CLOSERS or _WORD.match(word) is None or word.isdigit():
        return True
    before = source[: left.start_byte].rstrip()
    if before.endswith((b".", b"->", b"::", b"+", b"*", b"/", b"%")) or not language.text.keywords:
        return True
    if right is None:
        return True
    return _is_name(word, left, source)


def _is_name(word: bytes, at: Node, source: bytes) -> bool:
    """Whether the word is used elsewhere as only a name is: with a mark after it."""
    elsewhere = re.compile(rb"\b" + re.escape(word) + rb"\b[ \t]*[^\w\s\"'{(]")
    return any(found.start() != at.start_byte for found in elsewhere.finditer(source))


@cache
def _kinds(language: Language) -> tuple[str, ...]:
    """The marks and keywords of the grammar, those most often missing first."""
    grammar = language.grammar
    found = {
        kind
        for number in range(grammar.node_kind_count)
        if not grammar.node_kind_is_named(number)
        and (kind := grammar.node_kind_for_id(number)) is not None
        and _MARK.match(kind)
        and kind not in _COMMENTS
    }
    first = [kind for kind in _FIRST if kind in found]
    return (*first, *sorted(found.difference(first)))
