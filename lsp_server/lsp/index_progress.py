"""Starts the index of the workspace, and shows how far it is when that takes a while."""

from pathlib import Path

from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.context_search import Lookup
from lsp_server.lsp.progress import Progress
from lsp_server.lsp.timing import Alarm

SHOWN_AFTER_S = 1.0
"""From then on the progress is shown, in seconds: nobody needs to know of a shorter one."""
EVERY_S = 0.5
"""The time between two reports, in seconds."""


class IndexProgress:
    """The index of one conversation. It is built when the first document is opened."""

    def __init__(self, context: ClientContext, lookup: Lookup) -> None:
        self._context = context
        self._lookup = lookup
        self._roots: tuple[Path, ...] = ()
        self._count = 0
        self._progress: Progress | None = None
        self._alarm: Alarm | None = None

    def start(self, roots: tuple[Path, ...], *, shown: bool) -> None:
        """Begin to read these folders, unless that was done before.

        Without `shown` there is no progress. A recording has none: when a timer finds the index
        ready depends on the disk.
        """
        if not roots or roots == self._roots:
            return
        self._roots = roots
        self._lookup.start(roots)
        if shown and self._alarm is None:
            self._wait(SHOWN_AFTER_S)

    def close(self) -> None:
        """The conversation is over."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._lookup.close()

    def _wait(self, seconds: float) -> None:
        self._alarm = self._context.timing.later("index", seconds, self._report)

    def _report(self) -> None:
        self._alarm = None
        state = self._lookup.progress
        if state is None:
            if self._progress is not None:
                self._progress.end("Ready.")
                self._progress = None
            return
        if self._context.capability("window", "workDoneProgress") is True:
            if self._progress is None:
                self._count += 1
                token = f"midstream-index/{self._count}"
                title = "reading the workspace"
                self._progress = Progress(self._context.client, token, title, cancellable=False)
            done, total = state
            self._progress.report(f"{done:,} of {total:,} files")
        self._wait(EVERY_S)
