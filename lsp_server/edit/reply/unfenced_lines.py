"""The answer where no fence tells: code that a reply holds as it is.

See `prose` for what counts as code. Sentences after a blank line at the end of raw code are dropped
as chat, unless the scope itself is prose.

In Markdown (but not in code within it) a block is one of the text's own if it is announced as code,
or if it comes after other lines and the scope's own fences look like it. A lone fence at the very
end closes an answer whose opening fence was forgotten.
"""

from abc import abstractmethod
from enum import Enum, auto

from lsp_server.edit.reply.diff_detection import NAMES as DIFF_NAMES
from lsp_server.edit.reply.fence import Fence, fences_of, may_be_fence, read_fence
from lsp_server.edit.reply.line_filter import LineFilter
from lsp_server.edit.reply.prose import CodeLikeness, lies_in_code, may_be_sentence, reads_as_text
from lsp_server.edit.reply.reply_context import BLANKS, MARKDOWN, PROSE, ReplyContext, is_blank
from lsp_server.edit.reply.request_fragments import RequestFragments


class UnfencedState(Enum):
    """Where in the reply the reader stands."""

    OPENING = auto()
    THINKING = auto()
    FENCED = auto()
    PAUSED = auto()
    RAW = auto()
    MIRROR = auto()
    AFTER = auto()
    CLOSED = auto()


class Doubt(Enum):
    """Why a completed reply is no proof, where nothing was left open."""

    SEVERAL = auto()
    """A later block was more like the scope than the one that was given."""
    MIXED = auto()
    """A block came after lines that had been taken for code."""
    PART = auto()
    """It holds statements of a definition that it leaves out, and no place is certain for them."""
    EMPTIED = auto()
    """It leaves the body of a function empty that was not."""
    WIDER = auto()
    """It holds the function around the scope, with other lines around than stand there."""


class UnfencedLines(LineFilter):
    """What `Frame` does with lines in the state RAW, and what it has to know for that."""

    def __init__(self, place: ReplyContext, language: str) -> None:
        super().__init__()
        self._place = place
        self._original_fences = fences_of(place.lines)
        self._markdown = language in MARKDOWN and not place.blank and not lies_in_code(place)
        self._is_text = self._markdown and reads_as_text(place.lines)
        self._likeness = CodeLikeness(place, self._markdown, language in PROSE)
        self._request_fragments = RequestFragments(place)
        self._state = UnfencedState.OPENING
        self._has_prose = False  # a line before any block is not blank
        self._inner: Fence | None = None  # of a block within an answer without a fence
        self._waiting: list[str] = []  # lines that may be chat at the end, and blank ones
        self._waits = False  # the line that flows belongs to `_waiting`
        self._lone = False  # one of `_waiting` is a fence that may have closed the answer
        self._last_blank = False  # the last line written of a block is blank
        self.proven = False
        self.doubt: Doubt | None = None

    def _grow_raw(self, beginning: str) -> None:
        may_be = (self._markdown or not self._original_fences) and may_be_fence(beginning)
        may_be = may_be or self._request_fragments.may_be(beginning)
        may_be = may_be or self._request_fragments.may_be_heading(beginning.lstrip(BLANKS))
        if not (is_blank(beginning) or may_be or self._may_be_chat(beginning)):
            self._release_waiting()
            self._flow(beginning)

    def _may_be_chat(self, beginning: str) -> bool:
        """Whether a line after a blank one could be chat after the code."""
        return bool(self._waiting and not self._likeness.is_prose and may_be_sentence(beginning))

    def _raw_line(self, line: str) -> None:
        if self._request_fragments.is_dropped(line):
            return
        if self._request_fragments.ends(line):
            self._finish_raw()
            return
        fence = read_fence(line)
        if self._markdown:
            lone = fence is not None and not fence.info and self._inner is None
            self._nest(fence)
            if lone:
                # Content if anything follows it.
                self._waiting.append(line)
                self._lone = True
            else:
                self._raw_content(line)
        elif fence is not None and not self._original_fences:
            self._fence_in_raw(fence)
        else:
            self._raw_content(line)

    def _raw_content(self, line: str) -> None:
        chat = self._waiting and not self._likeness.is_prose and self._likeness.is_chat(line)
        if is_blank(line) or chat:
            self._waiting.append(line)
        else:
            self._release_waiting()
            self._put(line)
            self._weigh(line)

    def _release_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for line in waiting:
            self._put(line)
            self._weigh(line)
        self._lone = False

    @abstractmethod
    def _weigh(self, line: str) -> None:
        """The whole of this line has been written."""

    @abstractmethod
    def _fence_in_raw(self, fence: Fence) -> None:
        """A fence behind code without one, in a text that holds none of its own."""

    def _finish_raw(self) -> None:
        """The end of an answer without a fence: proof, unless a block in it was left open."""
        self.proven = self._inner is None or self._lone
        self._end_raw()
        self._state = UnfencedState.CLOSED

    @abstractmethod
    def _end_raw(self) -> None:
        """The code without a fence has ended: what is held of it comes out."""

    def _is_content(self, fence: Fence) -> bool:
        """Whether a block is a part of an answer that has no fence around it."""
        if not self._markdown or fence.holds_markdown:
            return False
        if fence.info.lower() in DIFF_NAMES and not self._has_prose:
            return False  # It may be one of the text.
        if fence.info:
            return bool(self._original_fences) or self._is_text
        return self._has_prose and any(map(fence.rivals, self._original_fences))

    def _nest(self, fence: Fence | None) -> None:
        """A line of an answer without a fence of its own: `fence` if it is one."""
        if self._inner is None:
            self._inner = fence
        elif fence is not None and not fence.info and self._inner.rivals(fence):
            self._inner = None
