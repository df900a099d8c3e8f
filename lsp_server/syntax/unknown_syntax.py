"""Decides whether syntax that a grammar does not know may be shown, though it cannot be checked.

Grammars lag behind their languages: a new keyword, a macro before a name or a template's tag in a
page is an error to them. Such a text has its brackets and strings closed, consists of the
language's tokens, and all but a few of them make sense. What a model broke off or said in words
does not. So a text passes if its errors lie in the lines that the answer changed and nothing
outside reads differently, or if it would pass without a few tokens there.

For the whole text of an answer whose end is proven. All numbers are bytes.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from tree_sitter import Node

from lsp_server.syntax.balance import is_closed, leaves_between
from lsp_server.syntax.missing_tokens import lacks_a_token
from lsp_server.syntax.reply_debris import is_debris
from lsp_server.syntax.scope_parse import ParseContext, Retries, ScopeParse

__all__ = ["unknown_place"]

Allows = Callable[[ScopeParse, ScopeParse], bool]
"""Whether the second parse may follow the first, as a gate judges it."""

_TAG = re.compile(rb"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<%.*?%>", re.DOTALL)
_HALF_TAG = re.compile(rb"\{\{|\{%|%\}|\{#|<%|%>")
_ALONE = re.compile(rb"[ \t]*\Z")
_DIRECTIVE = re.compile(
    rb"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b[^\n]*", re.MULTILINE
)
_LAUNCH = re.compile(rb"<<<[^;{}]*?>>>")

_ENDS = frozenset({"}", ")", "]", ";"})
"""Tokens that end a statement, even under an ERROR: their pairing has been checked."""

_MOST_READINGS = 240
"""How many texts at most are parsed to find the unknown tokens."""
_MOST_PLACES = 12
_MOST_LATE = 3
"""How many parses may take too long."""
_WIDEST = 5
"""How many tokens in a row may be unknown at one place."""


@dataclass(slots=True)
class _PatientReader:
    """Reads texts in a context, a few of them twice where the time was over."""

    context: ParseContext
    retries: Retries = field(default_factory=lambda: Retries(_MOST_LATE))

    def read(self, scope: bytes) -> ScopeParse:
        """The parse of a text. Raises `TooCostly`."""
        return self.retries.run(lambda: self.context.read(scope))


@dataclass(slots=True)
class _Search:
    """Looks for the few tokens without which the text would pass."""

    reader: _PatientReader
    base: ScopeParse
    allows: Allows
    left: int = _MOST_READINGS

    def passes(self, scope: bytes) -> bool:
        """Whether the gate would let this text pass."""
        return self.allows(self.base, self.reader.read(scope))

    def without_a_few(self, scope: bytes, lines: "_Lines") -> bool:
        """Whether the text passes when a few tokens at each place with an error are left out."""
        reading = self.reader.read(scope)
        for _ in range(_MOST_PLACES):
            best: tuple[tuple[int, int], bytes, ScopeParse] | None = None
            for text in self._shorter(reading, lines):
                if self.left <= 0:
                    return False
                self.left -= 1
                other = self.reader.read(text)
                if self.allows(self.base, other):
                    return True
                measure = other.errors.count, other.errors.length
                if best is None or measure < best[0]:
                    best = measure, text, other
            if best is None or best[0] >= (reading.errors.count, reading.errors.length):
                return False
            reading = best[2]
        return False

    def _shorter(self, reading: ScopeParse, lines: "_Lines") -> Iterator[bytes]:
        """The text with some tokens around its first error blanked or turned into a name."""
        head = len(self.reader.context.head)
        words = [leaf for leaf in self._tokens(reading, lines) if leaf.end_byte > leaf.start_byte]
        for size in range(1, _WIDEST + 1):
            for at in range(len(words) - size + 1):
                start, end = words[at].start_byte - head, words[at + size - 1].end_byte - head
                if lines.holds_alone(reading.scope, start, end):
                    continue
                yield _filled(reading.scope, start, end, b" ")
                if size == 1:
                    yield _filled(reading.scope, start, end, b"x")

    def _tokens(self, reading: ScopeParse, lines: "_Lines") -> list[Node]:
        """The tokens of the changed lines that are nearest to an error."""
        head, window = len(self.reader.context.head), reading.window
        leaves = list(leaves_between(reading.tree.root_node, window.first, window.last))
        own = [leaf for leaf in leaves if lines.changed(leaf.start_byte - head)]
        bad = [i for i, leaf in enumerate(own) if leaf.is_missing or _is_under_error(leaf)]
        if not bad:
            return own[:_MOST_PLACES]
        first = bad[0]
        return own[max(first - _WIDEST, 0) : first + 2 * _WIDEST]


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a text, and which of them an answer changed."""

    spans: tuple[tuple[int, int], ...]
    new: frozenset[int]

    @classmethod
    def of(cls, before: bytes, after: bytes) -> "_Lines":
        """The lines of `after`. A line is new if `before` has no equal one anywhere."""
        ends = [match.end() for match in re.finditer(rb"\n|\Z", after)]
        spans = tuple(pairwise([0, *ends]))
        known = {line.strip() for line in before.split(b"\n")}
        new = (i for i, (a, b) in enumerate(spans) if after[a:b].strip() not in known)
        return cls(spans, frozenset(new))

    def line_of(self, place: int) -> int:
        """The line that holds that place."""
        return next(
            (i for i, (_, end) in enumerate(self.spans) if place < end), len(self.spans) - 1
        )

    def changed(self, place: int) -> bool:
        """Whether the line that holds it is new."""
        return self.line_of(place) in self.new

    def holds_alone(self, text: bytes, start: int, end: int) -> bool:
        """Whether the range is all of its line, or more than one line."""
        first, last = self.spans[self.line_of(start)]
        return end > last or not (text[first:start] + text[end:last]).strip(b" \t\r\n;,{}")


def unknown_place(
    context: ParseContext, base: ScopeParse, candidate: bytes, allows: Allows
) -> int | None:
    """Where in `candidate` the first token is that the grammar does not know.

    `base` is the present text in `context`. None where the text must not be shown: it may change
    something outside, or it is not a whole text of its language. Raises `TooCostly`.
    """
    lines = _Lines.of(base.scope, candidate)
    reader = _PatientReader(context)
    reading = reader.read(candidate)
    if reading.errors.no_more_than(base.errors):
        return None  # The gate refused it for what it does to the text around.
    place = _first_error(reading, lines, len(context.head))
    if place is None:
        return None
    rules = context.language.text
    if rules.templated and _TAG.search(candidate):
        found = _as_template(context, base, candidate, allows)
        if found is not None:
            return found
    if rules.templated and _HALF_TAG.search(_TAG.sub(b"", candidate)):
        return None
    if rules.complete or _is_known(context, candidate):
        return None
    if base.surroundings.broken or reading.errors.silent > base.errors.silent:
        return None
    start, end = reading.window.first, reading.window.last
    root, source = reading.tree.root_node, context.head + candidate + context.tail
    if not is_closed(root, source, start, end):
        return None
    if is_debris(context.language, candidate, [lines.spans[i] for i in sorted(lines.new)]):
        return None
    if _breaks_off(reading, candidate):
        return None
    if rules.word_blocks and not _fills_its_lines(context):
        return None
    if _slipped(reader, base, reading, lines, allows):
        return None
    if _stays_inside(reading, lines, len(context.head)) and base.surroundings.kept_by(
        reading.surroundings
    ):
        return place
    search = _Search(reader, base, allows)
    if rules.preprocessor:
        plain = _LAUNCH.sub(lambda m: b" " * len(m[0]), _without_directives(candidate))
        if plain != candidate and search.passes(plain):
            return place
    return place if search.without_a_few(candidate, lines) else None


def _breaks_off(reading: ScopeParse, candidate: bytes) -> bool:
    """Whether the last word is an error, so a statement has no end.

    A notebook's magic line (`!`, `%`) is all error and does not count.
    """
    end = reading.window.last
    leaves = [x for x in leaves_between(reading.tree.root_node, end - 1, end) if x.end_byte == end]
    own = candidate.rstrip().rpartition(b"\n")[2].lstrip()[:1] in (b"!", b"%")
    return not own and any(_is_under_error(x) and x.type not in _ENDS for x in leaves)


def _slipped(
    reader: _PatientReader, base: ScopeParse, reading: ScopeParse, lines: _Lines, allows: Allows
) -> bool:
    """Whether the text would pass with one token more."""
    context = reader.context
    head, tail, window = len(context.head), len(context.tail), reading.window
    source = context.head + reading.scope + context.tail
    leaves = leaves_between(reading.tree.root_node, window.first, window.last)
    own = [x for x in leaves if x.end_byte > x.start_byte and lines.changed(x.start_byte - head)]
    bad = [at for at, leaf in enumerate(own) if _is_under_error(leaf)] or [0]
    near = sorted(range(len(own)), key=lambda at: (min(abs(at - one) for one in bad), at))

    def passes(text: bytes) -> bool:
        return allows(base, reader.read(text[head : len(text) - tail]))

    return lacks_a_token(source, [own[at] for at in near], context.language, passes)


def _fills_its_lines(context: ParseContext) -> bool:
    """Whether the scope has its lines to itself."""
    ahead = context.head[context.head.rfind(b"\n") + 1 :]
    return not ahead.strip() and not context.tail.partition(b"\n")[0].strip()


def _is_known(context: ParseContext, candidate: bytes) -> bool:
    """Whether the candidate parses by itself: then it is known, and only does not fit here."""
    return not ParseContext(context.language, b"", b"").read(candidate).errors.count


def _first_error(reading: ScopeParse, lines: _Lines, head: int) -> int | None:
    """The first place of an error in a new line of the scope."""
    window = reading.window
    for leaf in leaves_between(reading.tree.root_node, window.first, window.last):
        if leaf.is_missing or _is_under_error(leaf):
            place = min(max(leaf.start_byte, window.first) - head, len(reading.scope))
            if lines.changed(place):
                return place
    return min((lines.spans[i][0] for i in lines.new), default=None)


def _is_under_error(leaf: Node) -> bool:
    return leaf.is_error or (leaf.parent is not None and leaf.parent.is_error)


def _stays_inside(reading: ScopeParse, lines: _Lines, head: int) -> bool:
    """Whether every error lies in new lines of the scope and none reaches out of it.

    A MISSING token is half of something that the grammar knows, so it does not stay inside.
    """
    window = reading.window
    waiting = [reading.tree.root_node]
    while waiting:
        node = waiting.pop()
        if node.end_byte < window.first or node.start_byte > window.last:
            continue
        if node.is_missing:
            return False
        if node.is_error:
            inside = window.first <= node.start_byte and node.end_byte <= window.last
            if not inside or not lines.changed(node.start_byte - head):
                return False
        elif node.has_error:
            waiting.extend(node.children)
    return True


def _as_template(
    context: ParseContext, base: ScopeParse, candidate: bytes, allows: Allows
) -> int | None:
    """Where the first new tag is, if the text passes with its tags replaced."""
    plain = ParseContext(context.language, _untagged(context.head), _untagged(context.tail))
    before = plain.read(_untagged(base.scope))
    if not allows(before, plain.read(_untagged(candidate))):
        return None
    known = set(_TAG.findall(base.scope))
    tags = list(_TAG.finditer(candidate))
    return next((tag for tag in tags if tag[0] not in known), tags[0]).start()


def _untagged(text: bytes) -> bytes:
    """The text with its tags blanked, or turned into a word where they share a line with text."""

    def fill(match: re.Match[bytes]) -> bytes:
        line = text.rfind(b"\n", 0, match.start()) + 1
        end = text.find(b"\n", match.end())
        rest = text[match.end() : end if end >= 0 else len(text)]
        alone = _ALONE.match(text[line : match.start()]) and _ALONE.match(rest.rstrip(b"\r"))
        return re.sub(rb"[^\n]", b" " if alone else b"x", match[0])

    return _TAG.sub(fill, text)


def _without_directives(text: bytes) -> bytes:
    """The text as a compiler sees it that takes the first branch of each `#if`."""
    pieces: list[bytes] = []
    place, skipping = 0, 0
    for match in _DIRECTIVE.finditer(text):
        between = text[place : match.start()]
        pieces.append(_blank(between) if skipping else between)
        pieces.append(_blank(match[0]))
        place = match.end()
        word = match[1]
        if word.startswith(b"if"):
            skipping += bool(skipping)
        elif word == b"endif":
            skipping = max(skipping - 1, 0)
        else:
            skipping = max(skipping, 1)
    pieces.append(text[place:])
    return b"".join(pieces)


def _blank(text: bytes) -> bytes:
    return re.sub(rb"[^\n]", b" ", text)


def _filled(text: bytes, start: int, end: int, with_: bytes) -> bytes:
    return text[:start] + with_ * (end - start) + text[end:]
