"""Looks up what an edit should see beyond its file.

Runs in a thread of its own, and knows no event loop. Definitions come first: those behind imports
need no index.
"""

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_server.context.caller_search import CallerSearch, called_name
from lsp_server.context.context_pieces import PieceMaker
from lsp_server.context.declaration_lines import lines_of
from lsp_server.context.definition_search import DefinitionSearch, FoundDefinition
from lsp_server.context.file_places import steps_between
from lsp_server.context.open_documents import in_order, lines_of_document
from lsp_server.context.query import ContextQuery
from lsp_server.context.resolution.families import ModuleResolver, family_of
from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.context.source_files import ParsedFile, SourceFiles
from lsp_server.context.workspace_index import WorkspaceIndex
from lsp_server.prompt.pieces import ContextPiece, Why

__all__ = ["ContextLookup"]

log = logging.getLogger(__name__)

_MOST_OTHERS = 3
"""Other functions of a name up to which a call by that name is taken for one of the edited."""
_MOST_SYMBOLS = 50


class ContextLookup:
    """Finds definitions, callers and open documents for edits in one workspace.

    `look_up` and `symbol` may run in any thread, one at a time. Until `start` there is no index,
    and everything else works without it.
    """

    def __init__(
        self,
        index_folder: Path | None = None,
        *,
        processes: bool = True,
        patterns: Callable[[], Sequence[str]] = tuple,
        trusted: Callable[[], bool] = lambda: True,
    ) -> None:
        """`index_folder` holds the databases, by default the user's cache folder.

        Without `processes` the index is only built by `build_index`. `patterns` is the setting
        `ignore`, and `trusted` whether the workspace's settings count.
        """
        self._index_folder, self._processes = index_folder, processes
        self._patterns, self._trusted = patterns, trusted
        self._sources = SourceFiles(stored=self._stored)
        self._resolver = ModuleResolver(ProjectFiles())
        self._index: WorkspaceIndex | None = None
        self._index_roots: tuple[str, ...] = ()

    # -- the index ---------------------------------------------------------------------------

    def start(self, roots: Sequence[Path]) -> None:
        """Index these folders from now on, in a process of its own. Returns at once."""
        self._open_index(roots)
        if self._index is not None and self._processes:
            self._index.check(now=True)

    def build_index(self, roots: Sequence[Path], over: Callable[[], bool]) -> bool:
        """Index these folders in this thread. False if it was over before."""
        self._open_index(roots)
        return self._index is not None and self._index.check_here(over)

    def close(self) -> None:
        """End the process. The lookup may be started again."""
        index, self._index, self._index_roots = self._index, None, ()
        if index is not None:
            index.close()

    @property
    def progress(self) -> tuple[int, int] | None:
        """The files read and the files to be read in all; None if nothing is being read."""
        index = self._index
        return index.progress if index is not None else None

    @property
    def index(self) -> WorkspaceIndex | None:
        """The index, once it is started; for measurements."""
        return self._index

    def _open_index(self, roots: Sequence[Path]) -> None:
        wanted = tuple(os.path.normpath(root) for root in roots)
        if wanted == self._index_roots and self._index is not None:
            return
        self.close()
        if wanted:
            try:
                self._index = WorkspaceIndex(
                    wanted, self._index_folder, patterns=self._patterns, trusted=self._trusted
                )
                self._index_roots = wanted
            except OSError as error:  # There is not even a temporary folder.
                log.warning("The workspace is not indexed: %s", error)

    def _stored(self, path: str, size: int, mtime_ns: int) -> bytes:
        """What the index knows of a file in this state."""
        index = self._index  # `close` may come from another thread.
        return b"" if index is None else index.facts(path, size, mtime_ns)

    def _indexed(
        self, names: Sequence[str], family: str, packages: Sequence[str]
    ) -> list[tuple[str, str]]:
        """Where the index knows names, files of tests left out if there are others."""
        index = self._index  # `close` may come from another thread.
        if index is None:
            return []
        found = index.declared(names, family, packages)
        is_test = self._resolver.files.is_test
        pairs = dict.fromkeys((each.name, each.path) for each in found)
        known = {name for name, path in pairs if not is_test(path)}
        return [(name, path) for name, path in pairs if name not in known or not is_test(path)]

    # -- lookups -----------------------------------------------------------------------------

    def look_up(
        self,
        query: ContextQuery,
        found: Callable[[ContextPiece], None],
        over: Callable[[], bool],
    ) -> None:
        """Call `found` for each piece as soon as it is known, best first within a kind.

        Returns early when `over()`. Never raises.
        """
        try:
            document = self._begin(query)
            maker = PieceMaker(query, found)
            search = DefinitionSearch(self._sources, self._resolver, self._indexed, over)
            if query.definitions:
                for each in search.find(document, query.scope):
                    lines = lines_of(each.declared, each.file.facts, search.members)
                    maker.send(each.file, lines, Why.DEFINITION)
            if query.open and not over():
                self._open_documents(document, query, maker, over)
            if query.callers and not over():
                self._callers(document, query, maker, over)
        except Exception:  # An edit must not fail because of what stands in other files.
            log.exception("The context of an edit could not be looked up.")

    def symbol(self, name: str, query: ContextQuery) -> ContextPiece | None:
        """The declaration of a name, or of `Class.member`, wherever in the workspace it is.

        What the document imports comes first, then open documents, then what is nearest. Never
        raises.
        """
        pieces: list[ContextPiece] = []
        try:
            document = self._begin(query)
            maker = PieceMaker(query, pieces.append)
            for each in self._symbols(document, name, query):
                lines = (each.declared.first, each.declared.last)
                if maker.send(each.file, (lines,), Why.MENTION) and pieces:
                    return pieces[0]
        except Exception:  # As above.
            log.exception("A symbol could not be looked up.")
        return None

    def _begin(self, query: ContextQuery) -> ParsedFile:
        """The document that is edited; open texts and folders are as they are now."""
        roots = tuple(os.path.normpath(root) for root in query.roots)
        if roots != self._resolver.files.roots:
            self._resolver = ModuleResolver(ProjectFiles(roots))
        index = self._index
        if index is not None and self._processes:
            index.check(os.path.normpath(query.document.path))
        return self._sources.opened((query.document, *query.open_documents))

    def _open_documents(
        self,
        document: ParsedFile,
        query: ContextQuery,
        maker: PieceMaker,
        over: Callable[[], bool],
    ) -> None:
        others = [file for each in query.open_documents if (file := self._sources.of(each))]
        for file in in_order(document, others, self._resolver):
            if over():
                return
            maker.send(file, lines_of_document(file), Why.OPEN)

    def _callers(
        self,
        document: ParsedFile,
        query: ContextQuery,
        maker: PieceMaker,
        over: Callable[[], bool],
    ) -> None:
        search = DefinitionSearch(self._sources, self._resolver, self._indexed, over)
        name = called_name(search.around(document, query.scope))
        if not name or document.language is None:
            return
        family = family_of(document.language.id)
        candidates = [str(os.path.normpath(each.path)) for each in query.open_documents]
        others = 0
        index = self._index
        if index is not None:
            candidates += index.callers(name, family)
            places = {place.path for place in index.declared((name,), family)}
            others = len(places - {str(document.path)})
        callers = CallerSearch(self._sources, self._resolver, over)
        for file, lines in callers.find(document, name, candidates, rare=others < _MOST_OTHERS):
            maker.send(file, (lines,), Why.CALLER)

    def _symbols(
        self, document: ParsedFile, name: str, query: ContextQuery
    ) -> Sequence[FoundDefinition]:
        """Declarations of a name, the likeliest first."""
        container, _, last = name.replace("::", ".").rpartition(".")
        container = container.rpartition(".")[2]
        search = DefinitionSearch(self._sources, self._resolver, self._indexed, lambda: False)
        found = [] if container else list(search.named(document, last))
        files = [file for each in query.open_documents if (file := self._sources.of(each))]
        paths = [path for _, path in self._indexed((last,), "", ())][:_MOST_SYMBOLS]
        own, is_test = str(document.path), self._resolver.files.is_test
        near = sorted(set(paths), key=lambda path: (is_test(path), steps_between(path, own), path))
        files += [file for path in near if (file := self._sources.read(path)) is not None]
        files.append(document)
        for file in files:
            for one in file.facts.declared:
                if one.name == last and (not container or one.container == container):
                    found.append(FoundDefinition(file, one))
        return [each for each in found if each.declared.kind != "impl"] or found
