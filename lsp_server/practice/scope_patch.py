"""Writes the change of a scope as a unified diff, for requests that ask for a patch."""

from lsp_server.edit.diff import diff

_CONTEXT = 3
"""Unchanged lines around each hunk."""


def unified_diff(before: str, after: str) -> str:
    """The hunks that lead from `before` to `after`, without file names. "" if they are equal."""
    old, new = before.split("\n"), after.split("\n")
    hunks: list[str] = []
    group: list[tuple[int, int, int, int]] = []
    for change in _line_changes(before, after):
        if group and change[0] - group[-1][1] > 2 * _CONTEXT:
            hunks.append(_hunk(old, new, group))
            group = []
        group.append(change)
    if group:
        hunks.append(_hunk(old, new, group))
    return "\n".join(hunks)


def _line_changes(before: str, after: str) -> list[tuple[int, int, int, int]]:
    """Changed lines as `(old start, old end, new start, new end)`, half-open, counted from 0."""
    lines: list[tuple[int, int, int, int]] = []
    shift = 0
    for change in diff(before, after).changes:
        start = before.count("\n", 0, change.start)
        end = before.count("\n", 0, change.end) + 1
        new_start = after.count("\n", 0, change.start + shift)
        shift += len(change.text) - (change.end - change.start)
        new_end = after.count("\n", 0, change.end + shift) + 1
        if lines and start < lines[-1][1]:
            start, _, new_start, _ = lines.pop()
        lines.append((start, end, new_start, new_end))
    return lines


def _hunk(old: list[str], new: list[str], group: list[tuple[int, int, int, int]]) -> str:
    first = max(0, group[0][0] - _CONTEXT)
    last = min(len(old), group[-1][1] + _CONTEXT)
    body: list[str] = []
    place = first
    for start, end, new_start, new_end in group:
        body += [f" {line}" for line in old[place:start]]
        body += [f"-{line}" for line in old[start:end]]
        body += [f"+{line}" for line in new[new_start:new_end]]
        place = end
    body += [f" {line}" for line in old[place:last]]
    new_first = group[0][2] - (group[0][0] - first)
    new_count = sum(not line.startswith("-") for line in body)
    header = f"@@ -{first + 1},{last - first} +{new_first + 1},{new_count} @@"
    return "\n".join([header, *body])
