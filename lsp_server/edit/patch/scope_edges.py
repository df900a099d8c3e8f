"""What a hunk adds at the scope's own edges, in the document's columns.

The scope begins at its first character and ends at its last. So its first line may be quoted as
the scope has it or as the document has it, with its indentation or with the code before it; and
its last line with or without the code behind it. What takes the place of such a line has to be
brought into one form, which is the document's.
"""

from dataclasses import dataclass

from lsp_server.edit.patch.hunk_locator import HunkLocator, Spot
from lsp_server.edit.patch.patch_hunk import LineMarker, PatchHunk
from lsp_server.edit.reply.reply_context import BLANKS, is_blank


@dataclass(slots=True)
class _Group:
    """The lines that are added at one edge, as indices of the hunk's lines."""

    indices: list[int]
    quoted: str  # The scope's line at that edge, as the hunk has it.
    removed: bool


def added_lines(
    hunk: PatchHunk, spot: Spot, ground: HunkLocator, begun: bool
) -> dict[int, str] | None:
    """The added lines by their index in the hunk; `None` if code outside the scope would change.

    `begun`: something of the new scope stands before them already.
    """
    lines = {
        index: spot.rule.apply(line.text)
        for index, line in enumerate(hunk.lines)
        if line.kind is LineMarker.ADDED
    }
    first = _group_at(hunk, ground.top - spot.start, before=True)
    last = _group_at(hunk, ground.bottom - 1 - spot.start, before=False)
    if first is not None and not _begin(lines, first, spot, ground, begun):
        return None
    if last is not None and not _end(lines, last, ground):
        return None
    return lines


def _group_at(hunk: PatchHunk, wanted: int, before: bool) -> _Group | None:
    """The old line number `wanted`, what is added beside it, and in its place if it is removed."""
    olds = [index for index, line in enumerate(hunk.lines) if line.kind is not LineMarker.ADDED]
    if not 0 <= wanted < len(olds):
        return None
    at = olds[wanted]
    removed = hunk.lines[at].kind is LineMarker.REMOVED
    start = olds[wanted - 1] + 1 if wanted else 0
    end = olds[wanted + 1] if wanted + 1 < len(olds) else len(hunk.lines)
    beside = [*range(start, at)] if before or removed else []
    beside += [*range(at + 1, end)] if not before or removed else []
    return _Group(beside, hunk.lines[at].text, removed)


def _begin(
    lines: dict[int, str], group: _Group, spot: Spot, ground: HunkLocator, begun: bool
) -> bool:
    """Bring what is added at the scope's first line into the document's form."""
    if not group.indices or not ground.lead:
        return True
    first, *others = group.indices
    lead = ground.lead.strip()
    if spot.rule.apply(group.quoted).rstrip() == ground.lines[ground.top].rstrip():
        # What stands before the scope stays: the new first line has to begin with it.
        text = lines[first].lstrip(BLANKS)
        if lead and not begun:
            lines[first] = ground.lead + text.removeprefix(lead).lstrip(BLANKS)
        return text.startswith(lead) and not (lead and begun)
    # Quoted as the scope has it, without indentation: is the rest of the group as well?
    written = [index for index in others if not is_blank(lines[index])]
    if any(not lines[index].startswith(ground.home) for index in written):
        for index in written:
            lines[index] = ground.home + lines[index]
    prefix = ground.home if begun else ground.lead
    lines[first] = prefix + lines[first].removeprefix(ground.home)
    return True


def _end(lines: dict[int, str], group: _Group, ground: HunkLocator) -> bool:
    """Bring what is added at the scope's last line into the scope's form."""
    rest = ground.rest.strip()
    whole = group.quoted.strip() == ground.lines[ground.bottom - 1].strip()
    if not rest or not group.indices or not whole:
        return True
    last = group.indices[-1]
    text = lines[last].rstrip()
    if not group.removed or not text.endswith(rest):
        return False
    lines[last] = text.removesuffix(rest).rstrip()
    return True
