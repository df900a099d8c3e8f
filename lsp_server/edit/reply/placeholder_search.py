"""Searches for the lines of the original that a placeholder or an empty body stands for."""

import re
from dataclasses import dataclass

from lsp_server.edit.reply.original_map import OriginalMap
from lsp_server.edit.reply.placeholder import Degree, is_bare_dots, is_foreign, is_marked
from lsp_server.edit.reply.reply_context import indent_of, is_blank

# A body that was omitted, or that is not written yet.
_STUB = re.compile(
    r"(?:pass|\.\.\.|…|raise NotImplementedError(?:\(.*\))?)\s*(?:#.*)?"
    r"|(?P<text>\"{3}|'{3}).*(?P=text)"
)
# The beginnings of such a line.
_STUBS = ("pass", "...", "…", "raise NotImplementedError", '"""', "'''")


def is_stub(line: str) -> bool:
    """Whether the line may be an entire body, which does nothing."""
    return _STUB.fullmatch(line.strip()) is not None


def begins_stub(beginning: str) -> bool:
    """Whether a line with this beginning could become one for which `is_stub` holds."""
    text = beginning.strip()
    return any(text.startswith(stub) or stub.startswith(text) for stub in _STUBS)


@dataclass(frozen=True, slots=True)
class Stub:
    """An empty body that stands for the original's lines from `start` to `end`.

    These lines are deeper than `column`.
    """

    line: str
    start: int
    end: int
    column: int


class PlaceholderSearch:
    """Searches for the place in the original at which the answer continues after a placeholder."""

    def __init__(
        self, original: OriginalMap, start: int, placeholder: str, degree: Degree, fewest: int
    ) -> None:
        """`fewest`: the smallest number of lines that must be missing."""
        self._original = original
        self._start = start
        self.placeholder = placeholder
        self.degree = degree
        self.doubtful = degree is not Degree.SAYS  # the line after it has to prove it
        self._fewest = fewest
        self._strict = degree is Degree.MAY and not is_foreign(placeholder)
        self.stubs: list[str] = []  # the empty body that contains it
        self._lines: list[str] = []  # the lines after the placeholder
        self._anchor = 0  # the number of lines before the first one that was found
        self._places: list[int] = []  # the possible places of that line in the original
        self._ends: list[int] = []  # for each of them, the place of the last line

    @property
    def lines(self) -> list[str]:
        """The lines after the placeholder."""
        return self._lines

    @property
    def placed(self) -> bool:
        """Whether a line has come that the original has."""
        return bool(self._places)

    @property
    def _new_lines(self) -> list[str]:
        """The lines before the first one that was found."""
        return self._lines[: self._anchor]

    @property
    def _undecided(self) -> bool:
        return all(map(is_blank, self._lines))

    @property
    def kept_where_nothing_is_missing(self) -> list[str]:
        """What remains if no lines are missing: a sentence is a comment then, and dots are code.

        A placeholder that is marked and has words is dropped.
        """
        words = is_bare_dots(self.placeholder) or not is_marked(self.placeholder)
        return [*([self.placeholder] if words else []), *self.stubs]

    def is_guess(self, end: int) -> bool:
        """Whether there is little proof that the placeholder stands for the lines up to `end`."""
        marked = is_marked(self.placeholder)
        if self.degree is Degree.MAY or not (marked or all(map(is_blank, self._new_lines))):
            return True
        at_end = not self.placed and end == len(self._original.lines)
        unproven = self.doubtful or not (self._undecided or marked)
        return at_end and unproven

    def takes_stub(self, line: str) -> bool:
        """Whether the line is an empty body that belongs to the placeholder."""
        return self._undecided and not self.stubs and is_stub(line)

    def is_comment(self, at_end: bool) -> bool:
        """Whether the placeholder is an ordinary comment, now that no line can prove it."""
        if self.doubtful:
            return self._undecided and not at_end
        new = sum(not is_blank(line) for line in self._lines)
        missing = self._original.count(self._start, len(self._original.lines))
        if self.placed or is_marked(self.placeholder) or not new:
            return False
        # Only new code follows the sentence: it would have to stand for more than that.
        return self._original.first_changed(self._lines, self._start) is None and new * 2 >= missing

    def refuted_by(self, line: str) -> bool:
        """Whether the next line `line` shows that the placeholder is an ordinary comment."""
        if is_blank(line) or not self.doubtful or not self._undecided:
            return False
        if self._strict:
            ends = len(indent_of(line)) < len(indent_of(self.placeholder))
            return not (ends and self._original.skips_to_own(line, self._start, self._fewest))
        return not self._original.skips_to(line, self._start, self._fewest)

    def refuted_early(self, beginning: str) -> bool:
        """Whether every next line with this beginning shows that it is an ordinary comment."""
        if not self._strict or not self._undecided or begins_stub(beginning):
            return False
        return not self._original.begins_any(beginning.rstrip())

    def push(self, line: str) -> tuple[int, list[str]] | None:
        """Add a line. Once the place is certain, return it and the lines from there on.

        The place is the end of the omitted lines.
        """
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
        """End the search and return the most likely place. `at_end`: the answer ends here."""
        if self._places:
            # If possible, the end of the answer is the end of the original.
            last = self._original.following(self._ends[-1]) >= len(self._original.lines)
            return self._at(self._places[-1 if at_end and last else 0])
        self._anchor = len(self._lines)
        return self._at(self._find_alike())

    def _find_alike(self) -> int:
        """The place that the first changed line has in the original; the end if there is none."""
        found = self._original.first_changed(self._lines, self._start)
        if found is None:
            return len(self._original.lines)
        self._anchor, place = found
        return place

    def _at(self, place: int) -> tuple[int, list[str]]:
        """The end of the omitted lines, before `place` and its changed lines, and what follows."""
        for line in reversed(self._lines[: self._anchor]):
            if is_blank(line):
                continue
            before = self._original.preceding(place)
            if before < self._start or not self._original.is_changed_version(line, before):
                break
            place = before
        return place, self._lines
