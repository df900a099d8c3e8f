"""One work-done progress in the editor (LSP 3.17, `window/workDoneProgress/create`)."""

from lsp_server.guard.invisible_filter import one_line, visible
from lsp_server.lsp.client import EditorClient, Reply
from lsp_server.lsp.convert import Json

LONGEST_TITLE = 200
"""Code points of the title."""


class Progress:
    """Created in the editor at once. Reports wait until the client has agreed to it."""

    def __init__(
        self, client: EditorClient, token: str, instruction: str, *, cancellable: bool = True
    ) -> None:
        self.token = token
        self._client = client
        self._instruction = instruction
        self._cancellable = cancellable
        self._agreed = False
        self._last_report: str | None = None
        self._end: str | None = None
        client.call("window/workDoneProgress/create", {"token": token}, self._created)

    def report(self, message: str) -> None:
        """Show how far it is."""
        self._last_report = message
        if self._agreed:
            shown = self._shown(message)
            self._send({"kind": "report", "cancellable": self._cancellable, "message": shown})

    def end(self, message: str) -> None:
        """Show how it ended, and close the progress."""
        self._end = message
        if self._agreed:
            self._send({"kind": "end", "message": self._shown(message)})

    def _created(self, reply: Reply) -> None:
        self._agreed = reply.error is None
        if not self._agreed:
            return
        title = one_line(f"Midstream: {self._instruction}", LONGEST_TITLE)
        begin: Json = {"kind": "begin", "title": title, "cancellable": self._cancellable}
        if self._last_report:
            begin["message"] = self._shown(self._last_report)
        self._send(begin)
        if self._end is not None:
            self._send({"kind": "end", "message": self._shown(self._end)})

    def _shown(self, message: str) -> str:
        return visible(self._client.wording.render(message))

    def _send(self, value: Json) -> None:
        self._client.notify("$/progress", {"token": self.token, "value": value})
