"""The base class of the stages between the raw reply and the clean text.

A stage takes and returns text in pieces, and decides line by line. It *holds* the beginning of a
line while that is undecided. Once the line is decided to be ordinary, the rest of it *flows*: it
passes without waiting for its end. Between stages a "\\n" separates two lines. It is passed on only
when the next line exists, so no stage ever has to take one back.

Invariant, which makes the result independent of the chunks: a decision about the beginning of a
line holds for every continuation of it, and a line that is undecided at its end is judged as a
complete line.
"""

from abc import ABC, abstractmethod

from lsp_server.edit.reply.repairs import Repair

# The longest beginning of a line that is held, in code points. It limits how long a user waits and
# what a stage costs, since each piece makes the stage examine the held beginning again.
LONGEST_HELD = 400


class LineFilter(ABC):
    """Takes and returns text. Never raises; the cost per code point is bounded."""

    def __init__(self) -> None:
        self._beginning = ""  # the beginning of the current line, while it is held
        self._line: list[str] = []  # the current line so far, held or not
        self._flowing = False  # the current line is decided, the rest of it passes at once
        self._begun = False  # a line has been written: the next one needs a separator
        self._fed = False  # any text has come
        self._output: list[str] = []
        self.repairs: set[Repair] = set()  # the kinds of repairs made to the answer

    def push(self, text: str) -> str:
        """Take the next piece; return the text that became certain."""
        if text:
            self._fed = True
            first, *others = text.split("\n")
            self._extend(first)
            for piece in others:
                self._close_line()
                self._extend(piece)
        return self._drain()

    def end(self, sure: bool, line_ended: bool) -> str:
        """End the text. `sure`: the answer ends here; otherwise the reply was cut.

        `line_ended`: the last line is complete, even if the reply was cut after it. Text still held
        at a cut is not surely part of the answer, so it is dropped.
        """
        if self._fed and line_ended:
            self._close_line()
        if sure:
            self._text_ended()
        return self._drain()

    @abstractmethod
    def _line_grew(self, beginning: str) -> None:
        """Called when the undecided line has grown: call `_flow` once it is decided, or wait."""

    def _beginning_too_long(self, beginning: str) -> None:
        """Called when a line of more than `LONGEST_HELD` code points is undecided: let it flow."""
        self._flow(beginning)

    @abstractmethod
    def _line_undecided(self, line: str) -> None:
        """Called when the line has ended undecided."""

    def _flowed_line_ended(self, line: str) -> None:  # noqa: B027 (most stages have no use for it)
        """Called when a line that flowed has ended. `line` is the complete line as it came."""

    def _text_ended(self) -> None:  # noqa: B027
        """Called when the answer is complete: decide about what is still held."""

    def _write(self, text: str) -> None:
        self._output.append(text)

    def _put(self, line: str) -> None:
        """Write a line, or the beginning of one."""
        if self._begun:
            self._write("\n")
        self._begun = True
        self._write(line)

    def _flow(self, beginning: str) -> None:
        """Let the current line pass as ordinary: write its beginning, and the rest as it comes."""
        self._put(beginning)
        self._flowing = True

    def _extend(self, piece: str) -> None:
        if not piece:
            return
        self._line.append(piece)
        if not self._flowing:
            remaining = LONGEST_HELD - len(self._beginning)
            self._beginning += piece[:remaining]
            piece = piece[remaining:]
            self._line_grew(self._beginning)
            if piece and not self._flowing:
                self._beginning_too_long(self._beginning)
        if piece and self._flowing:
            self._write(piece)

    def _close_line(self) -> None:
        line, beginning, flowing = "".join(self._line), self._beginning, self._flowing
        self._line, self._beginning, self._flowing = [], "", False
        if flowing:
            self._flowed_line_ended(line)
        else:
            self._line_undecided(beginning)

    def _drain(self) -> str:
        text = "".join(self._output)
        self._output = []
        return text
