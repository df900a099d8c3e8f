"""The lines of a fenced block of a reply, and which fence closes it.

*Which fence.* Inside a block a rival fence with an info string opens a nested block, one without
closes the innermost. A closing fence is believed at once only where the block may end there. Where
a nested block may open without an info string (the scope itself holds rival fences, or the block
is announced as Markdown), or the block seems to go on (within a string, a comment or a bracket, or
with lines of the scope), it is believed at the end of the reply or before the next block: if
another one comes, the two were a nested pair.

*Glued.* A fence may close the block behind code, on its line; it is believed as late.
"""

from abc import abstractmethod

from lsp_server.edit.reply.diff_detection import NAMES as DIFF_NAMES
from lsp_server.edit.reply.fence import Fence, closing_run, may_be_fence, may_close, read_fence
from lsp_server.edit.reply.fenced_block import FencedBlock
from lsp_server.edit.reply.json_wrapper import WRAPPINGS, code_in, may_wrap
from lsp_server.edit.reply.line_filter import LONGEST_HELD
from lsp_server.edit.reply.repairs import Repair
from lsp_server.edit.reply.reply_context import BLANKS, ReplyContext, is_blank
from lsp_server.edit.reply.request_fragments import RequestSection
from lsp_server.edit.reply.unfenced_lines import UnfencedLines, UnfencedState


class FencedLines(UnfencedLines):
    """What `Frame` does with lines in the states FENCED and PAUSED."""

    def __init__(self, place: ReplyContext, language: str) -> None:
        super().__init__(place, language)
        self._wrappable = may_wrap(place.original, language)
        self._reads_diffs = language not in DIFF_NAMES
        self._preamble: list[str] = []  # lines of OPENING
        self._fence = Fence("`", 3, 0, "")
        self._depth = 0  # nested blocks open
        self._short_depth = 0  # those of them whose fences are shorter than the block's
        self._at_block_start = False
        self._blocks: list[FencedBlock] = []  # closed ones that have not convinced
        self._chosen: FencedBlock | None = None  # of AFTER: the one that was given
        self._talk = 0  # code points of text since the last block
        self._heading: RequestSection | None = (
            None  # the last line that said something, if it was one
        )
        self._in_scope = False  # the scope's section of the request is repeated: no chat in it
        self._lone_name: str | None = None  # a first line that may only name the language
        self._paused: list[str] = []  # lines of PAUSED: what closed the block, and what follows
        self._block = FencedBlock(
            place, self._likeness, kept=False, eager=False
        )  # of FENCED, or RAW
        self._last_line = ""  # that was written of it
        self._gave = False  # any text has been given
        self.shows_diff = False  # before any text was given, the reply has turned out to be a diff
        self.behind = ""  # what came behind the answer's end, before it was known to be that
        self._run = ""  # fence marks at the end of the line that comes, not yet written

    def _write(self, text: str) -> None:
        if self._state is UnfencedState.RAW and self._waits:
            return
        if self._state not in (UnfencedState.FENCED, UnfencedState.RAW):
            return
        text = self._run + text
        mark = self._fence.mark
        bare = text.rstrip(mark + BLANKS)
        self._run = text[len(bare) :]
        if not bare:
            return
        if self._block.kept:
            self._block.pieces.append(bare)
            if self._block.departs(bare.lstrip("\n")):
                self._release(self._block)
        else:
            self._gave = True
            super()._write(bare)

    def _end_text(self) -> None:
        """Nothing more is written of the block: what was held at the end of its last line is."""
        run, self._run = self._run, ""
        if run:
            (self._block.pieces if self._block.kept else self._output).append(run)

    @abstractmethod
    def _opening_line(self, line: str) -> None:
        """A line outside of all blocks."""

    # --- the block ---

    def _open(self, fence: Fence) -> None:
        self._talk = 0
        self._state = UnfencedState.FENCED
        self._fence = fence
        self._depth = self._short_depth = 0
        self._at_block_start = True
        self._begun = False
        # A block has to show that it is the answer, the first one of a text only after prose.
        first = not self._has_prose and not self._blocks and self._chosen is None
        at_once = self._place.blank or (first and not self._likeness.tells)
        sealed = self._is_foreign(fence)
        announced = fence.info.lower() in DIFF_NAMES and self._reads_diffs
        kept = not at_once or self._chosen is not None or sealed or announced
        self._block = FencedBlock(
            self._place, self._likeness, kept=kept, eager=first, announced=announced
        )
        self._block.demoted = self._heading is RequestSection.OTHER or self._chosen is not None
        self._block.sealed = sealed
        self._heading = None

    def _is_foreign(self, fence: Fence) -> bool:
        """Whether the block is an object of JSON around the code."""
        names = fence.info.lower().split()[:1]
        return bool(names) and names[0] in WRAPPINGS and self._wrappable

    def _grow_fenced(self, beginning: str) -> None:
        at_start = self._at_block_start
        may_be = may_close(beginning, self._fence) or self._request_fragments.may_be(beginning)
        may_be = may_be or self._request_fragments.may_be_heading(beginning.lstrip(BLANKS))
        if at_start:
            may_be = may_be or may_be_fence(beginning)
            may_be = may_be or self._request_fragments.may_be_language(beginning)
        if not (may_be or self._waiting or self._may_be_aside(beginning)):
            self._lone_name = None
            self._flow(beginning)

    def _may_be_aside(self, beginning: str) -> bool:
        """Whether the line may be chat within the block, in front of the code or behind it."""
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
        elif not at_start and self._begun and self._request_fragments.ends(line):
            self._close_block()
            if self._state is not UnfencedState.CLOSED:
                self._heading = RequestSection.OTHER
        elif at_start and self._lone_name is None and self._request_fragments.is_language(line):
            self._lone_name = line
        elif fence is not None and fence.info and self._is_wrapper():
            self.mended.add(Repair.FENCE)
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
        """Whether a fence that a block begins with is only a second wrapping of the answer."""
        if self._place.lines and read_fence(self._place.lines[0]) is not None:
            return False
        if self._in_scope or self._heading or (fence.info and fence.info == self._fence.info):
            return True
        plain = not self._original_fences and not self._fence.holds_markdown
        return bool(fence.info) and plain

    def _is_wrapper(self) -> bool:
        """Whether the block is only announced as a text, around the block with the code."""
        text = self._markdown or bool(self._original_fences)
        return self._block.kept and self._fence.holds_markdown and not text

    def _is_short(self, fence: Fence) -> bool:
        """Whether it is shorter than the one that opened the block, and otherwise like it."""
        same = fence.mark == self._fence.mark and fence.length < self._fence.length
        return same and fence.indent <= self._fence.indent and not self._depth

    def _short_fence(self, fence: Fence, line: str) -> None:
        """A fence that is too short to close the block: the model may have meant it to."""
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
        """Whether a fence that may close the block may as well be a part of it."""
        if self._fences_may_nest() or fence.indent > self._fence.indent:
            return True
        return self._block.seems_open

    def _fenced_content(self, line: str) -> None:
        self._note_nested(line)
        if not is_blank(line):
            self._lone_name = None
        if self._waits_as_aside(line):
            self._waiting.append(line)
            return
        if self._block.empty:
            self._drop_asides()  # They stand in front of the code.
        self._release_waiting()
        self._put(line)
        self._line_came(line)

    def _drop_asides(self) -> None:
        """What waits in the block is chat."""
        if self._waiting:
            self.mended.add(Repair.CHAT)
        self._waiting = []

    def _waits_as_aside(self, line: str) -> bool:
        """Whether the line is, or belongs to, chat in front of the code or behind it."""
        if self._waiting:
            return is_blank(line) or self._likeness.is_chat(line)
        apart = self._last_blank or self._block.empty
        return apart and not self._block.seems_open and self._likeness.is_aside(line)

    def _line_came(self, line: str) -> None:
        """A line of content has been written."""
        self._last_blank = is_blank(line) and self._block.begun
        self._weigh(line)
        if self._is_glued(line):
            self._pause("")

    def _is_glued(self, line: str) -> bool:
        """Whether the line ends in what may be the closing fence, behind code."""
        run = closing_run(line, self._fence)
        return bool(run) and not self._depth and not self._place.holds_run(run)

    def _note_nested(self, line: str) -> None:
        fence = read_fence(line) if len(line) <= LONGEST_HELD else None
        if fence is not None and fence.info and self._fence.rivals(fence):
            self._depth += 1

    def _weigh(self, line: str) -> None:
        """Let a block that was kept back through, once one of its lines convinces."""
        self._last_line = line
        if self._state is UnfencedState.RAW and self._likeness.leads_to_code(line):
            return  # It says nothing of the lines around it.
        self._block.take(line)
        if self._block.kept and self._block.is_diff:
            self._turn_out_a_diff()
        elif self._block.kept and self._block.convinces:
            self._release(self._block)

    def _turn_out_a_diff(self) -> None:
        """The reply is a diff: another reader has to read it, unless text was given already."""
        self._block.sealed = True
        if not self._gave and self._reads_diffs:
            self.shows_diff = True
            self._state = UnfencedState.CLOSED

    def _release(self, block: FencedBlock) -> None:
        """What has come of the block is the answer; what comes of it now passes at once."""
        block.kept = False
        self._gave = self._gave or bool(block.pieces)
        self._output.extend(block.pieces)

    # --- a fence that may be content ---

    def _pause(self, line: str) -> None:
        """`line` may have closed the block; "" where the end of the last one has."""
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
                self.behind = f"{line}\n"
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
        """Whether what stands between the two fences is a line that announces another block: it
        stands apart from both, as the lines of a nested block do not."""
        between = self._paused[1:]
        said = [line.strip() for line in between if not is_blank(line)]
        if first is None or not said or not (is_blank(between[0]) and is_blank(between[-1])):
            return False
        return said[-1].endswith((":", "："))

    def _goes_on_with(self, line: str, first: Fence | None) -> bool:
        """Whether the line shows that what closed the block, `first`, is a part of it."""
        if first is None:
            return False
        fence = read_fence(line)
        if fence is not None and self._is_short(fence):
            return self._is_short(first)
        return self._block.text_ends_with([*self._paused, line])

    def _resume(self, lines: list[str]) -> None:
        """The block goes on: what was paused is a part of it, and so are these lines."""
        paused = [*self._paused, *lines]
        if not paused[0]:
            paused = paused[1:]  # The fence stands on a line that has been written.
        else:
            self.mended.add(Repair.INNER_FENCE)
        self._paused, self._state = [], UnfencedState.FENCED
        self._release_waiting()
        for content in paused:
            self._put(content)
            self._weigh(content)

    # --- its end ---

    def _close_block(self) -> None:
        """The block's own closing fence has come."""
        block = self._block
        if self._state is UnfencedState.PAUSED:
            fence = read_fence(self._paused[0])
            if fence is None:
                self._run = ""  # It is the closing fence.
            if fence is None or self._is_short(fence):
                self.mended.add(Repair.FENCE)
            self._state, self._paused = UnfencedState.FENCED, []
        self._drop_asides()
        self._end_text()
        if self._lone_name is not None and block.empty:
            self._put(self._lone_name)
            self._end_text()
            block.take(self._lone_name)
        self._lone_name = None
        block.finish()
        if block.sealed and not block.is_diff:
            block = self._block = self._unwrapped(block)
        elif block.kept and block.is_diff:
            self._turn_out_a_diff()
            if self.shows_diff:
                return
        if block.kept and block.convinces and block.covers:
            self._release(block)
        if not block.kept and self._begun and self._chosen is None:
            if block.covers or self._place.blank:
                self._finish_with_proof()
                return
            self._chosen, self._state = block, UnfencedState.AFTER
            return
        # Not surely the answer: it stays a candidate, and the search goes on.
        self._blocks.append(block)
        self._preamble.append("")
        self._state = UnfencedState.OPENING if self._chosen is None else UnfencedState.AFTER

    def _unwrapped(self, block: FencedBlock) -> FencedBlock:
        """The object of JSON is whole: a block of the code in it, or the same if there is none."""
        code = code_in("".join(block.pieces), self._place.original)
        if code is None:
            return block
        self.mended.add(Repair.WRAPPING)
        inner = FencedBlock(self._place, self._likeness, kept=True, eager=False)
        inner.demoted = block.demoted
        inner.pieces.append(code.strip("\n"))
        for line in code.strip("\n").split("\n"):
            inner.take(line)
        inner.finish()
        return inner

    def _finish_with_proof(self) -> None:
        self.proven = True
        self._state = UnfencedState.CLOSED
