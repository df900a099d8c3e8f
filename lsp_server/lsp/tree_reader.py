"""The syntax tree of one document. A large document is parsed in slices while requests wait for it.

Each slice is a timer of its own, so other work gets its turn in between: the next message of the
editor is read, a status or a stop is answered. Positions of waiting requests are kept correct
meanwhile.
"""

import asyncio
import inspect
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lsp_server.errors import RequestFailed
from lsp_server.lsp.convert import Json
from lsp_server.lsp.timing import MOST_SLICES, Alarm, Timing
from lsp_server.syntax.languages import Language
from lsp_server.syntax.scope import PARSE_LIMIT
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span

Response = Json | Awaitable[Json]
Work = Callable[[Span], Response]
"""What a request does, at its place."""


LONG = 50_000
"""Code points. Parsing a longer text takes several milliseconds or more, so it happens when the
document is opened and when the user pauses, not when they wait."""
AHEAD_S = 0.1
"""How long nothing must have changed before that happens, in seconds."""
_MOST_APART = 256
"""How many changes at different places are tracked separately; more are merged into one."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A request that waits for the tree."""

    place: Span
    """In the editor's text as it is now."""
    work: Work
    answer: asyncio.Future[Json]


class TreeReader:
    """Parses one document in one language, or in none.

    Invariant: every waiting request is answered after at most `MOST_SLICES` slices, in the order of
    asking, one in each turn of the event loop.
    """

    def __init__(
        self, language: Language | None, timing: Timing, uri: str, text: Callable[[], str]
    ) -> None:
        """`text` returns the text whose tree the waiting requests need."""
        self._timing = timing
        self._uri = uri
        self._text = text
        self._tree = None if language is None else DocumentTree(language, "", self._go_on)
        self._waiting: deque[_Waiting] = deque()
        self._alarm: Alarm | None = None
        self._slices = 0
        self._came: ChangeSet | None = None  # What the editor has reported since the tree's text.
        self._stand_in: DocumentTree | None = None
        self._ahead: Alarm | None = None

    def tree_of(self, text: str) -> DocumentTree | None:
        """The tree of `text`, updated from the text that it was last parsed for."""
        tree, came = self._tree, self._came
        if tree is not None and tree.text != text:
            if came is None or came.length != len(tree.text) or came.apply(tree.text) != text:
                came = ChangeSet.replace(tree.text, text)
            tree.update(text, came)
            self._came = None
        return tree

    def ready_tree(self, text: str) -> DocumentTree | None:
        """The tree of `text`, or the stand-in by which a request was answered."""
        if self._stand_in is not None and self._stand_in.text == text:
            return self._stand_in
        return self.tree_of(text)

    def when_read(self, place: Span, work: Work, *, sooner: bool = False) -> Response:
        """The result of `work`; an awaitable while the text is still being parsed.

        With `sooner`, the tree of an earlier text is good enough. It also is for a long text in
        which only other places have changed.
        """
        text = self._text()
        tree = self.tree_of(text)
        self._stand_in = None
        if tree is not None and len(text) > LONG and not tree.halted and tree.lags_at(place):
            self._stand_in = tree.stand_in()
            self._look_ahead(0.0)
            return work(place)
        if tree is None or tree.readable or not tree.halted or (sooner and tree.known):
            return work(place)
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(place, work, answer))
        return answer

    def changed(self, changes: ChangeSet) -> None:
        """The editor's text has changed.

        Changes are reported one by one: two changes far apart are much less than everything between
        them.
        """
        before = self._came
        if before is not None and before.length_after == changes.length:
            together = before.compose(changes)
            self._came = together if len(together.changes) <= _MOST_APART else None
        else:
            self._came = changes
        self._look_ahead(AHEAD_S)
        for one in self._waiting:
            start = changes.map_offset(one.place.start, after=False)
            end = changes.map_offset(one.place.end, after=True)
            one.place = Span(start, max(start, end))

    def take_back(self) -> bool:
        """Drop all waiting requests. Returns whether there were any."""
        waiting = [one for one in self._waiting if one.answer.cancel()]
        self._waiting.clear()
        return bool(waiting)

    def close(self) -> None:
        """The document was closed."""
        for alarm in (self._alarm, self._ahead):
            if alarm is not None:
                alarm.cancel()
        for one in self._waiting:
            if not one.answer.done():
                one.answer.set_exception(RequestFailed("The document was closed."))
        self._waiting.clear()

    # -- slices --

    def look_ahead(self) -> None:
        """The document was opened: parse a long one before somebody asks."""
        self._look_ahead(0.0)

    def _look_ahead(self, seconds: float) -> None:
        """Parse a long text later, when nothing has changed for so long."""
        if self._tree is None or not LONG < len(self._text()) < PARSE_LIMIT:
            return
        if self._ahead is not None:
            self._ahead.cancel()
        self._ahead = self._timing.later(f"ahead {self._uri}", seconds, self._read_ahead)

    def _read_ahead(self) -> None:
        self._ahead = None
        tree = self.tree_of(self._text())
        if tree is None:
            return
        if tree.halted:
            self._look_ahead(AHEAD_S)
            return
        self._stand_in = None
        _ = tree.readable

    def _go_on(self) -> None:
        """Continue in a later turn of the event loop."""
        if self._alarm is None:
            self._alarm = self._timing.later(f"read {self._uri}", 0.0, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        tree = self._tree
        if tree is None:
            return
        if tree.halted:
            self._slices += 1
            tree.go_on(self._timing.slicing())
        if tree.halted and self._slices >= MOST_SLICES:
            tree.give_up()
        if not tree.halted and self._waiting and self._slices < MOST_SLICES:
            self.tree_of(self._text())
            _ = tree.readable  # Parses what was typed meanwhile, or begins to.
        if tree.halted:
            self._go_on()
            return
        self._slices = 0
        self._serve()

    def _serve(self) -> None:
        """Answer the next waiting request."""
        while self._waiting:
            one = self._waiting.popleft()
            if not one.answer.done():
                _give(one)
                break
        if self._waiting:
            self._go_on()


def _give(one: _Waiting) -> None:
    """Do the work of a request and answer it."""
    try:
        answer = one.work(one.place)
    except Exception as error:
        one.answer.set_exception(error)
        return
    if not inspect.isawaitable(answer):
        one.answer.set_result(answer)
        return
    _follow(answer, one.answer)


def _follow(awaitable: Awaitable[Json], answer: asyncio.Future[Json]) -> None:
    """Let `answer` become the result of `awaitable`."""
    task = asyncio.ensure_future(awaitable)

    def done(task: asyncio.Future[Json]) -> None:
        if answer.done():
            return
        if task.cancelled():
            answer.cancel()
        elif (error := task.exception()) is not None:
            answer.set_exception(error)
        else:
            answer.set_result(task.result())

    task.add_done_callback(done)
