"""The clean text of one reply, from its raw chunks.

`CharacterCleaner` (characters) -> `Turn` (nothing behind the model's own turn) -> `Frame` (which lines are
the answer) -> `dress` (nothing that code wears only where it was copied from) -> `LeadingContext` (nothing in
front that the document holds) -> `Head` (no neighbours at the beginning) -> `Indenter` (the
document's columns) -> `TrailingOverlap` (no neighbours at the end) -> `UnchangedLines` (unchanged lines have the
original's bytes) -> `Elision` (left-out lines put back) -> `LineRest` (nothing of what follows on
the last line) -> `InlineAnswer` (a text in its quotes, an argument without its call). Each gives on what
is certain and holds the rest.
"""

from collections.abc import Callable

from lsp_server.edit.reply.answer_extractor import AnswerExtractor
from lsp_server.edit.reply.character_cleaner import CharacterCleaner
from lsp_server.edit.reply.context_overlap import LeadingOverlap, LineRest, TrailingOverlap
from lsp_server.edit.reply.copy_artifacts import (
    CurlyQuotes,
    Escapes,
    FileName,
    LineNumbers,
    Prompts,
)
from lsp_server.edit.reply.elision import Elision, ElisionGuess
from lsp_server.edit.reply.inline_answer import InlineAnswer
from lsp_server.edit.reply.instruction_hints import (
    speaks_of_bytes,
    speaks_of_columns,
    speaks_of_less,
)
from lsp_server.edit.reply.leading_context import LeadingContext, Outside
from lsp_server.edit.reply.reindent import Indenter
from lsp_server.edit.reply.repairs import Repair
from lsp_server.edit.reply.reply_context import ReplyContext
from lsp_server.edit.reply.request_fragments import Turn
from lsp_server.edit.reply.trailing_prose import TrailingProse
from lsp_server.edit.reply.unchanged_lines import UnchangedLines
from lsp_server.edit.reply.unfenced_lines import Doubt


class ReplyReader:
    """Raw model text in, the scope's new text out. It grows only, and nothing makes it raise.

    Law: the text and its proof do not depend on how the reply was cut into chunks, and what was
    given is never taken back. The text uses "\\n" only, whatever the file or the model uses.
    """

    def __init__(
        self,
        original: str,
        *,
        before: str = "",
        after: str = "",
        first_indent: str = "",
        language: str = "",
        outside: Callable[[], Outside | None] = lambda: None,
        whole: Callable[[str], bool] | None = None,
        instruction: str = "",
    ) -> None:
        """Read the answer to "rewrite `original`".

        `before`, `after`: the document's text around the scope; a few lines are looked at.
        `first_indent`: the white space before the scope on its first line, where `before` does
        not tell. `language`: the LSP language id; it only tells whether a bare `...` is text,
        whether indentation has one style, and whether the text may hold blocks of code.
        `outside`: what the document holds beside the scope, where that is known. `whole`: whether
        a text is sound code as it stands, where that is known. `instruction`: what was asked for;
        only whether it speaks of columns, or of code that goes, counts.
        """
        place = ReplyContext.of(original, before, after, first_indent)
        self._cleaner = CharacterCleaner(keeps_nul="\0" in original)
        self._turn = Turn(place)
        self._frame = AnswerExtractor(place, language)
        self._copy_artifacts = (
            FileName(place, language),
            LineNumbers(place),
            Prompts(place, language),
            Escapes(place, language),
            CurlyQuotes(place, language),
        )
        self._lead = LeadingContext(place, outside)
        self._head = LeadingOverlap(place)
        self._elision = Elision(place, language, not speaks_of_less(instruction))
        self._tail = TrailingOverlap(place, self._led, whole)
        self._indenter = Indenter(place, language, speaks_of_columns(instruction))
        self._kept = UnchangedLines(place, speaks_of_bytes(instruction))
        self._inner = InlineAnswer(place, language, whole)
        self._rest = (
            self._tail,
            self._kept,
            self._elision,
            LineRest(place, self._head),
            self._inner,
        )
        self._came: list[str] = []
        self._text: list[str] = []
        self._finished = False  # no more text can come
        self._afterword = TrailingProse()

    @property
    def text(self) -> str:
        """All clean text so far."""
        if len(self._text) > 1:
            self._text = ["".join(self._text)]
        return self._text[0] if self._text else ""

    @property
    def proven(self) -> bool:
        """Whether `text` is the whole answer for certain: then what it leaves out is deleted.

        The answer's own fence was closed, or the model ended its reply, and no other block of
        it was a better answer.
        """
        return self._finished and self._frame.proven

    @property
    def doubt(self) -> Doubt | None:
        """Why `text` is not proven although nothing was left open, if that is so."""
        return self._frame.doubt

    @property
    def better(self) -> str | None:
        """A later block that is much more like the scope than what was given, as it came."""
        return self._frame.better

    @property
    def came(self) -> str:
        """The answer with the lines of the document above the scope, where it begins with such."""
        return "".join(self._came) if self._led() else ""

    @property
    def left_out(self) -> tuple[str, ...]:
        """The imports of the answer that have no place in the scope."""
        return tuple(self._lead.left_out)

    @property
    def echoed(self) -> tuple[str, ...]:
        """The lines around the scope that the answer repeated and that were taken off, stripped."""
        return (*self._head.left_out, *self._inner.left_out, *self._tail.left_out)

    @property
    def torn(self) -> bool:
        """Whether blanks were put back at the ends of lines that the answer has meant to change."""
        return self._kept.torn

    @property
    def guessed(self) -> tuple[ElisionGuess, ...]:
        """The lines that were taken for placeholders and could be meant as they stand."""
        return tuple(self._elision.guessed)

    @property
    def mended(self) -> frozenset[Repair]:
        """What of the answer was not as it should be, so far."""
        stages = (
            self._turn,
            self._frame,
            *self._copy_artifacts,
            self._lead,
            self._head,
            self._indenter,
            self._tail,
            self._elision,
            self._inner,
        )
        return frozenset[Repair]().union(*(stage.mended for stage in stages))

    @property
    def shows_diff(self) -> bool:
        """Whether the reply is a diff, which is known before any text of it was given."""
        return self._frame.shows_diff

    @property
    def spent(self) -> bool:
        """Whether the rest of the reply need not be waited for: the answer is proven, and what
        follows its block is prose, behind which no other block is to be expected."""
        return self.proven and self._afterword.over

    @property
    def thinks(self) -> bool:
        """Whether what comes now are a model's thoughts, told as text."""
        return self._frame.thinks

    @property
    def chat(self) -> int:
        """How many code points of text have come where code was asked for, and no code."""
        return self._frame.chat

    @property
    def talk(self) -> int:
        """How many code points of text have come since the last block, where it has not convinced
        and a better one may follow."""
        return self._frame.talk

    @property
    def refusal(self) -> str | None:
        """What a completed reply without any code said instead, for the user to read."""
        return self._frame.refusal

    def push(self, chunk: str) -> str:
        """Take raw model text; return the clean text that became certain ("" for none)."""
        if self._finished:
            if self._frame.closed:
                self._afterword.push(self._turn.push(self._cleaner.push(chunk)))
            return ""
        text, rest = "", self._turn.push(self._cleaner.push(chunk))
        while rest and not self._frame.closed:
            # Line by line, so that it is known what stands behind the answer.
            end = rest.find("\n") + 1 or len(rest)
            text += self._through(self._frame.push(rest[:end]))
            rest = rest[end:]
        if self._frame.closed:
            text += self._conclude()
            self._afterword.push(self._frame.behind + rest)
        return self._give(text)

    def finish(self, completed: bool) -> str:
        """No more will come. `completed`: the model itself said that the reply is whole.

        Returns the last clean text. At a cut, what was not certain is left out.
        """
        if self._finished:
            return ""
        text = self._through(self._frame.push(self._turn.end(completed)))
        if not self._frame.closed:
            text += self._through(self._frame.finish(completed))
        return self._give(text + self._conclude())

    def _give(self, text: str) -> str:
        if text:
            self._text.append(text)
        return text

    def _through(self, text: str) -> str:
        """One piece of the answer, through every stage after the frame."""
        if not text:
            return ""
        for stage in self._copy_artifacts:
            text = stage.push(text)
        return self._placed(text)

    def _placed(self, text: str) -> str:
        """One piece of bare code, through the stages that know its place."""
        if not text:
            return ""
        self._came.append(text)
        text = self._head.push(self._lead.push(text))
        self._tell_indenter()
        text = self._indenter.push(text)
        for stage in self._rest:
            text = stage.push(text)
        return text

    def _conclude(self) -> str:
        """The answer has ended: what the stages hold comes out, or goes with a cut."""
        self._finished = True
        sure, ended = self._frame.proven, self._frame.line_ended
        text = ""
        for copy_artifacts in self._copy_artifacts:
            text = copy_artifacts.push(text) + copy_artifacts.end(sure, ended)
        text = self._placed(text)
        text += self._conclude_placed(sure, ended)
        return text

    def _conclude_placed(self, sure: bool, ended: bool) -> str:
        text = self._head.push(self._lead.end(sure, ended))
        text += self._head.end(sure, ended)
        self._tell_indenter()
        text = self._indenter.push(text) + self._indenter.end(sure, ended)
        for stage in self._rest:
            text = stage.push(text) + stage.end(sure, ended)
        return text

    def _led(self) -> bool:
        """Whether the answer has repeated what stands above the scope."""
        return self._head.found or self._lead.repeats

    def _tell_indenter(self) -> None:
        if self._head.found:
            self._indenter.first_line_shows_its_column()
