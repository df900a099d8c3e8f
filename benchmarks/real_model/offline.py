"""One raw reply through the reader, aligner, gate and `DocumentEdits`, in this process.

It comes in small pieces, to an editor that applies each edit at once. Knows no model and no tasks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.choices import Publish
from lsp_server.edit.definitions import DefinitionReader, NoDefinitions
from lsp_server.session import events as ev
from lsp_server.session.document_edits import (
    Begun,
    DocumentChanged,
    DocumentEdits,
    EditAnswered,
    ForSession,
)
from lsp_server.session.effects import ApplyEdit, Effect
from lsp_server.session.request import EditRequest
from lsp_server.syntax.gate import make_gate
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.lost_declarations import lost
from lsp_server.syntax.member_definitions import MemberDefinitions
from lsp_server.text.lines import Text
from lsp_server.text.span import Span

__all__ = ["Read", "read_reply"]

_SESSION, _CAP = "case", 1e6
_PIECE = 7
"""Code points that come at once."""
_BEAT_MS = 50.0


@dataclass(frozen=True, slots=True)
class Read:
    """What a reply became: the whole document, and the message to the user ("" for none)."""

    text: str
    sentence: str


class _Editing:
    """A `DocumentEdits` and an editor that applies every edit."""

    def __init__(self, text: str, scope: Span, language: str, instruction: str) -> None:
        grammar = language_for(language)
        self.text = Text(text)
        self._version, self._now = 1, 0.0

        def names(before: str, inside: str, after: str) -> DefinitionReader:
            return (
                MemberDefinitions(grammar, before, inside, after)
                if grammar is not None
                else NoDefinitions()
            )

        self.document_edits = DocumentEdits(
            self.text,
            1,
            lambda whole, span: make_gate(whole, span, grammar),
            _CAP,
            language,
            make_names=names,
            lost_in=lambda before, now, indent: lost(before, now, grammar, indent),
        )
        held = text[scope.start : scope.end]
        request = EditRequest(instruction, held, held, "kept")
        self.take(self.document_edits.handle(Begun(_SESSION, scope, request, Publish.SYNTAX), 0.0))

    def say(self, event: ForSession | ev.Tick) -> None:
        """An event, a beat after the one before."""
        self._now += _BEAT_MS
        self.take(self.document_edits.handle(event, self._now))

    def take(self, effects: Sequence[Effect]) -> None:
        """Apply what is asked for, and what is asked for because of that."""
        waiting = [effect for effect in effects if isinstance(effect, ApplyEdit)]
        while waiting:
            edit = waiting.pop(0)
            self.text = self.text.apply(edit.changes)
            self._version += 1
            changed = DocumentChanged(self._version, (edit.changes,))
            more = list(self.document_edits.handle(changed, self._now))
            more += self.document_edits.handle(EditAnswered(edit.edit, True), self._now)
            waiting += [effect for effect in more if isinstance(effect, ApplyEdit)]


def read_reply(
    text: str, start: int, end: int, language: str, instruction: str, reply: str
) -> Read:
    """What becomes of `text` when a model that was asked for its piece from `start` to `end`
    (code points) ends with this reply."""
    editing = _Editing(text, Span(start, end), language, instruction)
    for at in range(0, len(reply), _PIECE):
        editing.say(ForSession(_SESSION, ev.Delta(1, reply[at : at + _PIECE], 0.0)))
    editing.say(ForSession(_SESSION, ev.Finished(1)))
    for _ in range(5):
        editing.say(ev.Tick())
    message = editing.document_edits.find(_SESSION).message
    return Read(editing.text.text, message[1] if message else "")
