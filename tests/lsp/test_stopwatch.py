"""The gates' time is counted, their answers stay theirs."""

from itertools import count

from lsp_server.lsp.stopwatch import Stopwatch
from lsp_server.session.gate_protocol import Gate


class Picky:
    """Admits what the test allows."""

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted

    def admits(self, candidate: str) -> bool:
        return candidate == self.wanted

    def settled(self, candidate: str) -> bool:
        return candidate == self.wanted.upper()

    def unknown(self, candidate: str) -> int | None:
        return 7 if candidate == self.wanted * 2 else None

    def landed(self, candidate: str) -> Gate:
        return Picky(candidate)


def test_making_and_asking_is_counted() -> None:
    seconds = count()
    watch = Stopwatch(lambda: float(next(seconds)))
    assert watch.spent() == 0
    gate = watch.timed(lambda: Picky("a"))
    assert watch.spent() == 1000
    assert (gate.admits("a"), gate.admits("b")) == (True, False)
    assert (gate.settled("A"), gate.settled("a")) == (True, False)
    assert watch.spent() == 5000
    assert (gate.unknown("aa"), gate.unknown("a")) == (7, None)
    assert watch.spent() == 7000
    later = gate.landed("b")
    assert later.admits("b")
    assert watch.spent() == 9000
