"""The clean text of a whole scope, from an answer that holds only the definitions that change.

`CharacterCleaner` (characters) -> `Blocks` (lines of code) -> here (which definition each is) -> `Writer`.
Each definition is matched by its name, its kind and what it stands in with one of the scope, and
takes its place; it is read as a reply of its own, so left-out lines, columns and echoes are the
business of `edit.reply`. What the answer does not mention stays.

Decided: a class of which members are known is gone into, and those that are not written stay. A
definition that is new goes behind the one before it in the answer, or before the next. Deleted is
only what a line `delete: name` names. What comes out of the order of the code, what several
definitions may be meant by, and what has no name and is new is left out; `skipped` says so.
"""

import re
from dataclasses import dataclass, field

from lsp_server.edit.definitions.definition_blocks import DefinitionBlocks
from lsp_server.edit.definitions.definitions_writer import DefinitionsWriter, Rewriting
from lsp_server.edit.definitions.language_names import UNNAMED, DefinitionLike, DefinitionReader
from lsp_server.edit.definitions.scope_regions import (
    DefinitionRegion,
    ScopeRegions,
    front_kind,
    front_of,
)
from lsp_server.edit.reply.character_cleaner import CharacterCleaner
from lsp_server.edit.reply.placeholder import is_placeholder
from lsp_server.edit.reply.reply_context import ReplyContext, indent_of, is_blank, names_in

NO_DEFINITION = (
    "The model answered with code in which no function, class or constant of the selected code "
    "can be found. Nothing was changed; redirect to ask again."
)
_DELETE = re.compile(r"\W{0,6}\s*delete:\s*`?([\w$.:#?!~]+)`?\s*(?:\*/|-->)?\s*", re.IGNORECASE)
_CLOSERS = frozenset({"}", "};", "},", ")", ");", "end", "{", "})", "});"})
# A definition's header is looked for in so many lines.
_LONGEST_HEADER = 30


@dataclass(slots=True)
class _Piece:
    """A definition of the answer that is coming in."""

    front: list[str]
    lines: list[str]
    indent: str
    found: DefinitionLike | None = None
    rewriting: Rewriting | None = None
    candidates: list[DefinitionRegion] = field(default_factory=list)
    region: DefinitionRegion | None = None
    blanks: int = 0
    dropped: bool = False

    def text(self) -> str:
        """Its lines without those in front, from its own column on."""
        return "\n".join(line.removeprefix(self.indent) for line in self.lines)


class DefinitionsReader:
    """Raw text of definitions in, the scope's new text out. It grows only; nothing makes it raise.

    Law: the text, its proof and what is skipped do not depend on how the answer was cut into
    chunks. What is not written in the answer stands in the text as it was.
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
    ) -> None:
        """Read the answer to "write the definitions of `original` that change"."""
        place = ReplyContext.of(original, before, after, first_indent)
        self._ground = ScopeRegions(place, names)
        self._names = names
        self._cleaner = CharacterCleaner(keeps_nul="\0" in original)
        self._blocks = DefinitionBlocks(self._ground.headers)
        self._writer = DefinitionsWriter(self._ground, language)
        self._piece: _Piece | None = None
        self._front: list[str] = []
        self._inside: list[
            tuple[DefinitionRegion, str]
        ] = []  # Classes gone into, with their columns.
        self._anchor: DefinitionRegion | None = (
            None  # The last definition that was found in its place.
        )
        self._column = ""  # Its indentation in the answer.
        self._waiting: list[list[str]] = []  # New ones before any that is known.
        self._used = 0
        self._skipped: list[str] = []
        self._text: list[str] = []
        self._finished = self._completed = False

    @property
    def text(self) -> str:
        """All clean text so far."""
        return "".join(self._text)

    @property
    def proven(self) -> bool:
        """Whether `text` is the whole new scope: nothing more of the answer can come."""
        blocks = self._blocks
        ended = (self._completed or blocks.closed) and not blocks.open
        return self._finished and ended and bool(self._used)

    @property
    def refusal(self) -> str | None:
        """What a completed reply without any definition says, for the user to read."""
        if not self._completed or self._used or self._skipped:
            return None
        return NO_DEFINITION if self._blocks.found else self._blocks.chat or None

    @property
    def chat(self) -> int:
        """How many code points of text have come, and no code."""
        return 0 if self._blocks.found else self._blocks.said

    @property
    def talk(self) -> int:
        """How many code points of text have come behind the last line of code."""
        return self._blocks.said if self._blocks.found else 0

    @property
    def skipped(self) -> tuple[str, ...]:
        """One sentence for each definition that was left out, in order."""
        return tuple(self._skipped)

    def push(self, chunk: str) -> str:
        """Take raw model text; return the clean text that became certain ("" for none)."""
        if self._finished:
            return ""
        for line in self._blocks.push(self._cleaner.push(chunk)):
            self._line(line)
        return self._give()

    def finish(self, completed: bool) -> str:
        """No more will come. `completed`: the model itself said that the reply is whole."""
        if self._finished:
            return ""
        self._finished, self._completed = True, completed
        for line in self._blocks.finish(completed):
            self._line(line)
        whole = completed or not self._blocks.open
        if self._piece is not None and whole:
            self._end_piece()
        elif self._piece is not None and self._piece.rewriting is not None:
            self._piece.rewriting.cut()
        if whole and self._waiting and (last := self._last_region()) is not None:
            self._leave(0)
            self._insert_waiting_behind(last)
        if self.proven:
            self._writer.originals(len(self._ground.lines))
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
        """Whether the definition is complete and `line` is none of it."""
        if len(indent_of(line)) > len(piece.indent):
            return False
        if line.strip() in _CLOSERS and indent_of(line) == piece.indent:
            return self._names.whole(piece.text())
        if self._names.whole(piece.text()):
            return True
        return line.strip() in self._ground.headers and line.strip() not in piece.lines[0]

    def _outside(self, line: str) -> None:
        """A line that belongs to no definition that is open."""
        stripped = line.strip()
        deleted = _DELETE.fullmatch(line)
        if is_blank(line):
            if self._front:
                self._front.append(line)
            return
        if deleted is not None and self._ground.called(deleted[1]):
            self._delete(deleted[1])
        elif is_placeholder(line) and stripped not in self._ground.place.stripped_lines:
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
        """Say which definition the piece is as soon as its header tells."""
        found = self._names.begun(piece.text())
        if found is None or found.kind in UNNAMED:
            return
        within = self._inside[-1][0] if self._inside else None
        found_all = list(self._ground.candidates(found, within, piece.indent))
        if len(found_all) == 1 and found_all[0].inner_start is not None:
            if self._enter(piece, found_all[0]):
                self._piece = None
            return
        piece.found, piece.candidates = found, found_all
        if len(found_all) == 1:
            self._rewrite(piece, found_all[0])

    def _rewrite(self, piece: _Piece, region: DefinitionRegion) -> None:
        """The piece takes the place of a definition of the scope."""
        self._used += 1
        piece.region = region
        if region.start < self._writer.floor:
            self._skip(region.where, "it does not come in the order of the code")
            piece.dropped = True
            return
        self._flush_waiting(region)
        piece.rewriting = self._writer.replacing(region.start, region.end)
        piece.rewriting.add([*self._front_for(piece, region), *piece.lines])
        self._anchor, self._column = region, piece.indent

    def _rewrite_at_once(self, piece: _Piece, region: DefinitionRegion) -> None:
        """The same for a piece that is complete."""
        self._rewrite(piece, region)
        rewriting = piece.rewriting
        if rewriting is not None:
            rewriting.finish()

    def _front_for(self, piece: _Piece, region: DefinitionRegion) -> list[str]:
        """What stands in front of a definition: what the answer has, and what it left out."""
        kinds = {front_kind(line) or "comment" for line in piece.front if not is_blank(line)}
        old = self._ground.lines[region.start : region.header]
        old = [
            *([self._ground.place.indent + old[0]] if region.start == 0 and old else old[:1]),
            *old[1:],
        ]
        column = self._ground.indent(region.header)
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
        """Go into a class of which only some members may be written."""
        inner = region.inner_start or region.end
        old = "\n".join(self._ground.lines[region.header : inner])
        new = "\n".join(piece.lines)
        # A header that only leaves words out is a short way to name the class.
        says_more = not set(names_in(new)) <= set(names_in(old))
        if says_more and old.rstrip().endswith("{") and not new.rstrip().endswith("{"):
            return False
        if region.inner_end is not None and region.inner_end <= self._writer.floor:
            self._skip(region.where, "it does not come in the order of the code")
        elif says_more and region.start >= self._writer.floor:
            header = inner
            while header > region.header and is_blank(self._ground.lines[header - 1]):
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
            region = self._ground.likeliest(piece.candidates, piece.text())
            if region is None:
                name = piece.candidates[0].definition.name
                self._skip(
                    name,
                    "the selected code has several of that name, and which is meant cannot be told",
                )
                return
            self._rewrite_at_once(piece, region)
            return
        self._take_unknown(piece)

    def _take_unknown(self, piece: _Piece) -> None:
        """Take a piece that is no definition of the scope: a statement, or a new definition."""
        found = piece.found or self._names.begun(piece.text())
        known = self._ground.place.stripped_lines
        if all(is_blank(line) or line.strip() in known for line in piece.lines):
            self._used += 1
            return
        kind = "statement" if found is None else found.kind
        if found is not None and kind == "value":
            within = self._inside[-1][0] if self._inside else None
            values = list(self._ground.candidates(found, within, piece.indent))
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
            self._skip(shown, "it names no definition, so where it belongs cannot be told")
        else:
            self._insert(piece)

    def _import(self, piece: _Piece, shown: str) -> None:
        """An import is added to those of the scope, if it has any."""
        last = self._ground.imports[-1] if self._ground.imports else None
        if last is None:
            self._skip(shown, "the imports stand outside of the selected code")
        elif last.end < self._writer.floor:
            self._skip(shown, "it does not come in the order of the code")
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
            while (around := self._ground.around(anchor)) is not None:
                anchor = around
            self._anchor, self._column = anchor, piece.indent
        self._behind(anchor, [lines])

    def _behind(self, anchor: DefinitionRegion, pieces: list[list[str]]) -> None:
        self._writer.originals(anchor.end)
        indent = self._ground.indent(anchor.header)
        for lines in pieces:
            self._writer.lines([""] * self._ground.gap(anchor))
            self._writer.lines(self._writer.inserted(lines, anchor, indent))

    def _flush_waiting(self, region: DefinitionRegion) -> None:
        """The new ones that waited stand before the next definition that is known."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        self._writer.originals(region.start)
        indent = self._ground.indent(region.header)
        for lines in waiting:
            self._writer.lines(self._writer.inserted(lines, region, indent))
            self._writer.lines([""] * self._ground.gap(region))

    def _insert_waiting_behind(self, region: DefinitionRegion) -> None:
        waiting, self._waiting = self._waiting, []
        if region.end >= self._writer.floor:
            self._behind(region, waiting)

    def _last_region(self) -> DefinitionRegion | None:
        """The last definition outside of all others."""
        outer = [r for r in self._ground.regions if self._ground.around(r) is None]
        written = [r for r in outer if r.definition.kind not in ("import", "statement")]
        return next(iter(reversed(written or outer)), None)

    def _delete(self, name: str) -> None:
        """The answer says that a definition goes."""
        found = self._ground.called(name)
        within = self._inside[-1][0] if self._inside else None
        inside = [region for region in found if within is not None and within.holds(region)]
        found = inside or found
        if len(found) != 1:
            self._skip(
                name,
                "the selected code has several of that name, and which is meant cannot be told",
            )
            return
        region = found[0]
        if region.start < self._writer.floor:
            self._skip(region.where, "it does not come in the order of the code")
            return
        self._used += 1
        self._flush_waiting(region)
        self._writer.originals(region.start)
        end, lines = region.end, self._ground.lines
        while end < len(lines) and is_blank(lines[end]):
            end += 1
        self._writer.floor = end if end < len(lines) else region.end

    # -- classes -------------------------------------------------------------------------------

    def _close(self, indent: str) -> None:
        """A closing bracket: of the class that was gone into, if it stands in that one's column."""
        if self._inside and len(indent) <= len(self._inside[-1][1]):
            self._pop()

    def _leave(self, indent: int) -> None:
        """A line at that column ends the classes that stand at it or further in."""
        while self._inside and indent <= len(self._inside[-1][1]):
            self._pop()

    def _pop(self) -> None:
        region, indent = self._inside.pop()
        if self._waiting:
            members = [r for r in self._ground.regions if region.holds(r)]
            direct = [r for r in members if self._ground.around(r) is region]
            self._insert_waiting_behind((direct or members)[-1])
        self._anchor, self._column = region, indent

    def _skip(self, what: str, why: str) -> None:
        self._skipped.append(f"`{what}` is left out: {why}.")
