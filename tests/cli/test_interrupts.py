"""Ctrl-C as an event: none is lost, and none arrives where it must not."""

import signal

import pytest

from lsp_server.cli.interrupts import Interrupts


def test_one_that_comes_early_waits_for_the_handler() -> None:
    came: list[int] = []
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        interrupts.handle(lambda: came.append(1))
        assert came == [1]
        signal.raise_signal(signal.SIGINT)
        assert came == [1, 1]


def test_one_that_was_held_ends_the_next_question() -> None:
    with Interrupts() as interrupts:
        interrupts.hold()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt), interrupts.raising():
            pytest.fail("The question was asked.")


def test_a_question_can_be_interrupted_and_what_follows_cannot() -> None:
    with Interrupts() as interrupts:
        with pytest.raises(KeyboardInterrupt), interrupts.raising():
            signal.raise_signal(signal.SIGINT)
        interrupts.ignore()
        signal.raise_signal(signal.SIGINT)
        with interrupts.raising():
            pass


def test_afterwards_all_is_as_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_parent_that_switched_it_off_is_obeyed() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts, interrupts.raising():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
