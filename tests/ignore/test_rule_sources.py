"""What verdicts share is what each of them would have read itself."""

import os
import random
from pathlib import Path

import pytest

from lsp_server.ignore.path_walk import MOST_FOLDERS, PathWalk, absolute, ways
from lsp_server.ignore.rule_sources import RuleSources, SharedReads
from lsp_server.ignore.unreadable import Unreadable
from tests.support.git_rules import draw, make_difficult


@pytest.mark.parametrize("seed", range(2_000, 2_008))
def test_shared_paths_are_those_of_each_file(tmp_path: Path, seed: int) -> None:
    drawn, chance = draw(tmp_path, seed, 30), random.Random(seed)
    names = [*make_difficult(drawn, chance), *drawn.paths]
    paths = [f"{drawn.top}/{name}" for name in chance.sample(names, len(names))]
    paths += ["/", "/a", "//a", "a", "", ".", f"{drawn.top}//a", f"{drawn.top}/a/"]
    shared = SharedReads(RuleSources(drawn.environ))
    links = 0
    for path in paths:
        theirs = _ways(path)
        links += len(theirs) > 1
        try:
            assert shared.ways(path) == theirs
        except Unreadable as error:
            assert theirs == (str(error),)
        _compare_real_paths(shared, path)
        whole = absolute(path)
        if whole.count("/") <= MOST_FOLDERS:
            assert shared.walk(whole) == PathWalk.of(whole)
    assert links > 5, "what is drawn would show nothing"


def _ways(path: str) -> tuple[str, ...]:
    try:
        return ways(path)
    except Unreadable as error:
        return (str(error),)


def _compare_real_paths(shared: SharedReads, path: str) -> None:
    try:
        real = os.path.realpath(path)
    except ValueError:
        with pytest.raises(ValueError):
            shared.real_path(path)
    else:
        assert shared.real_path(path) == real
