"""Where hunks belong."""

from lsp_server.edit.patch.hunk_columns import ColumnRule
from lsp_server.edit.patch.hunk_locator import HunkLocator, Misfit, Spot
from lsp_server.edit.patch.patch_hunk import PatchHunk, read_header, read_line
from lsp_server.edit.reply.reply_context import ReplyContext

LOCATOR = HunkLocator(ReplyContext.of("a\nb\nc\na\nb\nd\n\ne", "x\n", "\ny\nz", ""))
# One line is above the scope, so line 1 of the scope has index 1.


def hunk(text: str) -> PatchHunk:
    header, *lines = text.split("\n")
    found = read_header(header)
    assert found is not None
    return PatchHunk(found, tuple(line for raw in lines if (line := read_line(raw)) is not None))


def find(text: str, floor: int = 1, drift: int | None = None) -> Spot | Misfit:
    return LOCATOR.find(hunk(text), floor, [], drift)


def test_the_only_place() -> None:
    assert find("@@ -99 @@\n b\n-c") == Spot(2)


def test_the_number_decides_between_equals_if_it_is_near() -> None:
    assert find("@@ -1 @@\n-a\n b") == Spot(1)
    assert find("@@ -5 @@\n-a\n b") == Spot(4)
    assert find("@@ -40 @@\n-a\n b") is Misfit.SEVERAL
    assert find("@@ @@\n-a\n b") is Misfit.SEVERAL
    assert find("@@ -40 @@\n-a\n b", drift=-37) == Spot(4)


def test_number_and_drift_that_name_different_places_decide_nothing() -> None:
    assert find("@@ -1 @@\n-a\n b", drift=3) is Misfit.SEVERAL


def test_a_lost_marker_is_not_sure_where_the_line_stands_elsewhere_in_another_column() -> None:
    locator = HunkLocator(ReplyContext.of("if a:\n  if b:\n      end\n    end", "", "", ""))
    quoted = "\n      end\n+x = 1"
    assert locator.find(hunk(f"@@ -4 @@{quoted}"), 0, [], None) == Spot(3, ColumnRule(less=" "))
    assert locator.find(hunk(f"@@ @@{quoted}"), 0, [], None) is Misfit.SEVERAL


def test_a_number_before_the_last_change_is_not_another_place_behind_it() -> None:
    assert find("@@ -1 @@\n-a\n b", floor=3) is Misfit.PASSED
    assert find("@@ @@\n-a\n b", floor=3) == Spot(4)


def test_context_may_have_been_written_already_but_not_what_changes() -> None:
    assert find("@@ @@\n b\n-c", floor=3) == Spot(2)
    assert find("@@ @@\n b\n-c", floor=4) is Misfit.PASSED


def test_context_as_it_is_now() -> None:
    quoted = hunk("@@ @@\n B\n-c")
    assert LOCATOR.find(quoted, 3, [], None) is Misfit.NOWHERE
    assert LOCATOR.find(quoted, 3, ["a", "B"], None) == Spot(2)


def test_neighbours_are_context_only() -> None:
    assert find("@@ @@\n x\n-a\n b") == Spot(0)
    assert find("@@ @@\n-x\n a") is Misfit.OUTSIDE
    assert find("@@ @@\n e\n+f\n y") == Spot(8)
    assert find("@@ @@\n y\n+f\n z") is Misfit.OUTSIDE


def test_blank_lines_say_nothing_by_themselves() -> None:
    assert find("@@ @@\n-") is Misfit.NO_CONTEXT
    assert find("@@ -7 @@\n-") == Spot(7)
    assert find("@@ -3 @@\n-") is Misfit.NO_CONTEXT


def test_new_lines_alone_go_by_their_number() -> None:
    assert find("@@ -2,0 +3 @@\n+n") == Spot(3)
    assert find("@@ -0,0 +1 @@\n+n") == Spot(1)
    assert find("@@ -8,0 +9 @@\n+n") == Spot(9)
    assert find("@@ -9,0 +9 @@\n+n") is Misfit.NO_CONTEXT
    assert find("@@ -2,0 +3 @@\n+n", drift=1) is Misfit.NO_CONTEXT
    assert find("@@ -2,0 +3 @@\n+n", floor=5) is Misfit.PASSED


def test_a_heading_decides_where_there_is_no_number() -> None:
    assert find("@@ c @@\n-a\n b") == Spot(4)
    assert find("@@ a @@\n-a\n b") is Misfit.SEVERAL


def test_the_best_grade_wins() -> None:
    locator = HunkLocator(ReplyContext.of("  f()\n    f()", "", "", ""))
    assert locator.find(hunk("@@ -1 @@\n-    f()"), 0, [], None) == Spot(1)


def test_a_place_that_repeats_itself_thousands_of_times_needs_a_number() -> None:
    locator = HunkLocator(ReplyContext.of("\n".join(["x"] * 5000), "", "", ""))
    assert locator.find(hunk("@@ @@\n-x"), 0, [], None) is Misfit.SEVERAL
    assert locator.find(hunk("@@ -4000 @@\n-x"), 0, [], None) == Spot(3999)
