"""Reads the lines of a fenced block and decides which fence closes it.

*Closing fence.* Inside a block, a rival fence with an info string opens a nested block, and one
without closes the innermost block. A closing fence takes effect at once only where the block can
end. In these cases it takes effect only at the end of the reply or before the next block:

- a nested block may open without an info string, because the scope has rival fences or the info
  string says Markdown;
- the block seems to go on: within a string, a comment or a bracket, or with lines of the scope.

If another fence comes first, the two were a nested pair.

*Fence after code.* A fence may close the block at the end of a line of code. It, too, takes effect
only at the end of the reply or before the next block.
"""

from abc import abstractmethod

from lsp_server.edit.reply.diff_detection import DIFF_INFO_STRINGS
from lsp_server.edit.reply.fence import Fence, closing_run, may_be_fence, may_close, read_fence
from lsp_server.edit.reply.fenced_block import FencedBlock
from lsp_server.edit.reply.json_wrapper import WRAPPINGS, code_in, may_wrap
from lsp_server.edit.reply.line_filter import LONGEST_HELD
from lsp_server.edit.reply.repairs import Repair
from lsp_server.edit.reply.reply_context import BLANKS, ReplyContext, is_blank
from lsp_server.edit.reply.request_fragments import RequestSection
from lsp_server.edit.reply.unfenced_lines import UnfencedLines, UnfencedState


class FencedLines(UnfencedLines):
    """The part of the extractor that handles the states FENCED and PAUSED."""

    def __init__(self, context: ReplyContext, language: str) -> None:
        super().__init__(context, language)
        self._wrappable = may_wrap(context.original, language)
        self._reads_diffs = language not in DIFF_INFO_STRINGS
        self._preamble: list[str] = []  # lines of OPENING
        self._fence = Fence("`", 3, 0, "")
        self._depth = 0  # number of nested blocks that are open
        self._short_depth = 0  # how many of them have shorter fences than the block
        self._at_block_start = False
        self._blocks: list[FencedBlock] = []  # closed blocks that have not convinced
        self._chosen_block: FencedBlock | None = None  # the block that was passed on; set in AFTER
        self._prose_length = 0  # code points of text since the last block
        # The section whose heading is the last line that was not blank; None if that is no heading.
        self._heading: RequestSection | None = None
        # The reply repeats the scope's section of the request, which has no chat.
        self._in_scope = False
        self._language_line: str | None = None  # a first line that may only name the language
        # Lines of PAUSED: what may have closed the block, and all after it.
        self._paused: list[str] = []
        # The block of FENCED or RAW.
        self._block = FencedBlock(context, self._likeness, held_back=False, eager=False)
        self._last_line = ""  # the last line written of it
        self._has_output = False  # any text has been passed on
        self.shows_diff = False  # the reply proved to be a diff before any text was passed on
        # Text received after the end of the answer, before the end was known.
        self.text_after_answer = ""
        self._fence_marks = ""  # fence marks at the end of the current line, not yet written

    def _write(self, text: str) -> None:
        if self._state is UnfencedState.RAW and self._flows_to_waiting:
            return
        if self._state not in (UnfencedState.FENCED, UnfencedState.RAW):
            return
        text = self._fence_marks + text
        mark = self._fence.mark
        bare = text.rstrip(mark + BLANKS)
        self._fence_marks = text[len(bare) :]
        if not bare:
            return
        if self._block.held_back:
            self._block.pieces.append(bare)
            if self._block.convinces_early(bare.lstrip("\n")):
                self._release(self._block)
        else:
            self._has_output = True
            super()._write(bare)

    def _end_text(self) -> None:
        """Write the fence marks held at the end of the block's last line."""
        run, self._fence_marks = self._fence_marks, ""
        if run:
            (self._block.pieces if self._block.held_back else self._output).append(run)

    @abstractmethod
    def _opening_line(self, line: str) -> None:
        """Handle a line outside of all blocks."""

    # --- the block ---

    def _open(self, fence: Fence) -> None:
        self._prose_length = 0
        self._state = UnfencedState.FENCED
        self._fence = fence
        self._depth = self._short_depth = 0
        self._at_block_start = True
        self._begun = False
        # A block has to show that it is the answer. For a scope of prose the first block has to
        # only if other text precedes it.
        first = not self._has_prose and not self._blocks and self._chosen_block is None
        at_once = self._context.blank or (first and not self._likeness.is_comparable)
        sealed = self._is_foreign(fence)
        announced = fence.info.lower() in DIFF_INFO_STRINGS and self._reads_diffs
        held_back = not at_once or self._chosen_block is not None or sealed or announced
        self._block = FencedBlock(
            self._context, self._likeness, held_back=held_back, eager=first, announced=announced
        )
        self._block.demoted = (
            self._heading is RequestSection.OTHER or self._chosen_block is not None
        )
        self._block.cannot_convince = sealed
        self._heading = None

    def _is_foreign(self, fence: Fence) -> bool:
        """Whether the block is a JSON object around the code."""
        names = fence.info.lower().split()[:1]
        return bool(names) and names[0] in WRAPPINGS and self._wrappable

    def _fenced_line_grew(self, beginning: str) -> None:
        at_start = self._at_block_start
        may_be = may_close(beginning, self._fence) or self._request_fragments.may_be(beginning)
        may_be = may_be or self._request_fragments.may_be_heading(beginning.lstrip(BLANKS))
        if at_start:
            may_be = may_be or may_be_fence(beginning)
            may_be = may_be or self._request_fragments.may_be_language(beginning)
        if not (may_be or self._waiting or self._may_be_aside(beginning)):
            self._language_line = None
            self._flow(beginning)

    def _may_be_aside(self, beginning: str) -> bool:
        """Whether the line may be chat within the block, before or after the code."""
        apart = self._last_blank or self._block.empty
        return apart and not self._block.seems_open and self._likeness.may_be_aside(beginning)

    def _fenced_line(self, line: str) -> None:
        fence = read_fence(line)
        at_start, self._at_block_start = self._at_block_start, False
        if fence is not None and at_start and self._opens_again(fence):
            self._open(fence)
        elif self._request_fragments.is_dropped(line) or (
            at_start and self._request_fragments.heading(line)
        ):
            self._heading, self._at_block_start = self._request_fragments.heading(line), at_start
        elif not at_start and self._begun and self._request_fragments.ends_answer(line):
            self._close_block()
            if self._state is not UnfencedState.CLOSED:
                self._heading = RequestSection.OTHER
        elif at_start and self._language_line is None and self._request_fragments.is_language(line):
            self._language_line = line
        elif fence is not None and fence.info and self._is_wrapper():
            self.repairs.add(Repair.FENCE)
            self._waiting = []
            self._open(fence)
        elif fence is not None and self._is_short(fence):
            self._short_fence(fence, line)
        elif fence is None or fence.info or not self._fence.rivals(fence):
            self._fenced_content(line)
        elif self._depth:
            self._depth -= 1
            self._fenced_content(line)
        elif self._seems_to_go_on(fence):
            self._pause(line)
        else:
            self._close_block()

    def _opens_again(self, fence: Fence) -> bool:
        """Whether a fence at the beginning of a block only wraps the answer a second time."""
        if self._context.lines and read_fence(self._context.lines[0]) is not None:
            return False
        if self._in_scope or self._heading or (fence.info and fence.info == self._fence.info):
            return True
        plain = not self._original_fences and not self._fence.holds_markdown
        return bool(fence.info) and plain

    def _is_wrapper(self) -> bool:
        """Whether the block is only marked as text and wraps the block with the code."""
        text = self._markdown or bool(self._original_fences)
        return self._block.held_back and self._fence.holds_markdown and not text

    def _is_short(self, fence: Fence) -> bool:
        """Whether the fence is shorter than the block's opening fence and otherwise like it."""
        same = fence.mark == self._fence.mark and fence.length < self._fence.length
        return same and fence.indent <= self._fence.indent and not self._depth

    def _short_fence(self, fence: Fence, line: str) -> None:
        """Handle a fence that is too short to close the block but may be meant to."""
        if fence.info:
            self._short_depth += 1
        elif self._short_depth:
            self._short_depth -= 1
        else:
            self._pause(line)
            return
        self._fenced_content(line)

    def _fences_may_nest(self) -> bool:
        """Whether a nested block may open without an info string."""
        if self._fence.holds_markdown or self._is_text:
            return True
        return any(map(self._fence.rivals, self._original_fences))

    def _seems_to_go_on(self, fence: Fence) -> bool:
        """Whether a fence that can close the block may as well be part of it."""
        if self._fences_may_nest() or fence.indent > self._fence.indent:
            return True
        return self._block.seems_open

    def _fenced_content(self, line: str) -> None:
        self._note_nested(line)
        if not is_blank(line):
            self._language_line = None
        if self._waits_as_aside(line):
            self._waiting.append(line)
            return
        if self._block.empty:
            self._drop_asides()  # They come before the code.
        self._release_waiting()
        self._put(line)
        self._content_written(line)

    def _drop_asides(self) -> None:
        """Drop the lines that wait in the block: they are chat."""
        if self._waiting:
            self.repairs.add(Repair.CHAT)
        self._waiting = []

    def _waits_as_aside(self, line: str) -> bool:
        """Whether the line is, or belongs to, chat before or after the code."""
        if self._waiting:
            return is_blank(line) or self._likeness.is_chat(line)
        apart = self._last_blank or self._block.empty
        return apart and not self._block.seems_open and self._likeness.is_aside(line)

    def _content_written(self, line: str) -> None:
        """Called when a line of content has been written."""
        self._last_blank = is_blank(line) and self._block.begun
        self._line_written(line)
        if self._is_glued(line):
            self._pause("")

    def _is_glued(self, line: str) -> bool:
        """Whether the line ends in what may be the closing fence, after code."""
        run = closing_run(line, self._fence)
        return bool(run) and not self._depth and not self._context.holds_run(run)

    def _note_nested(self, line: str) -> None:
        fence = read_fence(line) if len(line) <= LONGEST_HELD else None
        if fence is not None and fence.info and self._fence.rivals(fence):
            self._depth += 1

    def _line_written(self, line: str) -> None:
        """Pass a block on that was held back, once one of its lines convinces."""
        self._last_line = line
        if self._state is UnfencedState.RAW and self._likeness.leads_to_code(line):
            return  # It says nothing about the lines around it.
        self._block.take(line)
        if self._block.held_back and self._block.is_diff:
            self._switch_to_diff()
        elif self._block.held_back and self._block.convinces:
            self._release(self._block)

    def _switch_to_diff(self) -> None:
        """Leave the reply to the reader of diffs, unless text was passed on already."""
        self._block.cannot_convince = True
        if not self._has_output and self._reads_diffs:
            self.shows_diff = True
            self._state = UnfencedState.CLOSED

    def _release(self, block: FencedBlock) -> None:
        """Pass on what is held of the block. From now on its text passes at once."""
        block.held_back = False
        self._has_output = self._has_output or bool(block.pieces)
        self._output.extend(block.pieces)

    # --- a fence that may be content ---

    def _pause(self, line: str) -> None:
        """Wait, since `line` may have closed the block; "" if the end of the last line may have."""
        self._paused = [line]
        self._state = UnfencedState.PAUSED

    def _paused_line(self, line: str) -> None:
        fence = read_fence(line)
        rival = fence is not None and self._fence.rivals(fence)
        first = read_fence(self._paused[0])
        if rival and fence is not None and (fence.info or self._announced(first)):
            # The next block begins: the fence before it was the closing one.
            self._close_block()
            if self._state is UnfencedState.CLOSED:
                self.text_after_answer = f"{line}\n"
            else:
                self._opening_line(line)
        elif rival and (first is None or self._is_short(first)):
            self._resume([])
            self._fenced_line(line)
        elif rival or self._goes_on_with(line, first):
            self._resume([line])
        else:
            self._paused.append(line)

    def _announced(self, first: Fence | None) -> bool:
        """Whether the text between the two fences is a line that announces another block.

        Blank lines separate it from both fences, unlike the lines of a nested block.
        """
        between = self._paused[1:]
        prose_lines = [line.strip() for line in between if not is_blank(line)]
        if first is None or not prose_lines or not (is_blank(between[0]) and is_blank(between[-1])):
            return False
        return prose_lines[-1].endswith((":", "："))

    def _goes_on_with(self, line: str, first: Fence | None) -> bool:
        """Whether the line shows that `first`, the possible closing fence, is part of the block."""
        if first is None:
            return False
        fence = read_fence(line)
        if fence is not None and self._is_short(fence):
            return self._is_short(first)
        return self._block.text_ends_with([*self._paused, line])

    def _resume(self, lines: list[str]) -> None:
        """Continue the block: the paused lines and `lines` are part of it."""
        paused = [*self._paused, *lines]
        if not paused[0]:
            paused = paused[1:]  # The fence is on a line that has been written.
        else:
            self.repairs.add(Repair.INNER_FENCE)
        self._paused, self._state = [], UnfencedState.FENCED
        self._release_waiting()
        for content in paused:
            self._put(content)
            self._line_written(content)

    # --- its end ---

    def _close_block(self) -> None:
        """Handle the end of the block: its closing fence has come."""
        block = self._block
        if self._state is UnfencedState.PAUSED:
            fence = read_fence(self._paused[0])
            if fence is None:
                self._fence_marks = ""  # These marks are the closing fence.
            if fence is None or self._is_short(fence):
                self.repairs.add(Repair.FENCE)
            self._state, self._paused = UnfencedState.FENCED, []
        self._drop_asides()
        self._end_text()
        if self._language_line is not None and block.empty:
            self._put(self._language_line)
            self._end_text()
            block.take(self._language_line)
        self._language_line = None
        block.finish()
        if block.cannot_convince and not block.is_diff:
            block = self._block = self._unwrapped(block)
        elif block.held_back and block.is_diff:
            self._switch_to_diff()
            if self.shows_diff:
                return
        if block.held_back and block.convinces and block.covers:
            self._release(block)
        if not block.held_back and self._begun and self._chosen_block is None:
            if block.covers or self._context.blank:
                self._finish_with_proof()
                return
            self._chosen_block, self._state = block, UnfencedState.AFTER
            return
        # It is not surely the answer: it stays a candidate, and the search goes on.
        self._blocks.append(block)
        self._preamble.append("")
        self._state = UnfencedState.OPENING if self._chosen_block is None else UnfencedState.AFTER

    def _unwrapped(self, block: FencedBlock) -> FencedBlock:
        """The code inside a complete JSON object as a block; `block` itself if there is none."""
        code = code_in("".join(block.pieces), self._context.original)
        if code is None:
            return block
        self.repairs.add(Repair.WRAPPING)
        inner = FencedBlock(self._context, self._likeness, held_back=True, eager=False)
        inner.demoted = block.demoted
        inner.pieces.append(code.strip("\n"))
        for line in code.strip("\n").split("\n"):
            inner.take(line)
        inner.finish()
        return inner

    def _finish_with_proof(self) -> None:
        self.proven = True
        self._state = UnfencedState.CLOSED
