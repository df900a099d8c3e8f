"""Which text of the file a prompt begins with, and how it says what has changed in it since.

A model's server reads the same beginning once: what of a prompt is the same as in the one before
costs no time. So the file stands first, and as it was when it was first told: what has changed in
it since, an accepted edit above the scope for example, follows as a few lines, until that is so
much that the file is better told anew. A file that is too long is told as a window around the
scope that begins at one of few places, for the same reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsp_server.prompt.budget import around, tokens_of
from lsp_server.prompt.sections import quoted, section
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

_MOST_CHANGED = 0.125
"""The part of the file's tokens that the changes since it was told may take."""
_FEW_CHANGED = 120
"""Tokens of changes that are always worth less than to read a file anew."""
_LARGE = 600
"""Tokens of a scope that is not told twice where it is more than half of its file."""
_LEAST_AROUND = 0.3
"""The part of a window that is not the scope's own, at least."""
_STEPS = 8
"""A window begins at one of so many places in a text that fills the whole context."""
_CODE_POINTS_PER_TOKEN = 3.5


@dataclass(frozen=True, slots=True)
class SentFile:
    """The file as an earlier prompt has told it whole.

    `changes` lead from there to the file as it is now, with the scope as it was when its session
    began.
    """

    document: str
    changes: ChangeSet


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """Whole lines that have changed: numbers `first` to `last` (from 1, both in it) of the file as
    it was told, and what stands there now, without the end of its last line."""

    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class FilePrefix:
    """What of a file is told. `shown` is in code points of the file as it is now."""

    shown: Span
    words: str
    """The sections that say it; empty for nothing."""
    whole: str = ""
    """The file as it is told, where that is all of it."""


def told_again(told: SentFile, path: str, language: str, tokens: int) -> FilePrefix | None:
    """The file as it was told and what has changed since, if that fits and is worth it."""
    size = tokens_of(told.document)
    since = [
        section(
            "since",
            region.text,
            rest=f", lines {region.first}-{region.last} are now",
            language=language,
        )
        for region in regions(told)
    ]
    changed = sum(tokens_of(words) for words in since)
    if changed > max(_FEW_CHANGED, size * _MOST_CHANGED) or size + changed > tokens:
        return None
    words = "\n\n".join([_file(told.document, path, language), *since])
    return FilePrefix(Span(0, told.changes.length_after), words, told.document)


def whole(document: str, path: str, language: str) -> FilePrefix:
    """All of the file as it is."""
    return FilePrefix(Span(0, len(document)), _file(document, path, language), document)


def window(
    document: str, scope: Span, path: str, language: str, tokens: int, context_tokens: int
) -> FilePrefix:
    """The scope's own lines and those around it that fit into `tokens`.

    Of a scope that takes most of them only the lines around it: it is told once more below.
    """
    text = Text(document)
    own = lines_of(text, scope)
    left = tokens - tokens_of(own.text(document))
    if left < tokens * _LEAST_AROUND:
        return outside(document, scope, language, tokens)
    before, _ = around(document[: own.start], document[own.end :], left)
    first = _stepped(text, own.start - len(before), own.start, context_tokens)
    left -= tokens_of(document[first : own.start])
    _, after = around("", document[own.end :], left)
    shown = Span(first, own.end + len(after))
    line = text.line_of(first) + 1
    return FilePrefix(shown, _file(shown.text(document), path, language, line))


def outside(document: str, scope: Span, language: str, tokens: int) -> FilePrefix:
    """The lines above and below the scope, without its own; of a line that it shares, the rest."""
    own = lines_of(Text(document), scope)
    before, after = around(document[: own.start], document[own.end :], max(0, tokens))
    lead, tail = document[own.start : scope.start], document[scope.end : own.end]
    above, below = before + (lead if lead.strip() else ""), tail + after
    parts = [
        section(name, code, language=language)
        for name, code in (("above", above), ("below", below))
        if code.strip()
    ]
    shown = Span(own.start - len(before), own.end + len(after))
    return FilePrefix(shown, "\n\n".join(parts))


def is_most(document: str, scope: Span) -> bool:
    """Whether a scope is all of its file, or so large and so much of it, that it is not told twice.

    A small model that is shown a text twice is more likely to write it a third time as it is,
    though a bug in it is to be mended.
    """
    if not document[: scope.start].strip("\r\n") and not document[scope.end :].strip("\r\n"):
        return True
    size = tokens_of(scope.text(document))
    return size > _LARGE and 2 * size > tokens_of(document)


def lines_of(text: Text, span: Span) -> Span:
    """The whole lines that a span is in, with the end of the last one."""
    first, last = text.line_of(span.start), text.line_of(span.end)
    return Span(text.line_span(first).start, text.line_span(last, with_end=True).end)


def regions(told: SentFile) -> list[ChangedLines]:
    """The changed lines, in order; lines between two regions are as they were told."""
    text = Text(told.document)
    found: list[ChangedLines] = []
    group: list[Change] = []
    for change in told.changes.changes:
        if group and text.line_of(change.start) > text.line_of(group[-1].end) + 1:
            found.append(_region(text, group))
            group = []
        group.append(change)
    return [*found, _region(text, group)] if group else []


def with_regions(document: str, changed: Iterable[ChangedLines]) -> str:
    """The file as it is now, from how it was told. Regions that are not there are passed over."""
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


def _stepped(text: Text, first: int, own: int, context_tokens: int) -> int:
    """Where a window begins that could begin at `first` and must not behind `own`: at a place that
    depends on the file alone, so that windows around places near each other begin alike."""
    step = max(1, int(context_tokens * _CODE_POINTS_PER_TOKEN / _STEPS))
    for place in range(-(-first // step) * step, own + 1, step):
        line = text.line_of(place)
        start = text.line_span(line).start
        start = start if start >= first else text.line_span(line, with_end=True).end
        if start <= own:
            return start
    return first
