"""Patches as models send them: every fixture, every chunking, every cut; and exact ones."""

import re
from collections.abc import Callable
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lsp_server.edit.patch import PatchReader
from lsp_server.practice.scope_patch import unified_diff
from tests.edit.cases import FIXTURES
from tests.edit.patch.slips import edited as answer_to
from tests.edit.patch.slips import slip
from tests.edit.patch.support import Outcome, PatchCase, load_cases, read, unified

CASES = load_cases()
BY_NAME = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
CUTS = st.lists(st.integers(0, 5000), max_size=10)

PIECES = st.sampled_from(
    (
        *(
            "```",
            "```diff\n",
            "\n```\n",
            "~~~",
            "\n",
            "\n\n",
            "\r",
            "\r\n",
            "    ",
            "\t",
            " ",
            "\0",
        ),
        *(
            "@@ -1,3 +1,3 @@\n",
            "@@ @@\n",
            "@@",
            "--- a\n+++ b\n",
            "--- ",
            "+++ ",
            "diff --git a b\n",
        ),
        *(
            "\n-",
            "\n+",
            "\n ",
            "def f(x):",
            "return x",
            "x = 1",
            "}",
            "{",
            ";",
            "...",
            "# ... same",
        ),
        *("*** Begin Patch\n", "*** End Patch\n", "\\ No newline at end of file", "<think>"),
        *("</think>", "I cannot do that.", "\ud83d", "\ude00", "\ufeff", "é", "-1,", "+9"),
    )
)
TEXTS = st.lists(PIECES, max_size=20).map("".join) | st.text(
    st.characters(exclude_categories=()), max_size=60
)

# Few different lines repeat themselves, as code does; many leave no doubt.
REPEATING = st.lists(st.sampled_from(["}", "", "  x", "  y()", "f {", "-a", "+ b", "@@", "```"]))
DIFFERENT = st.lists(st.from_regex(r"[ \t]{0,4}[a-z\-+@ ]{1,6}", fullmatch=True), max_size=30)


@st.composite
def edited(draw: st.DrawFn, lines: st.SearchStrategy[list[str]]) -> tuple[str, str]:
    """A text and another one after some edits of lines."""
    before = draw(lines)
    after = list(before)
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(after)))
        end = draw(st.integers(start, min(start + 4, len(after))))
        after[start:end] = draw(lines)[:4]
    return "\n".join(before), "\n".join(after)


def chunked(text: str, cuts: list[int]) -> list[str]:
    """`text` cut at the places `cuts`, taken modulo its length."""
    places = sorted({cut % (len(text) + 1) for cut in cuts} | {0, len(text)})
    return [text[a:b] for a, b in pairwise(places)]


# -- what models send ------------------------------------------------------------------------


def test_there_are_cases_and_each_says_what_it_shows() -> None:
    assert len(CASES) >= 60
    for case in CASES:
        assert case.sentence.endswith("."), case.name


@BY_NAME
def test_case(case: PatchCase) -> None:
    outcome = case.read([case.reply])
    assert outcome.text == case.expected
    assert outcome.proven == (case.options.get("proven", "yes") == "yes")
    assert len(outcome.skipped) == int(case.options.get("skipped", 0))
    assert (outcome.refusal is not None) == (case.options.get("refusal", "no") == "yes")


@BY_NAME
def test_case_character_by_character(case: PatchCase) -> None:
    assert case.read(case.reply) == case.read([case.reply])


@BY_NAME
@settings(max_examples=8, deadline=None)
@given(cuts=CUTS)
def test_case_in_any_chunks(case: PatchCase, cuts: list[int]) -> None:
    assert case.read(chunked(case.reply, cuts)) == case.read([case.reply])


@BY_NAME
def test_case_cut_at_every_character(case: PatchCase) -> None:
    at_once = case.read([case.reply], completed=True)
    states = {case.original, at_once.text}
    for end in range(len(case.reply)):
        if end > 1500 and end % 50:
            continue
        cut = case.read([case.reply[:end]], completed=False)
        assert cut.refusal is None
        if cut.proven:
            states.add(cut.text)
        elif "overlaps" not in case.options:
            assert at_once.text.startswith(cut.text)
        # What a cut leaves is the beginning of a text, never of half a hunk.
        assert set(cut.text.split("\n")) <= {line for s in states for line in s.split("\n")} | {""}


@settings(max_examples=400, deadline=None)
@given(
    original=TEXTS,
    before=TEXTS,
    after=TEXTS,
    reply=TEXTS,
    wrapped=st.sampled_from(["{}", "```diff\n{}\n```", "It is:\n```diff\n@@ @@\n{}\n```\nDone."]),
    cuts=CUTS,
    completed=st.booleans(),
)
def test_any_text_in_any_chunks(
    original: str,
    before: str,
    after: str,
    reply: str,
    wrapped: str,
    cuts: list[int],
    completed: bool,
) -> None:
    text = wrapped.replace("{}", reply)

    def outcome(chunks: list[str]) -> Outcome:
        return read(PatchReader(original, before=before, after=after), chunks, completed)

    at_once = outcome([text])
    assert outcome(chunked(text, cuts)) == at_once
    assert outcome(list(text)) == at_once
    assert "\r" not in at_once.text
    if not re.search("[\ud800-\udfff]", original):
        at_once.text.encode()


# -- exact patches ---------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(pair=edited(REPEATING) | edited(DIFFERENT), context=st.integers(0, 4))
def test_a_correct_diff_is_applied_exactly(pair: tuple[str, str], context: int) -> None:
    before, after = pair
    outcome = read(PatchReader(before), [f"````diff\n{unified(before, after, context)}\n````"])
    assert outcome == Outcome(after, True, None, ())


@settings(max_examples=150, deadline=None)
@given(pair=edited(REPEATING) | edited(DIFFERENT))
def test_the_practice_models_diff_is_applied_exactly(pair: tuple[str, str]) -> None:
    before, after = pair
    outcome = read(PatchReader(before), [f"````diff\n{unified_diff(before, after)}\n````"])
    assert outcome == Outcome(after, True, None, ())


SLOPS: dict[str, Callable[[str], str]] = {
    "no numbers": lambda patch: re.sub("(?m)^@@.*$", "@@ @@", patch),
    "wrong counts": lambda patch: re.sub(r"(?m)(?<=,)\d+", "1", patch),
    "names before every hunk": lambda patch: re.sub("(?m)^@@", "--- a\n+++ b\n@@", patch),
    "no blank before context": lambda patch: re.sub("(?m)^ ", "", patch),
    "blank context stripped": lambda patch: re.sub("(?m)[ ]+$", "", patch),
    "trailing white space": lambda patch: re.sub("(?m)^([ -].*)$", r"\1  ", patch),
    "a blank behind the marker": lambda patch: re.sub("(?m)^([ +-])(?=.)", r"\1 ", patch),
    "from column 0": lambda patch: re.sub("(?m)^([ +-])    ", r"\1", patch),
    "tabs": lambda patch: re.sub(
        "(?m)(?<=^[ +-])(    )+", lambda found: "\t" * (len(found[0]) // 4), patch
    ),
    "CRLF": lambda patch: patch.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("slop", SLOPS)
@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(4, 60),
    edits=st.lists(st.tuples(st.integers(0, 59), st.sampled_from("ard")), max_size=6),
)
def test_slips_of_models_do_not_matter_where_lines_are_unique(
    slop: str, count: int, edits: list[tuple[int, str]]
) -> None:
    before = [f"{'    ' * (1 + index % 3)}line {index}" for index in range(count)]
    after = [[line] for line in before]
    for index, kind in edits:
        line = before[index % count]
        new_lines = {"a": [line, f"        new {index}"], "r": [f"    other {index}"], "d": []}
        after[index % count] = new_lines[kind]
    old, new = "\n".join(before), "\n".join(line for lines in after for line in lines)
    outcome = read(PatchReader(old), [f"```diff\n{SLOPS[slop](unified(old, new))}\n```"])
    assert outcome == Outcome(new, True, None, ())


@settings(max_examples=200, deadline=None)
@given(
    count=st.integers(3, 60),
    edits=st.lists(st.tuples(st.integers(0, 59), st.sampled_from("ard")), max_size=6),
    numbers=st.lists(st.integers(0, 999), min_size=4, max_size=4) | st.none(),
    files=st.booleans(),
)
def test_numbers_do_not_matter_where_lines_are_unique(
    count: int, edits: list[tuple[int, str]], numbers: list[int] | None, files: bool
) -> None:
    before = [f"{' ' * (index % 3)}line {index}" for index in range(count)]
    after = [[line] for line in before]
    for index, kind in edits:
        new_lines = {"a": [before[index % count], f"new {index}"], "r": [f"other {index}"], "d": []}
        after[index % count] = new_lines[kind]
    old, new = "\n".join(before), "\n".join(line for lines in after for line in lines)
    header = "@@ @@" if numbers is None else "@@ -{},{} +{},{} @@".format(*numbers)
    patch = re.sub("(?m)^@@.*$", header, unified(old, new))
    if files and patch:
        patch = f"--- a/x\n+++ b/x\n{patch}"
    outcome = read(PatchReader(old), [f"```diff\n{patch}\n```"])
    assert outcome == Outcome(new, True, None, ())


@settings(max_examples=100, deadline=None)
@given(pair=edited(REPEATING), shift=st.integers(-30, 30))
def test_a_hunk_is_never_put_where_its_lines_are_not(pair: tuple[str, str], shift: int) -> None:
    before, after = pair
    patch = re.sub(
        r"(?m)^@@ -(\d+)",
        lambda found: f"@@ -{max(int(found[1]) + shift, 0)}",
        unified(before, after),
    )
    outcome = read(PatchReader(before), [f"````diff\n{patch}\n````"])
    assert outcome.proven
    assert outcome.skipped or len(outcome.text.split("\n")) == len(after.split("\n"))


CODE = [
    path.read_text("utf-8").partition("== document\n")[2].partition("\n== answer")[0].split("\n")
    for path in sorted((FIXTURES / "streams").glob("*.txt"))
]


@settings(max_examples=400, deadline=None)
@given(random=st.randoms(use_true_random=False), size=st.integers(1, 60))
def test_a_careless_patch_of_real_code_does_what_it_says_or_is_reported(
    random: Random, size: int
) -> None:
    code, other = random.choice(CODE), random.choice(CODE)
    at = random.randrange(len(code))
    original = "\n".join(code[at : at + size])
    case = slip(random, original, answer_to(random, original, other))
    assume(case.parts)
    outcome = read(PatchReader(original), [case.reply])
    assert outcome.text in case.possible(len(outcome.skipped)), case.notes
    assert outcome.proven, case.notes
    assert not (case.certain and outcome.skipped), case.notes
    chunks = [case.reply[i : i + 3] for i in range(0, len(case.reply), 3)]
    assert read(PatchReader(original), chunks) == outcome
    assert read(PatchReader(original), case.reply) == outcome


def test_names_of_a_file_are_no_lines_of_a_hunk_whose_counts_are_wrong() -> None:
    hunks = "@@ -1,3 +1,2 @@\n-a\n b\n--- x\n+++ x\n@@ -2,1 +2,2 @@\n b\n+c\n"
    assert read(PatchReader("a\nb"), [f"```diff\n{hunks}```"]) == Outcome("b\nc", True, None, ())
    kept = read(PatchReader("a\nb\n-- x"), [f"```diff\n{hunks}```"])
    assert kept.text == "b\n++ x"


# -- how it streams --------------------------------------------------------------------------


ORIGINAL = "\n".join(f"line {number}" for number in range(1, 10))


def test_a_hunk_comes_with_the_next_header() -> None:
    reader = PatchReader(ORIGINAL)
    assert reader.push("```diff\n@@ -1,3 +1,3 @@\n line 1\n-line 2\n+two\n line 3\n") == ""
    assert reader.push("@@ -8 +8 @@\n") == "line 1\ntwo\nline 3"
    assert reader.push("-line 8\n+eight\n") == ""
    assert reader.push("```\n") == "\nline 4\nline 5\nline 6\nline 7\neight"
    assert not reader.proven
    assert reader.finish(completed=False) == "\nline 9"
    assert reader.proven


def test_context_waits_while_the_next_hunk_may_begin_in_it() -> None:
    for header in ("@@ @@\n", "@@ -3 +3 @@\n", "--- a\n+++ b\n@@ @@\n"):
        reader = PatchReader(ORIGINAL)
        reader.push("@@ -1,4 +1,4 @@\n line 1\n-line 2\n+two\n line 3\n line 4\n")
        assert reader.push(header) == "line 1\ntwo"
        reader.push("-line 3\n+three\n")
        assert reader.finish(completed=True).startswith("\nthree\nline 4\n")


def test_at_a_cut_the_context_of_the_last_hunk_comes_and_nothing_behind_it() -> None:
    reader = PatchReader(ORIGINAL)
    reader.push("@@ @@\n line 1\n-line 2\n+two\n line 3\n line 4\n@@ @@\n-line 7\n")
    assert reader.finish(completed=False) == "\nline 3\nline 4"
    assert not reader.proven


def test_nothing_comes_after_the_end() -> None:
    reader = PatchReader(ORIGINAL)
    reader.finish(completed=True)
    assert reader.push("@@ -1 +1 @@\n-line 1\n+one\n") == reader.finish(completed=True) == ""
    assert not reader.proven


def test_what_is_skipped_is_said_with_its_number_and_line() -> None:
    reader = PatchReader(ORIGINAL)
    outcome = read(reader, ["@@ -1 +1 @@\n-line 1\n+one\n@@ -7,2 +7 @@\n-line seven\n"])
    assert outcome.skipped == (
        "Change 2 of the patch (line 7) was left out: its lines aren't in the code.",
    )
    assert outcome.text == ORIGINAL.replace("line 1", "one")


def test_an_empty_scope_is_filled() -> None:
    for patch in ("@@ -0,0 +1,2 @@\n+a\n+b", "@@ -1 +1,2 @@\n-\n+a\n+b", "@@ @@\n+a\n+b"):
        assert read(PatchReader(""), [f"```diff\n{patch}\n```"]).text == "a\nb"


def test_the_final_line_end_is_the_originals() -> None:
    for end in ("", "\n"):
        outcome = read(PatchReader(f"a\nb{end}"), ["```diff\n@@ -1,2 +1,3 @@\n a\n b\n+c\n```"])
        assert outcome.text == f"a\nb\nc{end}"


def test_a_scope_of_ten_thousand_equal_lines_does_not_hang() -> None:
    original = "\n".join(["x"] * 10_000)
    hunks = "\n".join(
        f"@@ -{start},3 +{start},3 @@\n x\n-x\n+y\n x" for start in range(1, 9000, 100)
    )
    outcome = read(PatchReader(original), [f"```diff\n{hunks}\n```"])
    assert outcome.text.count("y") == 90
    assert not outcome.skipped
