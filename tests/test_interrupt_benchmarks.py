"""The benchmarks of stops, redirects and endurance measure what they say. No figure is judged."""

import ast
import asyncio
import os
import sys
from pathlib import Path

import pytest

from benchmarks import endurance
from benchmarks.interrupt import (
    Cuts,
    Findings,
    fenced,
    first_line,
    first_publishable,
    measure,
    report,
    scene,
)
from benchmarks.loopback import row
from benchmarks.stream import tokens


def test_the_scene_is_sound_and_its_answers_differ() -> None:
    made = scene()
    texts = [made.before + part + made.after for part in (made.scope, made.first, made.second)]
    assert len({ast.dump(ast.parse(text)) for text in texts}) == 3
    assert made.scope_of(texts[1]) == made.first
    assert made.text == texts[0]


def test_the_frame_that_makes_text_publishable_is_the_first_that_differs_and_parses() -> None:
    made = scene()
    answer = tokens(fenced(made.second))
    number = first_publishable(made, made.first, answer)
    assert '"""Look' in "".join(answer[: number + 1])
    before = "".join(answer[:number])
    assert not before.partition('"""Look')[2].partition("\n")[2].strip(), "a line too late"
    assert number > first_line(answer)
    with pytest.raises(ValueError, match="changes nothing"):
        first_publishable(made, made.second, answer)
    with pytest.raises(ValueError, match="one line"):
        first_line(["````\n", "x"])


def test_every_second_cut_is_behind_the_end_of_a_line() -> None:
    said = ["a\n", "b", "c\n", "d"]
    cuts, same = Cuts(said, 1), Cuts(said, 1)
    drawn = [cuts.next() for _ in range(40)]
    assert drawn == [same.next() for _ in range(40)]
    assert set(drawn[::2]) == {1, 3}
    assert set(drawn[1::2]) == {1, 2, 3, 4}


def test_a_row_and_a_verdict() -> None:
    line = row("some name", [float(n) for n in range(1, 101)])
    assert line.split()[2:] == ["100", "51.00", "96.00", "100.00", "100.00"]
    fast, slow = Findings(), Findings(late=1)
    for found, took in ((fast, 1.0), (slow, 11.0)):
        found.cancel_last = found.cancel_answer = {0: [took]}
        found.close = found.redirect = found.first_edit = [took]
    assert all(verdict.startswith("met") for verdict in report(fast, slow)[-4:])
    lines = report(slow, fast)
    assert all(verdict.startswith("MISSED") for verdict in lines[-4:])
    assert "late edits 1" in lines[-5]


def test_one_round_of_each_through_real_processes() -> None:
    real, floor = asyncio.run(measure(1, 5000, [0, 5], 1))
    for found in (real, floor):
        assert [len(found.cancel_last[delay]) for delay in (0, 5)] == [1, 1]
        assert (len(found.close), len(found.redirect), len(found.first_edit)) == (2, 1, 1)
        assert (found.late, found.unsound, found.handshakes, found.early) == (0, 0, 0, 0)
    assert len(report(real, floor)) > 10


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_endurance_from_begin_to_end() -> None:
    lines = asyncio.run(endurance.run(6, 1, 0.1))
    assert lines[0].startswith("1 storms of 20 redirects")
    assert [line.split()[0] for line in lines[1:4]] == ["after", "6", "growth"]
    assert lines[3].split()[1:] == ["+0.0", "+0"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_process_is_seen_to_open_files(tmp_path: Path) -> None:
    before = endurance.state_of(os.getpid())
    with (tmp_path / "a").open("w"):
        after = endurance.state_of(os.getpid())
    assert after.files == before.files + 1
    assert after.memory > 1
    assert after.busy >= before.busy > 0
