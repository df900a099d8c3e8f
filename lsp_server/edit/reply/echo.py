"""Takes the scope's surroundings off the edges of an answer.

Models repeat the lines above or below what they were asked to rewrite, or complete the line that
the scope is a piece of. Three stages undo it: `Head` at the beginning, `Tail` at the end,
`LineRest` for what follows the scope on its own last line. A neighbour is recognised only where
it really is the neighbour: a run of lines that ends with the line above the scope, or begins
with the line below it. Nothing is taken off if the original itself begins or ends so.

Blank lines at the edges go as well, because a scope begins and ends with its unit's own
characters; an original that has blank edges keeps as many line ends as it had, and at an
insertion point blank lines are left alone.
"""

from collections.abc import Callable

from lsp_server.edit.reply.place import (
    BLANKS,
    Place,
    balance_of,
    closes_more,
    indent_of,
    is_blank,
    is_substantial,
    without_leading_blanks,
    word_characters,
)
from lsp_server.edit.reply.stage import LineStage

# A single repeated line is an echo only with so many letters, digits and underscores.
_LONG = 8
# What follows the scope on its line is looked for up to this length, in code points.
_LONGEST_REST = 200


class Head(LineStage):
    """Takes off lines that stand above the scope, and what stands before it on its own line.

    The run of repeated lines counts as an echo when two of its lines are substantial; or one, and
    the original's first line (or the completed first line) follows it, or the run closes a bracket
    of the code before it, or all stand in their own columns and the next line in the scope's,
    which is another. But for that, lines are compared without white space at their ends, since
    the answer's columns are not known yet.
    """

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place
        self._neighbours = [line.strip() for line in place.lines_before]
        self._held: list[str] = []  # lines that may be an echo, and blank ones
        self._run: list[str] = []  # those of them that are not blank, stripped
        # Where in the neighbours the run may have begun.
        self._starts = [index for index, line in enumerate(self._neighbours) if line != place.first]
        self._prefix = place.line_prefix
        if not word_characters(self._prefix) or place.original.startswith(self._prefix):
            self._prefix = ""
        self._searching = True
        self._keeps_blanks = place.blank or place.original[:1] == "\n"
        self.found = False  # whole lines were taken off
        self.completed_line = False  # the scope's first line came completed

    def _grow(self, beginning: str) -> None:
        text = beginning.lstrip(BLANKS)
        if not text:
            return
        if self._searching:
            if self._may_go_on(text):
                return
            self._stop_searching(text, indent_of(beginning))
        self._grow_first(beginning)

    def _too_long(self, beginning: str) -> None:
        if self._searching:
            self._stop_searching(None)
        self._flow(beginning)

    def _whole(self, line: str) -> None:
        text = line.strip()
        if not self._searching:
            self._first(line)
        elif not text:
            self._held.append(line)
        elif starts := self._starts_with(text):
            self._held.append(line)
            self._run.append(text)
            self._starts = starts
        else:
            self._stop_searching(text, indent_of(line))
            self._first(line)

    def _settle(self) -> None:
        if self._searching:
            self._stop_searching(None)

    def _may_go_on(self, text: str) -> bool:
        """Whether a line that begins so could belong to the run, or decide about it."""
        size = len(self._run)
        for start in self._starts:
            if start + size < len(self._neighbours):
                neighbour = self._neighbours[start + size]
                if neighbour.startswith(text) or neighbour == text.rstrip():
                    return True
        if not self._complete():
            return False
        decider = self._prefix or self._place.first
        return decider.startswith(text) or text.rstrip() == decider

    def _starts_with(self, text: str) -> list[int]:
        size = len(self._run)
        return [
            start
            for start in self._starts
            if start + size < len(self._neighbours) and self._neighbours[start + size] == text
        ]

    def _complete(self) -> bool:
        """Whether the run reaches the line above the scope."""
        size = len(self._run)
        return size > 0 and any(start + size == len(self._neighbours) for start in self._starts)

    def _stop_searching(self, following: str | None, column: str = "") -> None:
        """The run has ended.

        `following` begins the line after it, without its indentation `column`; None for none.
        """
        self._searching = False
        held, self._held = self._held, []
        self.found = self._complete() and self._is_echo(held, following, column)
        if self.found:
            return
        for line in held if self._keeps_blanks else without_leading_blanks(held):
            self._put(line)

    def _is_echo(self, held: list[str], following: str | None, column: str) -> bool:
        substantial = sum(map(is_substantial, self._run))
        if substantial >= 2:
            return True
        if not substantial or following is None:
            return False
        if closes_more("\n".join(self._run)) and not closes_more(self._place.original):
            return True
        if self._prefix:
            return following.startswith(self._prefix)
        if following == self._place.first:
            return True
        run = [line.rstrip() for line in held if not is_blank(line)]
        same_columns = run == self._place.lines_before[-len(run) :]
        return same_columns and column == self._place.indent != indent_of(run[0])

    def _grow_first(self, beginning: str) -> None:
        """The scope's own lines: only the first may hold more than the scope."""
        if self._begun or not self._prefix:
            self._flow(beginning)
            return
        text = beginning.lstrip(BLANKS)
        rest = text.removeprefix(self._prefix)
        if rest != text and rest.strip():
            self.completed_line = True
            self._flow(indent_of(beginning) + rest.lstrip(BLANKS))
        elif rest == text and not self._prefix.startswith(text):
            self._flow(beginning)

    def _first(self, line: str) -> None:
        text = line.strip()
        if not self._begun and self._prefix and text == self._prefix:
            self.completed_line = True
            self._put(indent_of(line))
        elif text or self._begun or self._keeps_blanks:
            self._put(line)


class Tail(LineStage):
    """Holds back lines that stand below the scope, and blank ones, until it is known what follows.

    Comes after the indenter: whole lines are compared with their columns. The run counts as an
    echo when it is two lines or more and one is substantial, or when one stands left of the scope;
    a single long line, when it follows the original's last line, if that is substantial; any run,
    when it closes brackets that the answer never opened; one that says something, where the
    answer has repeated what stands above the scope. Code that happens to repeat one line stays.
    """

    def __init__(self, place: Place, led: Callable[[], bool] = lambda: False) -> None:
        """`led`: whether the answer has repeated what stands above the scope as well."""
        super().__init__()
        self._place = place
        self._led = led
        self._neighbours = place.lines_after
        self._held: list[str] = []  # lines that may be an echo, and blank ones
        # How long a run of neighbours the held lines may end with; 0 is always possible.
        self._sizes = [0]
        self._last = next((line.strip() for line in reversed(place.lines) if line.strip()), "")
        self._written = ""  # the last line that was written and is not blank, as it came
        self._balance = 0  # brackets opened less brackets closed, in what was written

    def _grow(self, beginning: str) -> None:
        text = beginning.rstrip()
        if text and not (self._begun and self._may_go_on(beginning, text)):
            self._release()
            self._flow(beginning)

    def _too_long(self, beginning: str) -> None:
        self._release()
        self._flow(beginning)

    def _whole(self, line: str) -> None:
        text = line.rstrip()
        if not text:
            self._held.append(line)
            return
        sizes = [size + 1 for size in self._sizes if self._next(size) == text]
        if not sizes or not self._begun:
            self._release()
            self._put(line)
            self._ended(line)
            return
        self._held.append(line)
        self._sizes = [*sizes, 0]
        self._release_all_but(max(sizes))

    def _ended(self, line: str) -> None:
        self._written = line if line.strip() else self._written

    def _settle(self) -> None:
        run = self._echo()
        if run:
            self._drop(run)
        blanks = 0
        while self._held and is_blank(self._held[-1]):
            self._held.pop()
            blanks += 1
        self._release()
        if self._place.blank:
            self._add_line_ends(blanks if not run else 0)
        elif self._begun:
            original = self._place.original
            self._add_line_ends(len(original) - len(original.rstrip("\n")))

    def _write(self, text: str) -> None:
        self._balance += balance_of(text)
        super()._write(text)

    def _next(self, size: int) -> str | None:
        return self._neighbours[size] if size < len(self._neighbours) else None

    def _may_go_on(self, beginning: str, text: str) -> bool:
        following = (self._next(size) for size in self._sizes)
        return any(
            line is not None and (line.startswith(beginning) or line == text) for line in following
        )

    def _release(self) -> None:
        """What is held is not the end of the answer, or not an echo."""
        for line in self._held:
            self._put(line)
            self._ended(line)
        self._held = []
        self._sizes = [0]

    def _release_all_but(self, size: int) -> None:
        """Of the held lines that are not blank only the last `size` may be an echo."""
        index = len(self._held)
        while size:
            index -= 1
            size -= not is_blank(self._held[index])
        while index and is_blank(self._held[index - 1]):
            index -= 1
        for line in self._held[:index]:
            self._put(line)
            self._ended(line)
        self._held = self._held[index:]

    def _echo(self) -> int:
        """How many of the held lines that are not blank repeat what stands below the scope."""
        size = max(self._sizes)
        run = self._neighbours[:size]
        if not run:
            return 0
        written = [line.rstrip() for line in self._place.document_lines if not is_blank(line)]
        if written[-size:] == run:
            return 0
        home = len(self._place.indent)
        if any(len(indent_of(line)) < home for line in run):
            return size
        if self._led() and any(map(is_substantial, run)):
            return size
        follows = is_substantial(self._last) and self._line_before(size) == self._last
        if size > 1 and any(map(is_substantial, run)):
            return size
        if size == 1 and follows and word_characters(run[0]) >= _LONG:
            return size
        after = self._balance + sum(map(balance_of, self._held))
        return size if after < balance_of(self._place.original) else 0

    def _line_before(self, size: int) -> str:
        """The line before the last `size` ones that are held, stripped; blank ones left out."""
        held = [line for line in self._held if not is_blank(line)]
        return (held[-size - 1] if len(held) > size else self._written).strip()

    def _drop(self, size: int) -> None:
        """Take the last `size` lines that are not blank off what is held."""
        while size:
            size -= not is_blank(self._held.pop())

    def _add_line_ends(self, count: int) -> None:
        for _ in range(count):
            self._put("")


class LineRest:
    """Takes off what follows the scope on its own last line, where the answer repeats it.

    Recognised when the answer has also repeated what stands before the scope on its line
    (`Head.completed_line`), or when it is a lone `;` or `,`. For every other scope it passes
    everything at once.
    """

    def __init__(self, place: Place, head: Head) -> None:
        self._head = head
        # With the blanks before it: they stand after the scope.
        self._rest = place.after.partition("\n")[0].rstrip()
        if len(self._rest) > _LONGEST_REST or place.original.endswith(self._rest):
            self._rest = ""
        self._kept = ""  # the last code points, as many as the rest has

    def push(self, text: str) -> str:
        """Take the next piece; the last few code points wait."""
        if not self._rest:
            return text
        text = self._kept + text
        split = max(0, len(text) - len(self._rest))
        self._kept = text[split:]
        return text[:split]

    def end(self, sure: bool, line_ended: bool) -> str:
        """At a cut, what waits may be the beginning of the rest: it is dropped."""
        kept, self._kept = self._kept, ""
        if not sure:
            return ""
        alone = self._rest in (";", ",")
        if kept == self._rest and (alone or self._head.completed_line):
            return ""
        return kept
