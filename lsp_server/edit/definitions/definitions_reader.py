"""Builds the new text of the whole scope from an answer that contains only changed definitions.

`CharacterCleaner` (characters) -> `DefinitionBlocks` (lines of code) -> `DefinitionsReader` (which
definition each is) -> `DefinitionsWriter`. A definition of the answer replaces the one of the scope
with the same name, kind and enclosing definitions. It is read as a reply of its own, so
`edit.reply` handles left-out lines, columns and repeated context. What the answer doesn't mention
stays.

In a class whose members are known, members that the answer doesn't contain stay. A new definition
goes behind the one before it in the answer, or before the next one. Only a line `delete: name`
deletes a definition. Left out is what doesn't come in the order of the code, what could be several
definitions, and new code without a name; `skipped` says so.
"""

import re
from dataclasses import dataclass, field

from lsp_server.edit.definitions.definition_blocks import DefinitionBlocks
from lsp_server.edit.definitions.definition_protocol import (
    UNNAMED,
    DefinitionLike,
    DefinitionReader,
)
from lsp_server.edit.definitions.definitions_writer import DefinitionsWriter, Rewriting
from lsp_server.edit.definitions.scope_regions import (
    DefinitionRegion,
    ScopeRegions,
    front_kind,
    front_of,
)
from lsp_server.edit.reply.character_cleaner import CharacterCleaner
from lsp_server.edit.reply.placeholder import is_placeholder
from lsp_server.edit.reply.reply_context import ReplyContext, indent_of, is_blank, names_in
from lsp_server.wording import REDIRECT

NO_DEFINITION = (
    "The answer has no function, class or constant of the selected code. Nothing was "
    f"changed. {REDIRECT} to ask again."
)
_DELETE = re.compile(r"\W{0,6}\s*delete:\s*`?([\w$.:#?!~]+)`?\s*(?:\*/|-->)?\s*", re.IGNORECASE)
_CLOSERS = frozenset({"}", "};", "},", ")", ");", "end", "{", "})", "});"})
# Lines in which a definition's header is searched for.
_LONGEST_HEADER = 30


@dataclass(slots=True)
class _Piece:
    """A definition of the answer while it is received."""

    front: list[str]
    """Comments, decorators and attributes before it."""
    lines: list[str]
    indent: str
    found: DefinitionLike | None = None
    rewriting: Rewriting | None = None
    candidates: list[DefinitionRegion] = field(default_factory=list)
    region: DefinitionRegion | None = None
    blanks: int = 0
    """Blank lines behind its last line so far."""
    dropped: bool = False

    def text(self) -> str:
        """Its lines without `front` and without its own indentation."""
        return "\n".join(line.removeprefix(self.indent) for line in self.lines)


class DefinitionsReader:
    """Takes the raw text of an answer and returns the scope's new text. Never raises.

    Invariant: `text`, `proven` and `skipped` don't depend on how the answer was split into chunks,
    `text` only grows, and what the answer doesn't mention stays as it was.
    """

    def __init__(
        self,
        original: str,
        names: DefinitionReader,
        *,
        before: str = "",
        after: str = "",
        first_indent: str = "",
        language: str = "",
        collects_imports: bool = False,
    ) -> None:
        """Read an answer with the changed definitions of `original`; else as `ReplyReader`.

        `collects_imports`: imports that have no place in the scope are not reported as skipped.
        """
        place = ReplyContext.of(original, before, after, first_indent)
        self._scope = ScopeRegions(place, names)
        self._names = names
        self._cleaner = CharacterCleaner(keeps_nul="\0" in original)
        self._blocks = DefinitionBlocks(self._scope.headers)
        self._writer = DefinitionsWriter(self._scope, language)
        self._piece: _Piece | None = None
        self._front: list[str] = []
        self._inside: list[
            tuple[DefinitionRegion, str]
        ] = []  # Classes gone into, with their columns.
        self._anchor: DefinitionRegion | None = (
            None  # The last definition that was found in its place.
        )
        self._column = ""  # Its indentation in the answer.
        self._waiting: list[list[str]] = []  # New definitions before any known one.
        self._used = 0
        self._collects_imports = collects_imports
        self.removed_imports: list[str] = []
        """The imports of the answer that have no place in the scope, if they are collected."""
        self._skipped: list[str] = []
        self._text: list[str] = []
        self._finished = self._completed = False

    @property
    def text(self) -> str:
        """The new text so far."""
        return "".join(self._text)

    @property
    def proven(self) -> bool:
        """Whether `text` is proven to be the whole new scope: nothing of the answer can follow."""
        blocks = self._blocks
        ended = (self._completed or blocks.closed) and not blocks.open
        return self._finished and ended and bool(self._used)

    @property
    def refusal(self) -> str | None:
        """The message for the user if a completed reply has no definition."""
        if not self._completed or self._used or self._skipped:
            return None
        return NO_DEFINITION if self._blocks.found else self._blocks.chat or None

    @property
    def chat(self) -> int:
        """Code points of prose received so far, if there was no code yet."""
        return 0 if self._blocks.found else self._blocks.chat_length

    @property
    def talk(self) -> int:
        """Code points of prose received behind the last line of code."""
        return self._blocks.chat_length if self._blocks.found else 0

    @property
    def skipped(self) -> tuple[str, ...]:
        """A sentence for each definition that was left out, in order."""
        return tuple(self._skipped)

    def push(self, chunk: str) -> str:
        """Take raw model text; return the new text that became certain."""
        if self._finished:
            return ""
        for line in self._blocks.push(self._cleaner.push(chunk)):
            self._line(line)
        return self._give()

    def finish(self, completed: bool) -> str:
        """The reply ended; `completed`: the model itself said that it is complete."""
        if self._finished:
            return ""
        self._finished, self._completed = True, completed
        for line in self._blocks.finish(completed):
            self._line(line)
        is_complete = completed or not self._blocks.open
        if self._piece is not None and is_complete:
            self._end_piece()
        elif self._piece is not None and self._piece.rewriting is not None:
            self._piece.rewriting.cut()
        if is_complete and self._waiting and (last := self._last_region()) is not None:
            self._leave(0)
            self._insert_waiting_behind(last)
        if self.proven:
            self._writer.originals(len(self._scope.lines))
        return self._give()

    def _give(self) -> str:
        text = self._writer.take()
        if text:
            self._text.append(text)
        return text

    # -- lines -------------------------------------------------------------------------------

    def _line(self, line: str) -> None:
        piece = self._piece
        if piece is not None:
            if is_blank(line):
                piece.blanks += 1
                return
            if not self._ends_before(piece, line):
                self._grow(piece, line)
                return
            self._end_piece()
        self._outside(line)

    def _ends_before(self, piece: _Piece, line: str) -> bool:
        """Whether the definition is complete and `line` isn't part of it."""
        if len(indent_of(line)) > len(piece.indent):
            return False
        if line.strip() in _CLOSERS and indent_of(line) == piece.indent:
            return self._names.is_complete(piece.text())
        if self._names.is_complete(piece.text()):
            return True
        return line.strip() in self._scope.headers and line.strip() not in piece.lines[0]

    def _outside(self, line: str) -> None:
        """Read a line outside of any open definition."""
        stripped = line.strip()
        deleted = _DELETE.fullmatch(line)
        if is_blank(line):
            if self._front:
                self._front.append(line)
            return
        if deleted is not None and self._scope.called(deleted[1]):
            self._delete(deleted[1])
        elif is_placeholder(line) and stripped not in self._scope.place.stripped_lines:
            return
        elif stripped in _CLOSERS:
            self._close(indent_of(line))
        else:
            self._front.append(line)
            if front_of(self._front) < len(self._front):
                front, self._front = self._front[:-1], []
                while front and is_blank(front[-1]):
                    front.pop()
                self._leave(len(indent_of(line)))
                self._piece = _Piece(front, [line], indent_of(line))
                self._begin(self._piece)

    def _grow(self, piece: _Piece, line: str) -> None:
        lines = [*[""] * piece.blanks, line]
        piece.blanks = 0
        piece.lines += lines
        if piece.rewriting is not None:
            piece.rewriting.add(lines)
        elif piece.found is None and len(piece.lines) <= _LONGEST_HEADER:
            self._begin(piece)

    # -- which definition it is ----------------------------------------------------------------

    def _begin(self, piece: _Piece) -> None:
        """Find out which definition the piece is, as soon as its header tells."""
        found = self._names.begun(piece.text())
        if found is None or found.kind in UNNAMED:
            return
        within = self._inside[-1][0] if self._inside else None
        found_all = list(self._scope.candidates(found, within, piece.indent))
        if len(found_all) == 1 and found_all[0].inner_start is not None:
            if self._enter(piece, found_all[0]):
                self._piece = None
            return
        piece.found, piece.candidates = found, found_all
        if len(found_all) == 1:
            self._rewrite(piece, found_all[0])

    def _rewrite(self, piece: _Piece, region: DefinitionRegion) -> None:
        """Let the piece replace a definition of the scope."""
        self._used += 1
        piece.region = region
        if region.start < self._writer.floor:
            self._skip(
                region.where, "it comes too late: the definitions must be in the order of the code"
            )
            piece.dropped = True
            return
        self._flush_waiting(region)
        piece.rewriting = self._writer.replacing(region.start, region.end)
        piece.rewriting.add([*self._front_for(piece, region), *piece.lines])
        self._anchor, self._column = region, piece.indent

    def _rewrite_at_once(self, piece: _Piece, region: DefinitionRegion) -> None:
        """Let a complete piece replace a definition of the scope."""
        self._rewrite(piece, region)
        rewriting = piece.rewriting
        if rewriting is not None:
            rewriting.finish()

    def _front_for(self, piece: _Piece, region: DefinitionRegion) -> list[str]:
        """The lines before a definition: those of the answer, and those that it left out."""
        kinds = {front_kind(line) or "comment" for line in piece.front if not is_blank(line)}
        old = self._scope.lines[region.start : region.header]
        old = [
            *([self._scope.place.indent + old[0]] if region.start == 0 and old else old[:1]),
            *old[1:],
        ]
        column = self._scope.indent(region.header)
        kept: list[str] = []
        kind = "comment"
        for line in old:
            kind = front_kind(line) or kind
            if kind not in kinds:
                kept.append(piece.indent + line.removeprefix(column))
        comments_first = not old or front_kind(old[0]) == "comment"
        if "attribute" in kinds or not comments_first:
            return [*kept, *piece.front] if comments_first else [*piece.front, *kept]
        return [*piece.front, *kept]

    def _enter(self, piece: _Piece, region: DefinitionRegion) -> bool:
        """Enter a class; the answer may contain only some members. Returns whether that works."""
        inner = region.inner_start or region.end
        old = "\n".join(self._scope.lines[region.header : inner])
        new = "\n".join(piece.lines)
        # A header that only leaves words out is a short form of the class's header.
        says_more = not set(names_in(new)) <= set(names_in(old))
        if says_more and old.rstrip().endswith("{") and not new.rstrip().endswith("{"):
            return False
        if region.inner_end is not None and region.inner_end <= self._writer.floor:
            self._skip(
                region.where, "it comes too late: the definitions must be in the order of the code"
            )
        elif says_more and region.start >= self._writer.floor:
            header = inner
            while header > region.header and is_blank(self._scope.lines[header - 1]):
                header -= 1
            self._flush_waiting(region)
            rewriting = self._writer.replacing(region.start, header)
            rewriting.add([*self._front_for(piece, region), *piece.lines])
            rewriting.finish()
        self._used += 1
        self._inside.append((region, piece.indent))
        return True

    # -- the end of a piece --------------------------------------------------------------------

    def _end_piece(self) -> None:
        piece, self._piece = self._piece, None
        if piece is None or piece.dropped:
            return
        if piece.rewriting is not None:
            piece.rewriting.finish()
            return
        if piece.candidates:
            region = self._scope.likeliest(piece.candidates, piece.text())
            if region is None:
                name = piece.candidates[0].definition.name
                self._skip(
                    name,
                    "the selected code has several definitions of that name",
                )
                return
            self._rewrite_at_once(piece, region)
            return
        self._take_unknown(piece)

    def _take_unknown(self, piece: _Piece) -> None:
        """Take a piece that isn't a definition of the scope: a statement or a new definition."""
        found = piece.found or self._names.begun(piece.text())
        known = self._scope.place.stripped_lines
        if all(is_blank(line) or line.strip() in known for line in piece.lines):
            self._used += 1
            return
        kind = "statement" if found is None else found.kind
        if found is not None and kind == "value":
            within = self._inside[-1][0] if self._inside else None
            values = list(self._scope.candidates(found, within, piece.indent))
            if within is None:
                values = [value for value in values if not value.definition.path] or values
            if len(values) == 1:
                self._rewrite_at_once(piece, values[0])
                return
        first = piece.lines[0].strip()
        shown = first if len(first) <= 60 else first[:59] + "…"
        if kind == "import":
            self._import(piece, shown)
        elif found is None or kind == "statement":
            self._skip(shown, "it isn't part of a definition, so its place isn't known")
        else:
            self._insert(piece)

    def _import(self, piece: _Piece, shown: str) -> None:
        """Add an import to those of the scope, if it has any."""
        last = self._scope.imports[-1] if self._scope.imports else None
        if last is None and self._collects_imports:
            self.removed_imports.append(" ".join(line.strip() for line in piece.lines))
        elif last is None:
            self._skip(shown, "the imports are outside the selected code")
        elif last.end < self._writer.floor:
            self._skip(shown, "it comes too late: the definitions must be in the order of the code")
        else:
            self._used += 1
            self._writer.originals(last.end)
            self._writer.lines(self._writer.inserted(piece.lines, last, ""))

    # -- new definitions and deleted ones ------------------------------------------------------

    def _insert(self, piece: _Piece) -> None:
        """A new definition goes behind the last one that was found, or waits for the next."""
        self._used += 1
        lines = [*piece.front, *piece.lines]
        anchor = self._anchor
        if anchor is not None and self._inside and not self._inside[-1][0].holds(anchor):
            anchor = None
        if anchor is None:
            self._waiting.append(lines)
            return
        if len(piece.indent) < len(self._column):
            while (around := self._scope.around(anchor)) is not None:
                anchor = around
            self._anchor, self._column = anchor, piece.indent
        self._behind(anchor, [lines])

    def _behind(self, anchor: DefinitionRegion, pieces: list[list[str]]) -> None:
        self._writer.originals(anchor.end)
        indent = self._scope.indent(anchor.header)
        for lines in pieces:
            self._writer.lines([""] * self._scope.gap(anchor))
            self._writer.lines(self._writer.inserted(lines, anchor, indent))

    def _flush_waiting(self, region: DefinitionRegion) -> None:
        """Insert the waiting new definitions before the next known one."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        self._writer.originals(region.start)
        indent = self._scope.indent(region.header)
        for lines in waiting:
            self._writer.lines(self._writer.inserted(lines, region, indent))
            self._writer.lines([""] * self._scope.gap(region))

    def _insert_waiting_behind(self, region: DefinitionRegion) -> None:
        waiting, self._waiting = self._waiting, []
        if region.end >= self._writer.floor:
            self._behind(region, waiting)

    def _last_region(self) -> DefinitionRegion | None:
        """The last definition that is not within another."""
        outer = [r for r in self._scope.regions if self._scope.around(r) is None]
        written = [r for r in outer if r.definition.kind not in ("import", "statement")]
        return next(iter(reversed(written or outer)), None)

    def _delete(self, name: str) -> None:
        """Delete a definition that the answer names."""
        found = self._scope.called(name)
        within = self._inside[-1][0] if self._inside else None
        inside = [region for region in found if within is not None and within.holds(region)]
        found = inside or found
        if len(found) != 1:
            self._skip(
                name,
                "the selected code has several definitions of that name",
            )
            return
        region = found[0]
        if region.start < self._writer.floor:
            self._skip(
                region.where, "it comes too late: the definitions must be in the order of the code"
            )
            return
        self._used += 1
        self._flush_waiting(region)
        self._writer.originals(region.start)
        end, lines = region.end, self._scope.lines
        while end < len(lines) and is_blank(lines[end]):
            end += 1
        self._writer.floor = end if end < len(lines) else region.end

    # -- classes -------------------------------------------------------------------------------

    def _close(self, indent: str) -> None:
        """A closing bracket ends the entered class, if it isn't farther in than its header."""
        if self._inside and len(indent) <= len(self._inside[-1][1]):
            self._pop()

    def _leave(self, indent: int) -> None:
        """A line with this indentation ends the entered classes that aren't indented less."""
        while self._inside and indent <= len(self._inside[-1][1]):
            self._pop()

    def _pop(self) -> None:
        region, indent = self._inside.pop()
        if self._waiting:
            members = [r for r in self._scope.regions if region.holds(r)]
            direct = [r for r in members if self._scope.around(r) is region]
            self._insert_waiting_behind((direct or members)[-1])
        self._anchor, self._column = region, indent

    def _skip(self, what: str, why: str) -> None:
        self._skipped.append(f"`{what}` was left out: {why}.")
