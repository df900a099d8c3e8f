"""Watches the text after an answer: may another block of code still come?

The closing fence alone does not end a reply: code for another part of the file may follow in a
block of its own. Prose that announces nothing does end it. Knows nothing about the answer.
"""

from dataclasses import dataclass

from lsp_server.edit.reply.corrected_answer import doubts_itself
from lsp_server.edit.reply.fence import Fence, may_be_fence, read_fence

# The number of code points of prose after the last block that end a reply, if none announces a
# block.
_PROSE = 60
# The longest text after an answer, in code points, that is worth waiting for.
_MOST = 8_000


@dataclass(slots=True)
class TrailingProse:
    """The text after an answer, in pieces of any size."""

    _line: str = ""
    _block: Fence | None = None
    _prose: int = 0
    _announces: bool = False
    _length: int = 0

    def push(self, text: str) -> None:
        """Take the next piece."""
        self._length += len(text)
        *lines, rest = (self._line + text).split("\n")
        for line in lines:
            self._take(line)
        self._line = rest[:_MOST]

    @property
    def length(self) -> int:
        """How many code points have come."""
        return self._length

    @property
    def over(self) -> bool:
        """Whether nothing more is expected that is worth waiting for."""
        if self._length > _MOST:
            return True
        if self._block is not None or (self._line and may_be_fence(self._line)):
            return False
        line = self._line.strip()
        announces = _announces(line) if line else self._announces
        return not announces and self._prose + len(line) >= _PROSE

    def _take(self, line: str) -> None:
        fence = read_fence(line)
        if self._block is not None:
            if fence is not None and not fence.info and self._block.rivals(fence):
                self._block = None
        elif fence is not None:
            self._block, self._prose, self._announces = fence, 0, False
        elif line.strip():
            self._prose += len(line.strip())
            self._announces = _announces(line.rstrip())


def _announces(line: str) -> bool:
    """Whether the line says that more code follows, or that the answer is wrong."""
    return line.endswith(":") or doubts_itself(line)
