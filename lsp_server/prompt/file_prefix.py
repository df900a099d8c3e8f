"""The text of the file with which a prompt begins, and what has changed in it since.

A model server caches the beginning of a prompt, so a beginning that equals the previous prompt's
costs no time. So the file comes first, as it was when it was first sent. What has changed since,
such as an accepted edit above the scope, follows as a few lines, until it is so much that sending
the file anew is better. A file that is too long is sent as a window around the scope. For the same
reason, windows begin at one of few places.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsp_server.prompt.budget import around, tokens_of
from lsp_server.prompt.sections import quoted, section
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

_MOST_CHANGED_SHARE = 0.125
"""The share of the file's tokens that the changes since it was sent may take."""
_FEW_CHANGED = 120
"""This many tokens of changes always cost less than sending the file anew."""
_LARGE = 600
"""A scope of more tokens is not sent twice if it is more than half of its file."""
_LEAST_AROUND = 0.3
"""The smallest share of a window for lines around the scope."""
_STEPS = 8
"""In a text that fills the whole context, windows begin at one of this many places."""
_CODE_POINTS_PER_TOKEN = 3.5


@dataclass(frozen=True, slots=True)
class SentFile:
    """The file as an earlier prompt sent it, all of it.

    `changes` lead from there to the present file, with the scope as it was before its session.
    """

    document: str
    changes: ChangeSet


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """Whole lines that have changed.

    `first` to `last` (from 1, inclusive) are lines of the file as it was sent. `text` is what they
    are now, without the last line end.
    """

    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class FilePrefix:
    """What is sent of a file. `shown` is in code points of the present file."""

    shown: Span
    sections: str
    """The text of its sections; empty for none."""
    document: str = ""
    """The file as it is sent, if all of it is."""
    parts: tuple[Span, ...] = ()
    """What is sent of `shown`, if that is not all of it."""


def sent_again(sent: SentFile, path: str, language: str, tokens: int) -> FilePrefix | None:
    """The file as it was sent before, and what has changed since; None if that is too much."""
    size = tokens_of(sent.document)
    since = [
        section(
            "since",
            region.text,
            rest=f", lines {region.first}-{region.last} are now",
            language=language,
        )
        for region in regions(sent)
    ]
    changed = sum(tokens_of(lines) for lines in since)
    if changed > max(_FEW_CHANGED, size * _MOST_CHANGED_SHARE) or size + changed > tokens:
        return None
    sections = "\n\n".join([_file(sent.document, path, language), *since])
    return FilePrefix(Span(0, sent.changes.length_after), sections, sent.document)


def whole_file(document: str, path: str, language: str) -> FilePrefix:
    """All of the present file."""
    return FilePrefix(Span(0, len(document)), _file(document, path, language), document)


def window(
    document: str, scope: Span, path: str, language: str, tokens: int, context_tokens: int
) -> FilePrefix:
    """The scope's own lines and those around it, in `tokens`.

    If the scope takes most of them, only the lines around it: the scope itself follows later.
    """
    text = Text(document)
    own = lines_of(text, scope)
    left = tokens - tokens_of(own.text(document))
    if left < tokens * _LEAST_AROUND:
        return outside(document, scope, language, tokens)
    before, _ = around(document[: own.start], document[own.end :], left)
    first = _window_start(text, own.start - len(before), own.start, context_tokens)
    left -= tokens_of(document[first : own.start])
    _, after = around("", document[own.end :], left)
    shown = Span(first, own.end + len(after))
    line = text.line_of(first) + 1
    return FilePrefix(shown, _file(shown.text(document), path, language, line))


def outside(document: str, scope: Span, language: str, tokens: int) -> FilePrefix:
    """The text above and below the scope, without the scope itself."""
    own = lines_of(Text(document), scope)
    before, after = around(document[: own.start], document[own.end :], max(0, tokens))
    lead, tail = document[own.start : scope.start], document[scope.end : own.end]
    above, below = before + (lead if lead.strip() else ""), tail + after
    shown = Span(own.start - len(before), own.end + len(after))
    sides = [
        (section(name, code, language=language), span)
        for name, code, span in (
            ("above", above, Span(shown.start, shown.start + len(above))),
            ("below", below, Span(scope.end, shown.end)),
        )
        if code.strip()
    ]
    text = "\n\n".join(part for part, _ in sides)
    return FilePrefix(shown, text, parts=tuple(span for _, span in sides))


def is_most_of_file(document: str, scope: Span) -> bool:
    """Whether a scope is all of its file, or so large a part that it is not sent twice.

    A small model that sees a text twice is more likely to repeat it unchanged, bugs included.
    """
    if not document[: scope.start].strip("\r\n") and not document[scope.end :].strip("\r\n"):
        return True
    size = tokens_of(scope.text(document))
    return size > _LARGE and 2 * size > tokens_of(document)


def lines_of(text: Text, span: Span) -> Span:
    """The whole lines that hold a span, with the last line end."""
    first, last = text.line_of(span.start), text.line_of(span.end)
    return Span(text.line_span(first).start, text.line_span(last, with_end=True).end)


def regions(sent: SentFile) -> list[ChangedLines]:
    """The changed lines in order; lines between two regions are as they were sent."""
    text = Text(sent.document)
    found: list[ChangedLines] = []
    group: list[Change] = []
    for change in sent.changes.changes:
        if group and text.line_of(change.start) > text.line_of(group[-1].end) + 1:
            found.append(_region(text, group))
            group = []
        group.append(change)
    return [*found, _region(text, group)] if group else []


def with_regions(document: str, changed: Iterable[ChangedLines]) -> str:
    """The present file, from the one that was sent. Ignores regions outside of it."""
    text = Text(document)
    parts: list[str] = []
    done = 0
    for region in changed:
        if not 0 < region.first <= region.last <= text.line_count:
            continue
        start = text.line_span(region.first - 1).start
        if start >= done:
            parts += [document[done:start], region.text]
            done = text.line_span(region.last - 1).end
    return "".join([*parts, document[done:]])


def _file(text: str, path: str, language: str, line: int = 1) -> str:
    rest = f" {quoted(path)}" + (f", from line {line} on" if line > 1 else "")
    return section("file", text, rest=rest, language=language)


def _region(text: Text, group: Sequence[Change]) -> ChangedLines:
    first, last = text.line_of(group[0].start), text.line_of(group[-1].end)
    start, end = text.line_span(first).start, text.line_span(last).end
    inside = ChangeSet.of(
        end - start, [Change(c.start - start, c.end - start, c.text) for c in group]
    )
    return ChangedLines(first + 1, last + 1, inside.apply(text.text[start:end]))


def _window_start(text: Text, first: int, own: int, context_tokens: int) -> int:
    """Where a window begins, at or after `first` and at most at `own`.

    The place depends on the file alone, so windows around nearby places begin alike.
    """
    step = max(1, int(context_tokens * _CODE_POINTS_PER_TOKEN / _STEPS))
    for place in range(-(-first // step) * step, own + 1, step):
        line = text.line_of(place)
        start = text.line_span(line).start
        start = start if start >= first else text.line_span(line, with_end=True).end
        if start <= own:
            return start
    return first
