"""The jobs of a series of instructions."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.practice.plan import Plan, make_plan
from lsp_server.practice.recipe import RecipeName
from lsp_server.practice.rename import Rename

_ABC = frozenset("abc")


def plan(*instructions: str, cut: bool = True, original: str = "tmp x", now: str = "tmp x") -> Plan:
    return make_plan(
        instructions[:-1],
        instructions[-1],
        unfinished=cut,
        original_names=frozenset(original.split()),
        names_now=frozenset(now.split()),
    )


def rename(spellings: str, new: str) -> Rename:
    return Rename(frozenset(spellings.split()), new)


def test_what_was_cut_is_finished_first() -> None:
    made = plan("use guard clauses", "also use f-strings")
    assert made.before == made.unfinished == (RecipeName.GUARD_CLAUSES,)
    assert made.jobs == (RecipeName.STRINGS,)


def test_what_had_ended_is_not_done_again() -> None:
    made = plan("use guard clauses", "also use f-strings", cut=False)
    assert made.unfinished == ()
    assert made.jobs == (RecipeName.STRINGS,)


def test_the_same_again_is_done_again() -> None:
    assert plan("use f-strings", "use f-strings", cut=False).jobs == (RecipeName.STRINGS,)


def test_it_is_what_was_renamed_last() -> None:
    made = plan("rename x to y", "rename tmp to total", "call it amount instead")
    assert made.unfinished == (rename("x y", "y"),)
    assert made.jobs == (rename("tmp total amount", "amount"),)


def test_a_new_name_that_was_there_already_is_not_another_spelling() -> None:
    made = plan("rename tmp to x", "call it amount instead")
    assert made.jobs == (rename("tmp amount", "amount"),)


def test_the_new_name_may_be_renamed_on() -> None:
    made = plan("rename tmp to total", "rename total to amount")
    assert made.jobs == (rename("tmp total amount", "amount"),)


def test_another_thing_of_the_old_name_is_another_thing() -> None:
    made = plan("rename tmp to total", "rename tmp to other", cut=False, now="tmp total")
    assert made.jobs == (rename("tmp other", "other"),)


def test_instead_takes_back() -> None:
    made = plan("use guard clauses", "rename tmp to total", "no, use f-strings")
    assert made.unfinished == (RecipeName.GUARD_CLAUSES,)
    assert made.jobs == (rename("tmp total", "tmp"), RecipeName.STRINGS)


def test_a_denial_takes_out() -> None:
    made = plan("use guard clauses and f-strings", "leave the f-strings")
    assert made.unfinished == (RecipeName.GUARD_CLAUSES,)
    assert made.jobs == ()
    assert made.notes


def test_it_needs_something_before() -> None:
    assert plan("call it amount").jobs == ()
    assert plan("call it amount").notes


_TEXTS = st.sampled_from(
    [
        "rename a to b",
        "rename b to c and c to a",
        "call it c instead",
        "no, call it b",
        "use f-strings instead",
        "don't use f-strings",
        "use guard clauses, rather",
        "rename it to a",
        "make it faster",
    ]
)


@given(st.lists(_TEXTS, min_size=1, max_size=6), st.booleans())
def test_never_raises_and_does_nothing_twice(texts: list[str], cut: bool) -> None:
    made = make_plan(texts[:-1], texts[-1], unfinished=cut, original_names=_ABC, names_now=_ABC)
    jobs = [*made.unfinished, *made.jobs]
    assert len(set(jobs)) == len(jobs)
