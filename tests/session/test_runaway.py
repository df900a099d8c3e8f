"""When an answer has run away, and when it only looks as if it had."""

import json

import pytest

from lsp_server.choices import Publish
from lsp_server.session.attempt import Attempt
from lsp_server.session.events import Moment
from lsp_server.session.request import EditRequest, Form
from lsp_server.session.runaway import Excess, Runaway, longest_cycle, most_for, most_tokens_for


def watch(scope: str, instruction: str = "do it") -> Runaway:
    return Runaway(EditRequest(instruction, scope, scope, "practice"))


def verdict(answer: str, scope: str = "x = 1\n", instruction: str = "do it") -> Excess | None:
    whole, small = watch(scope, instruction), watch(scope, instruction)
    whole.push(answer)
    for character in answer:
        small.push(character)
    assert whole.excess == small.excess
    return whole.excess


@pytest.mark.parametrize("cycle", [1, 2, 3, 7, 12])
def test_lines_in_a_cycle_are_a_runaway_whatever_stood_before(cycle: int) -> None:
    lines = [f"    call({number})\n" for number in range(cycle)]
    answer = "```\ndef f():\n" + "".join(lines) * (100 // cycle + 6)
    assert verdict(answer, "y" * 5_000) is Excess.REPEATS


def test_blank_lines_without_end_are_a_runaway() -> None:
    assert verdict("```\nx = 1\n" + "\n" * 200) is Excess.REPEATS


def test_a_line_that_repeats_itself_without_end_is_a_runaway() -> None:
    assert verdict("x = [" + "1, 0, " * 900) is Excess.REPEATS


def test_distinct_values_in_the_same_form_are_data() -> None:
    rows = [{"id": number, "name": f"n{number}", "on": True} for number in range(60)]
    assert verdict(json.dumps(rows, indent=2), "y" * 5_000) is None


def test_what_the_scope_holds_as_often_is_no_runaway() -> None:
    scope = "table = [\n" + "    0,\n" * 300 + "]\n"
    assert verdict(scope + "    0,\n" * 100, scope) is None
    assert verdict(scope + "    0,\n" * 700, scope) is Excess.REPEATS


@pytest.mark.parametrize(
    ("instruction", "excess"), [("add 120 zeros", None), ("v1.120", Excess.REPEATS)]
)
def test_what_the_instruction_counts_is_no_runaway(instruction: str, excess: Excess | None) -> None:
    assert verdict("    0,\n" * 130, instruction=instruction) is excess


def test_the_length_goes_by_the_scope_and_thoughts_are_not_counted() -> None:
    scope = "".join(f"a{number}\n" for number in range(400))
    most = most_for(scope, "do it")
    assert most_for("x", "do it") < most
    answer = "".join(f"b{number}\n" for number in range(most))
    watched = watch(scope)
    watched.push("".join(f"{name}\n" for name in NAMES) * 80, thinks=True)
    assert watched.excess is None
    watched.push(answer[:8_000])
    assert watched.excess is None
    watched.push(answer[8_000:most])
    assert watched.excess is Excess.LENGTH


NAMES = [f"{a}{b}{c}" for a in "abcdefgh" for b in "aeiou" for c in "klmnpr"]


@pytest.mark.parametrize("scope", ["", "def f():\n    pass\n", "<!-- here -->\n"])
def test_an_answer_that_says_new_things_may_be_long_whatever_little_stands_there(
    scope: str,
) -> None:
    tests = [f"def test_{n}() -> None:\n    assert cart.{n}() == '{n}'\n\n" for n in NAMES]
    assert verdict("".join(tests), scope, "write the tests") is None
    counted = "".join(f"def test_{n}() -> None:\n    assert cart.m({n})\n\n" for n in range(600))
    assert verdict(counted, scope, "write the tests") is Excess.LENGTH


def test_each_placeholder_allows_more_lines() -> None:
    scope = "".join(f"def f{n}():\n    raise NotImplementedError\n\n" for n in range(9))
    body = "".join(f"    x{n} = g{n}(1)\n    if x{n} is None:\n        return\n" for n in range(20))
    answer = "".join(f"def f{n}():\n{body}\n" for n in range(9))
    assert len(answer) > 8_000
    assert verdict(answer, scope, "implement all of these") is None


@pytest.mark.parametrize(
    ("instruction", "row", "times"),
    [
        ("fill it with zeros", "    [" + "0, " * 32 + "],\n", 32),
        ("draw an empty room", "#" + " " * 60 + "#\n", 50),
        ("a table with a dozen empty rows", "<tr>\n" + "<td></td>\n" * 5 + "</tr>\n", 12),
        ("a 64x64 matrix of zeros", "[0, 0],\n", 120),
        ("1000 empty records", "  {},\n", 1000),
    ],
)
def test_rows_alike_that_were_asked_for_are_no_runaway(
    instruction: str, row: str, times: int
) -> None:
    assert verdict("```\n" + row * times, instruction=instruction) is None
    assert verdict("```\n" + row * 3000, instruction=instruction) is Excess.REPEATS


def test_a_sentence_over_and_over_in_one_line_is_a_runaway() -> None:
    words = "It takes what it is given, then adds all of it up, and gives the sum of it back. "
    assert verdict("# " + (words + words.lower()[::-1]) * 40) is Excess.REPEATS


def test_thoughts_that_count_how_often_they_come_are_the_same_thoughts() -> None:
    thoughts = "".join(f"Wait, let me check this again, try {n}.\n\n" for n in range(120))
    watched = watch("x = 1\n")
    watched.push(thoughts, thinks=True)
    assert watched.excess is Excess.REPEATS
    watched = watch("x = 1\n")
    watched.push("".join(f"{n}. Then {n} comes\n" for n in range(120)))
    assert watched.excess is None


def test_a_long_text_without_code_is_a_runaway_by_the_scope_s_size() -> None:
    for scope in ("x = 1", "y" * 10_000):
        watched = watch(scope)
        watched.check_prose(2 * len(scope) + 3_000)
        assert watched.excess is None
        watched.check_prose(2 * len(scope) + 3_003)
        assert watched.excess is Excess.WORDS


def test_the_longest_cycle_of_a_text() -> None:
    assert longest_cycle("a\nb\na\nb\na\nc\n", 2) == 5
    assert longest_cycle("a\nb\nc\n", 1) == 0


@pytest.mark.parametrize(
    "scope", ["", "x = 1\n", "y" * 50_000, "\u03c8" * 9_000, "\U0001f600" * 9_000]
)
def test_the_limit_in_tokens_holds_the_scope_even_where_each_byte_is_one(scope: str) -> None:
    most = most_tokens_for(EditRequest("do it", scope, scope, "practice"))
    assert 2_000 + len(scope.encode()) <= most <= 8_100 + 2 * len(scope.encode())


def test_the_profile_s_own_limit_takes_the_place_of_the_scope_s() -> None:
    watched = watch("x = 1\n")
    watched.allow(32_000)
    watched.push("".join(f"a{number}\n" for number in range(20_000)))
    assert watched.excess is None
    watched.push("".join(f"b{number}\n" for number in range(30_000)))
    assert watched.excess is Excess.LENGTH


def test_a_paragraph_over_and_over_is_a_runaway_long_before_it_is_many_lines() -> None:
    paragraph = "It takes what it is given, adds all of it up and gives the sum of it back. " * 4
    answer = f"```\nx = 1\n```\n\n{paragraph}\n\n"
    assert verdict(answer + f"{paragraph}\n\n" * 6) is Excess.REPEATS
    assert verdict(answer + f"{paragraph}\n\n" * 3) is None
    assert verdict(answer + f"{paragraph}\n\n" * 6, scope=f"{paragraph}\n\n" * 6) is None


def test_a_long_text_behind_code_that_changes_nothing_is_a_runaway() -> None:
    scope = "def f(x):\n    return x\n"
    request = EditRequest("explain it", scope, scope, "practice")
    attempt = Attempt(1, request, Publish.SYNTAX, Moment(0.0))
    attempt.push(f"```python\n{scope}```\n\n", 0.0, None)
    for number in range(40):
        attempt.push(f"It returns its argument, and here is remark {number} of many.\n", 1.0, None)
    assert attempt.excess is None
    for number in range(40):
        attempt.push(f"It returns its argument, and there is remark {number} as well.\n", 2.0, None)
    assert attempt.excess is Excess.TALK


DIFF = "```diff\n@@ -1,2 +1,2 @@\n def f(x):\n-    return x\n+    return x + 1\n```\n"
CODE = "```python\ndef f(x):\n    return x + 1\n```\n"


@pytest.mark.parametrize(
    ("form", "code"), [(Form.PATCH, DIFF), (Form.DEFINITIONS, CODE), (Form.REWRITE, CODE)]
)
@pytest.mark.parametrize("before", ["", "code"])
def test_endless_talk_is_a_runaway_in_every_form(form: Form, code: str, before: str) -> None:
    scope = "def f(x):\n    return x\n" + ("y = 1\n" * 400 if form is not Form.REWRITE else "")
    request = EditRequest("do it", scope, scope, "practice", form=form)
    attempt = Attempt(1, request, Publish.SYNTAX, Moment(0.0))
    attempt.push(code if before else "", 0.0, None)
    for number in range(20):
        attempt.push(
            f"Here is thought {number}, which says {NAMES[number]} at length.\n", 1.0, None
        )
    assert attempt.excess is None
    for number in range(100):
        attempt.push(f"And here is what {NAMES[number]} may mean by all of that.\n", 1.0, None)
    assert attempt.spent or attempt.excess is (Excess.TALK if before else Excess.WORDS)
