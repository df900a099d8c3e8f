"""Converts lines that a hunk adds at the scope's edges to the document's form.

The scope begins at its first character and ends at its last. So a hunk may quote the first line as
in the scope or as in the document, with its indentation or with code before it; and the last line
with or without the code behind it. The lines that replace it have the same form, and are
converted to that of the document.
"""

from dataclasses import dataclass

from lsp_server.edit.patch.hunk_locator import HunkLocator, Spot
from lsp_server.edit.patch.patch_hunk import LineMarker, PatchHunk
from lsp_server.edit.reply.reply_context import BLANKS, is_blank


@dataclass(slots=True)
class _Group:
    """The lines added at one edge of the scope."""

    indices: list[int]  # Of the added lines, in the hunk.
    quoted: str  # The scope's line at that edge, as the hunk quotes it.
    removed: bool  # Whether the hunk removes that line.


def added_lines(
    hunk: PatchHunk, spot: Spot, locator: HunkLocator, has_text: bool
) -> dict[int, str] | None:
    """The added lines by their index in the hunk; `None` if code outside the scope would change.

    `has_text`: text of the new scope comes before them.
    """
    lines = {
        index: spot.rule.apply(line.text)
        for index, line in enumerate(hunk.lines)
        if line.kind is LineMarker.ADDED
    }
    first = _group_at(hunk, locator.top - spot.start, before=True)
    last = _group_at(hunk, locator.bottom - 1 - spot.start, before=False)
    if first is not None and not _begin(lines, first, spot, locator, has_text):
        return None
    if last is not None and not _end(lines, last, locator):
        return None
    return lines


def _group_at(hunk: PatchHunk, wanted: int, before: bool) -> _Group | None:
    """The lines added next to old line number `wanted`, or in its place."""
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
    lines: dict[int, str], group: _Group, spot: Spot, locator: HunkLocator, has_text: bool
) -> bool:
    """Convert the lines added at the scope's first line; whether that is possible."""
    if not group.indices or not locator.lead:
        return True
    first, *others = group.indices
    lead = locator.lead.strip()
    if spot.rule.apply(group.quoted).rstrip() == locator.lines[locator.top].rstrip():
        # The code before the scope stays, so the new first line must begin with it.
        text = lines[first].lstrip(BLANKS)
        if lead and not has_text:
            lines[first] = locator.lead + text.removeprefix(lead).lstrip(BLANKS)
        return text.startswith(lead) and not (lead and has_text)
    # Quoted as in the scope, without indentation. Do the other lines lack it too?
    written = [index for index in others if not is_blank(lines[index])]
    if any(not lines[index].startswith(locator.indent) for index in written):
        for index in written:
            lines[index] = locator.indent + lines[index]
    prefix = locator.indent if has_text else locator.lead
    lines[first] = prefix + lines[first].removeprefix(locator.indent)
    return True


def _end(lines: dict[int, str], group: _Group, locator: HunkLocator) -> bool:
    """Convert the lines added at the scope's last line; whether that is possible."""
    rest = locator.rest.strip()
    quotes_document = group.quoted.strip() == locator.lines[locator.bottom - 1].strip()
    if not rest or not group.indices or not quotes_document:
        return True
    last = group.indices[-1]
    text = lines[last].rstrip()
    if not group.removed or not text.endswith(rest):
        return False
    lines[last] = text.removesuffix(rest).rstrip()
    return True
