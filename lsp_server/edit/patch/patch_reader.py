"""Builds the new text of the whole scope from the raw chunks of a patch.

`CharacterCleaner` (characters) -> `HunkParser` (hunks) -> `HunkLocator` (places) -> text. Hunks
come in order. So as soon as one is complete, the text up to its last change is certain: the
original up to its place, then its lines. The context behind the last change is held back, unless
the next hunk's header says that it begins behind it. Without numbers the next hunk may begin within
that context, as hunks of models often do.

Left out are hunks whose change lies before one that is already written, and those that fit nowhere
or in several places; `skipped` says why. An incomplete hunk is never applied.
"""

from collections.abc import Iterator

from lsp_server.edit.patch.hunk_locator import HunkLocator, Misfit, Spot
from lsp_server.edit.patch.hunk_parser import HunkParser
from lsp_server.edit.patch.patch_hunk import (
    NONE_FOLLOWS,
    HunkHeader,
    LineMarker,
    PatchHunk,
    PatchLine,
)
from lsp_server.edit.patch.scope_edges import added_lines
from lsp_server.edit.reply.character_cleaner import CharacterCleaner
from lsp_server.edit.reply.placeholder import Degree, degree_of, is_bare_dots, is_placeholder
from lsp_server.edit.reply.reply_context import BLANKS, ReplyContext, is_substantial
from lsp_server.wording import REDIRECT

NO_PATCH = (
    "The model sent code instead of a patch, and its place isn't clear. Nothing was "
    f"changed. {REDIRECT} to ask again."
)


class PatchReader:
    """Takes the raw text of a patch and returns the scope's new text. Never raises.

    Invariant: `text`, `proven` and `skipped` don't depend on how the patch was split into chunks,
    and `text` only grows. It uses "\\n" only. Line ends at its end are those of the original,
    whatever the patch says: the line end behind the scope isn't part of it.
    """

    def __init__(
        self,
        original: str,
        *,
        before: str = "",
        after: str = "",
        first_indent: str = "",
        language: str = "",
    ) -> None:
        """Read a patch of `original`; the other parameters are those of `ReplyReader`."""
        place = ReplyContext.of(original, before, after, first_indent)
        self._locator = HunkLocator(place)
        self._empty = not place.original
        self._cleaner = CharacterCleaner(keeps_nul="\0" in original)
        self._parser = HunkParser(self._locator.known)
        self._floor = self._locator.top  # The locator's first line that is not written yet.
        self._context_end = self._floor  # The end of the last hunk's context.
        self._written: list[str] = []  # The new lines so far, in the document's form.
        self._drift: int | None = None  # Lines from the last header's number to its hunk's place.
        self._last: tuple[int, tuple[PatchLine, ...]] | None = None  # The last hunk and its place.
        self._count = 0
        self._skipped: list[str] = []
        self._text: list[str] = []
        self._finished = False
        self._completed = False

    def allow_headless(self) -> None:
        """Accept a block as a diff without any header, whatever language its fence names."""
        self._parser.headless = True

    @property
    def text(self) -> str:
        """The new text so far."""
        if len(self._text) > 1:
            self._text = ["".join(self._text)]
        return self._text[0] if self._text else ""

    @property
    def proven(self) -> bool:
        """Whether `text` is proven to be the whole new scope: nothing of the patch can follow."""
        parser = self._parser
        ended = (self._completed or parser.closed) and not parser.open
        return self._finished and ended and (parser.found or parser.closed)

    @property
    def refusal(self) -> str | None:
        """The message for the user if a completed reply has no diff."""
        parser = self._parser
        if not self._completed or parser.found or parser.closed:
            return None
        quoted = [line for line in parser.chat.split("\n") if line.strip() in self._locator.known]
        if parser.other or sum(map(is_substantial, quoted)) > 1:
            return NO_PATCH
        return parser.chat or None

    @property
    def chat(self) -> int:
        """Code points of prose received so far, if there was no block or diff yet."""
        return 0 if self._parser.found or self._parser.other else self._parser.chat_length

    @property
    def talk(self) -> int:
        """Code points of prose received behind the last line of a diff."""
        return self._parser.chat_length if self._parser.found else 0

    @property
    def skipped(self) -> tuple[str, ...]:
        """A sentence for each hunk that was left out, in order."""
        return tuple(self._skipped)

    def push(self, chunk: str) -> str:
        """Take raw model text; return the new text that became certain."""
        if self._finished:
            return ""
        return self._apply_all(self._parser.push(self._cleaner.push(chunk)))

    def finish(self, completed: bool) -> str:
        """The reply ended; return the last new text: with proof, the rest of the original too.

        `completed`: the model itself said that the reply is complete.
        """
        if self._finished:
            return ""
        self._finished, self._completed = True, completed
        text = self._apply_all(self._parser.finish(completed))
        end = self._locator.bottom if self.proven else min(self._context_end, self._locator.bottom)
        return text + self._write(self._original_lines(end))

    # -- hunks -------------------------------------------------------------------------------

    def _apply_all(self, hunks: list[PatchHunk]) -> str:
        return "".join([self._apply_hunk(hunk) for hunk in hunks])

    def _apply_hunk(self, hunk: PatchHunk) -> str:
        """Apply a hunk or note why not. A placeholder in its context splits it into two."""
        self._count += 1
        return "".join([self._apply_part(part) for part in self._parts(hunk) if part.changes])

    def _parts(self, hunk: PatchHunk) -> Iterator[PatchHunk]:
        start = 0
        for index, line in enumerate(hunk.lines):
            left_out = line.kind is LineMarker.KEPT and is_placeholder(line.text)
            if left_out and line.text.strip() not in self._locator.known:
                yield PatchHunk(hunk.header if not start else HunkHeader(), hunk.lines[start:index])
                start = index + 1
        header = hunk.header if not start else HunkHeader()
        yield PatchHunk(header, hunk.lines[start:], hunk.next_start)

    def _apply_part(self, hunk: PatchHunk) -> str:
        if self._empty and not hunk.old:
            # An empty scope is one empty line, which the new text replaces.
            hunk = PatchHunk(HunkHeader(1), (PatchLine(LineMarker.REMOVED, "", "-"), *hunk.lines))
        found = self._find(hunk)
        if isinstance(found, Misfit):
            self._skip(hunk, found)
            return ""
        hunk, spot = found
        if self._last == (spot.start, hunk.lines):
            return ""  # The same hunk again.
        added = added_lines(hunk, spot, self._locator, bool(self._written))
        if added is None:
            self._skip(hunk, Misfit.OUTSIDE)
            return ""
        if hunk.header.start is not None and hunk.old:
            self._drift = spot.start - self._locator.top - max(hunk.header.start - 1, 0)
        self._last = spot.start, hunk.lines
        lines = self._changed_lines(hunk, spot, added)
        self._context_end = max(self._context_end, spot.start + len(hunk.old))
        if self._begins_behind(hunk.next_start):
            lines += self._original_lines(min(self._context_end, self._locator.bottom))
        return self._write(lines)

    def _begins_behind(self, next_start: int | None) -> bool:
        """Whether the next hunk's header says that it begins behind the last hunk's context."""
        if next_start is None or next_start == NONE_FOLLOWS:
            return next_start is not None
        if self._drift is None:
            return False
        return self._locator.top + next_start - 1 + self._drift >= self._context_end

    def _find(self, hunk: PatchHunk) -> tuple[PatchHunk, Spot] | Misfit:
        """The hunk and its place; if need be without lines at its edges that may be none of it."""
        if any(self._is_left_out(line) for line in hunk.lines):
            return Misfit.PLACEHOLDER
        trimmed = hunk.trimmed()
        if len(trimmed.old) == hunk.header.old_count != len(hunk.old):
            hunk = trimmed  # By the count, the empty lines around are spacing.
        found = self._place_of(hunk)
        if found is not Misfit.NOWHERE:
            return found if isinstance(found, Misfit) else (hunk, found)
        shorter = self._without_chat(hunk).trimmed()
        if shorter.lines == hunk.lines or not shorter.changes or not shorter.old:
            return found
        place = self._place_of(shorter)
        return place if isinstance(place, Misfit) else (shorter, place)

    def _place_of(self, hunk: PatchHunk) -> Spot | Misfit:
        return self._locator.find(hunk, self._floor, self._written, self._drift)

    def _is_left_out(self, line: PatchLine) -> bool:
        """Whether an added line is a placeholder for code that was not written out.

        A line that only may be one is taken as a comment, since nothing around it proves more.
        """
        if line.kind is not LineMarker.ADDED or line.text.strip() in self._locator.known:
            return False
        return degree_of(line.text) is Degree.SAYS and not is_bare_dots(line.text)

    def _without_chat(self, hunk: PatchHunk) -> PatchHunk:
        """The hunk without prose at its end: behind a diff without a fence, it looks like context.

        Removes nothing that may be a change. A list in the prose looks like removed lines.
        """
        known = self._locator.known
        for index, line in enumerate(hunk.lines):
            if line.marked or not line.raw.strip() or line.raw.strip() in known:
                continue
            rest = hunk.lines[index:]
            if all(x.kind is not LineMarker.ADDED and x.text.strip() not in known for x in rest):
                return hunk.with_lines(hunk.lines[:index])
            return hunk
        return hunk

    def _skip(self, hunk: PatchHunk, why: Misfit) -> None:
        line = "" if hunk.header.start is None else f" (line {hunk.header.start})"
        self._skipped.append(f"Change {self._count} of the patch{line} was left out: {why.value}.")

    # -- text --------------------------------------------------------------------------------

    def _changed_lines(self, hunk: PatchHunk, spot: Spot, added: dict[int, str]) -> list[str]:
        """The new lines from the last written one up to this hunk's last change."""
        lines = self._original_lines(spot.start + hunk.lead)
        end = spot.start + hunk.reach
        for index, line in enumerate(hunk.lines):
            match line.kind:
                case LineMarker.ADDED:
                    lines.append(added[index])
                case LineMarker.REMOVED:
                    self._floor += 1
                case LineMarker.KEPT if hunk.lead <= index and self._floor < end:
                    lines += self._original_lines(self._floor + 1)
                case _:
                    pass
        return lines

    def _original_lines(self, end: int) -> list[str]:
        """The original lines from `_floor` to `end`, in the document's columns; moves `_floor`."""
        locator, start = self._locator, self._floor
        lines = locator.scope[start - locator.top : end - locator.top] if end > start else []
        if lines and start == locator.top:
            lines = [(locator.indent if self._written else locator.lead) + lines[0], *lines[1:]]
        self._floor = max(start, end)
        return lines

    def _write(self, lines: list[str]) -> str:
        """Append new lines to the text. The first line of all begins where the scope begins."""
        if not lines:
            return ""
        locator, begun = self._locator, bool(self._written)
        self._written += lines
        first = lines[0]
        if not begun:
            first = _without(first, locator.lead, locator.indent)
        text = ("\n" if begun else "") + "\n".join([first, *lines[1:]])
        self._text.append(text)
        return text


def _without(line: str, lead: str, home: str) -> str:
    """`line` without the text before the scope: all of it, or that much indentation."""
    if line.startswith(lead):
        return line[len(lead) :]
    for _ in home:
        if line[:1] not in BLANKS or not line:
            break
        line = line[1:]
    return line
