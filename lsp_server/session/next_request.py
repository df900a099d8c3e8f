"""What a redirect asks of the model: the next request of a session."""

from collections.abc import Sequence

from lsp_server.edit.hunks import texts_of
from lsp_server.edit.shadow_copy import line_around
from lsp_server.session import events as ev
from lsp_server.session.attempt import Attempt
from lsp_server.session.request import EditRequest, Keep
from lsp_server.session.scope_writer import ScopeWriter
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span

__all__ = ["next_request"]


def next_request(
    event: ev.Redirected, attempts: Sequence[Attempt], scope_writer: ScopeWriter, original: str
) -> EditRequest:
    """The request of the next attempt. `original` is the scope as it was before the session."""
    last = attempts[-1]
    seen, shadow_copy = scope_writer.view, scope_writer.shadow_copy
    if (edit := scope_writer.in_flight) is not None:  # It counts as landed.
        seen = edit.changes.apply(seen)
        if edit.write is not None:
            shadow_copy = edit.recorded_in_copy(shadow_copy)
    cut = shadow_copy.shown_at(shadow_copy.frontier)
    if event.without is not None:
        changes = edit.changes if edit is not None else ChangeSet.identity(len(scope_writer.view))
        start = changes.map_offset(event.without.start, after=True)
        end = max(start, changes.map_offset(event.without.end, after=False))
        seen = seen[:start] + seen[end:]
        cut -= max(min(cut, end) - start, 0)
    kept = event.keep is Keep.LANDED
    return EditRequest(
        instruction=event.instruction,
        original=original,
        current=seen if kept else scope_writer.attribution.base,
        profile=event.profile or last.request.profile,
        earlier=tuple(attempt.request.instruction for attempt in attempts),
        cut=cut if kept and not last.proven else None,
        typed=texts_of(_without(scope_writer.attribution.typed, event.without), scope_writer.view),
        settled=tuple(
            _lines_of(mark.span, scope_writer.view) for mark in scope_writer.attribution.locked
        ),
        withheld=scope_writer.shadow_copy.their_lines(event.without),
        form=last.request.form,
        selected=last.request.selected,
        imports=last.request.imports if event.imports is None else event.imports,
    )


def _lines_of(span: Span, text: str) -> str:
    """The whole lines that hold the piece of the text; a model needs whole lines."""
    return text[line_around(text, span.start)[0] : line_around(text, span.end)[1]]


def _without(spans: Sequence[Span], gone: Span | None) -> list[Span]:
    """What is left of the pieces without `gone`."""
    if gone is None:
        return list(spans)
    left = [Span(s.start, min(s.end, max(s.start, gone.start))) for s in spans]
    right = [Span(max(s.start, min(s.end, gone.end)), s.end) for s in spans]
    return sorted(side for side in (*left, *right) if not side.empty)
