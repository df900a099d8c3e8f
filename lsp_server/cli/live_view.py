"""The live view: a session as coloured text, drawn again whenever it changes.

Knows only `SessionSnapshot`. `frame` draws a picture that fits a terminal, `listing` the complete
changes. Knows nothing of servers and terminals.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich import box
from rich.cells import get_character_cell_size
from rich.console import Group, OverflowMethod, RenderableType
from rich.panel import Panel
from rich.text import Text

from lsp_server.cli.diff_rows import DiffRow, RowKind, rows_of, shortened
from lsp_server.guard.invisible_filter import visible

CONTEXT = 3
"""Unchanged lines around a change in `listing`."""
_LEAST_ROWS = 3
_FRAME_ROWS = 2
_MARGIN = 3
"""Columns beside the line number: two spaces and the sign for what happened to the line."""
_LEAST_COLUMNS = 20
_GOES_ON = "↪"
_AHEAD = 0.7
"""Where the window keeps the writing position, from its top (0) to its bottom (1)."""

_LINE_STYLES = {
    RowKind.SAME: "",
    RowKind.INSERTED: "green",
    RowKind.DELETED: "dim red strike",
    RowKind.LEFT_OUT: "dim italic",
}
_PIECE_STYLES = {RowKind.INSERTED: "bold bright_green", RowKind.DELETED: "red strike"}
_PHASE_STYLES = {
    "starting": "yellow not dim",
    "streaming": "bold cyan not dim",
    "settling": "yellow not dim",
}


@dataclass(frozen=True, slots=True)
class SessionSnapshot:
    """A session at one moment. `place` is where the model writes, in code points of `after`."""

    title: str
    first_line: int
    before: str
    after: str
    place: int
    phase: str
    attempt: int
    tokens: int
    tokens_per_second: float | None
    edits: int
    held: int
    instructions: Sequence[str] = ()
    hint: str = ""
    model: str = ""
    rows: tuple[DiffRow, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", rows_of(self.before, self.after, self.first_line))


def frame(snapshot: SessionSnapshot, height: int) -> RenderableType:
    """The picture, at most `height` lines high, with the writing position inside."""
    instruction_lines = list(_instruction_lines(snapshot.instructions))
    available = max(height - _FRAME_ROWS - len(instruction_lines), _LEAST_ROWS)
    shown = _window(snapshot, available)
    lines = [*instruction_lines, *_lines(shown, _width_of(snapshot.rows))]
    return Panel(
        Group(*lines),
        box=box.ROUNDED,
        title=Text(f" {visible(snapshot.title)} ", style="bold not dim"),
        title_align="left",
        subtitle=status(snapshot),
        subtitle_align="left",
        border_style="dim",
        padding=(0, 1),
    )


def listing(snapshot: SessionSnapshot, columns: int | None = None) -> list[Text]:
    """All changes with a few lines around them, for the user's decision.

    Nothing is cut off. A line wider than `columns` continues in rows that are marked as such: the
    end of a line can never look like a line of its own.
    """
    width = _width_of(snapshot.rows)
    lines = _lines(shortened(snapshot.rows, CONTEXT), width, overflow="ignore")
    if columns is None:
        return list(lines)
    return [row for line in lines for row in _folded(line, width + _MARGIN, columns)]


def _folded(line: Text, margin: int, columns: int) -> Iterable[Text]:
    """A line as rows of at most `columns`, with no text in the first `margin` columns."""
    available = max(columns - margin, _LEAST_COLUMNS)
    places, used = [], 0
    for place, character in enumerate(line.plain[margin:], margin):
        wide = get_character_cell_size(character)
        if used + wide > available:
            places.append(place)
            used = 0
        used += wide
    first, *others = line.divide(places) if places else [line]
    yield first
    for other in others:
        yield Text(f"{_GOES_ON:>{margin - 1}} ", "dim", no_wrap=True, overflow="ignore") + other


def status(snapshot: SessionSnapshot) -> Text:
    """Phase, tokens, rate, edits."""
    line = Text(" ")
    line.append(snapshot.phase, style=_PHASE_STYLES.get(snapshot.phase, "bold green not dim"))
    facts = []
    if snapshot.attempt > 1:
        facts.append(f"attempt {snapshot.attempt}")
    facts.append(f"{snapshot.tokens:,} tokens")
    if snapshot.tokens_per_second:
        facts.append(f"{snapshot.tokens_per_second:,.0f} tokens/s")
    facts.append("1 edit" if snapshot.edits == 1 else f"{snapshot.edits:,} edits")
    if snapshot.held:
        facts.append(f"{snapshot.held:,} characters held")
    if snapshot.model:
        facts.append(visible(snapshot.model))
    if snapshot.hint:
        facts.append(snapshot.hint)
    return line.append(f" · {' · '.join(facts)} ", style="not dim")


def plain(lines: Iterable[Text]) -> Iterable[str]:
    """The lines without colours, for output that is not a terminal."""
    return (line.plain.rstrip() for line in lines)


def _instruction_lines(instructions: Sequence[str]) -> Iterable[Text]:
    """The instruction in force, and the one before it."""
    for index, instruction in list(enumerate(instructions))[-2:]:
        last = index + 1 == len(instructions)
        words = visible(" ".join(instruction.split()))
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append("Redirected: " if index else "", style="bold yellow" if last else "dim")
        yield line.append(words, style="bold" if last else "dim")
    if instructions:
        yield Text("")


def _window(snapshot: SessionSnapshot, available: int) -> Sequence[DiffRow]:
    """The rows to show: all, or as many as fit around the writing position."""
    rows = snapshot.rows
    if len(rows) <= available:
        return rows
    writing = next(
        (
            i
            for i, row in enumerate(rows)
            if row.kind is not RowKind.DELETED and row.end >= snapshot.place
        ),
        len(rows) - 1,
    )
    first = min(max(writing - int(available * _AHEAD), 0), len(rows) - available)
    return rows[first : first + available]


def _width_of(rows: Sequence[DiffRow]) -> int:
    """Columns of the largest line number."""
    return max((len(str(row.number)) for row in rows if row.number), default=1)


def _lines(
    rows: Iterable[DiffRow], width: int, overflow: OverflowMethod = "ellipsis"
) -> Iterable[Text]:
    for row in rows:
        number = "" if row.number is None else str(row.number)
        line = Text(no_wrap=True, overflow=overflow)
        line.append(f"{number:>{width}} ", style="dim")
        line.append(f"{row.kind.value} ", style="" if row.kind is RowKind.SAME else "bold")
        for text, marked in row.pieces:
            base = _LINE_STYLES[row.kind]
            line.append(text, style=_PIECE_STYLES.get(row.kind, base) if marked else base)
        yield line
