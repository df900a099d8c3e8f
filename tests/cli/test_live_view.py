"""Pictures of the live view."""

from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from lsp_server.cli.live_view import SessionSnapshot, frame, listing, plain, status

_BEFORE = "".join(f"line {n}\n" for n in range(100))


def _look(**changes: object) -> SessionSnapshot:
    look = SessionSnapshot(
        title="a.py",
        first_line=1,
        before=_BEFORE,
        after=_BEFORE,
        place=0,
        phase="streaming",
        attempt=1,
        tokens=1234,
        tokens_per_second=998.7,
        edits=7,
        held=0,
        instructions=("use f-strings",),
    )
    return replace(look, **changes)  # type: ignore[arg-type]


def _drawn(look: SessionSnapshot, height: int) -> list[str]:
    console = Console(width=80, color_system=None)
    with console.capture() as captured:
        console.print(frame(look, height))
    return captured.get().splitlines()


@pytest.mark.parametrize("line", [0, 3, 50, 98, 99])
def test_the_place_of_writing_is_in_the_picture(line: int) -> None:
    after = _BEFORE.replace(f"line {line}\n", "now new\n")
    place = after.index("now new") + len("now new")
    drawn = _drawn(_look(after=after, place=place), 20)
    assert len(drawn) <= 20
    assert any("+ now new" in row for row in drawn)
    assert any(f"- line {line}" in row for row in drawn) or line == 0


def test_a_small_terminal_still_shows_something() -> None:
    assert len(_drawn(_look(), 1)) == 7


def test_a_redirect_is_reported() -> None:
    drawn = "\n".join(_drawn(_look(instructions=("one", "two", "three\x1b")), 20))
    assert "Redirected: two" in drawn
    assert "Redirected: three␛" in drawn
    assert " one" not in drawn


def test_long_lines_take_one_row() -> None:
    drawn = _drawn(_look(before="", after="x" * 500, instructions=("y" * 500,)), 20)
    assert len(drawn) == 5


def test_the_status() -> None:
    line = status(_look(attempt=2, held=41, hint="Ctrl-C stops")).plain
    assert line == (
        " streaming · attempt 2 · 1,234 tokens · 999 tokens/s · 7 edits · 41 characters held"
        " · Ctrl-C stops "
    )


def test_the_listing_leaves_out_what_is_as_before() -> None:
    lines = list(plain(listing(_look(after=_BEFORE.replace("line 50\n", "")))))
    assert len(lines) == 2 * 3 + 1 + 2
    assert "   - line 50" in lines


@pytest.mark.parametrize("columns", [1, 30, 80, 500])
@pytest.mark.parametrize("piece", ["x", "漢", "e\u0301", " "])
def test_the_record_folds_lines_and_leaves_nothing_out(columns: int, piece: str) -> None:
    line = f"a{piece * 300}b"
    rows = [row.plain for row in listing(_look(before="", after=line), columns)]
    first, *others = rows
    assert first.startswith("1 + a")
    assert all(row.startswith("  ↪ ") for row in others)
    assert "".join([first[4:], *(row[4:] for row in others)]) == line
    assert all(cell_len(row) <= max(columns, 24) for row in rows)


def test_the_record_takes_a_line_that_fits_as_it_is() -> None:
    look = _look(before="", after="x" * 76)
    assert [row.plain for row in listing(look, 80)] == ["1 + " + "x" * 76]
    assert [row.plain for row in listing(look)] == ["1 + " + "x" * 76]
