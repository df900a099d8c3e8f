"""Which way through the anchors is believed."""

from lsp_server.edit.anchors import Anchor
from lsp_server.edit.match_chain import ChainStep, MatchChain


def chain(*rows: list[tuple[int, float]]) -> MatchChain:
    """A chain from the start of both texts through lines with those anchors."""
    built = MatchChain(0, 0)
    for row in rows:
        built.add([Anchor(line, score, True) for line, score in row])
    return built


def test_without_anchors_there_is_none() -> None:
    assert chain().first is None
    assert chain([], []).first is None


def test_an_anchor_must_be_worth_its_gap() -> None:
    assert chain([(5, 1.0)]).first is None
    assert chain([(5, 9.0)]).first == ChainStep(0, 5, True)


def test_the_nearer_of_two_equal_ways_is_taken() -> None:
    assert chain([(1, 9.0), (4, 9.0)]).first == ChainStep(0, 1, True)


def test_lines_that_go_on_outweigh_a_nearer_one() -> None:
    rows = [[(1, 5.0), (8, 5.0)], [(9, 5.0)], [(10, 5.0)]]
    assert chain(*rows).first == ChainStep(0, 8, True)
    assert chain(*rows[:1]).first == ChainStep(0, 1, True)


def test_a_line_without_anchor_is_passed_by() -> None:
    assert chain([], [(0, 8.0)]).first == ChainStep(1, 0, True)


def test_what_is_consumed_is_no_anchor() -> None:
    late = MatchChain(3, 7)
    late.add([Anchor(6, 9.0, True), Anchor(7, 4.0, True)])
    assert late.first == ChainStep(3, 7, True)
    assert late.lines == 1


def test_a_large_block_may_go_as_well_as_a_small_one() -> None:
    rows = [[(500 + index, 8.0)] for index in range(4)]
    assert chain(*rows).first == ChainStep(0, 500, True)
