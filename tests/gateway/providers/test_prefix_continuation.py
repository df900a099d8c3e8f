"""An answer that continues from a prefix leaves the gateway complete."""

import pytest

from lsp_server.gateway.providers.prefix_continuation import Continuation
from lsp_server.gateway.request_protocol import Piece, ServerReport

PREFIX = "````python\ndef f():\n    a = 1\n"
REST = "    b = 2\n````\n"


def fed(prefix: str, *pieces: Piece) -> str:
    whole = Continuation(prefix)
    made = [m for piece in pieces for m in whole.feed(piece)] + whole.end()
    return "".join(m for m in made if isinstance(m, str))


def chars(text: str) -> list[Piece]:
    return list(text)


@pytest.mark.parametrize("cut", [list, lambda text: [text]], ids=["chars", "whole"])
def test_the_whole_answer_leaves(cut: type[list[str]]) -> None:
    assert fed(PREFIX, *cut(REST)) == PREFIX + REST, "only the rest came"
    assert fed(PREFIX, *cut(PREFIX + REST)) == PREFIX + REST, "the prefix came again"
    anew = "````python\ndef g(): ...\n````\n"
    assert fed(PREFIX, *cut(anew)) == anew, "the model began anew"
    assert fed(PREFIX, *cut("````\n")) == PREFIX + "````\n", "only the fence was left"
    assert fed("", *cut(REST)) == REST


def test_an_answer_of_nothing_is_the_prefix() -> None:
    assert fed(PREFIX) == PREFIX
    assert fed(PREFIX, ServerReport(model="m")) == PREFIX
    assert fed(PREFIX, "````pyth") == PREFIX + "````pyth"


def test_what_is_reported_is_not_held_up() -> None:
    told = ServerReport(model="m")
    assert Continuation(PREFIX).feed(told) == [told]
