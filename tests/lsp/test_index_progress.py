"""The index is started once, and a client sees that it takes a while."""

from collections.abc import Callable
from pathlib import Path

from lsp_server.lsp.client import EditorClient
from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.context_search import NoLookup
from lsp_server.lsp.convert import Json
from lsp_server.lsp.index_progress import IndexProgress
from lsp_server.lsp.timing import Alarm, Timing


class _Lookup(NoLookup):
    def __init__(self) -> None:
        self.progress: tuple[int, int] | None = (0, 20_000)  # type: ignore[assignment]
        self.started: list[tuple[Path, ...]] = []
        self.closed = False

    def start(self, roots: tuple[Path, ...]) -> None:
        self.started.append(roots)

    def close(self) -> None:
        self.closed = True


class _Alarm:
    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class _Timing(Timing):
    def __init__(self) -> None:
        self.alarms: list[tuple[float, _Alarm]] = []

    def later(self, name: str, seconds: float, work: Callable[[], None]) -> Alarm:
        alarm = _Alarm(work)
        self.alarms.append((seconds, alarm))
        return alarm

    def ring(self) -> None:
        self.alarms.pop(0)[1].work()


ROOT = (Path("/w"),)


class _Scene:
    def __init__(self, *, can: bool = True) -> None:
        self.sent: list[Json] = []
        self.client = EditorClient(self.sent.append)
        self.timing = _Timing()
        self.lookup = _Lookup()
        context = ClientContext(self.client, self.timing)
        context.capabilities = {"window": {"workDoneProgress": can}}
        self.progress = IndexProgress(context, self.lookup)

    def agree(self) -> None:
        """The client takes the progress."""
        create = next(m for m in self.sent if m.get("method") == "window/workDoneProgress/create")
        self.client.receive({"jsonrpc": "2.0", "id": create["id"], "result": None})

    @property
    def shown(self) -> list[Json]:
        return [m["params"]["value"] for m in self.sent if m.get("method") == "$/progress"]


def test_it_starts_once_for_each_set_of_folders() -> None:
    scene = _Scene()
    for roots in ((), ROOT, ROOT, (*ROOT, Path("/v"))):
        scene.progress.start(roots, shown=True)
    assert scene.lookup.started == [ROOT, (*ROOT, Path("/v"))]
    assert len(scene.timing.alarms) == 1


def test_an_index_that_is_ready_soon_is_not_shown() -> None:
    scene = _Scene()
    scene.progress.start(ROOT, shown=True)
    assert scene.timing.alarms[0][0] == 1.0
    scene.lookup.progress = None
    scene.timing.ring()
    assert scene.sent == []
    assert scene.timing.alarms == []


def test_a_longer_one_is_shown_until_it_is_ready() -> None:
    scene = _Scene()
    scene.progress.start(ROOT, shown=True)
    scene.timing.ring()
    scene.agree()
    scene.lookup.progress = (7_000, 20_000)
    scene.timing.ring()
    scene.lookup.progress = None
    scene.timing.ring()
    assert scene.shown == [
        {
            "kind": "begin",
            "title": "Midstream: reading the workspace",
            "cancellable": False,
            "message": "0 of 20,000 files",
        },
        {"kind": "report", "cancellable": False, "message": "7,000 of 20,000 files"},
        {"kind": "end", "message": "Ready."},
    ]
    assert scene.timing.alarms == []


def test_a_client_that_shows_no_progress_gets_none() -> None:
    scene = _Scene(can=False)
    scene.progress.start(ROOT, shown=True)
    scene.timing.ring()
    assert scene.sent == []


def test_in_a_recording_there_is_none() -> None:
    scene = _Scene()
    scene.progress.start(ROOT, shown=False)
    assert scene.lookup.started == [ROOT]
    assert scene.timing.alarms == []


def test_at_the_end_the_lookup_is_closed() -> None:
    scene = _Scene()
    scene.progress.start(ROOT, shown=True)
    alarm = scene.timing.alarms[0][1]
    scene.progress.close()
    assert alarm.cancelled
    assert scene.lookup.closed
