"""Puts the original's lines where the answer has a placeholder for them.

Which lines: from the one after the last original line that the answer has matched, to the one
before the match of the answer's next line; at the end of the answer, all that are left. What
follows a placeholder is held until its match is certain: one place, or several told apart by
the lines after it.

*Matching before the placeholder* goes forward through the original. A line that would skip
original lines counts only when as many lines (at most three) agree after it, so a common line
such as `return None` does not carry the place away; a line that was changed a little counts as
the line it was. *After it*, new lines are passed over until one is found; those among them that
look like changed versions of the lines before the match take the place of those.

Where nothing after the placeholder is in the original, it stands for everything that is left and
the new lines come after it: nothing is lost. A line that stands in the original word for word is
no placeholder, nor is anything where the original is blank, nor a sentence where nothing is missing
or as much new code follows. Bare dots stay where they are code or text: in Python, YAML and prose,
after `:`, `,` or an opening bracket, and where nothing was left out.

A line that only hints at it (`// ...`) is a placeholder where both neighbours prove it: the line
before it stands in the original, as it is or changed, so does the one after it, or none comes, and
lines between them are missing. So is a comment in a language that is not known here, where many are
missing; one of any words only where it is all that is left of a block, and the line before it and
the line after it are the original's own to the letter. An empty body (`pass`, `...`) is one where
the original has more: unless the instruction speaks of such. What is so only guessed at is told.
Everywhere else it is a comment that the model wrote, and stays.
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

# Where bare dots are code or text.
_DOTS_STAY = PROSE | {"python", "yaml"}
# So many of the last lines wait for what comes after them.
_LOOKED_AT = AGREEING - 1
# So many lines are missing where a comment of any words stands for them; fewer where it has dots.
_MANY, _FEW = 3, 2


@dataclass(frozen=True, slots=True)
class ElisionGuess:
    """A line that was taken for a placeholder though it could be meant as it stands."""

    line: str
    """Without white space at its ends."""
    count: int
    """How many lines of the original, not blank, were put in its place."""


class Elision(LineFilter):
    """Answer lines in the document's columns in, the same with placeholders filled out."""

    def __init__(self, place: ReplyContext, language: str, guesses: bool = True) -> None:
        """`guesses`: a comment or an empty body that stands where lines are missing is not asked
        for, so that it is a placeholder."""
        super().__init__()
        self._guesses = guesses and language not in PROSE
        self.guessed: list[ElisionGuess] = []
        self._map = OriginalMap(place)
        self._place = place
        self._dots_are_code = language in _DOTS_STAY or "..." in place.stripped_lines
        self._gap: list[str] = []  # blank lines, until it is known what follows them
        self._seen: list[str] = []  # lines written since, blank ones left out
        # The original's first line that is not accounted for by what was written before `_seen`.
        self._cursor = 0
        self._noted = False  # a line has been written
        self._previous = ""  # the last line that was not blank, in its column
        self._seeking: PlaceholderSearch | None = None
        self._stub: Stub | None = None

    def _grow(self, beginning: str) -> None:
        if is_blank(beginning):
            return
        if self._seeking is not None:
            if not self._seeking.refuted_early(beginning):
                return
            self._take_back(self._seeking)
        if self._stub is not None:
            self._end_stub(self._stub, beginning)
        if self._place.blank or not self._may_stand(beginning):
            self._release_gap()
            self._flow(beginning)

    def _may_stand(self, beginning: str) -> bool:
        text = beginning.strip()
        begins = begins_stub(text) and self._previous.endswith(":")
        if begins or may_be_placeholder(beginning):
            return True
        # All that is left of a block may be a comment of any words.
        return self._opens(beginning) and may_be_comment(text)

    def _opens(self, line: str) -> bool:
        """Whether the line stands deeper than the one before it, which is the original's own."""
        if not self._guesses or len(indent_of(line)) <= len(indent_of(self._previous)):
            return False
        return self._map.is_after(self._reach(), self._previous)

    def _too_long(self, beginning: str) -> None:
        if self._stub is not None:
            self._end_stub(self._stub, beginning)
        if self._seeking is not None:
            self._flowing = True  # a search looks at whole lines, and writes nothing
        else:
            self._release_gap()
            self._flow(beginning)

    def _whole(self, line: str) -> None:
        if self._stub is not None and not is_blank(line):
            self._end_stub(self._stub, line)
        if self._seeking is not None:
            self._seek(line)
        elif is_blank(line):
            self._gap.append(line)
        elif (degree := self._degree(line)) is not None:
            self._start_seeking(line, degree)
        elif not self._begins_stub(line):
            self._write_own(line)

    def _ended(self, line: str) -> None:
        if self._seeking is not None:
            self._seek(line)
        else:
            self._note(line)

    def _write(self, text: str) -> None:
        if self._seeking is None:
            super()._write(text)

    def _settle(self) -> None:
        if self._stub is not None:
            self._end_stub(self._stub, "")
        if self._seeking is not None:
            self._give_up(self._seeking, at_end=True)
        self._release_gap()

    def _write_own(self, line: str) -> None:
        """Write a line of the answer that is complete and not blank."""
        self._release_gap()
        self._put(line)
        self._note(line)

    def _note(self, line: str) -> None:
        self._noted, first = True, not self._noted
        if is_blank(line):
            return
        # The scope's first line comes without its indentation, the original's is compared with.
        self._previous = (self._place.indent + line if first else line).rstrip()
        self._seen.append(self._previous)

    def _degree(self, line: str) -> Degree | None:
        """How clearly the line stands for others of this original; None where it does not."""
        degree = degree_of(line)
        if self._place.blank or degree is None or line.strip() in self._place.stripped_lines:
            return None
        if degree is Degree.MAY and not self._guesses:
            return None
        if is_bare_dots(line):
            ends = self._dots_are_code or self._previous.endswith((":", ",", "(", "["))
            return None if ends else degree
        return degree

    def _reach(self) -> int:
        """The original's first line that is not accounted for by what was written."""
        # What no later line can confirm otherwise is accounted for once, however many hints come.
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
        """Whether what was written before `line` proves that it could stand for what follows."""
        if degree is Degree.MAY and self._map.holds(comment_of(line)):
            return False
        if degree is Degree.MAY and not is_foreign(line):
            return self._opens(line)
        return self._map.ends_with(cursor, self._previous)

    def _seek(self, line: str) -> None:
        search = self._seeking
        if search is None:
            return
        if self._degree(line) in (Degree.HINTS, Degree.SAYS):
            self._give_up(search, at_end=False)
            self._whole(line)
            return
        if search.takes_stub(line):
            search.stubs.append(line)
        elif search.refuted_by(line):
            self._take_back(search, line)
        elif (found := search.push(line)) is not None:
            self._fill(*found)

    def _give_up(self, search: "PlaceholderSearch", at_end: bool) -> None:
        if search.stays(at_end):
            self._take_back(search)
            return
        self._fill(*search.give_up(at_end))

    def _guess(self, line: str, start: int, end: int) -> None:
        count = self._map.count(start, end)
        if count:
            self.guessed.append(ElisionGuess(line.strip(), count))

    def _take_back(self, search: "PlaceholderSearch", *following: str) -> None:
        """It was an ordinary comment: write it, and what has come since."""
        self._seeking = None
        for line in [search.placeholder, *search.stubs, *search.lines]:
            self._put_line(line)
            self._note(line)
        for line in following:
            self._whole(line)

    def _fill(self, end: int, following: list[str]) -> None:
        """The original's lines up to `end` stand here, then the answer goes on."""
        search, self._seeking = self._seeking, None
        lines = self._place.document_lines[self._cursor : end]
        if not all(map(is_blank, lines)):
            self.mended.add(Repair.ELISION)
            if search is not None and search.is_guess(end):
                self._guess(search.placeholder, self._cursor, end)
            # The original's own blank lines stand around what is put in.
            self._gap = []
            if end < len(self._place.lines):
                following = without_leading_blanks(following)
        else:
            lines = [] if search is None else search.kept_where_nothing_is_missing
        self._cursor = end
        for line in lines:
            self._put_line(line)
            self._noted = True
        self._seen = []
        for line in following:
            self._put_line(line)
            self._note(line)

    # --- bodies that are left out ---

    def _begins_stub(self, line: str) -> bool:
        """Whether the line may be all that is left of a body; it is held until the next one."""
        outer = indent_of(self._previous)
        deeper = len(indent_of(line)) > len(outer) and self._previous.endswith(":")
        if not self._guesses or self._place.blank or not deeper or not is_stub(line):
            return False
        cursor = self._reach()
        if not self._map.ends_with(cursor, self._previous):
            return False
        end = self._map.block_end(cursor, len(outer))
        first = self._map.following(cursor - 1)
        if end == cursor or is_stub(self._map.lines[first]):
            return False
        # Of another name it is another function, which has no body yet.
        names, known = (
            frozenset(names_in(text))
            for text in (self._previous, self._map.lines[self._map.preceding(cursor)])
        )
        if not (names <= known or known <= names):
            return False
        self._stub = Stub(line, cursor, end, len(outer))
        return True

    def _end_stub(self, stub: "Stub", line: str) -> None:
        """The next line has come, or none: was the body left out?"""
        self._stub = None
        gap, self._gap = self._gap, []
        if line and len(indent_of(line)) > stub.column:
            self._put_line(stub.line)
            self._note(stub.line)
            self._gap = gap
            return
        self._guess(stub.line, stub.start, stub.end)
        self.mended.add(Repair.ELISION)
        self._cursor, self._seen = stub.end, []
        if stub.line.strip()[0] in "\"'":
            # It says what the body does, and does not stand for it.
            self._put_line(stub.line)
        for own in self._place.document_lines[stub.start : stub.end]:
            self._put_line(own)
        self._gap = gap

    def _put_line(self, line: str) -> None:
        """Write one complete line; blank ones wait for what follows them."""
        if is_blank(line):
            self._gap.append(line)
            return
        self._release_gap()
        self._put(line if self._begun else line.removeprefix(self._place.indent))

    def _release_gap(self) -> None:
        for line in self._gap:
            self._put(line)
        self._gap = []
