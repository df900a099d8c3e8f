"""Holds `benchmarks/real_model` to its word: each check tells right from wrong, and is bounded."""

import asyncio
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from benchmarks.real_model.arms import ARMS, Unreadable
from benchmarks.real_model.engine import MODELS
from benchmarks.real_model.grade import Grade, grade, lacking, lines_that_stand
from benchmarks.real_model.offline import read_reply
from benchmarks.real_model.product import EditResult
from benchmarks.real_model.relay import Exchange, Reading
from benchmarks.real_model.run import bench
from benchmarks.real_model.scaffold import errors, leaked, soundness
from benchmarks.real_model.sight import declared
from benchmarks.real_model.tasks import (
    FOLDER,
    Kind,
    Malformed,
    Task,
    apply,
    draw,
    expand,
    read_tasks,
)

_TASKS = read_tasks()
# A language is checked where its compiler is. The first is always there: it is this process's own.
_HERE = [task for task in _TASKS if not lacking(task.language)]
_ONE_EACH = list({task.language: task for task in reversed(_HERE)}.values())

# A tag of one of these prompts, or a fence; none of the files has either.
_PROMPT_LINES = re.compile(r"\s*(</?[a-z]+-[0-9a-f]{8}>|(`{3,}|~{3,})\w*)\s*")

Row = dict[str, Any]


def _rows(file: Path) -> list[Row]:
    return [orjson.loads(line) for line in file.read_text("utf-8").splitlines()]


def _named(name: str) -> Task:
    return next(task for task in _TASKS if task.name == name)


@pytest.mark.parametrize("task", _ONE_EACH, ids=lambda task: task.name)
def test_right_solutions_pass_and_wrong_ones_do_not(task: Task) -> None:
    """One task of each language; `python -m benchmarks.real_model --check-tasks` does all."""
    assert grade(task, task.right[0].text) == Grade(True, 0, 0, "")
    given = grade(task, task.wrong[-1].text)
    assert not given.passed
    assert given.why


def test_there_are_enough_of_each_kind() -> None:
    kinds = Counter(task.kind for task in _TASKS)
    assert kinds[Kind.EVERYDAY] >= 64
    assert kinds[Kind.REDIRECT] >= 20
    assert kinds[Kind.LARGE] >= 10
    assert len({task.language for task in _TASKS}) >= 16
    assert all(len(task.wrong) >= 2 for task in _TASKS)


def test_large_scopes_are_large() -> None:
    for task in _TASKS:
        selected = task.text[task.start : task.end].count("\n") + 1
        assert (250 <= selected <= 400) == (task.kind is Kind.LARGE), task.name


def test_an_instruction_changes_something_and_leaves_something() -> None:
    for task in _TASKS:
        assert all(right.text != task.text for right in task.right), task.name
        assert lines_that_stand(task), task.name


def test_right_solutions_change_the_scope_or_add_imports() -> None:
    """What stands behind the scope stays in all of them."""
    for task in _TASKS:
        tail = task.text[task.end :]
        if task.start == task.end:  # A cursor: the scope is what it stands in.
            continue
        for right in task.right:
            assert right.text.endswith(tail), f"{task.name}, {right.title}"


# -- grading -----------------------------------------------------------------------------------


def test_lost_lines_and_needless_characters_are_counted() -> None:
    task = _named("cart.py: f-string")
    right = task.right[0].text
    without = right.replace("# Rabatt nur, wenn er positiv ist\n    ", "")
    assert grade(task, without) == Grade(
        True, 1, len("# Rabatt nur, wenn er positiv ist\n    "), ""
    )
    assert grade(task, right + "# the end\n") == Grade(True, 0, len("# the end\n"), "")


def test_the_nearest_right_solution_is_what_excess_is_measured_by() -> None:
    task = _named("paging.py: async")
    for right in task.right:
        assert grade(task, right.text).excess == 0


@pytest.mark.parametrize(
    "code",
    [
        "import os; os._exit(0)",
        "import sys; sys.exit(0)",
        "raise SystemExit",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "print('\\n' * 10**6)",
        "bytearray(8 << 30)",
        "open('big', 'wb').write(bytes(1 << 20) * 200)",
    ],
)
def test_code_that_ends_early_or_never_does_not_pass(code: str) -> None:
    task = _named("cart.py: rename")
    wrong = next(s for s in task.right).text + f"\n\n{code}\n"
    if "print" in code:  # Noise is no fault.
        assert grade(task, wrong).passed
    else:
        assert not grade(task, wrong).passed


def test_what_a_result_starts_ends_with_it(tmp_path: Path) -> None:
    late = tmp_path / "late"
    child = f"import time; time.sleep(1); open({str(late)!r}, 'w')"
    task = _named("cart.py: rename")
    started = (
        "import subprocess\n"
        f"subprocess.Popen([{sys.executable!r}, '-c', {child!r}], stdout=-3, stderr=-3)\n"
    )
    assert grade(replace(task, run=started), task.right[0].text).passed
    waited = replace(task, run="import time; time.sleep(2)")
    assert grade(waited, task.right[0].text).passed
    assert not late.exists()


def test_a_check_knows_nothing_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "secret")
    task = _named("cart.py: rename")
    nosy = replace(task, run="import os\nassert 'SOME_API_KEY' not in os.environ")
    assert grade(nosy, task.right[0].text).passed


# -- the format --------------------------------------------------------------------------------


def test_hunks_name_whole_lines_that_stand_once() -> None:
    assert apply("a\nb\nc\n", " a\n-b\n+x\n@@\n-c\n") == "a\nx\n"
    with pytest.raises(Malformed, match="stands 2 times"):
        apply("a\na\n", "-a\n+b\n")
    with pytest.raises(Malformed, match="stands 0 times"):
        apply("ab\n", "-a\n+b\n")
    with pytest.raises(Malformed, match="begin with"):
        apply("a\n", "a\n")


def test_recipes_write_their_lines_for_each_pair() -> None:
    assert expand("x\n%for a, b: 1, 2; 3, 4\n@a@+@b@\n%end\ny\n") == "x\n1+2\n3+4\ny\n"


def test_selections_begin_and_end_at_lines() -> None:
    for task in _TASKS:
        before, after = task.text[: task.start], task.text[task.end :]
        assert after.startswith("\n"), task.name
        if task.start < task.end:
            assert not before.rpartition("\n")[2].strip(), task.name


def test_a_task_without_a_reference_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "a.py.tasks").write_text("##### one\nwish: two\ncursor: x\n")
    with pytest.raises(Malformed, match="no reference"):
        read_tasks(tmp_path)
    (tmp_path / "a.py.tasks").write_text("##### one\nwish: two\ncursor: y\n=== reference\n-x = 1\n")
    with pytest.raises(Malformed, match="no line begins with"):
        read_tasks(tmp_path)


# -- what is measured beside ---------------------------------------------------------------------


def test_lines_of_a_prompt_in_a_result_are_leaks_and_lines_of_the_file_are_none() -> None:
    task = _named("cart.py: rename")
    right = task.right[0].text
    asked = {"messages": [{"content": f"Selected code:\n```python\n{task.text}\n```\nrename"}]}
    assert leaked(task, right, [asked]) == []
    assert leaked(task, right + "Selected code:\n", [asked]) == ["Selected code:"]
    assert leaked(task, right + "```\n", [asked]) == ["```"]


@pytest.mark.parametrize("name", ["plain", "zed", "continue"])
def test_a_fenced_answer_takes_the_place_of_the_scope(name: str) -> None:
    task = _named("cart.py: rename")
    new = task.right[0].text[task.start : len(task.right[0].text) - len(task.text[task.end :])]
    assert ARMS[name].read(task, f"```python\n{new}\n```") == task.right[0].text


def test_blocks_to_search_and_replace_find_their_lines() -> None:
    task = _named("cart.py: rename")
    line = task.text[task.start : task.end].splitlines()[0]
    reply = f"cart.py\n```\n<<<<<<< SEARCH\n{line}\n=======\n# new\n>>>>>>> REPLACE\n```\n"
    wanted = task.text.replace(f"{line}\n", "# new\n", 1)
    assert ARMS["aider-diff"].read(task, reply) == wanted
    with pytest.raises(Unreadable):
        ARMS["aider-diff"].read(task, "I would rather not.")


def test_a_larger_draw_holds_a_smaller_one() -> None:
    few, more = draw(_TASKS, 10), draw(_TASKS, 20)
    assert few == more[:10]
    assert len({task.language for task in few}) == 10


# -- what a real model said ------------------------------------------------------------------------

_REPLIES = FOLDER / "replies"
_EVERYDAY = _rows(_REPLIES / "everyday.jsonl")
_PROMPTS = _rows(_REPLIES / "prompts.jsonl")


@pytest.mark.parametrize("row", _EVERYDAY, ids=lambda row: row["task"])
def test_a_kept_reply_to_a_task_becomes_what_it_says(row: Row) -> None:
    task = _named(row["task"])
    read = read_reply(
        task.text, task.start, task.end, task.language, task.instruction, row["reply"]
    )
    result = EditResult(read.text, sentences=[read.sentence] if read.sentence else [])
    sound = soundness(task, result)
    assert (sound["parses"], sound["outside"], sound["silent"]) == (True, True, False)
    assert leaked(task, read.text, []) == []
    if "scope" in row:  # Graded when it was kept: the task's check passed.
        assert read.text == task.text[: task.start] + row["scope"] + task.text[task.end :]


@pytest.mark.parametrize("row", _PROMPTS, ids=lambda row: f"{row['task']}, {row['prompt']}")
def test_whatever_a_prompt_leads_to_the_file_stays_sound(row: Row) -> None:
    """Six prompts, tags among them that the model repeats: none of them gets into the file."""
    text, start, end, language = (row[name] for name in ("text", "start", "end", "language"))
    read = read_reply(text, start, end, language, row["instruction"], row["reply"])
    assert read.text.startswith(text[:start])
    assert read.text.endswith(text[end:])
    assert errors(read.text, language) <= errors(text, language)
    new = set(read.text.splitlines()) - set(text.splitlines())
    assert [line for line in new if _PROMPT_LINES.fullmatch(line)] == []
    assert declared(text, language) <= declared(read.text, language), "None asks for less."
    if row["prompt"] == "file first":  # One clean block.
        block = row["reply"].strip().partition("\n")[2].rpartition("\n")[0].strip("\n")
        assert block.lstrip() in read.text


def test_a_kept_reply_goes_through_the_server_again() -> None:
    """The whole way without a model: the server over its protocol, the gateway, a relay."""
    row = next(row for row in _EVERYDAY if row["task"] == "paging.py: comprehension")
    task = _named(row["task"])

    async def again() -> tuple[Row, list[str]]:
        async with bench(MODELS["qwen"], replaying=True) as running:
            running.relay.kept[:] = [{"reply": row["reply"], "finish": "stop"}]
            line = await running.one("everyday", "product", task)
            return line, [exchange.reply for exchange in running.relay.exchanges]

    line, replies = asyncio.run(again())
    assert (line["passed"], line["ended"], line["leaked"]) == (True, "done", []), line
    assert replies == [row["reply"]]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_an_answer_is_read_however_it_is_cut(chunked: bool, size: int) -> None:
    said: list[Row] = [{"choices": [{"delta": {"content": text}}]} for text in ("Zähl", "en")]
    timings = {"prompt_n": 3, "cache_n": 4, "predicted_n": 2}
    said.append({"choices": [{"delta": {}, "finish_reason": "stop"}], "timings": timings})
    events = [b"data: " + orjson.dumps(event) + b"\n\n" for event in said]
    head = b"HTTP/1.1 200 OK\r\n"
    if chunked:
        head += b"Transfer-Encoding: chunked\r\n"
        events = [b"%x\r\n%b\r\n" % (len(event), event) for event in events]
    raw = head + b"\r\n" + b"".join(events)
    exchange = Exchange({})
    reading = Reading(exchange)
    for at in range(0, len(raw), size):
        reading.feed(raw[at : at + size])
    assert (exchange.reply, exchange.finish) == ("Zählen", "stop")
    assert (exchange.sent, exchange.uncached, exchange.got) == (7, 3, 2)
