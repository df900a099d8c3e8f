"""Finds what an edit should see beyond its file, in a thread and for a bounded time.

An edit waits for it `SEARCH_MS` at most; what is not known by then is left out. Where threads may
not be used, the search runs in place within the same time. A recording holds what was found, so a
replay does not depend on files and time.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from lsp_server.context.mentions import Mention
from lsp_server.context.named_files import NamedFile, NamedFiles
from lsp_server.context.query import ContextQuery
from lsp_server.context.rules_files import RulesFiles
from lsp_server.context.workspace_files import NotReadError, WorkspaceFiles, WorkspaceFolders
from lsp_server.guard.secrets import find_long_secrets
from lsp_server.lsp.timing import Alarm, Timing, now_ms
from lsp_server.lsp.uris import path_from
from lsp_server.prompt.pieces import ContextPiece, Why

log = logging.getLogger(__name__)

SEARCH_MS = 50.0
"""How long an edit waits for its context, in milliseconds. Nobody notices so short a delay before
the first token."""
NAMED_MS = 500.0
"""How long an edit waits for rules and for what the user names, in milliseconds. They are read in a
few; on a busy machine they must not be missing."""
WARM_MS = 500.0
"""How long a search may take that nobody waits for, in milliseconds."""
_STEP_S = 0.005
"""How often a search that waits for another looks at the time, in seconds."""


class Lookup(Protocol):
    """Finds definitions, callers and open documents; `look_up` in one thread at a time."""

    def look_up(
        self, query: ContextQuery, found: Callable[[ContextPiece], None], over: Callable[[], bool]
    ) -> None:
        """Call `found` for each piece, best first within a kind, until `over()`. Never raises."""

    def symbol(self, name: str, query: ContextQuery) -> ContextPiece | None:
        """The definition of a name in the workspace."""

    def start(self, roots: tuple[Path, ...]) -> None:
        """Begin to read these folders."""

    def close(self) -> None:
        """The conversation is over."""

    @property
    def progress(self) -> tuple[int, int] | None:
        """How many files are read of how many; None if nothing is being read."""


class NoLookup:
    """Finds nothing."""

    progress = None

    def look_up(
        self, query: ContextQuery, found: Callable[[ContextPiece], None], over: Callable[[], bool]
    ) -> None:
        """See `Lookup`."""

    def symbol(self, name: str, query: ContextQuery) -> ContextPiece | None:
        """See `Lookup`."""
        return None

    def start(self, roots: tuple[Path, ...]) -> None:
        """See `Lookup`."""

    def close(self) -> None:
        """See `Lookup`."""


@dataclass(frozen=True, slots=True)
class ContextOrder:
    """What to look for. Immutable, because another thread reads it."""

    query: ContextQuery
    folders: WorkspaceFolders
    mentions: tuple[Mention, ...] = ()
    named: tuple[NamedFile, ...] = ()
    files: tuple[str, ...] = ()
    """The setting `context.files`."""
    rules: tuple[str, ...] = ()
    """The setting `rules`."""
    only_mentions: bool = False
    """Whether the rest was found for an earlier attempt of the session."""


@dataclass(slots=True)
class FoundContext:
    """What a search has found so far."""

    pieces: list[ContextPiece] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Sentences for the user: what was named and cannot be sent."""
    texts: list[str] = field(default_factory=list)
    """Whole texts of files with secrets of many lines, which a piece may hold only in part."""

    has_named: bool = False
    """Whether rules and what the user named are among it."""
    done: list[Mention | NamedFile] = field(default_factory=list)
    """What was looked for already of what the user named."""

    def copy(self) -> "FoundContext":
        """What was found until now."""
        return FoundContext([*self.pieces], [*self.problems], [*self.texts])


Work = Callable[[ContextOrder, FoundContext, Callable[[], bool]], None]
"""Searches until the function says that the time is up."""


class ContextSearch:
    """The searches of one conversation. In threads they run one at a time."""

    def __init__(self, lookup: Lookup, timing: Timing) -> None:
        self.work: Work = self._search
        """A replay has another one: what was found is in the recording."""
        self.lookup = lookup
        self._timing = timing
        self._files = WorkspaceFiles()
        self._rules_files = RulesFiles(self._files)
        self._lock = threading.Lock()
        self._lookup_lock = threading.Lock()
        """A lock of its own: a lookup that takes long must not hold up what the user names."""
        self._waiting = 0
        """Searches in threads that an edit waits for."""
        self._warming = False

    def at_once(self, order: ContextOrder) -> FoundContext:
        """Search in place."""
        found = FoundContext()
        end = now_ms() + SEARCH_MS
        self._run(order, found, lambda: _is_over(found, end))
        return found

    def in_thread(
        self, order: ContextOrder, name: str, done: Callable[[FoundContext], None]
    ) -> None:
        """Search in a thread. `done` is called on the event loop, once. `name` is for the timer."""
        found, loop = FoundContext(), asyncio.get_running_loop()
        end = now_ms() + SEARCH_MS
        is_done = False
        alarm: Alarm

        def finish() -> None:
            nonlocal is_done
            if not is_done:
                is_done = True
                self._waiting -= 1
                alarm.cancel()
                done(found.copy())

        def late() -> None:
            nonlocal alarm
            if not is_done and not found.has_named and now_ms() < end + NAMED_MS - SEARCH_MS:
                rest = (end + NAMED_MS - now_ms()) / 1000
                alarm = self._timing.later(f"context {name}", rest, late)
                return
            if not is_done:
                found.problems += _missing(order, found)
            finish()

        def run() -> None:
            # A search that a slow disk holds up must not hold up all that follow.
            if self._lock.acquire(timeout=SEARCH_MS / 1000):
                try:
                    self._run(order, found, lambda: is_done or _is_over(found, end))
                finally:
                    self._lock.release()
                with suppress(RuntimeError):  # The loop is closed, so the result is not needed.
                    loop.call_soon_threadsafe(finish)

        self._waiting += 1
        alarm = self._timing.later(f"context {name}", SEARCH_MS / 1000, late)
        # Later: the thread slows the interpreter, and the command has not been answered yet. Not in
        # the loop's executor: closing the loop would wait for it.
        thread = threading.Thread(target=run, name="context", daemon=True)
        loop.call_soon(thread.start)

    def warm(self, order: ContextOrder) -> None:
        """Search in a thread for what an edit may soon need, so that its files are read already.

        Nobody waits for it; it ends as soon as an edit does.
        """
        if self._warming:
            return
        self._warming = True
        end = now_ms() + WARM_MS

        def run() -> None:
            try:
                with self._lookup_lock:
                    self.lookup.look_up(
                        order.query,
                        lambda piece: None,
                        lambda: self._waiting > 0 or now_ms() > end,
                    )
            finally:
                self._warming = False

        thread = threading.Thread(target=run, name="context-warm", daemon=True)
        asyncio.get_running_loop().call_soon(thread.start)

    def _run(self, order: ContextOrder, found: FoundContext, over: Callable[[], bool]) -> None:
        try:
            self.work(order, found, over)
        except Exception:
            log.exception("The context of an edit couldn't be searched.")

    def _search(self, order: ContextOrder, found: FoundContext, over: Callable[[], bool]) -> None:
        """What the user names comes first: it must not be missing."""
        query = order.query
        learned: set[str] = set()

        def take(piece: ContextPiece) -> None:
            self._learn(piece, order, found, learned)
            found.pieces.append(piece)

        def symbol(name: str) -> ContextPiece | None:
            with self._looking(over) as may:
                piece = self.lookup.symbol(name, query) if may else None
            return None if piece is None else _as_mention(piece)

        named = NamedFiles(self._files, order.folders, query, take, found.problems.append, over)
        for file in order.named:
            named.of_command(file)
            found.done.append(file)
        for mention in order.mentions:
            named.of_mention(mention, symbol)
            found.done.append(mention)
        if order.only_mentions:
            return
        for entry in order.files:
            named.of_setting(entry)
        for piece in self._rules_files.of(query.document.path, order.folders, order.rules):
            take(piece)
        found.has_named = True
        with self._looking(over) as may:
            if may:
                self.lookup.look_up(query, take, over)

    @contextmanager
    def _looking(self, over: Callable[[], bool]) -> Iterator[bool]:
        """Wait for the lookup, which serves one search at a time. False if the time is up."""
        while not self._lookup_lock.acquire(timeout=_STEP_S):
            if over():
                yield False
                return
        try:
            yield True
        finally:
            self._lookup_lock.release()

    def _learn(
        self, piece: ContextPiece, order: ContextOrder, found: FoundContext, learned: set[str]
    ) -> None:
        """Keep the text of a piece's file if a secret of many lines in it may be cut by the piece:
        half of it would not be recognised."""
        if piece.uri in learned:
            return
        learned.add(piece.uri)
        text = self._text_of(piece, order)
        if text is not None and len(text) > len(piece.text) and _has_long_secrets(text):
            found.texts.append(text)

    def _text_of(self, piece: ContextPiece, order: ContextOrder) -> str | None:
        for document in (order.query.document, *order.query.open_documents):
            if document.uri == piece.uri:
                return document.text
        path = path_from(piece.uri)
        if path is None:
            return None
        with suppress(NotReadError):
            return self._files.text(path, order.folders, outside=True)
        return None


@lru_cache(maxsize=64)
def _has_long_secrets(text: str) -> bool:
    """Whether a text has secrets of many lines. Remembered: it costs 1 ms for 1,000 lines."""
    return bool(find_long_secrets(text))


def _is_over(found: FoundContext, end: float) -> bool:
    """Whether the time is up; what the user named and the rules have more of it."""
    return now_ms() > (end if found.has_named else end + NAMED_MS)


def _as_mention(piece: ContextPiece) -> ContextPiece:
    return replace(piece, why=Why.MENTION)


def _missing(order: ContextOrder, found: FoundContext) -> list[str]:
    """Sentences about what was named and is not read when the time is up."""
    done = {*found.done}
    called = [order.folders.shown(file.path) for file in order.named if file not in done]
    called += [each.text for each in order.mentions if each not in done and each.is_path]
    return [f"`{name}` isn't sent: reading it takes too long." for name in called]
