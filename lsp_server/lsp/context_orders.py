"""Says what to look for beside the file of an edit: from settings, commands and instructions."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from lsp_server.context.mentions import mentions_in
from lsp_server.context.query import ContextQuery, OpenDocument
from lsp_server.context.workspace_files import WorkspaceFiles
from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.context_search import ContextOrder
from lsp_server.lsp.documents import Document, same_document
from lsp_server.lsp.driver import Driver
from lsp_server.lsp.session_record import SessionContext, SessionRecord
from lsp_server.lsp.uris import path_from
from lsp_server.lsp.workspace import Workspace
from lsp_server.prompt.pieces import ContextPiece
from lsp_server.session.request import EditRequest
from lsp_server.text.span import Span

_MOST_DOCUMENTS = 100
"""Open documents that a search knows. An editor that restores a window may open hundreds."""


class ContextOrders:
    """Makes the orders for the searches of one conversation."""

    def __init__(
        self,
        context: ClientContext,
        workspace: Workspace,
        documents: Callable[[], Iterable[Document]],
    ) -> None:
        """`documents` are the open ones, the most recently edited first."""
        self._context = context
        self._workspace = workspace
        self._documents = documents
        self._files = WorkspaceFiles()

    def order(
        self, driver: Driver, record: SessionRecord, span: Span, request: EditRequest
    ) -> ContextOrder | None:
        """What to look for before a request is sent; None for nothing.

        The first attempt of a session looks for everything. A later one has what that has found,
        and looks only for what its own instruction mentions.
        """
        settings, folders = self._context.settings, self._workspace.folders
        first = record.context.pieces is None
        mentions = mentions_in(
            (*request.earlier, request.instruction) if first else [request.instruction]
        )
        if not first and not mentions:
            return None
        wanted = settings.context
        query = ContextQuery(
            document=self._open_document(driver.document, folders.roots),
            scope=span,
            roots=folders.roots,
            open_documents=self._others(driver),
            may_send=self._files.of_lookup(folders).may_send,
            definitions=wanted.definitions,
            callers=wanted.callers,
            open=wanted.open,
        )
        if not first:
            return ContextOrder(query, folders, mentions, only_mentions=True)
        return ContextOrder(
            query, folders, mentions, record.context.named, wanted.files, settings.rules
        )

    def without_left_out(
        self, pieces: Iterable[ContextPiece], context: SessionContext, document: str
    ) -> tuple[ContextPiece, ...]:
        """The pieces of files that the user has not taken out for this session. The document itself
        cannot be taken out."""
        out = [uri for uri in context.left_out if not same_document(uri, document)]
        return tuple(
            piece for piece in pieces if not any(same_document(piece.uri, uri) for uri in out)
        )

    def _others(self, driver: Driver) -> tuple[OpenDocument, ...]:
        """The other open documents that are files."""
        roots = self._workspace.folders.roots
        others = [
            self._open_document(document, roots)
            for document in self._documents()
            if document.uri != driver.document.uri and path_from(document.uri) is not None
        ]
        return tuple(others[:_MOST_DOCUMENTS])

    @staticmethod
    def _open_document(document: Document, roots: tuple[Path, ...]) -> OpenDocument:
        """A document with its path; one that is no file counts as a new file of the workspace."""
        path = path_from(document.uri)
        if path is None:
            name = document.uri.rpartition("/")[2].rpartition(":")[2] or "new"
            path = (roots[0] if roots else Path(os.sep)) / name.replace("\0", "")
        return OpenDocument(document.uri, path, document.language_id, document.text.text)
