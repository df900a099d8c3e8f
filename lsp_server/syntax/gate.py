"""The gate: may a scope's text become this candidate without harm to the rest of the file?

It admits a candidate if the document with it has no more syntax errors than the document with the
present text, and the structure outside of the scope is the same. It compares counts and never asks
for zero: many sound C, Rust and TypeScript files hold syntax that their grammar does not know.

The usual check parses a skeleton of the document (`skeleton.py`), which takes a fraction of a
millisecond at any file size. Where the user's own text is broken around the scope, there is no
structure to keep. Then the gate parses the whole document and checks three things: the number of
errors, that no token reaches across the end of the scope, and that the candidate by itself leaves
no more brackets open than the present text does.

Gates are immutable; `landed` makes the next one. They know nothing of models, edits or time.
"""

from dataclasses import dataclass, replace

from lsp_server.errors import TooCostly
from lsp_server.syntax.balance import open_brackets
from lsp_server.syntax.embedded_languages import piece_around
from lsp_server.syntax.expression import goes_on
from lsp_server.syntax.languages import Language
from lsp_server.syntax.merge_conflicts import one_side
from lsp_server.syntax.outside_structure import (
    BLANK,
    Window,
    errors_of,
    surroundings_of,
)
from lsp_server.syntax.scope_parse import ParseContext, Retries, ScopeParse
from lsp_server.syntax.skeleton import cuts_around, stands_for
from lsp_server.syntax.tree import DocumentTree, encode
from lsp_server.syntax.unknown_syntax import unknown_place
from lsp_server.text.span import Span

__all__ = ["ScopeGate", "SyntaxGate", "make_gate"]

_ERROR_GROWTH = 64
"""By how many bytes, at least, the text under ERROR nodes may grow.

Most files with errors have macros that the grammar does not know. A longer name in such a macro is
harmless; a function that falls under ERROR is not.
"""


def make_gate(
    document: str,
    scope: Span,
    language: Language | None,
    tree: DocumentTree | None = None,
    *,
    quick: bool = True,
) -> "ScopeGate":
    """The gate for the code points `scope` of `document`, as the editor holds it now.

    `tree` is used if it is that document's tree; otherwise the document is parsed here. The gate
    admits everything without a language, without its grammar, or where the parse takes too long.
    Unless `quick`, each check parses the whole document.
    """
    if language is None:
        return _NoGate()
    if tree is None or tree.language != language or tree.text != document:
        tree = DocumentTree(language, document)
    if not tree.readable:
        return _NoGate()
    try:
        return _syntax_gate(document, scope, tree, quick=quick)
    except TooCostly:
        return _NoGate()


def _syntax_gate(document: str, scope: Span, tree: DocumentTree, *, quick: bool) -> "ScopeGate":
    """The gate of a document that can be read. Raises `TooCostly`."""
    language = tree.language
    if language.watch is not None:
        over = language.watch()  # All parses here share one limit.
        language = language.bounded(lambda: over)
    start, end = tree.byte_of(scope.start), tree.byte_of(max(scope.start, scope.end))
    source = tree.source
    context = _skeleton(tree, language, source, start, end) if quick else None
    if context is None:
        context = ParseContext(language, source[:start], source[end:])
        quick = False
    present = document[scope.start : scope.end]
    base = context.read(encode(one_side(present)))
    line = source.count(b"\n", 0, start) + 1
    gate = SyntaxGate(replace(context, language=tree.language), present, quick, base, line)
    piece = piece_around(tree, start, end)
    if piece is None:
        return gate
    inner = ParseContext(piece.language, source[piece.start : start], source[end : piece.end])
    try:
        return _BothGates(gate, SyntaxGate(inner, present, quick=False, line=line))
    except TooCostly:
        return gate


class _NoGate:
    """For files without a grammar, or whose parse takes too long."""

    __slots__ = ()

    def admits(self, candidate: str) -> bool:
        """Always."""
        return True

    def settled(self, candidate: str) -> bool:
        """Always."""
        return True

    def unknown(self, candidate: str) -> int | None:
        """Nothing is refused."""
        return None

    def landed(self, candidate: str) -> "ScopeGate":
        """The same gate."""
        return self


@dataclass(frozen=True, slots=True)
class _BothGates:
    """For a piece of another language: asks its own grammar and that of the document."""

    outer: "ScopeGate"
    inner: "ScopeGate"

    def admits(self, candidate: str) -> bool:
        """Whether both do."""
        return self.outer.admits(candidate) and self.inner.admits(candidate)

    def settled(self, candidate: str) -> bool:
        """Whether both do."""
        return self.outer.settled(candidate) and self.inner.settled(candidate)

    def unknown(self, candidate: str) -> int | None:
        """Where one grammar does not know it, if the other takes it or does not know it either."""
        if self.inner.settled(candidate):
            return self.outer.unknown(candidate)
        line = self.inner.unknown(candidate)
        return line if self.outer.settled(candidate) or self.outer.unknown(candidate) else None

    def landed(self, candidate: str) -> "ScopeGate":
        """Both for the same document once the scope holds `candidate`."""
        return _BothGates(self.outer.landed(candidate), self.inner.landed(candidate))


class SyntaxGate:
    """A gate made from a grammar. What each question means is said at `session/gate_protocol.py`.

    `context` is a skeleton if `quick`, otherwise the whole document. The constructor may raise
    `TooCostly`. A candidate that takes too long is refused, since it may be anything.
    """

    __slots__ = ("_alone", "_base", "_context", "_last", "_line", "_present", "_refused", "quick")

    def __init__(
        self,
        context: ParseContext,
        present: str,
        quick: bool,
        base: ScopeParse | None = None,
        line: int = 1,
    ) -> None:
        """`line` is the document's line in which the scope begins, counted from 1."""
        self._context = context
        self._present = present
        self._line = line
        self.quick = quick
        """Whether a skeleton stands for the document, so that checks are quick at any size."""
        self._base = context.read(encode(one_side(present))) if base is None else base
        self._last: tuple[str, ScopeParse] | None = None
        self._refused: str | None = None
        self._alone: ScopeParse | None = None

    @property
    def blind(self) -> bool:
        """Whether the document is so broken around the scope that only errors can be compared."""
        return self._base.surroundings.broken

    def admits(self, candidate: str) -> bool:
        """Whether the scope may become `candidate`: no more errors, the same structure outside.

        Costs one parse of the context, or none for the present text. Never raises.
        """
        if candidate == self._present:
            return True
        # States that have replaced more or less of the original are often the same text.
        if candidate == self._refused:
            return False
        try:
            reading = self._read(candidate)
            if self._allows(self._base, reading) and not self._fixes_only_a_part(reading):
                return True
        except TooCostly:
            pass
        self._refused = candidate
        return False

    def settled(self, candidate: str) -> bool:
        """Whether the scope may become `candidate` as the last text of an answer.

        Refuses only after fresh parses: a parse that starts from an older tree may find more errors
        in a text with errors. What takes too long is tried twice. Costs up to three parses.
        """
        try:
            return Retries(1).run(lambda: self._settles(candidate))
        except TooCostly:
            return False

    def _settles(self, candidate: str) -> bool:
        if candidate == self._present or self._allows(self._base, self._read(candidate)):
            return True
        base = self._context.read(encode(one_side(self._present)))
        reading = self._context.read(encode(candidate))
        self._last = candidate, reading
        return self._allows(base, reading)

    def unknown(self, candidate: str) -> int | None:
        """The document's line with syntax that only the grammar does not know.

        For a `candidate` that was refused as the last text of an answer whose end is proven. None
        where the refusal stands. What takes too long is tried twice. Costs up to some hundred
        parses of the context.
        """
        try:
            return Retries(1).run(lambda: self._unknown(encode(candidate)))
        except TooCostly:
            return None

    def _unknown(self, scope: bytes) -> int | None:
        base = self._context.read(encode(self._present))
        place = unknown_place(self._context, base, scope, self._allows)
        if place is None or self._joins_next_line(base, self._context.read(scope)):
            return None
        return self._line + scope[:place].count(b"\n")

    def landed(self, candidate: str) -> "ScopeGate":
        """The gate for the same document once the scope holds `candidate`.

        Costs nothing if the last question was about `candidate`.
        """
        if candidate == self._present:
            return self
        base = None
        if self._last is not None and self._last[0] == candidate:
            base = self._last[1]
        try:
            return SyntaxGate(self._context, candidate, self.quick, base, self._line)
        except TooCostly:
            return _NoGate()

    def _read(self, candidate: str) -> ScopeParse:
        if self._last is None or self._last[0] != candidate:
            self._last = candidate, self._context.read(encode(candidate), self._base)
        return self._last[1]

    # -- the judgement -------------------------------------------------------------------------

    def _allows(self, base: ScopeParse, new: ScopeParse) -> bool:
        """Whether a text parsed as `new` may follow one parsed as `base`, in the same context."""
        if not new.errors.no_more_than(base.errors):
            return False
        if self._joins_next_line(base, new) or self._ends_the_file(base, new):
            return False
        if base.surroundings.broken:
            return self._bears_comparison(base, new)
        if new.errors.length > base.errors.length + max(base.errors.length, _ERROR_GROWTH):
            return False
        if base.surroundings.kept_by(new.surroundings):
            return True
        return goes_on(base.seen, new.seen, self._context.language)

    def _fixes_only_a_part(self, new: ScopeParse) -> bool:
        """Whether `new` has fewer errors than the present text, but still some in the scope.

        In the middle of an answer that says little: an open string hides the errors after it, a
        construct that the grammar does not know goes and comes again further on, and in broken
        surroundings one bracket moves all errors. A state that has few errors by chance would bar
        the way to the answer itself, so it waits. Errors outside do not count while they stay where
        they were.
        """
        if not 0 < new.errors.count < self._base.errors.count:
            return False
        return self.blind or not new.outer_errors_alone(self._base)

    def _bears_comparison(self, base: ScopeParse, new: ScopeParse) -> bool:
        """Whether `new` is no worse than `base`, in a document that is broken around the scope.

        A text that repairs the surroundings and has no error of its own passes, and so does one
        that leaves them as broken as they are.
        """
        if new.leaf_across() and not base.leaf_across():
            return False
        if self._alone is None:
            self._alone = self._by_itself(base.scope)
        return _leaves_open_no_more(self._alone, self._by_itself(new.scope))

    def _by_itself(self, scope: bytes) -> ScopeParse:
        """The parse of a scope without the document around it."""
        return ParseContext(self._context.language, b"", b"").read(scope)

    def _joins_next_line(self, base: ScopeParse, new: ScopeParse) -> bool:
        """Whether `new` ends in a backslash that takes the line after the scope with it."""
        rules = self._context.language.text
        if not rules.backslash_joins or not _ends_in_backslash(new.scope):
            return False
        if _ends_in_backslash(base.scope):
            return False
        node = new.tree.root_node.descendant_for_byte_range(new.window.last - 1, new.window.last)
        in_comment = node is not None and node.type == "comment"
        return not in_comment or rules.preprocessor

    def _ends_the_file(self, base: ScopeParse, new: ScopeParse) -> bool:
        """Whether `new` ends the code of the file for what follows: Ruby's `__END__`."""
        mark = self._context.language.text.end_mark
        return bool(mark) and _has_line(mark, new.scope) and not _has_line(mark, base.scope)


ScopeGate = SyntaxGate | _BothGates | _NoGate
"""Every gate of a grammar; mypy checks it against a session's `Gate` where `lsp` passes it in."""


def _skeleton(
    tree: DocumentTree, language: Language, source: bytes, start: int, end: int
) -> ParseContext | None:
    """The skeleton around the scope; None when none can stand for the document."""
    scope = source[start:end]
    window = Window.around(source[:start], scope, source[end:])
    whole = surroundings_of(tree.root, window, language, near=True)
    if not whole.whole:
        return None
    cuts = cuts_around(tree.root, window, language)
    head, tail = cuts.kept(source, 0, start), cuts.kept(source, end, len(source))
    context = ParseContext(language, head, tail)
    reading = context.read(scope)
    seen, all_of_it = (reading.surroundings, reading.window), (whole, window)
    if not stands_for(seen, all_of_it, cuts, around_alone=tree.stands_in):
        return None
    if tree.stands_in:
        return context  # Text typed since then may have errors that this tree does not know.
    sound = not (reading.errors.count or reading.errors.silent)
    if not (sound or reading.errors.no_more_than(errors_of(tree.root, source, language))):
        return None
    return context


def _leaves_open_no_more(base: ScopeParse, new: ScopeParse) -> bool:
    """Whether `new`, parsed by itself, has no more errors than `base` or the same open brackets.

    A sound member of a class is not always sound by itself, so where the present text is not, the
    brackets decide. Silent errors, such as a `return` outside of a function, say nothing about a
    text by itself.
    """
    if new.errors.count <= base.errors.count:
        return True
    return bool(base.errors.count) and open_brackets(new.tree.root_node) == open_brackets(
        base.tree.root_node
    )


def _ends_in_backslash(text: bytes) -> bool:
    """Whether the last line that is not blank ends in a backslash."""
    return text.rstrip(BLANK).endswith(b"\\")


def _has_line(line: bytes, text: bytes) -> bool:
    """Whether a line of `text` is `line`."""
    return any(each.rstrip(b"\r") == line for each in text.split(b"\n"))
