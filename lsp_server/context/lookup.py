"""Looks up what an edit should see beyond its file.

Runs in a thread of its own, and knows no event loop. Definitions come first: they need no index.
"""

import os
from collections.abc import Callable

from lsp_server.context.context_pieces import PieceMaker
from lsp_server.context.declaration_lines import lines_of
from lsp_server.context.definition_search import DefinitionSearch, NoIndex
from lsp_server.context.query import ContextQuery
from lsp_server.context.resolution.families import ModuleResolver
from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.context.source_files import WorkspaceFile, SourceFiles
from lsp_server.prompt.pieces import ContextPiece, Why

__all__ = ["ContextLookup"]


class ContextLookup:
    """Finds definitions, callers and open documents for edits in one workspace.

    `look_up` and `symbol` may run in any one thread at a time.
    """

    def __init__(self) -> None:
        self._sources = SourceFiles()
        self._resolver = ModuleResolver(ProjectFiles())

    def look_up(
        self,
        query: ContextQuery,
        found: Callable[[ContextPiece], None],
        over: Callable[[], bool],
    ) -> None:
        """Call `found` for each piece as soon as it is known, best first within a kind.

        Returns early when `over()`. Never raises.
        """
        document = self._begin(query)
        maker = PieceMaker(query, found)
        if query.definitions:
            self._definitions(document, query, maker, over)

    def _begin(self, query: ContextQuery) -> WorkspaceFile:
        """The document that is edited, with everything that is read from now on as it is now."""
        roots = tuple(os.path.normpath(root) for root in query.roots)
        if roots != self._resolver.files.roots:
            self._resolver = ModuleResolver(ProjectFiles(roots))
        self._sources.opened((query.document, *query.open_documents))
        path = os.path.normpath(query.document.path)
        document = self._sources.read(path)
        assert document is not None  # It is open.
        return document

    def _definitions(
        self,
        document: WorkspaceFile,
        query: ContextQuery,
        maker: PieceMaker,
        over: Callable[[], bool],
    ) -> None:
        search = DefinitionSearch(self._sources, self._resolver, NoIndex, over)
        for each in search.find(document, query.scope):
            lines = lines_of(each.declared, each.file.facts, search.members)
            maker.send(each.file, lines, Why.DEFINITION)
