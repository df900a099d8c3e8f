"""The drivers of all open documents, and the sessions in them."""

from lsp_server.errors import InvalidParams, RequestFailed
from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.convert import uri_from
from lsp_server.lsp.documents import Document, Documents
from lsp_server.lsp.driver import Driver, DriverServices
from lsp_server.lsp.session_ids import SessionIds
from lsp_server.session.machine import Session
from lsp_server.text.lines import Encoding
from lsp_server.text.span import Span


class DocumentDrivers:
    """One driver for each document that the editor has open."""

    def __init__(self, context: ClientContext, services: DriverServices) -> None:
        self.documents = Documents()
        self.ids = SessionIds()
        self._context = context
        self._services = services
        self._drivers: dict[str, Driver] = {}

    def use_encoding(self, encoding: Encoding) -> None:
        """Columns of the changes that come are counted in this unit."""
        self.documents.encoding = encoding

    @property
    def all(self) -> tuple[Driver, ...]:
        """The driver of every open document."""
        return tuple(self._drivers.values())

    @property
    def latest_documents(self) -> tuple[Document, ...]:
        """The open documents, the most recently edited or opened first."""
        return tuple(driver.document for driver in reversed(self._drivers.values()))

    def open(self, params: object) -> Driver:
        """`textDocument/didOpen`; the driver of the document. Raises `InvalidParams`."""
        document = self.documents.open(params)
        if (before := self._drivers.pop(document.uri, None)) is not None:
            before.closed()
        cap = self._context.settings.max_edits_per_second
        driver = Driver(self._context, self._services, document, cap)
        self._drivers[document.uri] = driver
        return driver

    def change(self, params: object) -> Driver | None:
        """`textDocument/didChange`; None if the document is not open. Raises `InvalidParams`."""
        if (change := self.documents.change(params)) is None:
            return None
        driver = self._drivers.pop(change.after.uri)
        self._drivers[change.after.uri] = driver  # The latest one is the last.
        driver.changed(change)
        return driver

    def close(self, params: object) -> Driver | None:
        """`textDocument/didClose`; None if the document was not open. Raises `InvalidParams`."""
        if (document := self.documents.close(params)) is None:
            return None
        driver = self._drivers.pop(document.uri)
        driver.closed()
        return driver

    def halt(self) -> None:
        """The conversation is about to end: nothing more is written."""
        for driver in self._drivers.values():
            driver.halt()

    def close_all(self) -> None:
        """The conversation is over."""
        for driver in self._drivers.values():
            driver.closed()
        self._drivers.clear()

    def of(self, uri: str) -> Driver:
        """The driver of an open document.

        Raises `RequestFailed` if the document is not open, and `InvalidParams` if `uri` is no URI.
        """
        document = self.documents.get(uri)
        if document is None:
            uri_from(uri)
            raise RequestFailed("The editor hasn't opened this document with Midstream.")
        return self._drivers[document.uri]

    def drop_waiting(self, uri: str | None) -> bool:
        """Cancel the work that waits for a parse of the document, or of any; whether there was
        any."""
        drivers = list(self.all) if uri is None else [self.of(uri)]
        return True in {driver.drop_waiting() for driver in drivers}

    def sessions(self) -> list[tuple[Driver, Session]]:
        """All sessions that have not ended, the latest first."""
        found = [(d, s) for d in self._drivers.values() for s in d.document_edits.sessions]
        return sorted(found, key=lambda pair: int(pair[1].id[1:]), reverse=True)

    def busy_profiles(self) -> set[str]:
        """The names of the profiles whose models are answering."""
        return {s.attempt.request.profile for _, s in self.sessions() if s.live}

    def find_session(
        self, session: str | None, uri: str | None = None, place: Span | None = None
    ) -> tuple[Driver, Session]:
        """The session with that id; without one that at `place` of `uri`; else the latest.

        Raises `RequestFailed` if there is no such session now, `InvalidParams` if there never was.
        """
        live = self.sessions()
        if session is not None:
            for driver, found in live:
                if found.id == session:
                    return driver, found
            if self.ids.has_given(session):
                raise RequestFailed(f"This edit ({session}) has ended. Start a new one.")
            raise InvalidParams(f"`session`: there is no session `{session}`.")
        if uri is not None:
            here = self.of(uri)
            if place is not None and (at := here.document_edits.at(place)) is not None:
                return here, at
            live = [pair for pair in live if pair[0] is here] or live
        if not live:
            raise RequestFailed("There is no edit here. Select some code and start one.")
        return live[0]
