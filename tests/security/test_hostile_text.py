"""No text of a repository, and no answer of a model, stops the server.

Real processes; the inputs and what is done with them are those of `benchmarks.hostile`. The bounds
are 200 ms for a status and 250 ms for a stop; a busy machine is given twenty times as much.
"""

import asyncio

import pytest

from benchmarks.hostile import Input, Latencies, drawn_inputs, measure, model, named_inputs

DEADLINE_MS = 5_000.0
DRAWN = 20


def dealt_with(inputs: list[Input], writing_s: float) -> list[Latencies]:
    async def all_of_them() -> list[Latencies]:
        async with model() as url:
            return await measure(inputs, url, writing_s)

    return asyncio.run(all_of_them())


def hold(found: Latencies) -> None:
    assert found.status and max(found.status) < DEADLINE_MS, found.name
    assert found.refused or found.stop, f"{found.name}: the stop was never answered"
    assert max(found.stop, default=0.0) < DEADLINE_MS, found.name


def of_names(*, files: bool, steady: bool) -> list[Input]:
    return [
        one
        for one in named_inputs()
        if (one.files is not dict) is files and (one.answer == "steady") is steady
    ]


@pytest.mark.parametrize("one", of_names(files=True, steady=True), ids=lambda one: one.name)
def test_a_status_and_a_stop_are_answered_in_such_a_folder(one: Input) -> None:
    (found,) = dealt_with([one], 0.1)
    hold(found)


@pytest.mark.parametrize(("steady", "writing_s"), [(True, 0.1), (False, 3.0)])
def test_so_they_are_while_such_a_text_or_answer_is_dealt_with(
    steady: bool, writing_s: float
) -> None:
    for found in dealt_with(of_names(files=False, steady=steady), writing_s):
        hold(found)


def test_so_they_are_whatever_is_drawn() -> None:
    for found in dealt_with(drawn_inputs(9, DRAWN), 0.1):
        hold(found)
