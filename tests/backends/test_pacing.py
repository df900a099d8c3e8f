"""Growing delays, and the brake for many cuts in a row."""

from lsp_server.backends.pacing import Backoff, Brake


def test_delays_double_up_to_a_minute_and_are_jittered() -> None:
    shortest, longest = Backoff(lambda: 0.0), Backoff(lambda: 1.0)
    low = [shortest.failed() for _ in range(12)]
    high = [longest.failed() for _ in range(12)]
    assert high[:4] == [0.25, 0.5, 1.0, 2.0]
    assert low == [delay / 2 for delay in high]
    assert high[-1] == 60.0


def test_success_starts_again_with_the_shortest_delay() -> None:
    backoff = Backoff(lambda: 1.0)
    backoff.failed()
    backoff.failed()
    backoff.succeeded()
    assert backoff.failed() == 0.25


def test_what_the_server_asks_for_is_not_undercut() -> None:
    backoff = Backoff(lambda: 1.0)
    assert backoff.failed(asked_s=7.0) == 7.0
    assert backoff.failed(asked_s=0.01) == 0.5


def test_failures_without_end_do_not_overflow() -> None:
    backoff = Backoff(lambda: 1.0)
    backoff.failures = 10**6
    assert backoff.failed() == 60.0


def test_the_brake_lets_a_few_through_and_then_some_each_second() -> None:
    brake = Brake()
    for _ in range(2):
        brake.charge(5.0)
        assert brake.delay(5.0) == 0.0
    for _ in range(20):
        brake.charge(5.0)
    assert brake.delay(5.0) == 0.1
    assert brake.delay(5.1) < 1e-9
    assert brake.delay(100.0) == 0.0
