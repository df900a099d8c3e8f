"""The quality benchmark runs on any git repository; here on one of three commits."""

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks import quality, rates, slips
from benchmarks.history import Repository, case_of, cases
from benchmarks.judge import Judge
from benchmarks.quality import Fate, fate_of
from benchmarks.stream import Outcome, Setting, reply, stream, tokens
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


def commits(place: Path, *texts: str) -> Path:
    """A repository with one file that each commit gives the next text."""

    def git(*arguments: str) -> None:
        command = ["git", "-C", str(place), "-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run([*command, *arguments], check=True, capture_output=True)

    place.mkdir(exist_ok=True)
    git("init")
    for text in texts:
        (place / "orders.py").write_text(text, encoding="utf-8", newline="\n")
        git("add", "orders.py")
        git("-c", "commit.gpgsign=false", "commit", "-m", "orders")
    return place


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return commits(tmp_path, BEFORE, AFTER, RENAMED)


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
    assert first[0] == second[0]  # The others depend on what checks take.
    assert len(first) == 3
    for figures in first:
        assert figures["cases"] == 2
        assert figures["altered"] == figures["refused"] == figures["unfit"] == 0
        assert figures["exact%"] == figures["parse%"] == figures["outside%"] == 100
        assert 1.0 <= figures["churn"] < 1.5
    assert quality.main([str(checkout), "--languages", "python", "--commits", "1"]) == 0
    assert "python" in capsys.readouterr().out


def test_slow_and_fast_models_stand_beside_another_checkout(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = str(Path(rates.__file__).parents[1])
    assert rates.main([str(checkout), "--rates", "50,1000", "--beside", here]) == 0
    head, _, *rows = capsys.readouterr().out.splitlines()[:6]
    assert head.startswith("2 edits of ")
    names, figures = zip(*((row.split()[:2], row.split()[2:]) for row in rows), strict=True)
    assert list(names) == [[rate, name] for rate in ("50", "1000") for name in ("beside", "here")]
    assert figures[0] == figures[1] and figures[2] == figures[3]
    assert figures[0] != figures[2]
    assert all(row[-2:] == ["100.0", "100.0"] for row in figures)


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


def test_an_answer_that_is_not_shown_is_named_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = AFTER.replace("for order in orders:", "for order in orders")
    unfit = commits(tmp_path / "unfit", BEFORE, broken)
    assert quality.main([str(unfit)]) == 0
    printed = capsys.readouterr().out
    assert printed.count("orders.py: unfit: it has more syntax errors than before") == 1
    assert quality.main([str(unfit), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    figures = found["settings"]["no cap, editor 0 ms"]["total"]
    assert (figures["unfit"], figures["exact%"], figures["edits"]) == (1, 0, 0)
    assert len(found["inexact"]) == 1


def test_what_the_reader_or_the_session_makes_of_an_answer_is_distinguished() -> None:
    known = case_of("edit", python(), BEFORE, AFTER)
    assert known is not None
    judge = Judge(python(), BEFORE, known.scope)
    for outcome, fate in [
        (Outcome(states=[AFTER]), Fate.EXACT),
        (Outcome(states=[BEFORE], read="pass"), Fate.ALTERED),
        (Outcome(states=[BEFORE], read=known.answer), Fate.ALTERED),
        (Outcome(states=[BEFORE], read=known.answer, message="Held."), Fate.REFUSED),
    ]:
        assert fate_of(known, outcome, judge)[0] is fate
    ends = Outcome(states=[AFTER.replace("\n", "\r\n")], read=known.answer)
    assert "line ends" in (fate_of(known, ends, judge)[1] or "")


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


def test_slips_are_counted_and_none_of_these_is_shown(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert slips.main([str(checkout), "--slips", "100", "--tell"]) == 0
    row = capsys.readouterr().out.splitlines()[-1].split("|")
    assert row[1].strip() == "all"
    assert int(row[2]) > 5
    assert int(row[3]) == 0
