"""Removes the scope's surroundings from the edges of an answer.

Models repeat the lines above or below the scope, or complete the line of which the scope is a part.
Three stages undo this: `LeadingOverlap` at the beginning, `TrailingOverlap` at the end, and
`LineRest` for the text after the scope on its last line. Lines count as repeated context only where
they adjoin the scope: a run of lines that ends with the line above the scope, or begins with the
line below it. Nothing is removed if the original itself begins or ends that way.

Blank lines at the edges are removed as well, because a scope begins and ends with the characters of
its own code. If the original ends in line ends, the answer gets as many. At an insertion point
blank lines stay.
"""

from collections.abc import Callable
from itertools import takewhile

from lsp_server.edit.reply.line_filter import LineFilter
from lsp_server.edit.reply.repairs import Repair
from lsp_server.edit.reply.reply_context import (
    BLANKS,
    ReplyContext,
    balance_of,
    closes_more,
    indent_of,
    is_blank,
    is_substantial,
    opens_of,
    without_leading_blanks,
    word_characters,
)

# A single repeated line needs at least this many letters, digits and underscores to be removed.
_LONG = 8
# The longest text after the scope on its line that is looked for, in code points.
_LONGEST_REST = 200


def _blanks_at_end(lines: list[str]) -> int:
    """The number of blank lines at the end."""
    return len(list(takewhile(is_blank, reversed(lines))))


class LeadingOverlap(LineFilter):
    """Removes repeated lines above the scope, and repeated text before it on its first line.

    A run of lines is removed in one of these cases:

    - blank lines separate it from the next line just as they separate it from the scope in the
      document: in both places or in neither;
    - two of its lines are substantial;
    - one line is substantial, and the original's first line (or that line completed) follows;
    - one line is substantial, and the run closes a bracket that it does not open, unlike the scope;
    - one line is substantial, all lines are in their own columns, and the next line is in the
      scope's column, which is a different one.

    Only the last case looks at columns. Otherwise lines are compared without white space at their
    ends, because the columns of the answer are not known yet.
    """

    def __init__(self, context: ReplyContext) -> None:
        super().__init__()
        self._context = context
        self._neighbours = [line.strip() for line in context.lines_before]
        self._held: list[str] = []  # lines that may be repeated, and blank lines
        self._run: list[str] = []  # the held lines that are not blank, stripped
        self._run_length = 0  # how many held lines form a run up to the line above the scope
        # Indices in `_neighbours` at which the run may have begun.
        self._starts = [
            index for index, line in enumerate(self._neighbours) if line != context.first
        ]
        self._prefix = context.line_prefix
        if not word_characters(self._prefix) or context.original.startswith(self._prefix):
            self._prefix = ""
        self._searching = True
        self._keeps_blanks = context.blank or context.original[:1] == "\n"
        self.has_removed = False  # entire lines were removed
        self.removed_lines: list[str] = []  # the removed lines, stripped
        self.completed_line = False  # the answer completed the scope's first line

    def _line_grew(self, beginning: str) -> None:
        text = beginning.lstrip(BLANKS)
        if not text:
            return
        if self._searching:
            if self._may_go_on(text):
                return
            self._stop_searching(text, indent_of(beginning))
        self._first_line_grew(beginning)

    def _beginning_too_long(self, beginning: str) -> None:
        if self._searching:
            self._stop_searching(None)
        self._flow(beginning)

    def _line_undecided(self, line: str) -> None:
        text = line.strip()
        if not self._searching:
            self._first(line)
        elif not text:
            self._held.append(line)
        elif starts := self._starts_with(text):
            self._held.append(line)
            self._run.append(text)
            self._starts = starts
            if self._complete():
                self._run_length = len(self._held)
        else:
            self._stop_searching(text, indent_of(line))
            self._first(line)

    def _text_ended(self) -> None:
        if self._searching:
            self._stop_searching(None)

    def _may_go_on(self, text: str) -> bool:
        """Whether a line with this beginning could belong to the run, or decide about it."""
        size = len(self._run)
        for start in self._starts:
            if start + size < len(self._neighbours):
                neighbour = self._neighbours[start + size]
                if neighbour.startswith(text) or neighbour == text.rstrip():
                    return True
        if not self._complete():
            return False
        decider = self._prefix or self._context.first
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
        """End the run.

        `following` is the beginning of the next line without its indentation `column`; None if
        there is no next line.
        """
        self._searching = False
        held, self._held = self._held, []
        run, rest = held[: self._run_length], held[self._run_length :]
        later = without_leading_blanks(rest)
        if later:
            following, column = later[0].strip(), indent_of(later[0])
        blanks = len(rest) - len(later)
        self._run = [line.strip() for line in run if not is_blank(line)]
        self.has_removed = bool(run) and self._is_repeated(run, blanks, following, column)
        if self.has_removed:
            self.removed_lines = self._run
            self.repairs.add(Repair.ECHO)
            rest = [*rest[:blanks][self._context.blanks_above :], *later]
            held = rest if self._context.blank else later
        for line in held if self._keeps_blanks else without_leading_blanks(held):
            if self.has_removed:
                self._first(line)
            else:
                self._put(line)

    def _is_repeated(self, run: list[str], blanks: int, following: str | None, column: str) -> bool:
        """Whether the lines `run` repeat the context.

        `blanks` is the number of blank lines between the run and `following`.
        """
        substantial = sum(map(is_substantial, self._run))
        if substantial >= 2:
            return True
        if following is None:
            return False
        if not self._prefix and bool(blanks) == bool(self._context.blanks_above):
            return True
        if not substantial:
            return False
        if closes_more("\n".join(self._run)) and not closes_more(self._context.original):
            return True
        if self._prefix:
            return following.startswith(self._prefix)
        if following == self._context.first:
            return True
        run = [line.rstrip() for line in run if not is_blank(line)]
        same_columns = run == self._context.lines_before[-len(run) :]
        return same_columns and column == self._context.indent != indent_of(run[0])

    def _first_line_grew(self, beginning: str) -> None:
        """Handle a line of the scope: only the first one may hold more than the scope."""
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


class TrailingOverlap(LineFilter):
    """Removes repeated lines below the scope.

    Holds such lines, and blank ones, until the next line decides. It follows the indenter, so lines
    are compared with their columns. A run of lines is removed in one of these cases:

    - one of its lines is left of the scope;
    - blank lines separate it from the line before it just as they separate it from the scope in the
      document: in both places or in neither;
    - it has at least two lines, and one of them is substantial;
    - it is a single long line after the original's last line, which is substantial;
    - it closes brackets that the answer did not open;
    - one of its lines is substantial, and the answer also repeats the lines above the scope.

    The run stays if the answer is sound only with it.
    """

    def __init__(
        self,
        context: ReplyContext,
        repeats_above: Callable[[], bool] = lambda: False,
        is_sound: Callable[[str], bool] | None = None,
    ) -> None:
        """`repeats_above`: whether the answer also repeats the lines above the scope.

        `is_sound`: whether a text is syntactically sound code; None if that is unknown.
        """
        super().__init__()
        self._context = context
        self._repeats_above = repeats_above
        self._is_sound = is_sound
        self._pieces: list[str] = []  # the text written so far
        self.removed_lines: list[str] = []  # the removed lines, stripped
        self._neighbours = context.lines_after
        self._held: list[str] = []  # lines that may be repeated, and blank lines
        # The possible lengths of a run of neighbours at the end of the held lines; 0 is always
        # possible.
        self._sizes = [0]
        self._last = next((line.strip() for line in reversed(context.lines) if line.strip()), "")
        self._last_written = ""  # the last written line that is not blank, as it came
        self._balance = 0  # opening brackets minus closing brackets in the written text

    def _line_grew(self, beginning: str) -> None:
        text, in_column = beginning.rstrip(), self._in_column(beginning)
        if text and not (self._may_begin() and self._may_go_on(in_column, in_column.rstrip())):
            self._release()
            self._flow(beginning)

    def _beginning_too_long(self, beginning: str) -> None:
        self._release()
        self._flow(beginning)

    def _line_undecided(self, line: str) -> None:
        if is_blank(line):
            self._held.append(line)
            return
        text = self._in_column(line).rstrip()
        sizes = [size + 1 for size in self._sizes if self._next(size) == text]
        if not sizes or not self._may_begin():
            self._release()
            self._put(line)
            self._flowed_line_ended(line)
            return
        self._held.append(line)
        self._sizes = [*sizes, 0]
        self._release_all_but(max(sizes))

    def _flowed_line_ended(self, line: str) -> None:
        self._last_written = line if line.strip() else self._last_written

    def _text_ended(self) -> None:
        run = self._repeated_at_end()
        if run:
            self._drop(run)
        blanks = _blanks_at_end(self._held)
        self._held = self._held[: len(self._held) - blanks]
        self._release()
        if self._context.blank:
            self._add_line_ends(max(blanks - self._context.blanks_below, 0) if run else blanks)
        elif self._begun:
            original = self._context.original
            self._add_line_ends(len(original) - len(original.rstrip("\n")))

    def _write(self, text: str) -> None:
        self._balance += balance_of(text)
        self._pieces.append(text)
        super()._write(text)

    def _next(self, size: int) -> str | None:
        return self._neighbours[size] if size < len(self._neighbours) else None

    def _may_go_on(self, beginning: str, text: str) -> bool:
        following = (self._next(size) for size in self._sizes)
        return any(
            line is not None and (line.startswith(beginning) or line == text) for line in following
        )

    def _in_column(self, line: str) -> str:
        """The line with its column in the document: the scope's first line comes without it."""
        first = not self._begun and all(map(is_blank, self._held))
        return self._context.indent + line if first else line

    def _may_begin(self) -> bool:
        """Whether a run may begin here: after code, or if the answer repeated the lines above."""
        return self._begun or self._repeats_above()

    def _release(self) -> None:
        """Write the held lines: they are not the end of the answer, or not repeated context."""
        for line in self._held:
            self._put(line)
            self._flowed_line_ended(line)
        self._held = []
        self._sizes = [0]

    def _release_all_but(self, size: int) -> None:
        """Write the held lines except a run of `size` lines at the end and blanks before it."""
        index = self._start_of(size)
        index -= _blanks_at_end(self._held[:index])
        for line in self._held[:index]:
            self._put(line)
            self._flowed_line_ended(line)
        self._held = self._held[index:]

    def _repeated_at_end(self) -> int:
        """The number of held non-blank lines that repeat the lines below the scope."""
        size = max(self._sizes)
        run = self._neighbours[:size]
        if not run:
            return 0
        written = [line.rstrip() for line in self._context.document_lines if not is_blank(line)]
        if written[-size:] == run:
            return 0
        home = len(self._context.indent)
        left = any(len(indent_of(line)) < home for line in run)
        return size if (left or self._repeats_below(run)) and not self._needs_run(size) else 0

    def _repeats_below(self, run: list[str]) -> bool:
        """Whether a run that is not left of the scope repeats the lines below it."""
        size = len(run)
        if bool(self._blanks_before(size)) == bool(self._context.blanks_below):
            return True
        if any(map(is_substantial, run)) and (size > 1 or self._repeats_above()):
            return True
        follows = is_substantial(self._last) and self._line_before(size) == self._last
        if follows and word_characters(run[0]) >= _LONG:
            return True
        after = self._balance + sum(map(balance_of, self._held))
        return after < balance_of(self._context.original)

    def _needs_run(self, size: int) -> bool:
        """Whether the answer is sound with the last `size` held lines but not without them."""
        text = "".join(self._pieces)
        with_run = "\n".join([text, *self._held])
        without_run = "\n".join([text, *self._held[: self._start_of(size)]])
        opened = opens_of(self._context.original)
        if self._is_sound is None or not with_run.strip():
            return opens_of(with_run) == opened != opens_of(without_run)
        return self._is_sound(with_run) and not self._is_sound(without_run)

    def _start_of(self, size: int) -> int:
        """The index in `_held` of the last `size` lines that are not blank."""
        index = len(self._held)
        while size:
            index -= 1
            size -= not is_blank(self._held[index])
        return index

    def _blanks_before(self, size: int) -> int:
        """The number of blank lines held before them."""
        return _blanks_at_end(self._held[: self._start_of(size)])

    def _line_before(self, size: int) -> str:
        """The last line that is not blank before the last `size` held ones, stripped."""
        held = [line for line in self._held if not is_blank(line)]
        return (held[-size - 1] if len(held) > size else self._last_written).strip()

    def _drop(self, size: int) -> None:
        """Remove the last `size` lines that are not blank from the held lines."""
        start = self._start_of(size)
        self.repairs.add(Repair.ECHO)
        self.removed_lines = [line.strip() for line in self._held[start:] if not is_blank(line)]
        self._held = self._held[:start]

    def _add_line_ends(self, count: int) -> None:
        for _ in range(count):
            self._put("")


class LineRest:
    """Removes the text after the scope on its last line if the answer repeats it.

    It is removed if the answer also repeated the text before the scope on its line
    (`LeadingOverlap.completed_line`), or if it is a lone `;` or `,`. For every other scope all text
    passes at once.
    """

    def __init__(self, context: ReplyContext, leading: LeadingOverlap) -> None:
        self._leading_overlap = leading
        # With the white space before it, which is outside of the scope, too.
        self._rest = context.after.partition("\n")[0].rstrip()
        if len(self._rest) > _LONGEST_REST or context.original.endswith(self._rest):
            self._rest = ""
        self._held = ""  # the last code points, as many as the rest has

    def push(self, text: str) -> str:
        """Take the next piece; hold the last few code points."""
        if not self._rest:
            return text
        text = self._held + text
        split = max(0, len(text) - len(self._rest))
        self._held = text[split:]
        return text[:split]

    def end(self, sure: bool, line_ended: bool) -> str:
        """End the text. At a cut, the held text may be the beginning of the rest: it is dropped."""
        kept, self._held = self._held, ""
        if not sure:
            return ""
        alone = self._rest in (";", ",")
        if kept == self._rest and (alone or self._leading_overlap.completed_line):
            return ""
        # An answer may complete the call and omit the end of the statement.
        closing = self._rest.rstrip(";,")
        if self._leading_overlap.completed_line and closing and kept.endswith(closing):
            return kept.removesuffix(closing)
        return kept
