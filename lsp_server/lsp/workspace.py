"""The workspace folders of one conversation: their trust and their ignore files."""

from pathlib import Path

from lsp_server.context.workspace_files import WorkspaceFolders
from lsp_server.errors import RequestFailed
from lsp_server.ignore import Ignore
from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.convert import Json
from lsp_server.lsp.ignored import refusal_of
from lsp_server.lsp.settings_loading import trusts
from lsp_server.lsp.uris import path_from, roots_after, roots_of


class Workspace:
    """The folders that the editor has open."""

    def __init__(self, context: ClientContext) -> None:
        self._context = context
        self._ignore = Ignore()
        self._roots: tuple[Path, ...] = ()
        self.trusted = True
        """Whether the user trusts the workspace; if not, none of its settings and rules count."""

    @property
    def root(self) -> Path | None:
        """The first folder; its settings file counts."""
        return self._roots[0] if self._roots else None

    def begin(self, params: Json) -> None:
        """`initialize`."""
        self._roots = roots_of(params)
        self.trusted = trusts(params.get("initializationOptions"))

    def folders_changed(self, params: object) -> None:
        """`workspace/didChangeWorkspaceFolders`."""
        self._roots = roots_after(self._roots, params)

    def refuse_ignored(self, uri: str) -> None:
        """Raises `RequestFailed` for a file that must not be sent to a model."""
        settings = self._context.settings
        if settings.ignore_fault is not None:
            raise RequestFailed(settings.ignore_fault)
        sentence = refusal_of(self._ignore, uri, self._roots, settings.ignore, trusted=self.trusted)
        if sentence is not None:
            raise RequestFailed(sentence)

    def shown_path(self, uri: str) -> str:
        """A document's path in its folder, as prompts name it; its URI if it is not on the disk."""
        path = path_from(uri)
        if path is None:
            return uri
        return self.folders.shown(path)

    @property
    def folders(self) -> WorkspaceFolders:
        """The folders as they are now, and what must not be sent of them."""
        return WorkspaceFolders(self._roots, self._context.settings.ignore, self.trusted)
