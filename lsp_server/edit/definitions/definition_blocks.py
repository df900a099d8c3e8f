"""Finds the lines of code in a reply: those in fenced blocks, or from a known line on."""

from collections.abc import Collection

from lsp_server.edit.reply.fence import CLOSING_SLACK, Fence, read_fence
from lsp_server.edit.reply.reasoning import Reasoning


class DefinitionBlocks:
    """Takes the cleaned text of a reply and returns its lines of code. Never raises.

    Invariant: the lines don't depend on how the reply was split into chunks.
    """

    def __init__(self, known: Collection[str]) -> None:
        """`known`: the header lines of the scope's definitions, stripped."""
        self._known = known
        self._partial: list[str] = []
        self._fence: Fence | None = None
        self._bare = False  # In code without a fence.
        self._thoughts = Reasoning()
        self._chat: list[str] = []
        self._chat_length = 0  # Code points of prose since the last line of code.
        self.found = False
        """Whether a line of code was received."""
        self.closed = False
        """Whether a block was closed."""

    @property
    def open(self) -> bool:
        """Whether a block is open."""
        return self._fence is not None

    @property
    def chat(self) -> str:
        """The prose outside of the code."""
        return "\n".join(self._chat).strip()

    @property
    def chat_length(self) -> int:
        """Code points of prose received since the last line of code."""
        return self._chat_length + (0 if self.open or self._bare else sum(map(len, self._partial)))

    def push(self, text: str) -> list[str]:
        """Take more of the reply; return the lines of code that it completes."""
        first, *others = text.split("\n")
        self._partial.append(first)
        lines: list[str] = []
        for piece in others:
            line, self._partial = "".join(self._partial), [piece]
            lines += self._line(line)
        return lines

    def finish(self, completed: bool) -> list[str]:
        """The reply ended; return its last line, unless it broke off."""
        last, self._partial = "".join(self._partial), []
        return self._line(last) if completed and last else []

    def _line(self, line: str) -> list[str]:
        fence = read_fence(line)
        if self._fence is not None:
            if fence is None or fence.info or not self._closes(fence, self._fence):
                return self._code(line)
            self._fence, self.closed = None, True
        elif not self._bare and self._thoughts.is_reasoning_line(line):
            pass
        elif fence is not None:
            # Behind code without a fence, it closes that code or opens the next block.
            self.closed = self.closed or (self._bare and not fence.info)
            self._fence = None if self._bare and not fence.info else fence
            self._bare = False
        elif self._bare or line.strip() in self._known:
            self._bare = True
            return self._code(line)
        else:
            self._chat.append(line)
            self._chat_length += len(line) + 1
        return []

    def _closes(self, fence: Fence, opening: Fence) -> bool:
        same = fence.mark == opening.mark and fence.length >= opening.length
        return same and fence.indent <= opening.indent + CLOSING_SLACK

    def _code(self, line: str) -> list[str]:
        self.found = self.found or bool(line.strip())
        self._chat_length = 0
        return [line]
