"""Reads the cases of fixtures/patches, writes diffs, and runs a reader over both."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lsp_server.edit.diff import equal_lines
from lsp_server.edit.patch import PatchReader
from tests.edit.cases import FIXTURES, Case
from tests.edit.cases import load_cases as load


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reader says once its patch has ended."""

    text: str
    proven: bool
    refusal: str | None
    skipped: tuple[str, ...]


class PatchCase(Case):
    """One patch with the scope that it is for."""

    def read(self, chunks: Iterable[str], completed: bool | None = None) -> Outcome:
        """The outcome of these chunks."""
        reader = PatchReader(self.original, before=self.before, after=self.after)
        return read(reader, chunks, self.completed if completed is None else completed)


def read(reader: PatchReader, chunks: Iterable[str], completed: bool = True) -> Outcome:
    """Run a reader to its end; checks that the text only grows by what is returned."""
    grown = ""
    for chunk in chunks:
        grown += reader.push(chunk)
        assert reader.text == grown
    grown += reader.finish(completed)
    assert reader.text == grown
    return Outcome(grown, reader.proven, reader.refusal, reader.skipped)


def unified(before: str, after: str, context: int = 3) -> str:
    """A diff as git writes it, without names; "" when the texts are equal."""
    old, new = (text.split("\n") if text else [] for text in (before, after))
    groups = list(_groups(_changed(old, new), 2 * context))
    return "\n".join(_hunk(old, new, group, context) for group in groups)


Range = tuple[int, int, int, int]


def _changed(old: list[str], new: list[str]) -> Iterator[Range]:
    """What is not equal, as half-open ranges of old and new lines."""
    o = n = 0
    for a, b in [*equal_lines(old, new), (len(old), len(new))]:
        if (o, n) != (a, b):
            yield o, a, n, b
        o, n = a + 1, b + 1


def _groups(ranges: Iterable[Range], apart: int) -> Iterator[list[Range]]:
    group: list[Range] = []
    for changed in ranges:
        if group and changed[0] - group[-1][1] > apart:
            yield group
            group = []
        group.append(changed)
    if group:
        yield group


def _hunk(old: list[str], new: list[str], group: list[Range], context: int) -> str:
    start, end = max(group[0][0] - context, 0), min(group[-1][1] + context, len(old))
    body, place = [], start
    for a, b, c, d in group:
        body += [f" {line}" for line in old[place:a]]
        body += [f"-{line}" for line in old[a:b]]
        body += [f"+{line}" for line in new[c:d]]
        place = b
    body += [f" {line}" for line in old[place:end]]
    counts = end - start, sum(not line.startswith("-") for line in body)
    starts = start, start + group[0][2] - group[0][0]
    # A side without lines is named by the line before it.
    ranges = [f"{s + (n > 0)},{n}" for s, n in zip(starts, counts, strict=True)]
    return "\n".join([f"@@ -{ranges[0]} +{ranges[1]} @@", *body])


def load_cases() -> list[PatchCase]:
    """Every case, by name."""
    return load(PatchCase, FIXTURES / "patches")
