"""The clean text of a whole scope, from the raw chunks of a patch of it.

`CharacterCleaner` (characters) -> `Frame` (hunks) -> `Ground` (where a hunk belongs) -> text. Hunks come in
order, so as soon as one is complete, the text up to its last change is certain: the original up to
its place, then what it says. Its context behind that is kept back unless the next hunk says that it
begins behind it; without numbers it may begin within it, as hunks of models often do.

Decided: a hunk whose change lies before one that has been written is left out, as is everything
that fits nowhere or in several places; `skipped` says why. Half a hunk is never taken.
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

NO_PATCH = (
    "The model answered with code instead of a patch, and where it belongs cannot be told. "
    "Nothing was changed; redirect to ask again."
)


class PatchReader:
    """Raw text of a patch in, the scope's new text out. It grows only, and nothing makes it raise.

    Law: the text, its proof and what is skipped do not depend on how the patch was cut into
    chunks, and what was given is never taken back. The text uses "\\n" only. The line ends at its
    end are the original's: a scope does not hold the one behind it, whatever the patch says.
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
        """Read the answer to "give a patch of `original`"; the parameters are `ReplyReader`'s."""
        place = ReplyContext.of(original, before, after, first_indent)
        self._ground = HunkLocator(place)
        self._empty = not place.original
        self._cleaner = CharacterCleaner(keeps_nul="\0" in original)
        self._frame = HunkParser(self._ground.known)
        self._floor = self._ground.top  # The first line of the ground that is not written.
        self._context_end = self._floor  # The end of the last hunk's context behind its change.
        self._written: list[str] = []  # The new lines so far, in the document's form.
        self._drift: int | None = None
        self._last: tuple[int, tuple[PatchLine, ...]] | None = None  # The last hunk and its place.
        self._count = 0
        self._skipped: list[str] = []
        self._text: list[str] = []
        self._finished = False
        self._completed = False

    def allow_headless(self) -> None:
        """A block may be a diff without any header, whatever language it names."""
        self._frame.headless = True

    @property
    def text(self) -> str:
        """All clean text so far."""
        if len(self._text) > 1:
            self._text = ["".join(self._text)]
        return self._text[0] if self._text else ""

    @property
    def proven(self) -> bool:
        """Whether `text` is the whole new scope: nothing more of the patch can come."""
        frame = self._frame
        ended = (self._completed or frame.closed) and not frame.open
        return self._finished and ended and (frame.found or frame.closed)

    @property
    def refusal(self) -> str | None:
        """What a completed reply without any diff says, for the user to read."""
        frame = self._frame
        if not self._completed or frame.found or frame.closed:
            return None
        quoted = [line for line in frame.chat.split("\n") if line.strip() in self._ground.known]
        if frame.other or sum(map(is_substantial, quoted)) > 1:
            return NO_PATCH
        return frame.chat or None

    @property
    def chat(self) -> int:
        """How many code points of text have come, and no block or diff."""
        return 0 if self._frame.found or self._frame.other else self._frame.said

    @property
    def talk(self) -> int:
        """How many code points of text have come behind the last line of a diff."""
        return self._frame.said if self._frame.found else 0

    @property
    def skipped(self) -> tuple[str, ...]:
        """One sentence for each hunk that was left out, in order."""
        return tuple(self._skipped)

    def push(self, chunk: str) -> str:
        """Take raw model text; return the clean text that became certain ("" for none)."""
        if self._finished:
            return ""
        return self._give(self._frame.push(self._cleaner.push(chunk)))

    def finish(self, completed: bool) -> str:
        """No more will come. `completed`: the model itself said that the reply is whole.

        Returns the last clean text: with proof, all that is left of the original.
        """
        if self._finished:
            return ""
        self._finished, self._completed = True, completed
        text = self._give(self._frame.finish(completed))
        end = self._ground.bottom if self.proven else min(self._context_end, self._ground.bottom)
        return text + self._put(self._originals(end))

    # -- hunks -------------------------------------------------------------------------------

    def _give(self, hunks: list[PatchHunk]) -> str:
        return "".join([self._take(hunk) for hunk in hunks])

    def _take(self, hunk: PatchHunk) -> str:
        """Apply a hunk, or say why not; an elision in its context makes two of it."""
        self._count += 1
        return "".join([self._apply(part) for part in self._parts(hunk) if part.changes])

    def _parts(self, hunk: PatchHunk) -> Iterator[PatchHunk]:
        start = 0
        for index, line in enumerate(hunk.lines):
            left_out = line.kind is LineMarker.KEPT and is_placeholder(line.text)
            if left_out and line.text.strip() not in self._ground.known:
                yield PatchHunk(hunk.header if not start else HunkHeader(), hunk.lines[start:index])
                start = index + 1
        header = hunk.header if not start else HunkHeader()
        yield PatchHunk(header, hunk.lines[start:], hunk.next_start)

    def _apply(self, hunk: PatchHunk) -> str:
        if self._empty and not hunk.old:
            # An empty scope is one empty line, which the new text takes the place of.
            hunk = PatchHunk(HunkHeader(1), (PatchLine(LineMarker.REMOVED, "", "-"), *hunk.lines))
        found = self._find(hunk)
        if isinstance(found, Misfit):
            self._skip(hunk, found)
            return ""
        hunk, spot = found
        if self._last == (spot.start, hunk.lines):
            return ""  # The same once more.
        added = added_lines(hunk, spot, self._ground, bool(self._written))
        if added is None:
            self._skip(hunk, Misfit.OUTSIDE)
            return ""
        if hunk.header.start is not None and hunk.old:
            self._drift = spot.start - self._ground.top - max(hunk.header.start - 1, 0)
        self._last = spot.start, hunk.lines
        lines = self._changed(hunk, spot, added)
        self._context_end = max(self._context_end, spot.start + len(hunk.old))
        if self._begins_behind(hunk.next_start):
            lines += self._originals(min(self._context_end, self._ground.bottom))
        return self._put(lines)

    def _begins_behind(self, next_start: int | None) -> bool:
        """Whether the next hunk says that it begins behind the last one's context."""
        if next_start is None or next_start == NONE_FOLLOWS:
            return next_start is not None
        if self._drift is None:
            return False
        return self._ground.top + next_start - 1 + self._drift >= self._context_end

    def _find(self, hunk: PatchHunk) -> tuple[PatchHunk, Spot] | Misfit:
        """The hunk and its place; if need be, without what may not belong to it at its edges."""
        if any(self._is_left_out(line) for line in hunk.lines):
            return Misfit.PLACEHOLDER
        trimmed = hunk.trimmed()
        if len(trimmed.old) == hunk.header.old_count != len(hunk.old):
            hunk = trimmed  # The counts say that the empty lines around it are spacing.
        found = self._place_of(hunk)
        if found is not Misfit.NOWHERE:
            return found if isinstance(found, Misfit) else (hunk, found)
        shorter = self._without_chat(hunk).trimmed()
        if shorter.lines == hunk.lines or not shorter.changes or not shorter.old:
            return found
        place = self._place_of(shorter)
        return place if isinstance(place, Misfit) else (shorter, place)

    def _place_of(self, hunk: PatchHunk) -> Spot | Misfit:
        return self._ground.find(hunk, self._floor, self._written, self._drift)

    def _is_left_out(self, line: PatchLine) -> bool:
        """Whether an added line says that it stands for code that was not written out.

        A line that only hints at it is a comment of the model's: nothing around it proves more.
        """
        if line.kind is not LineMarker.ADDED or line.text.strip() in self._ground.known:
            return False
        return degree_of(line.text) is Degree.SAYS and not is_bare_dots(line.text)

    def _without_chat(self, hunk: PatchHunk) -> PatchHunk:
        """Without sentences behind a diff that has no fence: they look like context.

        Nothing that may be a change is cut off with them; a list looks like lines removed.
        """
        known = self._ground.known
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
        self._skipped.append(f"Change {self._count} of the patch{line} is left out: {why.value}.")

    # -- text --------------------------------------------------------------------------------

    def _changed(self, hunk: PatchHunk, spot: Spot, added: dict[int, str]) -> list[str]:
        """The lines from the last change up to this hunk's last one."""
        lines = self._originals(spot.start + hunk.lead)
        end = spot.start + hunk.reach
        for index, line in enumerate(hunk.lines):
            match line.kind:
                case LineMarker.ADDED:
                    lines.append(added[index])
                case LineMarker.REMOVED:
                    self._floor += 1
                case LineMarker.KEPT if hunk.lead <= index and self._floor < end:
                    lines += self._originals(self._floor + 1)
                case _:
                    pass
        return lines

    def _originals(self, end: int) -> list[str]:
        """The original's lines up to `end`, in the document's columns."""
        ground, start = self._ground, self._floor
        lines = ground.scope[start - ground.top : end - ground.top] if end > start else []
        if lines and start == ground.top:
            lines = [(ground.home if self._written else ground.lead) + lines[0], *lines[1:]]
        self._floor = max(start, end)
        return lines

    def _put(self, lines: list[str]) -> str:
        """Write new lines; the first one begins where the scope begins."""
        if not lines:
            return ""
        ground, begun = self._ground, bool(self._written)
        self._written += lines
        first = lines[0]
        if not begun:
            first = _without(first, ground.lead, ground.home)
        text = ("\n" if begun else "") + "\n".join([first, *lines[1:]])
        self._text.append(text)
        return text


def _without(line: str, lead: str, home: str) -> str:
    """`line` without what stands before the scope: all of it, or as much of its indentation."""
    if line.startswith(lead):
        return line[len(lead) :]
    for _ in home:
        if line[:1] not in BLANKS or not line:
            break
        line = line[1:]
    return line
