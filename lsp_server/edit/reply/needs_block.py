"""Separates a reply's `needs` blocks, which hold import lines, from the answer.

A block counts wherever it stands, but not where it may be code of the answer: inside a longer
fence, or if the scope itself has its first line. Its last line counts only if it is complete. Knows
nothing about imports: what the lines are is decided by others.
"""

from lsp_server.edit.reply.fence import Fence, may_be_fence, read_fence

NEEDS = "needs"
"""The info string of the block."""

MOST_NEEDED = 8_000
"""Code points of import lines that are kept, and waited for after an answer."""

# The longest beginning of a line that is held because it may be a fence, in code points.
_LONGEST_FENCE = 80


class NeedsBlocks:
    """Takes the raw reply in pieces, and returns it without its `needs` blocks. Never raises.

    Invariant: neither the returned text nor `lines` depends on how the reply was cut into pieces.
    """

    def __init__(self, scope: str) -> None:
        """`scope` is the text that is edited, with "\\n" as line ends."""
        self._own = {line.strip() for line in scope.split("\n") if NEEDS in line}
        self._held = ""  # The beginning of a line that may be a fence, or is in a `needs` block.
        self._flowing = False  # The rest of the line is no fence: it passes at once.
        self._around: Fence | None = None  # The block of the answer that is open.
        self._inside: Fence | None = None  # The `needs` block that is open.
        self._lines: list[str] = []
        self._length = 0

    @property
    def lines(self) -> str:
        """The complete lines of all `needs` blocks so far."""
        return "".join(self._lines)

    @property
    def is_open(self) -> bool:
        """Whether more lines of a block are coming, or a line that may open one."""
        if self._length > MOST_NEEDED:
            return False
        return self._inside is not None or bool(self._held.strip())

    def push(self, text: str) -> str:
        """Take the next piece; return what of the reply is certainly in no `needs` block."""
        passed: list[str] = []
        while text:
            end = text.find("\n") + 1
            piece, text = (text[:end], text[end:]) if end else (text, "")
            if self._inside is not None:
                self._take_inside(piece, passed, ended=bool(end))
            elif self._flowing:
                passed.append(piece)
                self._flowing = not end
            else:
                self._take_outside(piece, passed, ended=bool(end))
        return "".join(passed)

    def finish(self, completed: bool) -> str:
        """The reply has ended. `completed`: the model itself ended it, so its last line is whole.

        Returns what was still held.
        """
        held, self._held = self._held, ""
        if self._inside is None:
            fence = read_fence(held.strip())
            return "" if fence is not None and self._opens(held, fence) else held
        if completed and held.strip() and read_fence(held.strip()) is None:
            self._keep(f"{held}\n")
        return ""

    def _take_outside(self, piece: str, passed: list[str], *, ended: bool) -> None:
        self._held += piece
        if not ended:
            if len(self._held) > _LONGEST_FENCE or not may_be_fence(self._held):
                passed.append(self._held)
                self._held, self._flowing = "", True
            return
        line, self._held = self._held, ""
        fence = read_fence(line.strip()) if len(line) <= _LONGEST_FENCE else None
        if fence is not None and self._opens(line, fence):
            self._inside = fence
            return
        if fence is not None:
            self._note(fence)
        passed.append(line)

    def _opens(self, line: str, fence: Fence) -> bool:
        """Whether this line opens a `needs` block."""
        if NEEDS not in fence.info.lower().split() or line.strip() in self._own:
            return False
        return self._around is None or self._around.length <= fence.length

    def _note(self, fence: Fence) -> None:
        """Follow which block of the answer is open."""
        if self._around is None:
            self._around = fence
        elif not fence.info and fence.mark == self._around.mark:
            self._around = None if fence.length >= self._around.length else self._around

    def _take_inside(self, piece: str, passed: list[str], *, ended: bool) -> None:
        left = max(MOST_NEEDED - self._length - len(self._held), 0)
        self._held += piece if ended or left else ""
        if not ended:
            return
        line, self._held = self._held, ""
        fence = read_fence(line.strip())
        if self._closes(line):
            self._inside = None
        elif fence is not None and fence.info and not self._opens(line, fence):
            # The block was never closed, and the next one begins.
            self._inside = None
            self._note(fence)
            passed.append(line)
        elif fence is None:
            self._keep(line)

    def _closes(self, line: str) -> bool:
        """Whether the line is the closing fence of the `needs` block."""
        fence, opened = read_fence(line.strip()), self._inside
        return (
            fence is not None
            and opened is not None
            and not fence.info
            and fence.mark == opened.mark
            and fence.length >= opened.length
        )

    def _keep(self, line: str) -> None:
        self._length += len(line)
        if self._length <= MOST_NEEDED:
            self._lines.append(line)
