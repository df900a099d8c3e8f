"""How much time checks may take, with a clock and costs that the tests set."""

from lsp_server.session.check_budget import (
    AT_ONCE_MS,
    OWED_MS,
    SAVED_MS,
    SHARE,
    CheckBudget,
    always,
)


class Bill:
    """What the checks have cost so far (ms)."""

    def __init__(self) -> None:
        self.total = 0.0

    def __call__(self) -> float:
        return self.total


def run(cost: float, every: float, until: float) -> tuple[int, float]:
    """With a check wanted each `every` ms: how many were made, and their share of all time."""
    bill = Bill()
    check_budget = CheckBudget(bill)
    made = 0
    for moment in range(int(until / every)):
        if check_budget.may_check(moment * every):
            bill.total += cost
            made += 1
    return made, bill.total / until


def test_quick_checks_are_never_held_back() -> None:
    made, _ = run(cost=0.19, every=1.0, until=20_000)
    assert made == 20_000


def test_slow_checks_get_a_fifth_of_the_time() -> None:
    made, share = run(cost=40.0, every=1.0, until=100_000)
    assert made > 0
    assert share <= SHARE + (SAVED_MS + 40.0) / 100_000


def test_in_one_go_there_is_little_time() -> None:
    bill = Bill()
    check_budget = CheckBudget(bill)
    assert check_budget.may_check(5.0)
    bill.total += AT_ONCE_MS
    assert not check_budget.may_check(5.0)
    assert check_budget.may_check(6.0)


def test_what_had_to_be_is_not_owed_for_long() -> None:
    bill = Bill()
    check_budget = CheckBudget(bill)
    assert check_budget.may_check(1.0)
    bill.total += 60_000.0
    assert not check_budget.may_check(2.0)
    assert not check_budget.may_check(2.0 + OWED_MS / SHARE)
    assert check_budget.may_check(3.0 + OWED_MS / SHARE)


def test_a_clock_that_goes_back_earns_nothing() -> None:
    bill = Bill()
    check_budget = CheckBudget(bill)
    bill.total += SAVED_MS
    assert not check_budget.may_check(0.0)
    assert check_budget.may_check(10.0)
    bill.total += SHARE * 10.0
    assert not check_budget.may_check(5.0)
    assert always()


def test_what_may_be_spent_from_now_on_is_bounded() -> None:
    bill = 100.0
    in_time = CheckBudget(lambda: bill).until(50.0)
    assert in_time()
    bill = 149.0
    assert in_time()
    bill = 150.0
    assert not in_time()
