"""What happens to a desk: a closed union of frozen values."""

from dataclasses import dataclass

from lsp_server.choices import Publish
from lsp_server.edit.hunks import Attribution
from lsp_server.session import events as ev
from lsp_server.session.request import EditRequest
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span


@dataclass(frozen=True, slots=True)
class Begun:
    """The user wants an edit of `span`.

    With an `account` the model is not asked: the session goes on in review with what was written
    there by one that was lost, and `account.view` is what the span holds.
    """

    session: str
    span: Span
    request: EditRequest
    publish: Publish
    attribution: Attribution | None = None


@dataclass(frozen=True, slots=True)
class ForSession:
    """An event from the model or the user for one session."""

    session: str
    event: ev.ModelEvent | ev.UserEvent


@dataclass(frozen=True, slots=True)
class DocumentChanged:
    """The editor reports changes, each against the text that the one before left."""

    version: int
    changes: tuple[ChangeSet, ...]


@dataclass(frozen=True, slots=True)
class EditAnswered:
    """The editor answered `ApplyEdit(edit)`; `reason` is its own word for a refusal."""

    edit: int
    applied: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentClosed:
    """The editor has closed the document."""


Input = Begun | ForSession | DocumentChanged | EditAnswered | DocumentClosed | ev.Tick
