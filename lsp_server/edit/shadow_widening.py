"""A mirror of a scope that becomes wider while what the model wrote in it is still undecided."""

from dataclasses import replace

from lsp_server.edit.diff import diff
from lsp_server.edit.shadow_copy import ProtectedSpan, ShadowCopy
from lsp_server.text.changes import Change, ChangeSet

Around = tuple[str, str]
"""What the scope takes in in front of itself, and behind."""


def widened(shadow_copy: ShadowCopy, then: Around, now: Around) -> ShadowCopy:
    """The mirror of the wider scope: `then` is what was around when the model was told, which goes
    into its private copy, `now` what the user sees there. What differs, they have typed."""
    by = len(then[0])
    copy, view = shadow_copy.copy.join(then), shadow_copy.view.join(then)
    owned = tuple(ProtectedSpan(one.span.shift(by), one.whole_lines) for one in shadow_copy.owned)
    wide = replace(
        shadow_copy,
        copy=copy,
        view=view,
        theirs=shadow_copy.theirs.shifted(by, len(copy)),
        owned=owned,
        frontier=0,
    )
    before, after = diff(then[0], now[0]), diff(then[1], now[1])
    behind = len(view) - len(then[1])
    typed: list[Change] = [*before.changes, *after.shifted(behind, len(view)).changes]
    return wide.typed(ChangeSet.of(len(view), typed)) if typed else wide
