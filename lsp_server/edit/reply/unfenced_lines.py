"""Reads an answer that is not marked by fences: code that the reply contains as it is.

`prose` defines what counts as code. Sentences after a blank line at the end of raw code are dropped
as chat, unless the scope itself is prose.

In Markdown (but not in code within it) a block belongs to the text itself if its info string names
a code language, or if it comes after other lines and the scope's own fences look like it. A lone
fence at the very end closes an answer whose opening fence is missing.
"""

from abc import abstractmethod
from enum import Enum, auto

from lsp_server.edit.reply.diff_detection import DIFF_INFO_STRINGS
from lsp_server.edit.reply.fence import Fence, fences_of, may_be_fence, read_fence
from lsp_server.edit.reply.line_filter import LineFilter
from lsp_server.edit.reply.prose import CodeLikeness, is_within_code, may_be_sentence, reads_as_text
from lsp_server.edit.reply.reply_context import BLANKS, MARKDOWN, PROSE, ReplyContext, is_blank
from lsp_server.edit.reply.request_fragments import RequestFragments


class UnfencedState(Enum):
    """The state of the extractor; `answer_extractor` describes each one."""

    OPENING = auto()
    THINKING = auto()
    FENCED = auto()
    PAUSED = auto()
    RAW = auto()
    REPEATED = auto()
    AFTER = auto()
    CLOSED = auto()


class Doubt(Enum):
    """Why a completed reply proves nothing although nothing was left open."""

    SEVERAL = auto()
    """A later block resembled the scope more than the one that was passed on."""
    MIXED = auto()
    """A block came after lines that had been taken for code."""
    PART = auto()
    """It has statements of a definition that it omits, and their position is uncertain."""
    EMPTIED = auto()
    """It empties the body of a function."""
    WIDER = auto()
    """It contains the function around the scope, with lines around the scope that differ."""


class UnfencedLines(LineFilter):
    """The part of the extractor that handles the state RAW."""

    def __init__(self, context: ReplyContext, language: str) -> None:
        super().__init__()
        self._context = context
        self._original_fences = fences_of(context.lines)
        self._markdown = language in MARKDOWN and not context.blank and not is_within_code(context)
        self._is_text = self._markdown and reads_as_text(context.lines)
        self._likeness = CodeLikeness(context, self._markdown, language in PROSE)
        self._request_fragments = RequestFragments(context)
        self._state = UnfencedState.OPENING
        self._has_prose = False  # a line before any block is not blank
        self._open_block: Fence | None = None  # the open block within an answer that has no fence
        self._waiting: list[str] = []  # blank lines, and lines that may be chat at the end
        self._flows_to_waiting = False  # the line that flows belongs to `_waiting`
        self._has_lone_fence = False  # `_waiting` has a fence that may have closed the answer
        self._last_blank = False  # the last line written of a block is blank
        self.proven = False
        self.doubt: Doubt | None = None

    def _raw_line_grew(self, beginning: str) -> None:
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
        if self._request_fragments.ends_answer(line):
            self._finish_raw()
            return
        fence = read_fence(line)
        if self._markdown:
            lone = fence is not None and not fence.info and self._open_block is None
            self._nest(fence)
            if lone:
                # It is content if anything follows it.
                self._waiting.append(line)
                self._has_lone_fence = True
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
            self._line_written(line)

    def _release_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for line in waiting:
            self._put(line)
            self._line_written(line)
        self._has_lone_fence = False

    @abstractmethod
    def _line_written(self, line: str) -> None:
        """Called when this line has been written completely."""

    @abstractmethod
    def _fence_in_raw(self, fence: Fence) -> None:
        """Handle a fence after raw code, in a scope without fences of its own."""

    def _finish_raw(self) -> None:
        """End an answer without a fence. This is proof, unless a block in it is still open."""
        self.proven = self._open_block is None or self._has_lone_fence
        self._end_raw()
        self._state = UnfencedState.CLOSED

    @abstractmethod
    def _end_raw(self) -> None:
        """Write what is held of the raw code, which has ended."""

    def _is_content(self, fence: Fence) -> bool:
        """Whether a block is part of an answer that has no fence around it."""
        if not self._markdown or fence.holds_markdown:
            return False
        if fence.info.lower() in DIFF_INFO_STRINGS and not self._has_prose:
            return False  # The diff may be a block of the text itself.
        if fence.info:
            return bool(self._original_fences) or self._is_text
        return self._has_prose and any(map(fence.rivals, self._original_fences))

    def _nest(self, fence: Fence | None) -> None:
        """Track blocks in an answer without a fence; `fence` is the current line's, if any."""
        if self._open_block is None:
            self._open_block = fence
        elif fence is not None and not fence.info and self._open_block.rivals(fence):
            self._open_block = None
