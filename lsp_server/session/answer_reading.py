"""Reads an answer in the form that it comes in, which need not be the one that was asked for.

Models answer with a diff where the whole text was asked for, and with code where a diff was. What
begins like a diff is one; the rest shows at the end. Knows the readers and nothing of how they
read.
"""

import re
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from textwrap import dedent, indent

from lsp_server.edit.definitions import (
    Around,
    DefinitionReader,
    DefinitionsReader,
    EnclosingReach,
    NoDefinitions,
    PartialAnswer,
    emptied,
    holds_most,
    in_context,
    narrowed,
    part_of,
    reach_of,
)
from lsp_server.edit.patch import PatchReader
from lsp_server.edit.patch.search_replace import SearchReplaceBlocks
from lsp_server.edit.reply import Doubt, ReplyReader
from lsp_server.edit.reply.corrected_answer import corrected_code
from lsp_server.edit.reply.fence import blocks_of
from lsp_server.edit.reply.instruction_hints import mentions_removal
from lsp_server.edit.reply.json_wrapper import code_in, without_outer_fence
from lsp_server.edit.reply.leading_context import Outside
from lsp_server.edit.reply.reasoning import Reasoning, after_reasoning
from lsp_server.edit.reply.repairs import Repair
from lsp_server.edit.reply.reply_context import MARKDOWN, ReplyContext, unify
from lsp_server.session.form_detection import FormDetection
from lsp_server.session.request import Form

_UNNAMED = frozenset({"import", "statement", "value"})
_FUNCTIONS = frozenset({"function", "method"})
_IMPORTS_FIRST = frozenset({"go", "java"})
"""Languages in which an import may stand only at the beginning of a file."""

_WORD = re.compile(r"\w+")

# How lines of a diff begin that are no context.
_CHANGES = ("+", "-", "@@")

# Longer than any fence that code holds.
_FENCE = "`" * 60

_Reader = ReplyReader | PatchReader | DefinitionsReader


class AnswerReading:
    """Raw text of an answer in, the scope's new text out; grows only, and never raises.

    Law: the text does not depend on how the answer was cut into chunks.
    """

    def __init__(
        self,
        form: Form,
        original: str,
        names: Callable[[str], DefinitionReader],
        *,
        before: str = "",
        after: str = "",
        language: str = "",
        instruction: str = "",
    ) -> None:
        """`form` is what was asked for, in words `instruction`; the rest as the readers want it."""
        self._form = form
        self._original = unify(original)
        self._names_of = names
        self._around = {"before": before, "after": after, "language": language}
        self._beginning = FormDetection(form, self._original, language)
        self._raw: list[str] = []
        self._begun = ""  # What has come while the form is not known.
        self._wrapped = False  # It is an object with code in it, which is read when it is whole.
        self._blocks: SearchReplaceBlocks | None = (
            None  # Makes hunks of blocks to search for and replace.
        )
        self._reader: _Reader | None = None
        self._instruction = instruction
        self._doubt: Doubt | None = None
        self._mended: set[Repair] = set()
        self._completed = False
        self.reach: EnclosingReach | None = None
        """How far an answer reaches above the scope that holds more than it."""
        self.instead: str | None = None
        """The scope's new text where the answer, now that it has ended, is only a part of it."""
        self.staying: tuple[str, ...] = ()
        """The names that a part does not hold, which so stay as they are."""

    # -- reading it --

    @property
    def text(self) -> str:
        """All clean text of the answer so far."""
        return "" if self._reader is None else self._reader.text

    @property
    def reply(self) -> str:
        """The whole answer as it came."""
        return "".join(self._raw)

    @property
    def proven(self) -> bool:
        """Whether `instead`, or else `text`, is the scope's whole new text for certain."""
        return self._reader is not None and self._reader.proven and self._doubt is None

    @property
    def refusal(self) -> str | None:
        """What a completed reply without any code said instead."""
        return None if self._reader is None else self._reader.refusal

    @property
    def doubt(self) -> Doubt | None:
        """Why the answer is no proof although nothing of it was left open, if that is so."""
        if self._doubt is not None:
            return self._doubt
        return self._reader.doubt if isinstance(self._reader, ReplyReader) else None

    @property
    def spent(self) -> bool:
        """Whether the rest of the reply need not be waited for."""
        return isinstance(self._reader, ReplyReader) and self._reader.may_stop_reading

    @property
    def thinks(self) -> bool:
        """Whether what comes now are a model's thoughts, told as text."""
        return isinstance(self._reader, ReplyReader) and self._reader.is_reasoning

    @property
    def chat(self) -> int:
        """How many code points of text have come where code was asked for, and no code."""
        return 0 if self._reader is None else self._reader.chat

    @property
    def talk(self) -> int:
        """How many code points of text have come behind code that may not have been all."""
        return 0 if self._reader is None else self._reader.talk

    @property
    def is_whole(self) -> bool:
        """Whether the answer is read as all of the scope, so that its text may be raw code."""
        return isinstance(self._reader, ReplyReader)

    @property
    def skipped(self) -> tuple[str, ...]:
        """A sentence for each change that was left out."""
        reader = self._reader
        return () if reader is None or isinstance(reader, ReplyReader) else reader.skipped

    @property
    def whole(self) -> ReplyReader | None:
        """What reads the answer as all of the scope, if it is read so."""
        return self._reader if isinstance(self._reader, ReplyReader) else None

    @property
    def mended(self) -> frozenset[Repair]:
        """What of the answer was not as it should be, so far."""
        reader = self._reader
        of_reader = reader.repairs if isinstance(reader, ReplyReader) else ()
        return frozenset(self._mended).union(of_reader)

    @property
    def needs(self) -> tuple[str, ...]:
        """The imports of the answer that have no place in the scope and are not in the document."""
        return self._reader.removed_imports if isinstance(self._reader, ReplyReader) else ()

    # -- feeding it --

    def push(self, chunk: str) -> str:
        """Take raw model text; return the clean text that became certain."""
        self._raw.append(chunk)
        if self._reader is None:
            self._begun += chunk
            form = None if self._wrapped else self._shown_form(whole=False)
            if form is None:
                return ""
            return self._begin(form)
        return self._push(self._reader, chunk)

    def finish(self, completed: bool) -> str:
        """No more will come; `completed`: the model itself said that the reply is whole."""
        text = ""
        self._completed = completed
        if self._reader is None:
            text = self._begin(self._shown_form(whole=True) or self._form)
        reader = self._reader
        if reader is None:
            return text
        if self._blocks is not None:
            text += reader.push(self._blocks.finish())
        text += reader.finish(completed)
        if not text and not reader.text and completed and reader.refusal is not None:
            text += self._read_otherwise(reader)
        if completed and (code := self._unwrapped(reader)) is not None:
            self._mended.add(Repair.WRAPPING)
            self._read_anew(code)
        rest = after_reasoning(unify(self.reply), self._original) if completed else ""
        if rest:
            self._read_behind_thoughts(rest)
        if isinstance(self._reader, ReplyReader):
            if self._reader.restored_wrongly:
                # The blanks at its lines' ends are meant: it is read once more, as it came.
                self._reader = self._new_reply_reader(f"{self._instruction} (trailing blanks)")
                self._reader.push(rest or self.reply)
                self._reader.finish(completed)
                self.instead = self._reader.text
            if (
                better := self._better(rest) if completed else self._reader.better_block
            ) is not None:
                self._read_anew(better)
            if self._reader.proven:
                self._read_narrower(self._reader)
            if self.proven:
                self._read_part(self.text)
            answer = self.text if self.instead is None else self.instead
            asked = not self.proven or mentions_removal(self._instruction)
            if not asked and emptied(self._original, answer, self._names):
                self._doubt, self.instead = Doubt.EMPTIED, None
            elif not asked and not answer.strip() and self._reader.removed_context:
                self._doubt = Doubt.PART  # Nothing but what stands around the scope.
        return text

    def _better(self, rest: str | None) -> str | None:
        """A later block of a completed reply that is the answer rather than the first; `rest` is
        what of it stands behind thoughts."""
        assert isinstance(self._reader, ReplyReader)
        if self._reader.better_block is not None:
            return self._reader.better_block
        code = corrected_code(rest or unify(self.reply), self._original, self._around["language"])
        if code is not None:
            self._mended.add(Repair.BLOCK)
        return code

    def _unwrapped(self, reader: _Reader) -> str | None:
        """The code of an answer that holds it as a text of JSON, or in a block that says `diff`
        and is none; None for every other answer."""
        reply = "".join(self._raw)
        if self._wrapped:
            return code_in(reply, self._original)
        if not isinstance(reader, PatchReader) or not reader.proven or reader.skipped:
            return None
        code = without_outer_fence(reply)
        idle = reader.text == self._original and "\n" in code
        return code if idle and not any(x.startswith(_CHANGES) for x in code.split("\n")) else None

    def _read_anew(self, code: str) -> None:
        """What was given is not the answer, as the reply's end shows: `code` is."""
        reader = self._new_reply_reader()
        reader.push(f"{_FENCE}\n{code}\n{_FENCE}\n")
        reader.finish(True)
        if reader.proven and reader.text and (reader.text != self.text or not self.proven):
            self._mended |= self.mended
            self._reader, self.instead = reader, reader.text

    @cached_property
    def unread(self) -> str:
        """All of a completed reply of which nothing is taken for the scope's new text; "" where
        something is. To be asked for when the reply has ended."""
        reader = self._reader
        if reader is None or not self._completed:
            return ""
        idle = bool(self.skipped) and reader.text.split() == self._original.split()
        doubtful = self.doubt in (Doubt.MIXED, Doubt.SEVERAL) or not reader.text.strip()
        if not (idle or (not reader.proven and (doubtful or reader.refusal is not None))):
            return ""

        def read(code: str) -> str:
            block = ReplyReader(self._original, is_sound=None, outside=lambda: None, **self._around)
            block.push(f"{_FENCE}\n{code}\n{_FENCE}\n")
            block.finish(True)
            return block.text

        return _full_text(self.reply, read)

    def _read_behind_thoughts(self, rest: str) -> None:
        """What came was a draft in thoughts, as their end shows: the answer stands behind it."""
        reader = self._new(self._form)
        reader.push(rest)
        reader.finish(True)
        if reader.proven and reader.text:
            self._mended.add(Repair.THOUGHTS)
            if reader.text != self.text:
                self._reader, self.instead = reader, reader.text

    def _push(self, reader: _Reader, chunk: str) -> str:
        text = reader.push(chunk if self._blocks is None else self._blocks.push(chunk))
        if isinstance(reader, ReplyReader) and reader.shows_diff:
            self._mended |= {Repair.FORM, *reader.repairs}
            return self._read_as_diff()
        return text

    def _read_as_diff(self) -> str:
        """The reply is a diff, whatever it began with; no text of it has been given."""
        reader = PatchReader(self._original, **self._around)
        reader.allow_headless()
        self._reader, self._blocks = reader, SearchReplaceBlocks()
        return self._push(reader, "".join(self._raw))

    # -- which form it is in --

    def _shown_form(self, *, whole: bool) -> Form | None:
        """The form that the beginning shows; None while it may still show another one."""
        wraps = self._beginning.wraps(self._begun)
        if wraps is not False and not whole:
            self._wrapped = wraps is True
            return None
        return self._beginning.form(self._begun, whole=whole)

    def _begin(self, form: Form) -> str:
        if form is not self._form:
            self._mended.add(Repair.FORM)
        reader = self._reader = self._new(form)
        text, self._begun = self._begun, ""
        self._blocks = SearchReplaceBlocks() if isinstance(reader, PatchReader) else None
        return self._push(reader, text)

    def _new(self, form: Form) -> _Reader:
        match form:
            case Form.PATCH:
                return PatchReader(self._original, **self._around)
            case Form.DEFINITIONS:
                return DefinitionsReader(self._original, self._names, **self._around)
            case Form.REWRITE:
                return self._new_reply_reader()

    def _new_reply_reader(self, instruction: str | None = None) -> ReplyReader:
        return ReplyReader(
            self._original,
            outside=self._outside,
            is_sound=None if isinstance(self._names, NoDefinitions) else self._names.is_complete,
            instruction=self._instruction if instruction is None else instruction,
            **self._around,
        )

    @cached_property
    def _names(self) -> DefinitionReader:
        return self._names_of(self._original)

    def _outside(self) -> Outside | None:
        """What the document holds beside the scope that an answer may repeat in front of it: only
        where the scope is a definition, or nothing yet, and not in a function."""
        names = self._names
        around, beside = names.around(), names.beside()
        blank = not self._original.strip()
        named = any(one.kind not in _UNNAMED for one in names.known())
        if not beside or not (named or blank) or any(one.kind in _FUNCTIONS for one in around):
            return None
        apart = self._around["language"] in _IMPORTS_FIRST
        first = unify(self._around["before"]).lstrip().partition("\n")[0]
        return Outside.of(
            () if blank else (first, *(text for _, text in beside)),
            (text for one, text in beside if one.kind == "import"),
            apart=apart or any(one.kind != "module" for one in around),
            is_import=lambda text: getattr(names.begun(text), "kind", "") == "import",
        )

    # -- another form at the end --

    def _read_otherwise(self, first: _Reader) -> str:
        """Nothing could be read in the form that was expected: is there one in which it can?"""
        if isinstance(first, ReplyReader):
            return ""
        answer = "".join(self._raw)
        tried: list[_Reader] = []
        if isinstance(first, PatchReader):
            tried.append(self._new(Form.DEFINITIONS))
        if holds_most(self._original, answer):
            tried.insert(0, self._new(Form.REWRITE))
        for reader in tried:
            text = reader.push(answer) + reader.finish(True)
            if reader.proven and text:
                self._mended.add(Repair.FORM)
                self._reader, self._blocks = reader, None
                return text
        return ""

    # -- more than it, or a part of it --

    def _read_narrower(self, reader: ReplyReader) -> None:
        """The answer is complete: does it hold more than the scope?"""
        before, after = self._names.document()
        if not (before or after):
            before, after = map(unify, (self._around["before"], self._around["after"]))
        around = Around(before, self._original, after)
        wider = narrowed(around, reader.text, self._names)
        if wider is None and reader.answer_with_context:
            # Of the class around it the header may have been taken off, as it stands above.
            found = narrowed(around, dedent(reader.answer_with_context), self._names)
            wider = found if found is not None and found.code is not None else None
        if wider is not None and wider.code is not None:
            self._mended.add(Repair.WIDER)
            self._read_anew(wider.code)
        elif wider is not None:
            lines = 0 if wider.header is None else before.count("\n", wider.header)
            self._mended.add(Repair.WIDER)
            self._doubt, self.reach = Doubt.WIDER, EnclosingReach(lines, under=True)
        elif self._around["language"] not in MARKDOWN:
            self.reach = reach_of(before, self._original, reader.text)
            self._doubt = self._doubt if self.reach is None else Doubt.WIDER

    def _read_part(self, answer: str) -> None:
        """The answer is complete: is it the scope's whole new text?"""
        part, gone = self._part(answer)
        if part is PartialAnswer.WHOLE:
            return
        self._mended.add(Repair.PART)
        if part is PartialAnswer.DEFINITIONS:
            answer = "\n\n".join([answer, *self._others(gone)])
            gone = self._part(answer)[1]
            found = self._in_definitions(answer)
        else:
            lead = ReplyContext.of(self._original, self._around["before"], "", "").indent
            found = in_context(self._original, answer, lead)
            if found is None or self._part(found)[1]:
                self._doubt = Doubt.PART
                return
        if found is not None:
            self.instead, self.staying = found, gone

    def _others(self, missing: tuple[str, ...]) -> list[str]:
        """The other blocks of the reply that hold nothing but definitions of the scope, of which
        the answer leaves some out."""
        known = {one.name for one in self._names.known()}
        lead = ReplyContext.of(self._original, self._around["before"], "", "").indent
        found: list[str] = []
        for block in blocks_of(unify("".join(self._raw))):
            names = {o.name for o in self._names.alone(block) if o.kind not in _UNNAMED}
            if names & set(missing) and names <= known:
                found.append(indent(dedent(block), lead))
        return found

    def _part(self, answer: str) -> tuple[PartialAnswer, tuple[str, ...]]:
        def names(scope: str) -> DefinitionReader:
            return self._names if scope == self._original else self._names_of(scope)

        return part_of(self._original, answer, names, self._instruction)

    def _in_definitions(self, answer: str) -> str | None:
        """The scope with the definitions of the answer; None where these say nothing new: what
        writes some as they are and leaves out the others says that these go."""
        reader = self._new(Form.DEFINITIONS)
        lead = ReplyContext.of(self._original, self._around["before"], "", "").indent
        reader.push(f"{_FENCE}\n{lead}{answer}\n{_FENCE}\n")
        reader.finish(True)
        if not reader.proven or reader.text.split() == self._original.split():
            return None
        self._reader = reader
        return reader.text


def _full_text(reply: str, read: Callable[[str], str]) -> str:
    """All text of a reply but thoughts, without a fence around all of it.

    `read` gives a block in the document's columns. Its result is taken unless it leaves words out.
    """
    thoughts = Reasoning()
    text = without_outer_fence(
        "\n".join(x for x in unify(reply).split("\n") if not thoughts.hold(x))
    )
    block = read(text)
    has_all_words = Counter(_WORD.findall(block)) == Counter(_WORD.findall(text))
    return block if has_all_words else text
