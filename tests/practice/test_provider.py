"""The stream: its tokens and its pace, with a clock that the test moves."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.gateway.request_protocol import ResponseCreate
from lsp_server.practice import PracticeProvider, answer
from lsp_server.practice.provider import rate_of, tokens_of
from lsp_server.prompt.compose import PromptPlace, compose
from lsp_server.session.request import EditRequest
from lsp_server.text.span import Span

_SCOPE = "\n".join(f"def function_{n}(tmp):\n    return tmp * {n}" for n in range(100))
_INPUT = compose(
    EditRequest("rename tmp to total", _SCOPE, _SCOPE, "practice"),
    PromptPlace("a.py", "python", _SCOPE, Span(0, len(_SCOPE))),
    32_000,
).input


class Clock:
    """Time that passes only while somebody sleeps, a little longer than asked for."""

    def __init__(self, late: float) -> None:
        self.now = 100.0
        self.late = late
        self.sleeps: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds + self.late


def run(model: str, clock: Clock) -> list[tuple[float, str]]:
    create = ResponseCreate(model=model, instructions="", input=_INPUT)

    async def collect() -> list[tuple[float, str]]:
        provider = PracticeProvider(clock=clock, sleep=clock.sleep)
        return [(clock.now, token) async for token in provider.stream(create)]

    return asyncio.run(collect())


@pytest.mark.parametrize("late", [0.0, 0.001, 0.015])
@pytest.mark.parametrize(("model", "rate"), [("practice", 1000), ("practice@250", 250)])
def test_the_average_rate_is_the_set_one(model: str, rate: float, late: float) -> None:
    clock = Clock(late)
    tokens = run(model, clock)
    seconds = tokens[-1][0] - tokens[0][0]
    assert 0.95 * rate <= len(tokens) / seconds <= 1.05 * rate
    assert tokens[0][0] == 100.0
    assert min(clock.sleeps) >= 0.002


def test_arrears_come_in_bounded_bursts() -> None:
    clock = Clock(late=0.5)
    moments = [moment for moment, _ in run("practice", clock)]
    assert max(moments.count(moment) for moment in set(moments)) <= 50


def test_the_tokens_are_the_answer() -> None:
    tokens = run("practice", Clock(0))
    assert "".join(token for _, token in tokens) == answer(_INPUT)


@pytest.mark.parametrize(
    ("model", "rate"),
    [("practice", 7.0), ("practice@250", 250.0), ("x@2.5", 2.5), ("x@0", 7.0), ("x@fast", 7.0)],
)
def test_the_rate_may_stand_in_the_name(model: str, rate: float) -> None:
    assert rate_of(model, 7.0) == rate


@given(st.text())
def test_tokens_are_the_text(text: str) -> None:
    assert "".join(tokens_of(text)) == text
    assert all(len(token) > 0 for token in tokens_of(text))


def test_a_token_is_about_three_and_a_half_code_points() -> None:
    text = answer(_INPUT)
    assert 2.5 <= len(text) / len(tokens_of(text)) <= 4.5
