"""The frame of every step between the raw reply and the clean text.

A stage takes text in pieces and gives text in pieces, and decides line by line. While a line's
beginning is undecided it is *held*; once it is decided to be ordinary the rest of it *flows*,
without waiting for its end. Between stages a "\\n" separates two lines: it is given only when
the line after it exists, so no stage ever has to take one back.

The law that makes the result independent of the chunks: a verdict on a line's beginning is the
verdict on every continuation of it, and a line that is still undecided at its end is judged as
a whole.
"""

from abc import ABC, abstractmethod

from lsp_server.edit.reply.repairs import Repair

# No beginning of a line is held for longer than this, in code points. It bounds what a person
# waits for and, because a held beginning is looked at again with each piece, the cost.
LONGEST_HELD = 400


class LineFilter(ABC):
    """Text in, text out. Never raises, costs a bounded amount for each code point."""

    def __init__(self) -> None:
        self._beginning = ""  # of the current line, while it is held
        self._line: list[str] = []  # the current line so far, held or not
        self._flowing = False  # the current line is decided, its rest passes as it comes
        self._begun = False  # a line has been written: the next one needs a separator
        self._fed = False  # anything has come at all
        self._output: list[str] = []
        self.mended: set[Repair] = set()  # what of the answer was not as it should be

    def push(self, text: str) -> str:
        """Take the next piece; return what became certain by it."""
        if text:
            self._fed = True
            first, *others = text.split("\n")
            self._extend(first)
            for piece in others:
                self._close_line()
                self._extend(piece)
        return self._drain()

    def end(self, sure: bool, line_ended: bool) -> str:
        """No more will come. `sure`: this is the answer's end, and not merely a cut.

        `line_ended`: the last line is complete, also where the reply was cut after it. What is
        still held at a cut is not surely part of the answer, so it is dropped.
        """
        if self._fed and line_ended:
            self._close_line()
        if sure:
            self._settle()
        return self._drain()

    @abstractmethod
    def _grow(self, beginning: str) -> None:
        """The undecided line has grown: call `_flow` once it is decided, or wait."""

    def _too_long(self, beginning: str) -> None:
        """`LONGEST_HELD` code points did not decide the line, and more of it comes: it flows."""
        self._flow(beginning)

    @abstractmethod
    def _whole(self, line: str) -> None:
        """The line has ended undecided."""

    def _ended(self, line: str) -> None:  # noqa: B027 (most stages have no use for it)
        """A line that flowed has ended; this is the whole of it, as it came in."""

    def _settle(self) -> None:  # noqa: B027
        """The answer is complete: decide what is still held."""

    def _write(self, text: str) -> None:
        self._output.append(text)

    def _put(self, line: str) -> None:
        """Write a line, or the beginning of one."""
        if self._begun:
            self._write("\n")
        self._begun = True
        self._write(line)

    def _flow(self, beginning: str) -> None:
        """The current line is ordinary: write its beginning and let its rest pass."""
        self._put(beginning)
        self._flowing = True

    def _extend(self, piece: str) -> None:
        if not piece:
            return
        self._line.append(piece)
        if not self._flowing:
            room = LONGEST_HELD - len(self._beginning)
            self._beginning += piece[:room]
            piece = piece[room:]
            self._grow(self._beginning)
            if piece and not self._flowing:
                self._too_long(self._beginning)
        if piece and self._flowing:
            self._write(piece)

    def _close_line(self) -> None:
        line, beginning, flowing = "".join(self._line), self._beginning, self._flowing
        self._line, self._beginning, self._flowing = [], "", False
        if flowing:
            self._ended(line)
        else:
            self._whole(beginning)

    def _drain(self) -> str:
        text = "".join(self._output)
        self._output = []
        return text
