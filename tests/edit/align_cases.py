"""The cases of `fixtures/align`: how they are read, streamed and compared with their figures."""

import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from benchmarks.history import Case
from benchmarks.stream import Setting, stream
from lsp_server.edit.diff import minimal_churn
from lsp_server.syntax.languages import Language, all_languages, language_for
from lsp_server.text.span import Span

FOLDER = Path(__file__).parents[2] / "fixtures" / "align"
PINNED = FOLDER / "figures.tsv"

# At 1,000 tokens a second one token takes one millisecond, so every time is a number of tokens.
_SETTING = Setting(rate=1000.0, round_trip=0.0, cap=float("inf"))
_PARTS = re.compile(r"^== (?:before|after)\n", re.MULTILINE)
_TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Figures:
    """How one case was streamed, or the sum of several."""

    churn: int
    """Code points that all edits inserted and deleted."""
    least: int
    """The fewest that lead from before to after (Indel distance)."""
    hold: int
    """How many tokens passed until the editor had a token's text, summed over all tokens."""
    longest: int
    """The longest wait of one edit, in tokens."""
    states: int
    """How many texts the editor showed, the final one included."""

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def worse_than(self, other: "Figures") -> tuple[str, ...]:
        """The names of the figures that are worse: fewer states, more of anything else."""
        costs = ("churn", "hold", "longest")
        more = [name for name in costs if getattr(self, name) > getattr(other, name)]
        return (*more, "states") if self.states < other.states else tuple(more)


_NAMES = tuple(field.name for field in fields(Figures))
_NOTHING = Figures(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class AlignCase:
    """One file of `fixtures/align`."""

    sentence: str
    edit: Case

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.edit.name

    @classmethod
    def read(cls, path: Path) -> "AlignCase":
        """Read one file. Raises `AssertionError` when text outside the marks differs."""
        # A checkout on Windows may have changed the line ends.
        text = path.read_bytes().decode().replace("\r\n", "\n")
        head, before, after = _PARTS.split(text)
        sentence, *lines = head.splitlines()
        options = dict(line.split(": ", 1) for line in lines)
        if options.get("line ends") == "crlf":
            before, after = before.replace("\n", "\r\n"), after.replace("\n", "\r\n")
        document, scope = _marked(before)
        above, below = document[: scope.start], document[scope.end :]
        assert after.startswith(above) and after.endswith(below), f"{path.name}: differs outside"
        answer = after[len(above) : len(after) - len(below)]
        language = _language(options["language"])
        return cls(sentence, Case(path.stem, language, document, scope, answer))

    def figures(self) -> Figures:
        """Stream the answer through a session. Raises `AssertionError` if it ends otherwise."""
        edit, outcome = self.edit, stream(self.edit, _SETTING)
        wanted = edit.document[: edit.scope.start] + edit.answer + edit.document[edit.scope.end :]
        assert outcome.states and outcome.states[-1] == wanted, f"{self.name}: {outcome.message}"
        return Figures(
            churn=outcome.churn,
            least=minimal_churn(edit.original, edit.answer),
            hold=round(outcome.waited),
            longest=round(max(outcome.holds)),
            states=len(outcome.states),
        )


def load_cases() -> list[AlignCase]:
    """Every case, by name."""
    return [AlignCase.read(path) for path in sorted(FOLDER.glob("*.txt"))]


def _marked(text: str) -> tuple[str, Span]:
    """The document and its scope: what is between `«` and `»`, or all but blanks at the ends."""
    start, end = text.find("«"), text.find("»")
    if start >= 0:
        return text[:start] + text[start + 1 : end] + text[end + 1 :], Span(start, end - 1)
    first = len(text) - len(text.lstrip())
    return text, Span(first, len(text.rstrip()))


def _language(name: str) -> Language:
    """The language. One that is not known gets no grammar, so the gate admits every state."""
    return language_for(name) or replace(all_languages()[0], id=name, name=name, module="")


# -- figures -------------------------------------------------------------------------------------


def read_figures(text: str) -> dict[str, Figures]:
    """The rows of a figures file, by case. Skips the row `total`, which is there for people."""
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return {name: Figures(*map(int, values)) for name, *values in rows if name != _TOTAL}


def written(figures: Mapping[str, Figures]) -> str:
    """A figures file."""
    rows = [*sorted(figures.items()), (_TOTAL, sum(figures.values(), _NOTHING))]
    lines = [("case", *_NAMES), *((name, *map(str, astuple(row))) for name, row in rows)]
    return "".join("\t".join(line) + "\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Pinned and current figures. Totals cover the cases that have both."""

    pinned: Mapping[str, Figures]
    now: Mapping[str, Figures]

    @property
    def worse(self) -> tuple[str, ...]:
        """The names of the totals that got worse."""
        return self._total(self.now).worse_than(self._total(self.pinned))

    def table(self) -> str:
        """A row for each case that moved, then the totals. `!` marks what got worse."""
        both = sorted(self.pinned.keys() & self.now.keys())
        moved = [name for name in both if self.pinned[name] != self.now[name]]
        rows = [_row(name, self.pinned[name], self.now[name]) for name in moved]
        rows.append(_row(_TOTAL, self._total(self.pinned), self._total(self.now)))
        rows = [("case", *_NAMES), *rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [_padded(row, widths) for row in rows]
        lines += [f"{name}: has no row" for name in sorted(self.now.keys() - self.pinned.keys())]
        lines += [f"{name}: has no file" for name in sorted(self.pinned.keys() - self.now.keys())]
        return "\n".join(lines)

    def _total(self, figures: Mapping[str, Figures]) -> Figures:
        both = self.pinned.keys() & self.now.keys()
        return sum((figures[name] for name in both), _NOTHING)


def _row(name: str, pinned: Figures, now: Figures) -> tuple[str, ...]:
    worse = now.worse_than(pinned)
    cells = []
    for figure in _NAMES:
        old, new = getattr(pinned, figure), getattr(now, figure)
        mark = " !" if figure in worse else ""
        cells.append(str(old) if old == new else f"{old}→{new}{mark}")
    return name, *cells


def _padded(row: tuple[str, ...], widths: list[int]) -> str:
    name, *cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
    return "  ".join((name, *cells)).rstrip()
