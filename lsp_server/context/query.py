"""What a lookup needs to know about an edit."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lsp_server.text.span import Span


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document that the editor has open, with its text there, which may be unsaved."""

    uri: str
    path: Path
    language: str
    """The LSP language id."""
    text: str


@dataclass(frozen=True, slots=True)
class ContextQuery:
    """One edit, and what may be sent with it."""

    document: OpenDocument
    """The document that is edited."""
    scope: Span
    """What is edited, in code points of the document's text."""
    roots: tuple[Path, ...]
    """The workspace's folders."""
    open_documents: tuple[OpenDocument, ...]
    """The other documents that the editor has open, the most recently edited first."""
    may_send: Callable[[Path], bool]
    """Whether a file may be sent to a model: it is in the workspace, and no rule ignores it."""
    definitions: bool = True
    """Whether definitions are looked for."""
    callers: bool = True
    """Whether callers are looked for."""
    open: bool = True
    """Whether open documents count."""
