"""Reads an answer in the form that it comes in, which may not be the requested one.

Models answer with a diff where the whole text was requested, and with code where a diff was. An
answer that begins like a diff is read as one; other mismatches show at its end. Chooses the readers
and does not know how they read.
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
from lsp_server.edit.reply.needs_block import NeedsBlocks
from lsp_server.edit.reply.reasoning import Reasoning, after_reasoning
from lsp_server.edit.reply.repairs import Repair
from lsp_server.edit.reply.reply_context import MARKDOWN, ReplyContext, unify
from lsp_server.session.form_detection import FormDetection
from lsp_server.session.request import Form

_UNNAMED = frozenset({"import", "statement", "value"})
_FUNCTIONS = frozenset({"function", "method"})
_IMPORTS_FIRST = frozenset({"go", "java"})
"""Languages that allow imports only at the beginning of a file."""

_WORD = re.compile(r"\w+")

# How the lines of a diff begin, other than context.
_CHANGES = ("+", "-", "@@")

# How many code points of prose may stand between an answer and the imports that it needs.
_MOST_BEFORE_NEEDS = 240

# Longer than any fence that code holds.
_FENCE = "`" * 60

_Reader = ReplyReader | PatchReader | DefinitionsReader


class AnswerReading:
    """Turns the raw text of an answer into the scope's new text.

    Invariant: the text only grows, and does not depend on how the answer was cut into chunks. Never
    raises.
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
        imports: bool = False,
    ) -> None:
        """`form` is the requested one. `before` and `after` surround the scope in the document.

        `imports`: the answer may name imports that it needs, which are not written into the scope.
        """
        self._form = form
        self._original = unify(original)
        self._names_of = names
        self._around = {"before": before, "after": after, "language": language}
        self._form_detection = FormDetection(form, self._original, language)
        self._imports = imports
        self._needs_blocks = NeedsBlocks(self._original) if imports else None
        self._raw: list[str] = []
        self._removed_imports: tuple[str, ...] = ()  # By a reader that another one replaced.
        self._rest: list[str] = []  # The answer as it came, without `needs` blocks.
        self._unread_start = ""  # What came while the form was not known.
        self._wrapped = False  # It is a JSON object with code, read when complete.
        self._search_replace: SearchReplaceBlocks | None = None
        """Turns search-and-replace blocks into hunks."""
        self._reader: _Reader | None = None
        self._instruction = instruction
        self._doubt: Doubt | None = None
        self._repairs: set[Repair] = set()
        self._completed = False
        self.reach: EnclosingReach | None = None
        """How far an answer reaches above the scope, where it holds more than the scope."""
        self.new_scope_text: str | None = None
        """The scope's new text where it is not `text`: known once the answer has ended."""
        self.staying: tuple[str, ...] = ()
        """Names of the scope that a partial answer does not hold; they stay as they are."""

    # -- queries --

    @property
    def text(self) -> str:
        """All clean text of the answer so far."""
        return "" if self._reader is None else self._reader.text

    @property
    def reply(self) -> str:
        """The whole answer as it came."""
        return "".join(self._raw)

    @property
    def _code_reply(self) -> str:
        """The whole answer as it came, without `needs` blocks."""
        return "".join(self._rest)

    @property
    def proven(self) -> bool:
        """Whether `new_scope_text`, or else `text`, certainly is all of the scope's new text."""
        return self._reader is not None and self._reader.proven and self._doubt is None

    @property
    def refusal(self) -> str | None:
        """What a complete reply without any code says instead."""
        return None if self._reader is None else self._reader.refusal

    @property
    def doubt(self) -> Doubt | None:
        """Why a complete answer is not proven, if that is so."""
        if self._doubt is not None:
            return self._doubt
        return self._reader.doubt if isinstance(self._reader, ReplyReader) else None

    @property
    def spent(self) -> bool:
        """Whether the stream can be closed: the whole answer has come."""
        reader, needs = self._reader, self._needs_blocks
        if not isinstance(reader, ReplyReader) or not reader.may_stop_reading:
            return False
        if needs is None:
            return True
        may_follow = not needs.lines and reader.trailing_length < _MOST_BEFORE_NEEDS
        return not (needs.is_open or may_follow)

    @property
    def thinks(self) -> bool:
        """Whether the model is writing its reasoning as text."""
        return isinstance(self._reader, ReplyReader) and self._reader.is_reasoning

    @property
    def chat(self) -> int:
        """How many code points of prose came, while no code has come."""
        return 0 if self._reader is None else self._reader.chat

    @property
    def talk(self) -> int:
        """How many code points of prose came after code that may not have been all."""
        return 0 if self._reader is None else self._reader.talk

    @property
    def is_whole(self) -> bool:
        """Whether the answer is read as the whole scope, so its raw text may be code."""
        return isinstance(self._reader, ReplyReader)

    @property
    def skipped(self) -> tuple[str, ...]:
        """One sentence for each change that was left out."""
        reader = self._reader
        return () if reader is None or isinstance(reader, ReplyReader) else reader.skipped

    @property
    def reply_reader(self) -> ReplyReader | None:
        """The reader, where the answer is read as the whole scope."""
        return self._reader if isinstance(self._reader, ReplyReader) else None

    @property
    def repairs(self) -> frozenset[Repair]:
        """What had to be repaired in the answer so far."""
        reader = self._reader
        of_reader = reader.repairs if isinstance(reader, ReplyReader) else ()
        return frozenset(self._repairs).union(of_reader)

    @property
    def removed_imports(self) -> tuple[str, ...]:
        """Imports of the answer that have no place in the scope and are not in the document."""
        reader = self._reader
        of_reader = (
            () if reader is None or isinstance(reader, PatchReader) else reader.removed_imports
        )
        return tuple(dict.fromkeys((*self._removed_imports, *of_reader)))

    @property
    def needs(self) -> str:
        """The lines of the answer's `needs` blocks so far."""
        return "" if self._needs_blocks is None else self._needs_blocks.lines

    # -- input --

    def push(self, chunk: str) -> str:
        """Take raw text of the model. Returns the clean text that became certain."""
        self._raw.append(chunk)
        if self._needs_blocks is not None:
            chunk = self._needs_blocks.push(chunk)
        self._rest.append(chunk)
        return self._take(chunk)

    def _take(self, chunk: str) -> str:
        if self._reader is None:
            self._unread_start += chunk
            form = None if self._wrapped else self._shown_form(ended=False)
            if form is None:
                return ""
            return self._begin(form)
        return self._push(self._reader, chunk)

    def finish(self, completed: bool) -> str:
        """The reply has ended. `completed`: the model itself ended it."""
        text = ""
        self._completed = completed
        if self._needs_blocks is not None and (held := self._needs_blocks.finish(completed)):
            self._rest.append(held)
            text = self._take(held)
        if self._reader is None:
            text += self._begin(self._shown_form(ended=True) or self._form)
        reader = self._reader
        if reader is None:
            return text
        if self._search_replace is not None:
            text += reader.push(self._search_replace.finish())
        text += reader.finish(completed)
        if not text and not reader.text and completed and reader.refusal is not None:
            text += self._read_otherwise(reader)
        if completed and (code := self._unwrapped(reader)) is not None:
            self._repairs.add(Repair.WRAPPING)
            self._read_anew(code)
        rest = after_reasoning(unify(self._code_reply), self._original) if completed else ""
        if rest:
            self._read_after_reasoning(rest)
        self._leave_out_drafts(completed)
        if isinstance(self._reader, ReplyReader):
            self._finish_rewrite(self._reader, rest, completed)
        return text

    def _finish_rewrite(self, reader: ReplyReader, rest: str | None, completed: bool) -> None:
        """The reply has ended and was read as the whole scope: check that it is.

        `rest` is what comes after the reasoning, if the reply has any.
        """
        if reader.restored_wrongly:
            # The blanks at its lines' ends are meant: read it again and keep them.
            reader = self._new_reply_reader(f"{self._instruction} (trailing blanks)")
            reader.push(rest or self._code_reply)
            reader.finish(completed)
            self._reader, self.new_scope_text = reader, reader.text
        better = self._better_block(reader, rest) if completed else reader.better_block
        if better is not None:
            self._read_anew(better)
        reader = self.reply_reader or reader
        if reader.proven:
            self._read_narrower(reader)
        if self.proven:
            self._read_part(self.text)
        answer = self.text if self.new_scope_text is None else self.new_scope_text
        if not self.proven or mentions_removal(self._instruction):
            return
        if emptied(self._original, answer, self._names):
            self._doubt, self.new_scope_text = Doubt.EMPTIED, None
        elif (
            not answer.strip()
            and self.reply_reader is not None
            and self.reply_reader.removed_context
        ):
            self._doubt = Doubt.PART  # It holds nothing but lines around the scope.

    def _better_block(self, reader: ReplyReader, rest: str | None) -> str | None:
        """A later block of a complete reply that is the answer rather than the first one."""
        if reader.better_block is not None:
            return reader.better_block
        reply = rest or unify(self._code_reply)
        code = corrected_code(reply, self._original, self._around["language"])
        if code is not None:
            self._repairs.add(Repair.BLOCK)
        return code

    def _unwrapped(self, reader: _Reader) -> str | None:
        """The code of an answer that holds it in a JSON string, or in a block that is marked `diff`
        but is none; else None."""
        reply = self._code_reply
        if self._wrapped:
            return code_in(reply, self._original)
        if not isinstance(reader, PatchReader) or not reader.proven or reader.skipped:
            return None
        code = without_outer_fence(reply)
        changes_nothing = reader.text == self._original and "\n" in code
        return (
            code
            if changes_nothing and not any(x.startswith(_CHANGES) for x in code.split("\n"))
            else None
        )

    def _read_anew(self, code: str) -> None:
        """Read `code` instead: the end of the reply shows that it is the answer."""
        reader = self._new_reply_reader()
        reader.push(f"{_FENCE}\n{code}\n{_FENCE}\n")
        reader.finish(True)
        if reader.proven and reader.text and (reader.text != self.text or not self.proven):
            self._repairs |= self.repairs
            self._reader, self.new_scope_text = reader, reader.text

    @cached_property
    def unread(self) -> str:
        """A complete reply, all of it, if nothing in it can be the scope's new text; else "".

        Only valid once the reply has ended.
        """
        reader = self._reader
        if reader is None or not self._completed:
            return ""
        changes_nothing = bool(self.skipped) and reader.text.split() == self._original.split()
        doubtful = self.doubt in (Doubt.MIXED, Doubt.SEVERAL) or not reader.text.strip()
        if not (
            changes_nothing or (not reader.proven and (doubtful or reader.refusal is not None))
        ):
            return ""

        def read(code: str) -> str:
            block = ReplyReader(self._original, is_sound=None, outside=lambda: None, **self._around)
            block.push(f"{_FENCE}\n{code}\n{_FENCE}\n")
            block.finish(True)
            return block.text

        return _full_text(self._code_reply, read)

    def _read_after_reasoning(self, rest: str) -> None:
        """Read what comes after the reasoning: what came before was a draft."""
        reader = self._new(self._form)
        reader.push(rest)
        reader.finish(True)
        if reader.proven and reader.text:
            self._repairs.add(Repair.THOUGHTS)
            if reader.text != self.text:
                self._reader, self.new_scope_text = reader, reader.text

    def _leave_out_drafts(self, completed: bool) -> None:
        """Leave out `needs` blocks that are part of the model's reasoning."""
        if self._needs_blocks is None or not self._needs_blocks.lines:
            return
        reply, thoughts = unify(self.reply), Reasoning()
        rest = after_reasoning(reply, self._original)
        if rest is None:
            lines = reply.split("\n")
            rest = "\n".join(line for line in lines if not thoughts.is_reasoning_line(line))
        if rest != reply:
            self._needs_blocks = NeedsBlocks(self._original)
            self._needs_blocks.push(rest)
            self._needs_blocks.finish(completed)

    def _push(self, reader: _Reader, chunk: str) -> str:
        text = reader.push(
            chunk if self._search_replace is None else self._search_replace.push(chunk)
        )
        if isinstance(reader, ReplyReader) and reader.shows_diff:
            self._repairs |= {Repair.FORM, *reader.repairs}
            return self._read_as_diff()
        return text

    def _read_as_diff(self) -> str:
        """Read the reply as a diff from its beginning; none of its text has been returned yet."""
        reader = PatchReader(self._original, **self._around)
        reader.allow_headless()
        self._reader, self._search_replace = reader, SearchReplaceBlocks()
        return self._push(reader, self._code_reply)

    # -- which form it is in --

    def _shown_form(self, *, ended: bool) -> Form | None:
        """The form that the beginning shows; None while it is not certain."""
        wraps = self._form_detection.wraps(self._unread_start)
        if wraps is not False and not ended:
            self._wrapped = wraps is True
            return None
        return self._form_detection.form(self._unread_start, ended=ended)

    def _begin(self, form: Form) -> str:
        if form is not self._form:
            self._repairs.add(Repair.FORM)
        reader = self._reader = self._new(form)
        text, self._unread_start = self._unread_start, ""
        self._search_replace = SearchReplaceBlocks() if isinstance(reader, PatchReader) else None
        return self._push(reader, text)

    def _new(self, form: Form) -> _Reader:
        match form:
            case Form.PATCH:
                return PatchReader(self._original, **self._around)
            case Form.DEFINITIONS:
                return DefinitionsReader(
                    self._original,
                    self._names,
                    collects_imports=self._imports,
                    **self._around,
                )
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
        """What an answer may repeat of the document in front of the scope.

        Only where the scope is a definition or empty, and not in a function.
        """
        names = self._names
        around, beside = names.around(), names.beside()
        blank = not self._original.strip()
        named = any(one.kind not in _UNNAMED for one in names.known())
        if not (beside or self._imports) or not (named or blank):
            return None
        if any(one.kind in _FUNCTIONS for one in around):
            return None
        apart = self._around["language"] in _IMPORTS_FIRST
        first = unify(self._around["before"]).lstrip().partition("\n")[0]
        return Outside.of(
            () if blank else (first, *(text for _, text in beside)),
            (text for one, text in beside if one.kind == "import"),
            forbids_imports=(self._imports or apart or any(one.kind != "module" for one in around)),
            is_import=lambda text: getattr(names.begun(text), "kind", "") == "import",
        )

    # -- another form at the end --

    def _read_otherwise(self, first: _Reader) -> str:
        """Nothing could be read in the expected form: try the others."""
        if isinstance(first, ReplyReader):
            return ""
        answer = self._code_reply
        tried: list[_Reader] = []
        if isinstance(first, PatchReader):
            tried.append(self._new(Form.DEFINITIONS))
        if holds_most(self._original, answer):
            tried.insert(0, self._new(Form.REWRITE))
        for reader in tried:
            text = reader.push(answer) + reader.finish(True)
            if reader.proven and text:
                self._repairs.add(Repair.FORM)
                self._reader, self._search_replace = reader, None
                return text
        return ""

    # -- more than the scope, or a part of it --

    def _read_narrower(self, reader: ReplyReader) -> None:
        """Check whether a complete answer holds more than the scope."""
        before, after = self._names.document()
        if not (before or after):
            before, after = map(unify, (self._around["before"], self._around["after"]))
        around = Around(before, self._original, after)
        wider = narrowed(around, reader.text, self._names)
        if wider is None and reader.answer_with_context:
            # The header of the class around it may have been removed, being above the scope.
            found = narrowed(around, dedent(reader.answer_with_context), self._names)
            wider = found if found is not None and found.code is not None else None
        if wider is not None and wider.code is not None:
            self._repairs.add(Repair.WIDER)
            self._read_anew(wider.code)
        elif wider is not None:
            lines = 0 if wider.header is None else before.count("\n", wider.header)
            self._repairs.add(Repair.WIDER)
            self._doubt, self.reach = Doubt.WIDER, EnclosingReach(lines, under=True)
        elif self._around["language"] not in MARKDOWN:
            self.reach = reach_of(before, self._original, reader.text)
            self._doubt = self._doubt if self.reach is None else Doubt.WIDER

    def _read_part(self, answer: str) -> None:
        """Check whether a complete answer is all of the scope's new text, or place the part."""
        part, gone = self._part(answer)
        if part is PartialAnswer.WHOLE:
            return
        self._repairs.add(Repair.PART)
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
            self.new_scope_text, self.staying = found, gone

    def _others(self, missing: tuple[str, ...]) -> list[str]:
        """Other blocks of the reply with nothing but definitions of the scope, some of them
        missing in the answer."""
        known = {one.name for one in self._names.known()}
        lead = ReplyContext.of(self._original, self._around["before"], "", "").indent
        found: list[str] = []
        for block in blocks_of(unify(self._code_reply)):
            names = {o.name for o in self._names.alone(block) if o.kind not in _UNNAMED}
            if names & set(missing) and names <= known:
                found.append(indent(dedent(block), lead))
        return found

    def _part(self, answer: str) -> tuple[PartialAnswer, tuple[str, ...]]:
        def names(scope: str) -> DefinitionReader:
            return self._names if scope == self._original else self._names_of(scope)

        return part_of(self._original, answer, names, self._instruction)

    def _in_definitions(self, answer: str) -> str | None:
        """The scope with the answer's definitions; None where they change nothing.

        An answer that repeats some definitions unchanged and leaves out the others removes those.
        """
        reader = self._new(Form.DEFINITIONS)
        lead = ReplyContext.of(self._original, self._around["before"], "", "").indent
        reader.push(f"{_FENCE}\n{lead}{answer}\n{_FENCE}\n")
        reader.finish(True)
        if not reader.proven or reader.text.split() == self._original.split():
            return None
        self._removed_imports = self.removed_imports
        self._reader = reader
        return reader.text


def _full_text(reply: str, read: Callable[[str], str]) -> str:
    """All text of a reply without reasoning, and without a fence around all of it.

    `read` moves a block to the document's columns. Its result is used unless it leaves words out.
    """
    thoughts = Reasoning()
    text = without_outer_fence(
        "\n".join(x for x in unify(reply).split("\n") if not thoughts.is_reasoning_line(x))
    )
    block = read(text)
    has_all_words = Counter(_WORD.findall(block)) == Counter(_WORD.findall(text))
    return block if has_all_words else text
