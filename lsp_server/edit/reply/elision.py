"""Replaces placeholders in the answer with the lines of the original that they stand for.

These are the lines after the last original line that the answer has matched, up to the line before
the match of the answer's next line. At the end of the answer they are all that remain. Lines after
a placeholder are held until their match is certain: a single place, or several that the following
lines tell apart.

*Matching before the placeholder* goes forward through the original. A line that would skip original
lines counts only if as many lines (at most three) agree after it. A common line such as `return
None` therefore does not move the position far. A slightly changed line counts as the original line.

*Matching after it* passes over new lines until a line matches. Those new lines that look like
changed versions of the lines before the match replace them.

If no line after the placeholder is in the original, the placeholder stands for everything that
remains, and the new lines come after it: nothing is lost.

These are no placeholders:

- a line that the original has word for word, and any line if the original is blank;
- a sentence, if no lines are missing or as much new code follows;
- bare dots where they are code or text: in Python, YAML and prose; after `:`, `,` or an opening
  bracket; and where nothing was left out.

Weaker forms need proof, otherwise they stay as comments of the model:

- A line that only hints at missing code (`// ...`) is a placeholder if both neighbours prove it:
  the original has the line before it, unchanged or changed; the same holds for the line after it,
  or none comes; and lines between them are missing.
- A comment in an unknown natural language needs the same, and many missing lines.
- A comment of any words must be all that remains of a block, and the lines before and after it must
  equal lines of the original.
- An empty body (`pass`, `...`) is a placeholder if the original has more, unless the instruction
  mentions such bodies.

Decisions that are only guesses are reported in `guesses`.
"""

from dataclasses import dataclass

from lsp_server.edit.reply.line_filter import LineFilter
from lsp_server.edit.reply.original_map import AGREEING, OriginalMap
from lsp_server.edit.reply.placeholder import (
    Degree,
    comment_of,
    degree_of,
    is_bare_dots,
    is_foreign,
    is_marked,
    may_be_comment,
    may_be_placeholder,
)
from lsp_server.edit.reply.placeholder_search import PlaceholderSearch, Stub, begins_stub, is_stub
from lsp_server.edit.reply.repairs import Repair
from lsp_server.edit.reply.reply_context import (
    PROSE,
    ReplyContext,
    indent_of,
    is_blank,
    names_in,
    without_leading_blanks,
)

# Languages in which bare dots are code or text.
_DOTS_STAY = PROSE | {"python", "yaml"}
# The number of last lines that wait for the lines after them.
_LOOKED_AT = AGREEING - 1
# The number of missing lines that a comment of any words needs; fewer if it has dots.
_MANY, _FEW = 3, 2


@dataclass(frozen=True, slots=True)
class ElisionGuess:
    """A line that was taken for a placeholder although it could be meant literally."""

    line: str
    """The line without white space at its ends."""
    count: int
    """The number of original lines that replaced it, not counting blank ones."""


class Elision(LineFilter):
    """Fills the placeholders in an answer whose lines are in the document's columns."""

    def __init__(self, context: ReplyContext, language: str, may_guess: bool = True) -> None:
        """`guesses`: the instruction does not ask for less code, so a comment or an empty body
        where lines are missing may be a placeholder."""
        super().__init__()
        self._may_guess = may_guess and language not in PROSE
        self.guesses: list[ElisionGuess] = []
        self._map = OriginalMap(context)
        self._context = context
        self._dots_are_code = language in _DOTS_STAY or "..." in context.stripped_lines
        self._blank_lines: list[str] = []  # blank lines, until the next line decides about them
        self._seen: list[str] = []  # lines written since `_cursor` was set, without blank ones
        # The first original line that the text written before `_seen` does not account for.
        self._cursor = 0
        self._has_written = False  # a line has been written
        self._previous = ""  # the last line that was not blank, in its column
        self._seeking: PlaceholderSearch | None = None
        self._stub: Stub | None = None

    def _line_grew(self, beginning: str) -> None:
        if is_blank(beginning):
            return
        if self._seeking is not None:
            if not self._seeking.refuted_early(beginning):
                return
            self._take_back(self._seeking)
        if self._stub is not None:
            self._end_stub(self._stub, beginning)
        if self._context.blank or not self._may_stand(beginning):
            self._release_gap()
            self._flow(beginning)

    def _may_stand(self, beginning: str) -> bool:
        text = beginning.strip()
        begins = begins_stub(text) and self._previous.endswith(":")
        if begins or may_be_placeholder(beginning):
            return True
        # A comment of any words may be all that remains of a block.
        return self._is_deeper(beginning) and may_be_comment(text)

    def _is_deeper(self, line: str) -> bool:
        """Whether the line is deeper than the one before it, which equals an original line."""
        if not self._may_guess or len(indent_of(line)) <= len(indent_of(self._previous)):
            return False
        return self._map.is_after(self._reach(), self._previous)

    def _beginning_too_long(self, beginning: str) -> None:
        if self._stub is not None:
            self._end_stub(self._stub, beginning)
        if self._seeking is not None:
            self._flowing = True  # a search examines complete lines and writes nothing
        else:
            self._release_gap()
            self._flow(beginning)

    def _line_undecided(self, line: str) -> None:
        if self._stub is not None and not is_blank(line):
            self._end_stub(self._stub, line)
        if self._seeking is not None:
            self._seek(line)
        elif is_blank(line):
            self._blank_lines.append(line)
        elif (degree := self._degree(line)) is not None:
            self._start_seeking(line, degree)
        elif not self._begins_stub(line):
            self._write_own(line)

    def _flowed_line_ended(self, line: str) -> None:
        if self._seeking is not None:
            self._seek(line)
        else:
            self._note(line)

    def _write(self, text: str) -> None:
        if self._seeking is None:
            super()._write(text)

    def _text_ended(self) -> None:
        if self._stub is not None:
            self._end_stub(self._stub, "")
        if self._seeking is not None:
            self._give_up(self._seeking, at_end=True)
        self._release_gap()

    def _write_own(self, line: str) -> None:
        """Write a complete line of the answer that is not blank."""
        self._release_gap()
        self._put(line)
        self._note(line)

    def _note(self, line: str) -> None:
        self._has_written, first = True, not self._has_written
        if is_blank(line):
            return
        # The scope's first line comes without its indentation, which the comparison needs.
        self._previous = (self._context.indent + line if first else line).rstrip()
        self._seen.append(self._previous)

    def _degree(self, line: str) -> Degree | None:
        """How clearly the line stands for lines of the original; None if it does not."""
        degree = degree_of(line)
        if self._context.blank or degree is None or line.strip() in self._context.stripped_lines:
            return None
        if degree is Degree.MAY and not self._may_guess:
            return None
        if is_bare_dots(line):
            ends = self._dots_are_code or self._previous.endswith((":", ",", "(", "["))
            return None if ends else degree
        return degree

    def _reach(self) -> int:
        """The first original line that the written text does not account for."""
        # Lines that no later line can confirm differently are matched only once, however many
        # placeholders come.
        settled = len(self._seen) - _LOOKED_AT
        if settled > 0:
            self._cursor = self._map.advance(self._cursor, self._seen, settled)
            self._seen = self._seen[settled:]
        return self._map.advance(self._cursor, self._seen)

    def _start_seeking(self, line: str, degree: Degree) -> None:
        cursor, fewest = self._reach(), 0
        if degree is not Degree.SAYS:
            fewest = 1
            if degree is Degree.MAY:
                fewest = _FEW if is_marked(line) else _MANY
            left = self._map.count(cursor, len(self._map.lines))
            if left < fewest or not self._is_behind(cursor, line, degree):
                self._write_own(line)
                return
        if not is_marked(line) and not self._map.is_in_column(cursor, line):
            self._write_own(line)
            return
        self._cursor, self._seen = cursor, []
        self._seeking = PlaceholderSearch(self._map, cursor, line, degree, fewest)

    def _is_behind(self, cursor: int, line: str, degree: Degree) -> bool:
        """Whether the text before `line` shows that it could stand for the lines that follow."""
        if degree is Degree.MAY and self._map.holds(comment_of(line)):
            return False
        if degree is Degree.MAY and not is_foreign(line):
            return self._is_deeper(line)
        return self._map.ends_with(cursor, self._previous)

    def _seek(self, line: str) -> None:
        search = self._seeking
        if search is None:
            return
        if self._degree(line) in (Degree.HINTS, Degree.SAYS):
            self._give_up(search, at_end=False)
            self._line_undecided(line)
            return
        if search.takes_stub(line):
            search.stubs.append(line)
        elif search.refuted_by(line):
            self._take_back(search, line)
        elif (found := search.push(line)) is not None:
            self._fill(*found)

    def _give_up(self, search: "PlaceholderSearch", at_end: bool) -> None:
        if search.is_comment(at_end):
            self._take_back(search)
            return
        self._fill(*search.give_up(at_end))

    def _guess(self, line: str, start: int, end: int) -> None:
        count = self._map.count(start, end)
        if count:
            self.guesses.append(ElisionGuess(line.strip(), count))

    def _take_back(self, search: "PlaceholderSearch", *following: str) -> None:
        """Treat the line as an ordinary comment: write it, and the lines since."""
        self._seeking = None
        for line in [search.placeholder, *search.stubs, *search.lines]:
            self._put_or_hold(line)
            self._note(line)
        for line in following:
            self._line_undecided(line)

    def _fill(self, end: int, following: list[str]) -> None:
        """Write the original's lines up to `end`, then the answer's lines `following`."""
        search, self._seeking = self._seeking, None
        lines = self._context.document_lines[self._cursor : end]
        if not all(map(is_blank, lines)):
            self.repairs.add(Repair.ELISION)
            if search is not None and search.is_guess(end):
                self._guess(search.placeholder, self._cursor, end)
            # The original's own blank lines surround the inserted lines.
            self._blank_lines = []
            if end < len(self._context.lines):
                following = without_leading_blanks(following)
        else:
            lines = [] if search is None else search.kept_where_nothing_is_missing
        self._cursor = end
        for line in lines:
            self._put_or_hold(line)
            self._has_written = True
        self._seen = []
        for line in following:
            self._put_or_hold(line)
            self._note(line)

    # --- bodies that are left out ---

    def _begins_stub(self, line: str) -> bool:
        """Whether the line may be all that remains of a body. If so, hold it until the next one."""
        outer = indent_of(self._previous)
        deeper = len(indent_of(line)) > len(outer) and self._previous.endswith(":")
        if not self._may_guess or self._context.blank or not deeper or not is_stub(line):
            return False
        cursor = self._reach()
        if not self._map.ends_with(cursor, self._previous):
            return False
        end = self._map.block_end(cursor, len(outer))
        first = self._map.following(cursor - 1)
        if end == cursor or is_stub(self._map.lines[first]):
            return False
        # A function with another name is another function, which has no body yet.
        names, known = (
            frozenset(names_in(text))
            for text in (self._previous, self._map.lines[self._map.preceding(cursor)])
        )
        if not (names <= known or known <= names):
            return False
        self._stub = Stub(line, cursor, end, len(outer))
        return True

    def _end_stub(self, stub: "Stub", line: str) -> None:
        """Decide whether the body was left out. `line` is the next line; "" if none comes."""
        self._stub = None
        gap, self._blank_lines = self._blank_lines, []
        if line and len(indent_of(line)) > stub.column:
            self._put_or_hold(stub.line)
            self._note(stub.line)
            self._blank_lines = gap
            return
        self._guess(stub.line, stub.start, stub.end)
        self.repairs.add(Repair.ELISION)
        self._cursor, self._seen = stub.end, []
        if stub.line.strip()[0] in "\"'":
            # A docstring describes the body and does not stand for it.
            self._put_or_hold(stub.line)
        for own in self._context.document_lines[stub.start : stub.end]:
            self._put_or_hold(own)
        self._blank_lines = gap

    def _put_or_hold(self, line: str) -> None:
        """Write one complete line; a blank one waits for the line after it."""
        if is_blank(line):
            self._blank_lines.append(line)
            return
        self._release_gap()
        self._put(line if self._begun else line.removeprefix(self._context.indent))

    def _release_gap(self) -> None:
        for line in self._blank_lines:
            self._put(line)
        self._blank_lines = []
