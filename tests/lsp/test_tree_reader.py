"""Documents that are read in slices, and the requests that wait for them."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import repeat

import pytest

from lsp_server.errors import RequestFailed
from lsp_server.lsp import tree_reader as module
from lsp_server.lsp.convert import Json
from lsp_server.lsp.timing import MOST_SLICES, Alarm, Timing
from lsp_server.lsp.tree_reader import TreeReader, Work
from lsp_server.syntax.languages import language_for
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span

TEXT = "def f(a):\n    return a\n\n\n" * 40
HERE = Span(4, 5)


class ByHand(Timing):
    """Timers ring when a test says so; the n-th parse or slice is over at the n-th of `overs`."""

    def __init__(self, overs: Iterator[bool]) -> None:
        self.overs = overs
        self.waiting: list[Callable[[], None]] = []

    def parsing(self) -> Callable[[], bool]:
        return lambda: False

    def slicing(self) -> Callable[[], bool]:
        over = next(self.overs)
        return lambda: over

    def later(self, name: str, seconds: float, work: Callable[[], None]) -> Alarm:
        self.waiting.append(work)
        return self

    def cancel(self) -> None:
        self.waiting.clear()

    def ring(self) -> None:
        """The one timer rings."""
        (work,) = self.waiting
        self.waiting.clear()
        work()


class Scene:
    """A reader whose first look at a text never suffices, and slices only as `overs` says."""

    def __init__(self, *overs: bool, over: bool = False) -> None:
        self.timing = ByHand(iter([*overs, *repeat(over, 1000)]))
        python = language_for("python")
        assert python is not None
        self.text = TEXT
        self.looks = 0
        language = python.bounded(self._watch)
        self.reader = TreeReader(language, self.timing, "file:///a.py", lambda: self.text)

    def _watch(self) -> Callable[[], bool]:
        self.looks += 1
        over = self.looks == 1
        return lambda: over

    def type(self, start: int, end: int, text: str) -> None:
        after = self.text[:start] + text + self.text[end:]
        self.reader.changed(ChangeSet.replace(self.text, after))
        self.text = after

    def readable(self, place: Span) -> Json:
        """Work that tells what it finds."""
        tree = self.reader.tree_of(self.text)
        return {"place": place, "readable": tree is not None and tree.readable}

    def ask(self, work: Work | None = None, *, sooner: bool = False) -> asyncio.Future[Json]:
        answer = self.reader.when_read(HERE, work or self.readable, sooner=sooner)
        assert isinstance(answer, asyncio.Future)
        return answer


def run(test: Callable[[], None]) -> None:
    async def inside() -> None:
        test()
        await asyncio.sleep(0)

    asyncio.run(inside())


def test_who_asks_while_it_is_read_waits_and_is_answered_in_order_one_in_a_turn() -> None:
    def test() -> None:
        scene = Scene(True, True)
        first, second = scene.ask(), scene.ask()
        scene.timing.ring()
        scene.timing.ring()
        assert not first.done()
        scene.timing.ring()  # The last slice.
        assert first.result() == {"place": HERE, "readable": True} and not second.done()
        scene.timing.ring()
        assert second.result()["readable"] and not scene.timing.waiting
        assert scene.reader.when_read(HERE, scene.readable) == first.result()  # At once.

    run(test)


def test_what_is_typed_meanwhile_moves_the_place_and_is_read_before_the_answer() -> None:
    def test() -> None:
        scene = Scene(True)
        answer = scene.ask()
        scene.type(0, 0, "x = 1\n")
        while scene.timing.waiting:
            scene.timing.ring()
        assert answer.result() == {"place": HERE.shift(6), "readable": True}

    run(test)


def test_a_text_that_takes_too_many_slices_is_given_up_and_who_waits_answered() -> None:
    def test() -> None:
        scene = Scene(over=True)
        scene.text = TEXT * 30  # A slice that is over at once still takes a hundred steps.
        answer = scene.ask()
        for _ in range(MOST_SLICES - 1):
            scene.timing.ring()
        assert not answer.done()
        scene.timing.ring()
        assert answer.result() == {"place": HERE, "readable": False}
        tree = scene.reader.tree_of(scene.text)
        assert tree is not None and tree.too_costly

    run(test)


def test_who_types_without_a_pause_does_not_make_others_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_SLICES", 10)

    def test() -> None:
        scene = Scene()
        answer = scene.ask()
        while not answer.done():
            scene.type(0, 0, "x = 1\n")
            scene.looks = -1  # The end of this slice, then a first look at what was typed.
            scene.timing.ring()
        assert len(scene.text) == len(TEXT) + 10 * 6

    run(test)


def test_what_stops_a_model_takes_the_tree_of_an_earlier_text() -> None:
    def test() -> None:
        scene = Scene()
        first = scene.ask(sooner=True)  # Nothing is known yet.
        scene.timing.ring()
        assert first.done()
        scene.type(0, 0, "x = 1\n")
        scene.looks = 0
        assert not scene.readable(HERE)["readable"]
        assert scene.reader.when_read(HERE, scene.readable, sooner=True) == {
            "place": HERE,
            "readable": False,
        }

    run(test)


def test_who_waits_can_be_taken_back() -> None:
    def test() -> None:
        scene = Scene(True)
        done: list[Span] = []

        def work(place: Span) -> Json:
            done.append(place)
            return {}

        answer = scene.ask(work)
        assert scene.reader.take_back() and answer.cancelled()
        assert not scene.reader.take_back()
        while scene.timing.waiting:
            scene.timing.ring()
        assert not done

    run(test)


def test_a_document_that_is_closed_keeps_nobody_waiting() -> None:
    def test() -> None:
        scene = Scene(True)
        answer = scene.ask()
        scene.reader.close()
        assert isinstance(answer.exception(), RequestFailed) and not scene.timing.waiting

    run(test)


def test_a_sentence_reaches_who_waited_and_the_others_are_answered() -> None:
    def refused(place: Span) -> Json:
        raise RequestFailed("Not here.")

    def test() -> None:
        scene = Scene(True)
        first, second = scene.ask(refused), scene.ask()
        while scene.timing.waiting:
            scene.timing.ring()
        assert str(first.exception()) == "Not here." and second.result()["readable"]

    run(test)


def test_work_that_takes_its_own_time_is_waited_for() -> None:
    async def later() -> Json:
        await asyncio.sleep(0)
        return {"later": True}

    async def test() -> None:
        scene = Scene(True)
        answer = scene.ask(lambda place: later())
        while scene.timing.waiting:
            scene.timing.ring()
        assert await answer == {"later": True}

    asyncio.run(test())


# -- a long text -----------------------------------------------------------------------------------


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A reader to which the text is a long one, and that has read it once."""
    scene = Scene()
    monkeypatch.setattr(module, "LONG", 100)
    scene.looks = 1  # Each look suffices.
    tree = scene.reader.tree_of(scene.text)
    assert tree is not None
    assert tree.readable
    return scene


def name_at(scene: Scene, place: Span) -> Json:
    """What the current tree has there, and whether it is one of an earlier text."""
    tree = scene.reader.ready_tree(scene.text)
    assert tree is not None
    node = tree.path(place)[-1]
    return {"text": tree.span_of(node).text(scene.text), "stands in": tree.stands_in}


def test_a_key_elsewhere_in_a_long_text_is_not_waited_for(long: Scene) -> None:
    long.type(0, 0, "x\n\n")
    place = Span(len(long.text) - 10, len(long.text) - 10)
    looks = long.looks
    answer = long.reader.when_read(place, lambda here: name_at(long, here))
    assert answer == {"text": "return", "stands in": True}
    assert long.looks == looks, "Nothing was parsed."
    long.timing.waiting[-1]()
    assert long.looks > looks, "It is read when it has been answered."
    tree = long.reader.ready_tree(long.text)
    assert tree is not None
    assert not tree.stands_in


@pytest.mark.parametrize(("at", "typed"), [(0, '"""'), (0, "("), (0, "#"), (-10, "x")])
def test_what_may_matter_at_the_place_is_read_first(long: Scene, at: int, typed: str) -> None:
    at %= len(long.text)
    long.type(at, at, typed)
    place = Span(len(long.text) - 10, len(long.text) - 10)
    looks = long.looks
    answer = long.reader.when_read(place, lambda here: name_at(long, here))
    assert isinstance(answer, dict)
    assert answer["stands in"] is False
    assert long.looks > looks


def test_a_long_text_is_read_when_the_user_pauses(long: Scene) -> None:
    looks = long.looks
    long.type(0, 0, '"""')
    long.timing.waiting[-1]()
    assert long.looks > looks
