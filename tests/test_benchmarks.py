"""The quality benchmark runs on any git repository; here on one of three commits."""

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks import quality
from benchmarks.history import Repository, case_of, cases
from benchmarks.judge import Judge
from benchmarks.stream import Setting, reply, stream, tokens
from lsp_server.syntax.languages import Language, language_for
from lsp_server.text.span import Span

BEFORE = """\
def total(orders):
    result = 0
    for order in orders:
        result = result + order.price
    return result


def label(order):
    return order.name
"""
AFTER = BEFORE.replace("result + order.price", "result + order.price * order.count")
RENAMED = AFTER.replace("def label(order):\n", "def label(order):\n    # As it is printed.\n")


def python() -> Language:
    found = language_for("python")
    assert found is not None
    return found


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    def git(*arguments: str) -> None:
        command = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run([*command, *arguments], check=True, capture_output=True)

    git("init")
    for text in (BEFORE, AFTER, RENAMED):
        (tmp_path / "orders.py").write_text(text, encoding="utf-8", newline="\n")
        git("add", "orders.py")
        git("-c", "commit.gpgsign=false", "commit", "-m", "orders")
    return tmp_path


def test_the_table_is_printed_and_says_the_same_each_time(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = []
    for place in (checkout, checkout / ".git"):
        assert quality.main([str(place), "--json"]) == 0
        records.append(json.loads(capsys.readouterr().out)["settings"])
    costs = {"µs/line", "gate50", "gate95"}
    first, second = (
        [
            {name: value for name, value in figures["total"].items() if name not in costs}
            for figures in record.values()
        ]
        for record in records
    )
    assert first == second
    assert len(first) == 3
    for figures in first:
        assert (figures["cases"], figures["refused"], figures["unfit"]) == (2, 0, 0)
        assert figures["exact%"] == figures["parse%"] == figures["outside%"] == 100
        assert 1.0 <= figures["churn"] < 1.5
    assert quality.main([str(checkout), "--languages", "python", "--commits", "1"]) == 0
    assert "python" in capsys.readouterr().out


def test_a_place_without_commits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no commit"):
        Repository(tmp_path)


def test_a_case_is_the_smallest_scope_that_holds_the_change(checkout: Path) -> None:
    with Repository(checkout) as repository:
        found = sorted(cases(repository, 9, frozenset(), 1), key=lambda case: case.scope)
        assert list(cases(repository, 9, frozenset({"go"}), 1)) == []
        assert repository.text("0" * 40) is None
    assert [case.original for case in found] == [
        BEFORE[: BEFORE.index("\n\n\n")],
        AFTER.rstrip(),  # The function alone has two lines: too few to stream.
    ]
    assert {case.document for case in found} == {BEFORE, AFTER}
    assert case_of("nothing", python(), BEFORE, BEFORE) is None


def test_a_stream_ends_as_the_answer(checkout: Path) -> None:
    with Repository(checkout) as repository:
        (case,) = [c for c in cases(repository, 9, frozenset(), 1) if c.document == BEFORE]
    assert "".join(tokens(reply(case))) == reply(case)
    for setting in (Setting(1000, 0, float("inf")), Setting(100, 20, 25)):
        assert stream(case, setting).states[-1] == AFTER


def test_the_judge_sees_errors_and_what_moves_outside() -> None:
    scope = Span(0, BEFORE.index("\n\n\n"))
    judge = Judge(python(), BEFORE, scope)
    rest = BEFORE[scope.end :]
    assert judge.verdict(f"def total(orders):\n    return 0{rest}") == (True, True)
    assert judge.verdict(f"def total(orders:\n    return 0{rest}")[0] is False
    assert judge.verdict(f"@cached{rest}") == (True, False)


def judged(language: str, head: str, scope: str, tail: str, answer: str) -> bool:
    """Whether the judge finds everything outside as it was when `answer` has replaced `scope`."""
    known = language_for(language)
    assert known is not None
    judge = Judge(known, head + scope + tail, Span(len(head), len(head) + len(scope)))
    return judge.verdict(head + answer + tail)[1]


@pytest.mark.parametrize(
    ("language", "head", "scope", "tail", "answer"),
    [
        # The function that the scope was the body of ends, and one more begins.
        (
            "rust",
            "impl Till {\n    fn sum(&self) ",
            "{ 1 }",
            "\n\n    fn age(&self) {}\n}\n",
            "{ 2 }\n\n    fn least(&self) { 3 }",
        ),
        # Ruby's body of a class begins behind the comments.
        (
            "ruby",
            "class Till\n  # Counts.\n  ",
            "def sum\n  end",
            "\n\n  private\n\n  def age\n  end\nend\n",
            "# Adds.\n  def sum\n  end",
        ),
        # A heading makes new sections of what follows.
        (
            "markdown",
            "# Till\n\nIt counts.\n\n",
            "It adds.",
            "\n\n## Age\n\nOld.\n",
            "It adds.\n\n# Sum\n\nMore.",
        ),
        # The line end behind it belongs to whatever comes last in the scope.
        ("markdown", "# Till\n\n", "It adds.", "\n\nOld.\n", "- It adds."),
        # YAML gives a comment to the key before it.
        ("yaml", "till:\n  - 1\n\n", "age: 2", "\nsum: 3\n", "# In years.\nage: 2"),
    ],
)
def test_the_judge_lets_an_answer_rearrange_its_own_scope(
    language: str, head: str, scope: str, tail: str, answer: str
) -> None:
    assert judged(language, head, scope, tail, answer)


@pytest.mark.parametrize(
    ("language", "head", "scope", "tail", "answer"),
    [
        (
            "rust",
            "impl Till {\n    fn sum(&self) ",
            "{ 1 }",
            "\n\n    fn age(&self) {}\n}\n",
            "{ 2 }\n}\n\nimpl Other {\n    fn least(&self) {}",
        ),
        ("javascript", "if (open) { count(); }\n", "add();", "\nclose();\n", "else { add(); }"),
        ("yaml", "till:\n  - 1\n\n", "age: 2", "\nsum: 3\n", "  - 2\nage: 2"),
        (
            "ruby",
            "class Till\n  ",
            "def sum\n  end",
            "\n\n  def age\n  end\nend\n",
            "def sum\n  end\nend\nclass Other",
        ),
        ("markdown", "# Till\n\n", "It adds.", "\n\nOld.\n\n```\nx\n```\n", "```\nIt adds."),
    ],
)
def test_the_judge_sees_what_an_answer_takes_from_its_surroundings(
    language: str, head: str, scope: str, tail: str, answer: str
) -> None:
    assert not judged(language, head, scope, tail, answer)
