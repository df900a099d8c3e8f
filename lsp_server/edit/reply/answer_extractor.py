"""Extracts the answer from a reply: finds its lines and decides where it ends.

The states, and what leads from one to the next:

    OPENING    nothing is decided; lines are kept as preamble
                 a fence line -> FENCED; a line that is surely code -> RAW; `<think>` -> THINKING
    THINKING   reasoning of the model, up to the closing tag -> OPENING
    FENCED     in a block; its closing fence -> CLOSED (PAUSED, OPENING: see below)
    PAUSED     the fence may have closed the block, or may open a nested one
    RAW        code without a fence, up to the end of the reply
    REPEATED   a section of the request, repeated; its closing tag -> OPENING
    AFTER      the block that was passed on resembles the scope little: a better one may follow
    CLOSED     the answer is complete, the rest is ignored

*Several blocks.* A block may be a quotation, an import or a shell command. It is therefore held
back until one of its lines resembles the original and one differs from the document. Holding back
lines that the document already has costs nothing visible. A block at the beginning of the reply is
passed on as soon as it begins like the scope. If no block qualifies, `best_of` chooses among all of
them.

*The request repeated.* Text under the scope's own tag or heading is the answer, text under another
one is a quotation. The tag and heading lines are never part of the answer. See `request_fragments`.

*End of a block.* See `fenced_lines`.

*No fence.* See `unfenced_lines`. Lines that equal the document are held back here too. A later
block wins over lines that merely looked like code.
"""

from lsp_server.edit.reply.diff_detection import begins_diff
from lsp_server.edit.reply.fence import SHORTEST_FENCE, Fence, Glued, read_fence, read_glued
from lsp_server.edit.reply.fenced_block import (
    FencedBlock,
    best_of,
    is_much_more_similar,
    is_nearly_as_similar,
)
from lsp_server.edit.reply.fenced_lines import FencedLines
from lsp_server.edit.reply.json_wrapper import begins_wrapped
from lsp_server.edit.reply.prose import is_sentence
from lsp_server.edit.reply.reasoning import REASONING_MARKS, after_closing_mark, opening_of
from lsp_server.edit.reply.repairs import Repair
from lsp_server.edit.reply.reply_context import BLANKS, ReplyContext, is_blank
from lsp_server.edit.reply.request_fragments import RequestSection, Tag
from lsp_server.edit.reply.unfenced_lines import Doubt, UnfencedState


class AnswerExtractor(FencedLines):
    """Takes a clean reply and returns the text of its answer; lines are separated by "\\n"."""

    def __init__(self, context: ReplyContext, language: str = "") -> None:
        super().__init__(context, language)
        self._closing_tag = ""
        self._repeats_request = False  # the reply has repeated a section of the request
        self._chosen_is_raw = False  # the block that was passed on is code without a fence
        self._quoted_block: FencedBlock | None = None  # unchanged code that a fence follows
        self._bare_fence_follows = False  # the fence after it may be its closing one
        self.line_ended = True  # the last line passed on is complete; matters for a cut reply
        self.refusal: str | None = None
        self.better_block: str | None = None  # a later block that resembles the scope more

    @property
    def closed(self) -> bool:
        """Whether no further text can belong to the answer."""
        return self._state is UnfencedState.CLOSED

    @property
    def is_reasoning(self) -> bool:
        """Whether the text that comes now is reasoning that the model sends as plain text."""
        return self._state is UnfencedState.THINKING

    @property
    def prose_without_code(self) -> int:
        """The number of code points of text received without a block or a line that looks like
        code.

        It is 0 where the scope may be prose. The cost is linear in the length of the text.
        """
        begun = self._blocks or self._chosen_block is not None or self._open_block is not None
        if self._state is not UnfencedState.OPENING or begun or not self._likeness.is_comparable:
            return 0
        return sum(map(len, self._preamble)) + sum(map(len, self._line))

    @property
    def prose_since_block(self) -> int:
        """The number of code points of text received since the last block.

        It is 0 unless blocks have come, none of them convinced, and a better one may follow.
        """
        waits = self._state in (UnfencedState.OPENING, UnfencedState.AFTER)
        if not waits or not (self._blocks or self._chosen_block is not None):
            return 0
        return self._prose_length + sum(map(len, self._line))

    # --- lines, by state ---

    def push(self, text: str) -> str:
        """Take the next piece of the reply. Text after the end of the answer is ignored."""
        return "" if self.closed else super().push(text)

    def finish(self, completed: bool) -> str:
        """End the reply. Only the end of a completed reply decides anything."""
        # If text of the last line is still held, it was not passed on: the line before it was the
        # last.
        self.line_ended = completed or not self._flowing
        # No further line follows the last line end of the reply.
        ended = completed and bool(self._line)
        return "" if self.closed else self.end(completed, ended)

    def _line_grew(self, beginning: str) -> None:
        if self._state is UnfencedState.FENCED:
            self._fenced_line_grew(beginning)
        elif self._state is UnfencedState.RAW:
            self._raw_line_grew(beginning)

    def _beginning_too_long(self, beginning: str) -> None:
        if self._state not in (UnfencedState.FENCED, UnfencedState.RAW):
            self._flowing = True  # these states examine complete lines and write nothing
        elif (
            self._state is UnfencedState.RAW
            and self._may_be_chat(beginning)
            and is_sentence(beginning)
        ):
            self._flows_to_waiting = self._flowing = True
        else:
            self._release_waiting()
            self._flow(beginning)

    def _line_undecided(self, line: str) -> None:
        tag = (
            None
            if self._state in (UnfencedState.THINKING, UnfencedState.CLOSED)
            else self._request_fragments.tag(line)
        )
        at_edge = self._state is UnfencedState.OPENING or bool(self._request_fragments.wrapped)
        at_edge = at_edge or (self._state is UnfencedState.FENCED and not self._begun)
        if tag is None and self._state not in (UnfencedState.THINKING, UnfencedState.CLOSED):
            tag = self._request_fragments.wrapper(line) if at_edge else None
            tag = tag or self._request_fragments.prose_tag(line)
            if tag is not None:
                self.repairs.add(Repair.WRAPPING)
        if tag is not None:
            self._handle_tag(tag)
            return
        match self._state:
            case UnfencedState.OPENING | UnfencedState.AFTER:
                self._prose_length += len(line)
                self._opening_line(line)
            case UnfencedState.REPEATED:
                pass
            case UnfencedState.THINKING:
                self._thinking_line(line)
            case UnfencedState.FENCED:
                self._fenced_line(line)
            case UnfencedState.PAUSED:
                self._paused_line(line)
            case UnfencedState.RAW:
                self._raw_line(line)
            case UnfencedState.CLOSED:
                pass

    def _flowed_line_ended(self, line: str) -> None:
        if self._state is UnfencedState.FENCED:
            self._note_nested(line)
            self._at_block_start = False
            self._content_written(line)
        elif self._state is UnfencedState.RAW:
            if self._flows_to_waiting:
                self._waiting.append(line)
            else:
                self._line_written(line)
            self._flows_to_waiting = False
        else:
            self._line_undecided(line)

    # --- OPENING, THINKING ---

    def _opening_line(self, line: str) -> None:
        opening = opening_of(line)
        fence = read_fence(line)
        if self._open_block is not None or (fence is not None and self._is_content(fence)):
            self._preamble.append(line)
            self._nest(fence)
        elif not self._markdown and (glued := self._glued(line)):
            self._open_glued(glued)
        elif fence is not None:
            self._open(fence)
        elif opening is not None and opening not in self._context.original:
            self.repairs.add(Repair.THOUGHTS)
            self._closing_tag = REASONING_MARKS[opening]
            self._state = UnfencedState.THINKING
            self._thinking_line(line)
        elif self._state is UnfencedState.AFTER or is_blank(line):
            self._preamble.append(line)
        elif (rest := self._after_reasoning(line)) is not None:
            # The reasoning was opened before the reply began.
            self.repairs.add(Repair.THOUGHTS)
            self._preamble, self._has_prose = [], False
            if not is_blank(rest):
                self._opening_line(rest)
        else:
            self._opening_text(line)

    def _glued(self, line: str) -> Glued | None:
        return read_glued(line, self._likeness.is_likely, self._likeness.has_name)

    def _open_glued(self, glued: Glued) -> None:
        """Handle an opening fence that has code after it on the same line."""
        self.repairs.add(Repair.FENCE)
        self._open(glued.fence)
        self._fenced_line(glued.code)
        if glued.closes and self._state is UnfencedState.FENCED:
            self._fenced_line(glued.fence.mark * glued.fence.length)

    def _after_reasoning(self, line: str) -> str | None:
        return None if line.strip() in self._context.original else after_closing_mark(line)

    def _opening_text(self, line: str) -> None:
        """Handle a line before any block that is not blank."""
        heading = self._request_fragments.heading(line)
        if heading is not None or self._request_fragments.is_dropped(line):
            self._heading = heading
            return
        if self._begins_other_form(line):
            return
        if self._names_language(line):
            return
        self._heading, self._language_line = None, None
        self._preamble.append(line)
        self._has_prose = True
        if self._in_scope or self._likeness.is_code(line):
            self._begin_raw()

    def _begins_other_form(self, line: str) -> bool:
        """Whether the line begins a diff, or a JSON object around the code."""
        if begins_diff(line) and line.strip() not in self._context.stripped_lines:
            self._switch_to_diff()
            return self.shows_diff
        wrapped = self._wrappable and begins_wrapped(line, self._context.original, "")
        if wrapped is True or (wrapped is None and line.strip() in ("{", "[")):
            self._open(Fence("`", SHORTEST_FENCE, 0, "json"))
            self._fenced_line(line)
            return True
        return False

    def _names_language(self, line: str) -> bool:
        """Whether the line is the first one and only names a language. Keeps it aside."""
        names = not self._has_prose and self._request_fragments.is_language(line)
        if not names or self._language_line is not None or self._likeness.has_line(line):
            return False
        self._language_line = line
        return True

    # --- the request repeated ---

    def _handle_tag(self, tag: Tag) -> None:
        """Handle a line that is a tag of the request. It is dropped and decides what the next lines
        are."""
        at_start = self._state is UnfencedState.FENCED and not self._begun
        if self._state is UnfencedState.AFTER:
            return
        if self._state is UnfencedState.FENCED and not at_start:
            if not self._block.empty and (tag.closes or tag.section is RequestSection.OTHER):
                self._close_block()
        elif self._state is UnfencedState.RAW:
            if tag.closes or tag.section is RequestSection.OTHER:
                self._finish_raw()
        elif tag.section is RequestSection.OTHER:
            self._state = UnfencedState.OPENING if tag.closes else UnfencedState.REPEATED
            self._in_scope, self._repeats_request = False, True
        elif tag.closes:
            self._in_scope = False
        else:
            self._preamble, self._has_prose, self._in_scope = [], False, True
            self._heading = None
            self._at_block_start = at_start
            if not at_start:
                self._state = UnfencedState.OPENING

    def _thinking_line(self, line: str) -> None:
        _, tag, rest = line.partition(self._closing_tag)
        if tag:
            self._state = UnfencedState.OPENING
            if not is_blank(rest):
                self._opening_line(rest)

    def _begin_raw(self) -> None:
        """Start raw code: the last line of the preamble is code, and so are those that lead to it.

        The code begins after the last line of chat.
        """
        lines, self._preamble = self._preamble, []
        # Lines after a fence are never chat, whatever they look like.
        fences = (index for index, line in enumerate(lines) if read_fence(line) is not None)
        start = next(fences, len(lines) - 1)
        while start > 0 and not self._likeness.leads_to_code(lines[start - 1]):
            start -= 1
        self._take_raw(lines[start:], eager=not start)

    def _take_raw(self, lines: list[str], *, eager: bool) -> None:
        """Take these lines, and all that follow, as code without a fence.

        Lines that equal the document are held back: if a block follows, they were a quotation.
        """
        self._state = UnfencedState.RAW
        held_back = self._likeness.is_comparable and not self._in_scope and not self._context.blank
        self._block = FencedBlock(self._context, self._likeness, held_back=held_back, eager=eager)
        for line in lines:
            self._raw_line(line)

    def _fence_in_raw(self, fence: Fence) -> None:
        self._waiting = []
        block = self._block
        self._end_text()
        block.finish()
        self.repairs.add(Repair.CHAT if fence.info else Repair.FENCE)
        if block.held_back:
            self._blocks.append(block)
            self._quoted_block = None if fence.info else block
        else:
            self._chosen_block, self._chosen_is_raw = block, True
            self._bare_fence_follows = not fence.info
        self._preamble, self._has_prose = [], True
        self._open(fence)

    def _end_raw(self) -> None:
        if self._is_glued(self._last_line):
            self._fence_marks = ""
            self.repairs.add(Repair.FENCE)
        self._end_text()
        if self._block.held_back:
            self._release(self._block)

    # --- the end of the reply ---

    def _text_ended(self) -> None:
        match self._state:
            case UnfencedState.PAUSED:
                self._close_block()
                self._settle_closed_block()
            case UnfencedState.FENCED:
                # The model ended its reply without the closing fence: the text so far is its
                # answer, unless the scope continues where it stops.
                self.repairs.add(Repair.FENCE)
                self._waiting = []
                if self._breaks_off():
                    self._end_text()
                    if self._block.held_back:
                        self._release(self._block)
                    self._state = UnfencedState.CLOSED
                elif self._begun or self._language_line is not None:
                    self._close_block()
                self._settle_closed_block()
            case UnfencedState.RAW:
                self._finish_raw()
            case UnfencedState.OPENING | UnfencedState.REPEATED:
                self._settle_opening()
            case UnfencedState.AFTER:
                self._settle_after()
            case UnfencedState.THINKING | UnfencedState.CLOSED:
                pass

    def _breaks_off(self) -> bool:
        """Whether the only block is just a beginning of the scope."""
        alone = not self._blocks and self._chosen_block is None and self._begun
        return alone and self._block.stops_midway

    def _settle_closed_block(self) -> None:
        if self.closed:
            return
        if self._chosen_block is not None:
            self._settle_after()
        else:
            self._settle_opening()

    def _settle_after(self) -> None:
        """Accept the block that was passed on, unless a better one came after it."""
        chosen, blocks = self._chosen_block, [block for block in self._blocks if not block.empty]
        self._state = UnfencedState.CLOSED
        if chosen is None:
            return
        is_rewrite = chosen.is_full_rewrite and chosen.begins_alike
        if self._chosen_is_raw:
            rivals = [
                b
                for b in blocks
                if b.says_something_new and (not is_rewrite or is_nearly_as_similar(b, chosen))
            ]
        else:
            rivals = [b for b in blocks if is_much_more_similar(b, chosen)]
        if rivals:
            self.repairs.add(Repair.CHAT if self._chosen_is_raw else Repair.BLOCK)
            self.doubt, self.better_block = Doubt.SEVERAL, "".join(best_of(rivals).pieces)
        elif self._chosen_is_raw and blocks and not (self._bare_fence_follows or is_rewrite):
            self.doubt = Doubt.MIXED
        self.proven = self.doubt is None

    def _settle_opening(self) -> None:
        blocks = [block for block in self._blocks if not block.is_neighbourhood]
        if self._in_scope or self._repeats_request:
            blocks = [block for block in blocks if not block.empty]
        if blocks:
            # The fence after code without an opening fence closed it, unless a block followed.
            quoted = (
                self._quoted_block is not None
                and blocks[-1] is self._quoted_block
                and self._quoted_block.covers
            )
            self._release(blocks[-1] if quoted else best_of(blocks))
            self._finish_with_proof()
            return
        written = [line for line in self._preamble if not is_blank(line)]
        if self._language_line is not None and not written:
            written = self._preamble = [self._language_line]
        if self._likeness.accepts_whole(written):
            lines, self._preamble = self._preamble, []
            self._open_block = None
            self._take_raw(lines, eager=True)
            if not self.closed:
                self._finish_raw()
        elif written:
            self.refusal = "\n".join(self._preamble).strip("\n" + BLANKS)
