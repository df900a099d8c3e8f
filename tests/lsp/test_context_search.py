"""The search for an edit's context: bounded in time, in a thread or in place."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_server.context.mentions import mentions_in
from lsp_server.context.named_files import NamedFile
from lsp_server.context.query import ContextQuery, OpenDocument
from lsp_server.context.workspace_files import WorkspaceFolders
from lsp_server.lsp import context_search
from lsp_server.lsp.context_search import ContextOrder, ContextSearch, FoundContext, NoLookup
from lsp_server.lsp.timing import Alarm, Timing
from lsp_server.prompt.pieces import ContextPiece, Why
from lsp_server.text.span import Span

KEY = "\n".join(
    ["-----BEGIN RSA PRIVATE KEY-----", *["A" * 64] * 8, "-----END RSA PRIVATE KEY-----"]
)


class _Lookup(NoLookup):
    """Finds one piece at once, and another when it is let go on."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.begun = threading.Event()
        self.ended: list[bool] = []

    def look_up(
        self, query: ContextQuery, found: Callable[[ContextPiece], None], over: Callable[[], bool]
    ) -> None:
        found(ContextPiece("file:///w/a.py", "a.py", "python", "a = 1\n", 0, Why.DEFINITION))
        self.begun.set()
        self.go_on.wait(20)
        self.ended.append(over())
        found(ContextPiece("file:///w/b.py", "b.py", "python", "b = 1\n", 0, Why.CALLER))

    def symbol(self, name: str, query: ContextQuery) -> ContextPiece | None:
        if name != "Till":
            return None
        return ContextPiece("file:///w/t.py", "t.py", "python", "class Till:\n", 3, Why.DEFINITION)


class _RungTiming(Timing):
    """Timers that ring when the test says so."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._works: list[Callable[[], None]] = []

    def later(self, name: str, seconds: float, work: Callable[[], None]) -> Alarm:
        self.names.append(name)
        self._works.append(work)
        return asyncio.get_running_loop().call_later(1000, work)

    def ring(self) -> None:
        for work in self._works:
            work()


def _order(root: Path, instruction: str = "", **more: object) -> ContextOrder:
    path = root / "shop.py"
    document = OpenDocument(path.as_uri(), path, "python", "x = 1\n")
    query = ContextQuery(document, Span(0, 5), (root,), (), lambda path: True)
    mentions = mentions_in([instruction])
    return ContextOrder(query, WorkspaceFolders((root,)), mentions, **more)  # type: ignore[arg-type]


def _paths(found: FoundContext) -> list[str]:
    return [piece.path for piece in found.pieces]


def _in_thread(search: ContextSearch, order: ContextOrder) -> FoundContext:
    async def run() -> FoundContext:
        answer: asyncio.Future[FoundContext] = asyncio.get_running_loop().create_future()
        search.in_thread(order, "s1", answer.set_result)
        return await asyncio.wait_for(answer, 20)

    return asyncio.run(run())


def test_named_files_come_first_then_rules_then_what_was_looked_up(tmp_path: Path) -> None:
    for name in ("named.py", "mentioned.py", "AGENTS.md", "always.md"):
        (tmp_path / name).write_text(name, "utf-8")
    lookup = _Lookup()
    lookup.go_on.set()
    order = _order(
        tmp_path,
        "like #mentioned.py and #Till, not #todo",
        named=(NamedFile(tmp_path / "named.py"),),
        files=("always.md",),
        rules=("AGENTS.md",),
    )
    search = ContextSearch(lookup, Timing())
    expected = ["named.py", "mentioned.py", "t.py", "always.md", "AGENTS.md", "a.py", "b.py"]
    assert _paths(search.at_once(order)) == expected
    found = search.at_once(order)
    assert not found.problems
    assert [piece.why for piece in found.pieces[:4]] == [Why.MENTION] * 4


def test_for_a_redirect_only_what_it_mentions_is_read(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("Use tabs.", "utf-8")
    (tmp_path / "b.py").write_text("b = 1\n", "utf-8")
    order = _order(tmp_path, "see #b.py", rules=("AGENTS.md",), only_mentions=True)
    assert _paths(ContextSearch(_Lookup(), Timing()).at_once(order)) == ["b.py"]


def test_what_is_not_known_in_time_is_left_out(tmp_path: Path) -> None:
    lookup, timing = _Lookup(), _RungTiming()
    search = ContextSearch(lookup, timing)

    async def run() -> FoundContext:
        answer: asyncio.Future[FoundContext] = asyncio.get_running_loop().create_future()
        search.in_thread(_order(tmp_path), "s1", answer.set_result)
        await asyncio.to_thread(lookup.begun.wait, 20)
        timing.ring()
        return await answer

    found = asyncio.run(run())
    assert _paths(found) == ["a.py"]
    lookup.go_on.set()
    for thread in threading.enumerate():
        if thread.name == "context":
            thread.join(20)
    assert lookup.ended == [True]
    assert _paths(found) == ["a.py"]
    assert timing.names == ["context s1"]


class _Busy(NoLookup):
    """Is never ready."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.count = 0

    def look_up(
        self, query: ContextQuery, found: Callable[[ContextPiece], None], over: Callable[[], bool]
    ) -> None:
        self.count += 1
        self.begun.set()
        while not over():
            time.sleep(0.001)


def test_files_are_read_ahead_until_an_edit_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context_search, "WARM_MS", 60_000.0)
    (tmp_path / "AGENTS.md").write_text("Use tabs.", "utf-8")
    lookup = _Busy()
    search = ContextSearch(lookup, Timing())

    async def run() -> FoundContext:
        search.warm(_order(tmp_path))
        await asyncio.to_thread(lookup.begun.wait, 20)
        search.warm(_order(tmp_path))  # One at a time is enough.
        answer: asyncio.Future[FoundContext] = asyncio.get_running_loop().create_future()
        search.in_thread(_order(tmp_path, rules=("AGENTS.md",)), "s1", answer.set_result)
        return await asyncio.wait_for(answer, 20)

    assert _paths(asyncio.run(run())) == ["AGENTS.md"]
    for thread in threading.enumerate():
        if thread.name == "context-warm":
            thread.join(20)
            assert not thread.is_alive()
    assert lookup.count <= 2


def test_a_search_that_hangs_does_not_hold_up_the_edits_after_it(tmp_path: Path) -> None:
    lookup = _Lookup()
    search = ContextSearch(lookup, Timing())
    _in_thread(search, _order(tmp_path))
    assert lookup.begun.wait(20)
    second = _in_thread(search, _order(tmp_path, "like #b.py"))
    assert _paths(second) == []
    assert second.problems == ["`#b.py` isn't sent: reading it takes too long."]
    lookup.go_on.set()


def test_it_is_done_once_also_where_the_time_is_up_at_the_same_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context_search, "SEARCH_MS", 0.001)

    async def run() -> int:
        calls: list[FoundContext] = []
        search = ContextSearch(NoLookup(), Timing())
        for _ in range(20):
            search.in_thread(_order(tmp_path), "s1", calls.append)
        await asyncio.sleep(0.05)
        return len(calls)

    assert asyncio.run(run()) == 20


def test_a_mistake_of_a_lookup_ends_the_search_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context_search, "SEARCH_MS", 20_000.0)
    (tmp_path / "b.py").write_text("b = 1\n", "utf-8")

    class Broken(NoLookup):
        def look_up(
            self,
            query: ContextQuery,
            found: Callable[[ContextPiece], None],
            over: Callable[[], bool],
        ) -> None:
            raise ZeroDivisionError

    search = ContextSearch(Broken(), Timing())
    assert _paths(search.at_once(_order(tmp_path, "#b.py"))) == ["b.py"]
    assert _paths(_in_thread(search, _order(tmp_path, "#b.py"))) == ["b.py"]


def test_the_text_of_a_file_with_a_key_is_kept_if_a_piece_may_cut_it(tmp_path: Path) -> None:
    text = f'KEY = """\n{KEY}\n"""\n'
    (tmp_path / "key.py").write_text(text, "utf-8")
    (tmp_path / "plain.py").write_text("a = 1\nb = 1\n", "utf-8")
    search = ContextSearch(NoLookup(), Timing())
    assert search.at_once(_order(tmp_path, "#key.py:4-6 #plain.py:1")).texts == [text]
    assert search.at_once(_order(tmp_path, "#key.py #plain.py")).texts == []
