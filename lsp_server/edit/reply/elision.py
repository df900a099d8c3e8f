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
no placeholder, nor is anything where the original is blank. Bare dots stay where they are code
or text: in Python, YAML and prose, after `:`, `,` or an opening bracket, and where nothing was left
out.

A line that only hints at it (`// ...`) is a placeholder where both neighbours prove it: the line
before it stands in the original, so does the one after it, and lines between them are missing.
Everywhere else it is a comment that the model wrote, and stays.
"""

from bisect import bisect_left

from rapidfuzz.distance import Indel

from lsp_server.edit.reply.mended import Mend
from lsp_server.edit.reply.place import (
    PROSE,
    Place,
    indent_of,
    is_blank,
    names_in,
    without_leading_blanks,
)
from lsp_server.edit.reply.placeholder import Degree, degree_of, is_bare_dots, may_be_placeholder
from lsp_server.edit.reply.stage import LONGEST_HELD, LineStage

# From this similarity on (0 to 1) a line is a changed version of another that stands where it
# should; from the higher one on, wherever that other stands.
_ALIKE = 0.7
_SURELY_ALIKE = 0.85
# Where bare dots are code or text.
_DOTS_STAY = PROSE | {"python", "yaml"}
# A match that skips lines needs at most so many agreeing lines, itself and those after it …
_AGREEING = 3
# … so that so many of the last ones wait for what comes.
_LOOKED_AT = _AGREEING - 1
# So many pairs of lines are compared for likeness in one reply, whatever it holds.
_COMPARISONS = 50_000
# Where a placeholder's successor is found in more places, only the first ones are told apart.
_PLACES = 64


class Elision(LineStage):
    """Answer lines in the document's columns in, the same with placeholders filled out."""

    def __init__(self, place: Place, language: str) -> None:
        super().__init__()
        self._map = OriginalMap(place)
        self._place = place
        self._dots_are_code = language in _DOTS_STAY or "..." in place.stripped_lines
        self._gap: list[str] = []  # blank lines, until it is known what follows them
        self._seen: list[str] = []  # lines written since, blank ones left out
        # The original's first line that is not accounted for by what was written before `_seen`.
        self._cursor = 0
        self._noted = False  # a line has been written
        self._previous = ""  # the last line that was not blank
        self._seeking: Search | None = None

    def _grow(self, beginning: str) -> None:
        if self._seeking is not None or is_blank(beginning):
            return
        if self._place.blank or not may_be_placeholder(beginning):
            self._release_gap()
            self._flow(beginning)

    def _too_long(self, beginning: str) -> None:
        if self._seeking is not None:
            self._flowing = True  # a search looks at whole lines, and writes nothing
        else:
            self._release_gap()
            self._flow(beginning)

    def _whole(self, line: str) -> None:
        if self._seeking is not None:
            self._seek(line)
        elif is_blank(line):
            self._gap.append(line)
        elif self._stands_for_lines(line):
            self._start_seeking(line)
        else:
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
        self._seen.append(self._place.indent + line if first else line)
        self._previous = line.strip()

    def _stands_for_lines(self, line: str) -> bool:
        text = line.strip()
        if self._place.blank or text in self._place.stripped_lines or degree_of(line) is None:
            return False
        if is_bare_dots(line):
            return not self._dots_are_code and not self._previous.endswith((":", ",", "(", "["))
        return True

    def _start_seeking(self, line: str) -> None:
        hints = degree_of(line) is Degree.HINTS
        # What no later line can confirm otherwise is accounted for once, however many hints come.
        settled = len(self._seen) - _LOOKED_AT
        if settled > 0:
            self._cursor = self._map.advance(self._cursor, self._seen, settled)
            self._seen = self._seen[settled:]
        cursor = self._map.advance(self._cursor, self._seen)
        if hints and not self._map.ends_with(cursor, self._previous):
            self._write_own(line)
            return
        self._cursor, self._seen = cursor, []
        self._seeking = Search(self._map, cursor, line, hints)

    def _seek(self, line: str) -> None:
        search = self._seeking
        if search is None:
            return
        if self._stands_for_lines(line):
            self._give_up(search, at_end=False)
            self._whole(line)
        elif search.refuted_by(line):
            self._take_back(search, line)
        elif (found := search.push(line)) is not None:
            self._fill(*found)

    def _give_up(self, search: "Search", at_end: bool) -> None:
        if search.refuted:
            self._take_back(search)
        else:
            self._fill(*search.give_up(at_end))

    def _take_back(self, search: "Search", *following: str) -> None:
        """It was an ordinary comment: write it, and what has come since."""
        self._seeking = None
        for line in [search.placeholder, *search.lines, *following]:
            self._put_line(line)
            self._note(line)

    def _fill(self, end: int, following: list[str]) -> None:
        """The original's lines up to `end` stand here, then the answer goes on."""
        search, self._seeking = self._seeking, None
        self.mended.add(Mend.ELISION)
        lines = self._place.document_lines[self._cursor : end]
        if not all(map(is_blank, lines)):
            # The original's own blank lines stand around what is put in.
            self._gap = []
            if end < len(self._place.lines):
                following = without_leading_blanks(following)
        else:
            lines = []
            if search is not None and is_bare_dots(search.placeholder):
                lines = [search.placeholder]
        self._cursor = end
        for line in lines:
            self._put_line(line)
            self._noted = True
        self._seen = []
        for line in following:
            self._put_line(line)
            self._note(line)

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


class OriginalMap:
    """Where lines of the answer stand in the original. Places are line numbers from 0."""

    def __init__(self, place: Place) -> None:
        self.lines = [line.rstrip() for line in place.document_lines]
        self._exact: dict[str, list[int]] = {}
        self._stripped: dict[str, list[int]] = {}
        for index, line in enumerate(self.lines):
            if line:
                self._exact.setdefault(line, []).append(index)
                self._stripped.setdefault(line.strip(), []).append(index)
        # By line number: the first line from there on, and the last before it, that is not blank.
        self._next = list(range(len(self.lines) + 2))
        for index in reversed(range(len(self.lines))):
            if not self.lines[index]:
                self._next[index] = self._next[index + 1]
        self._last = [-1] * (len(self.lines) + 1)
        for index, line in enumerate(self.lines):
            self._last[index + 1] = index if line else self._last[index]
        self._comparisons = _COMPARISONS

    def places(self, line: str, start: int) -> list[int]:
        """Where the line stands from `start` on: with its column, else with any."""
        for index, key in ((self._exact, line.rstrip()), (self._stripped, line.strip())):
            known = index.get(key, [])
            first = bisect_left(known, start)
            if first < len(known):
                return known[first : first + _PLACES]
        return []

    def ends_with(self, cursor: int, previous: str) -> bool:
        """Whether the line before `cursor` is `previous`, and lines are left from there on."""
        before = self.preceding(cursor)
        left = self.following(cursor - 1) < len(self.lines)
        return left and before >= 0 and self.lines[before].strip() == previous

    def skips_to(self, line: str, cursor: int) -> bool:
        """Whether the line stands in the original, in its column, with others before it."""
        place = self._place_of(line, cursor)
        return place is not None and place > self.following(cursor - 1)

    def following(self, place: int) -> int:
        """The next line after `place` that is not blank, or the number of lines."""
        return self._next[place + 1]

    def preceding(self, place: int) -> int:
        """The line before `place` that is not blank, or -1."""
        return self._last[place]

    @property
    def exhausted(self) -> bool:
        """Whether no more lines are compared for likeness."""
        return self._comparisons <= 0

    def alike(self, line: str, place: int, likeness: float = _ALIKE) -> bool:
        """Whether the line is a changed version of the original's line at `place`.

        It stands in the same column, and is similar or keeps all names, the first one first.
        """
        theirs = self.lines[place]
        if self.exhausted or max(len(line), len(theirs)) > LONGEST_HELD:
            return False
        self._comparisons -= 1
        if len(indent_of(line)) != len(indent_of(theirs)):
            return False
        names, known = names_in(line), names_in(theirs)
        if names[:1] == known[:1] != [] and (set(names) <= set(known) or set(known) <= set(names)):
            return True
        ours, theirs = line.strip(), theirs.strip()
        return Indel.normalized_similarity(ours, theirs, score_cutoff=likeness) > 0

    def advance(self, cursor: int, seen: list[str], stop: int | None = None) -> int:
        """The original's first line that the lines `seen`, from `cursor` on, leave open.

        None of `seen` is blank; those from `stop` on only confirm the others.
        """
        for index, line in enumerate(seen[:stop]):
            following = self.following(cursor - 1)
            if following >= len(self.lines):
                break
            same = self.lines[following].strip() == line.strip()
            place = following if same else self._place_of(line, cursor)
            if place is not None and self._confirmed(cursor, place, seen, index):
                cursor = place + 1
            elif self.alike(line, following):
                cursor = following + 1
        return cursor

    def _place_of(self, line: str, cursor: int) -> int | None:
        """The first place from `cursor` on where the line stands, in its own column."""
        known = self._exact.get(line.rstrip(), [])
        first = bisect_left(known, cursor)
        return known[first] if first < len(known) else None

    def _confirmed(self, cursor: int, place: int, seen: list[str], index: int) -> bool:
        """Whether enough lines agree to skip what lies between `cursor` and `place`."""
        skipped = sum(1 for line in self.lines[cursor : min(place, cursor + 64)] if line)
        needed = min(skipped, _AGREEING)
        agreeing = 0
        while agreeing < needed and index < len(seen) and place < len(self.lines):
            if seen[index].strip() != self.lines[place].strip():
                break
            agreeing += 1
            index += 1
            place = self.following(place)
        return agreeing >= needed


class Search:
    """Looks for the place in the original where the answer goes on after a placeholder."""

    def __init__(self, original: OriginalMap, start: int, placeholder: str, doubtful: bool) -> None:
        self._original = original
        self._start = start
        self.placeholder = placeholder
        self._doubtful = doubtful  # the placeholder only hints: its successor has to prove it
        self._lines: list[str] = []  # what has come since
        self._anchor = 0  # the number of lines before the first that was found
        self._places: list[int] = []  # where that line may stand in the original
        self._ends: list[int] = []  # for each place, where the last line then stands

    @property
    def lines(self) -> list[str]:
        """What has come since the placeholder."""
        return self._lines

    @property
    def refuted(self) -> bool:
        """Whether a placeholder that only hints is not proven by the end of the answer."""
        return self._doubtful and all(map(is_blank, self._lines))

    def refuted_by(self, line: str) -> bool:
        """Whether `line`, the next that has come, shows that it was an ordinary comment."""
        if is_blank(line) or not self.refuted:
            return False
        return not self._original.skips_to(line, self._start)

    def push(self, line: str) -> tuple[int, list[str]] | None:
        """Take a line. Once the place is certain: where the left-out lines end, what follows."""
        self._lines.append(line)
        if is_blank(line):
            return None
        if not self._places:
            self._anchor = len(self._lines) - 1
            self._places = self._original.places(line, self._start)
            self._ends = list(self._places)
        else:
            following = [self._original.following(end) for end in self._ends]
            going_on = [
                (place, end)
                for place, end in zip(self._places, following, strict=True)
                if end < len(self._original.lines)
                and self._original.lines[end].strip() == line.strip()
            ]
            if not going_on:
                return self._at(self._places[0])
            self._places = [place for place, _ in going_on]
            self._ends = [end for _, end in going_on]
        return self._at(self._places[0]) if len(self._places) == 1 else None

    def give_up(self, at_end: bool) -> tuple[int, list[str]]:
        """No more lines come: the likeliest place. `at_end`: the answer ends here."""
        if self._places:
            # What the answer ends with is what the original ends with, if that is possible.
            last = self._original.following(self._ends[-1]) >= len(self._original.lines)
            return self._at(self._places[-1 if at_end and last else 0])
        self._anchor = len(self._lines)
        return self._at(self._find_alike())

    def _find_alike(self) -> int:
        """Where a changed version of the first line that came stood; else the end."""
        for index, line in enumerate(self._lines):
            if is_blank(line):
                continue
            place = self._original.following(self._start - 1)
            while place < len(self._original.lines) and not self._original.exhausted:
                if self._original.alike(line, place, _SURELY_ALIKE):
                    self._anchor = index
                    return place
                place = self._original.following(place)
        return len(self._original.lines)

    def _at(self, place: int) -> tuple[int, list[str]]:
        """The left-out lines end before `place`, and before the lines that were changed there."""
        for line in reversed(self._lines[: self._anchor]):
            if is_blank(line):
                continue
            before = self._original.preceding(place)
            if before < self._start or not self._original.alike(line, before):
                break
            place = before
        return place, self._lines
