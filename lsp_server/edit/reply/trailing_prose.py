"""What a model writes behind its answer: whether another block of code may still come there.

The closing fence alone is no end: what the answer needs elsewhere in the file may follow it in a
block of its own. Prose that announces nothing is one. Knows nothing of the answer.
"""

from dataclasses import dataclass

from lsp_server.edit.reply.corrected_answer import doubts_itself
from lsp_server.edit.reply.fence import Fence, may_be_fence, read_fence

# So many code points of prose behind the last block, and none of them announces another one.
_PROSE = 60
# Whatever it is, more than this (code points) is not waited for.
_MOST = 8_000


@dataclass(slots=True)
class TrailingProse:
    """The text behind an answer, in pieces of any size."""

    _line: str = ""
    _block: Fence | None = None
    _prose: int = 0
    _announces: bool = False
    _length: int = 0

    def push(self, text: str) -> None:
        """More of it."""
        self._length += len(text)
        *lines, rest = (self._line + text).split("\n")
        for line in lines:
            self._take(line)
        self._line = rest[:_MOST]

    @property
    def over(self) -> bool:
        """Whether nothing is to be expected any more that is worth waiting for."""
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
    """Whether the line says that more code follows, or that what came was not right."""
    return line.endswith(":") or doubts_itself(line)
