"""Turns the raw chunks of one reply into the clean text of the scope.

The text passes these stages in order:

- `CharacterCleaner`: cleans characters.
- `Turn`: drops all text after the model's own turn.
- `AnswerExtractor`: decides which lines are the answer.
- the stages of `copy_artifacts`: remove what code picks up when it is copied.
- `LeadingContext`: removes leading statements that the document has elsewhere.
- `LeadingOverlap`: removes repeated lines above the scope.
- `Indenter`: moves the lines to the document's columns.
- `TrailingOverlap`: removes repeated lines below the scope.
- `UnchangedLines`: gives unchanged lines the bytes of the original.
- `Elision`: replaces placeholders with the lines that they stand for.
- `LineRest`: removes repeated text after the scope on its last line.
- `InlineAnswer`: puts a string into its quotes, reduces a call to its argument.

Each stage passes on what is certain and holds the rest.
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
    mentions_bytes,
    mentions_columns,
    mentions_removal,
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
    """Takes raw text of a model and returns the new text of the scope.

    The text only grows, and no input makes the reader raise.

    Invariants: the text and its proof do not depend on how the reply was cut into chunks. Text that
    was returned is never taken back. The text uses "\\n" only, whatever the file or the model uses.
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
        is_sound: Callable[[str], bool] | None = None,
        instruction: str = "",
    ) -> None:
        """Read the answer to "rewrite `original`".

        `before`, `after`: the document's text around the scope; only the nearest part is used.
        `first_indent`: the white space before the scope on its first line, if `before` does not
        contain it. `language`: the LSP language id. It decides, among other things, whether a bare
        `...` is text, whether indentation has one style, and whether the text may contain blocks of
        code. `outside`: returns what the document has outside of the scope, or None if that is
        unknown. `is_sound`: whether a text is syntactically sound code; None if that is unknown.
        `instruction`: the user's instruction. It only matters whether it mentions columns, white
        space or characters, or the removal of code.
        """
        context = ReplyContext.of(original, before, after, first_indent)
        self._cleaner = CharacterCleaner(keeps_nul="\0" in original)
        self._turn = Turn(context)
        self._extractor = AnswerExtractor(context, language)
        self._copy_artifacts = (
            FileName(context, language),
            LineNumbers(context),
            Prompts(context, language),
            Escapes(context, language),
            CurlyQuotes(context, language),
        )
        self._leading_context = LeadingContext(context, outside)
        self._leading_overlap = LeadingOverlap(context)
        self._elision = Elision(context, language, not mentions_removal(instruction))
        self._trailing_overlap = TrailingOverlap(context, self._repeats_above, is_sound)
        self._indenter = Indenter(context, language, mentions_columns(instruction))
        self._unchanged_lines = UnchangedLines(context, mentions_bytes(instruction))
        self._inline_answer = InlineAnswer(context, language, is_sound)
        self._last_stages = (
            self._trailing_overlap,
            self._unchanged_lines,
            self._elision,
            LineRest(context, self._leading_overlap),
            self._inline_answer,
        )
        self._bare_code: list[str] = []
        self._text: list[str] = []
        self._finished = False  # no more text can come
        self._trailing_prose = TrailingProse()

    @property
    def text(self) -> str:
        """All clean text so far."""
        if len(self._text) > 1:
            self._text = ["".join(self._text)]
        return self._text[0] if self._text else ""

    @property
    def proven(self) -> bool:
        """Whether `text` is certainly the complete answer, so that what it lacks is deleted.

        The answer's own fence was closed, or the model ended its reply, and no other block of the
        reply was a better answer.
        """
        return self._finished and self._extractor.proven

    @property
    def doubt(self) -> Doubt | None:
        """Why `text` is not proven although nothing was left open; None if that is not so."""
        return self._extractor.doubt

    @property
    def better_block(self) -> str | None:
        """A later block that resembles the scope much more than `text` does, as it came."""
        return self._extractor.better_block

    @property
    def answer_with_context(self) -> str:
        """The answer with the document's lines that it begins with; "" if it begins with none."""
        return "".join(self._bare_code) if self._repeats_above() else ""

    @property
    def removed_imports(self) -> tuple[str, ...]:
        """The imports of the answer that have no place in the scope."""
        return tuple(self._leading_context.removed_imports)

    @property
    def removed_context(self) -> tuple[str, ...]:
        """The lines around the scope that the answer repeated and that were removed, stripped."""
        return (
            *self._leading_overlap.removed_lines,
            *self._inline_answer.removed_lines,
            *self._trailing_overlap.removed_lines,
        )

    @property
    def restored_wrongly(self) -> bool:
        """Whether white space at line ends was restored that the answer meant to change."""
        return self._unchanged_lines.restored_wrongly

    @property
    def guesses(self) -> tuple[ElisionGuess, ...]:
        """The lines that were taken for placeholders and could be meant literally."""
        return tuple(self._elision.guesses)

    @property
    def repairs(self) -> frozenset[Repair]:
        """The kinds of repairs made to the answer so far."""
        stages = (
            self._turn,
            self._extractor,
            *self._copy_artifacts,
            self._leading_context,
            self._leading_overlap,
            self._indenter,
            self._trailing_overlap,
            self._elision,
            self._inline_answer,
        )
        return frozenset[Repair]().union(*(stage.repairs for stage in stages))

    @property
    def shows_diff(self) -> bool:
        """Whether the reply is a diff. This is known before any of its text is returned."""
        return self._extractor.shows_diff

    @property
    def may_stop_reading(self) -> bool:
        """Whether nobody needs to wait for the rest of the reply.

        The answer is proven, and prose follows its block that announces no other block.
        """
        return self.proven and self._trailing_prose.over

    @property
    def trailing_length(self) -> int:
        """How many code points have come after the end of the answer."""
        return self._trailing_prose.length

    @property
    def is_reasoning(self) -> bool:
        """Whether the text that comes now is reasoning that the model sends as plain text."""
        return self._extractor.is_reasoning

    @property
    def chat(self) -> int:
        """The number of code points received where code was expected and none has come."""
        return self._extractor.prose_without_code

    @property
    def talk(self) -> int:
        """The number of code points of text received since the last block.

        It is 0 unless blocks have come, none of them convinced, and a better one may follow.
        """
        return self._extractor.prose_since_block

    @property
    def refusal(self) -> str | None:
        """The text of a completed reply that has no code, for the user to read."""
        return self._extractor.refusal

    def push(self, chunk: str) -> str:
        """Take raw text of the model; return the clean text that became certain ("" for none)."""
        if self._finished:
            if self._extractor.closed:
                self._trailing_prose.push(self._turn.push(self._cleaner.push(chunk)))
            return ""
        text, rest = "", self._turn.push(self._cleaner.push(chunk))
        while rest and not self._extractor.closed:
            # Pass single lines, to separate the text after the answer.
            end = rest.find("\n") + 1 or len(rest)
            text += self._through_stages(self._extractor.push(rest[:end]))
            rest = rest[end:]
        if self._extractor.closed:
            text += self._conclude()
            self._trailing_prose.push(self._extractor.text_after_answer + rest)
        return self._record(text)

    def finish(self, completed: bool) -> str:
        """End the reply. `completed`: the model itself said that the reply is complete.

        Returns the last clean text. At a cut, text that was not certain is dropped.
        """
        if self._finished:
            return ""
        text = self._through_stages(self._extractor.push(self._turn.end(completed)))
        if not self._extractor.closed:
            text += self._through_stages(self._extractor.finish(completed))
        return self._record(text + self._conclude())

    def _record(self, text: str) -> str:
        if text:
            self._text.append(text)
        return text

    def _through_stages(self, text: str) -> str:
        """Pass a piece of the answer through all stages after the extractor."""
        if not text:
            return ""
        for stage in self._copy_artifacts:
            text = stage.push(text)
        return self._through_context_stages(text)

    def _through_context_stages(self, text: str) -> str:
        """Pass a piece of bare code through the stages that know its context."""
        if not text:
            return ""
        self._bare_code.append(text)
        text = self._leading_overlap.push(self._leading_context.push(text))
        self._tell_indenter()
        text = self._indenter.push(text)
        for stage in self._last_stages:
            text = stage.push(text)
        return text

    def _conclude(self) -> str:
        """End the answer: the stages return what they hold, or drop it at a cut."""
        self._finished = True
        sure, ended = self._extractor.proven, self._extractor.line_ended
        text = ""
        for stage in self._copy_artifacts:
            text = stage.push(text) + stage.end(sure, ended)
        text = self._through_context_stages(text)
        text += self._conclude_context_stages(sure, ended)
        return text

    def _conclude_context_stages(self, sure: bool, ended: bool) -> str:
        text = self._leading_overlap.push(self._leading_context.end(sure, ended))
        text += self._leading_overlap.end(sure, ended)
        self._tell_indenter()
        text = self._indenter.push(text) + self._indenter.end(sure, ended)
        for stage in self._last_stages:
            text = stage.push(text) + stage.end(sure, ended)
        return text

    def _repeats_above(self) -> bool:
        """Whether the answer has repeated the text above the scope."""
        return self._leading_overlap.has_removed or self._leading_context.repeats

    def _tell_indenter(self) -> None:
        if self._leading_overlap.has_removed:
            self._indenter.first_line_shows_its_column()
