"""Reads the cases of fixtures/patches, writes diffs, and runs a reader over both."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lsp_server.edit.diff import equal_lines
from lsp_server.edit.patch import PatchReader

PATCHES = Path(__file__).parents[3] / "fixtures" / "patches"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reader says once its patch has ended."""

    text: str
    proven: bool
    refusal: str | None
    skipped: tuple[str, ...]


@dataclass(frozen=True)
class PatchCase:
    """One patch with the scope that it is for."""

    name: str
    sentence: str
    original: str
    before: str
    after: str
    reply: str
    expected: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def completed(self) -> bool:
        """Whether the model said that the reply was whole."""
        return self.options.get("end", "completed") == "completed"

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
    said = [f"{s + (n > 0)},{n}" for s, n in zip(starts, counts, strict=True)]
    return "\n".join([f"@@ -{said[0]} +{said[1]} @@", *body])


def load_cases() -> list[PatchCase]:
    """Every case, by name."""
    return [_load(folder) for folder in sorted(PATCHES.iterdir()) if folder.is_dir()]


def _load(folder: Path) -> PatchCase:
    sentence, *lines = _text(folder / "case.txt").splitlines()
    options = dict(line.split(": ", 1) for line in lines)
    before, _, rest = _text(folder / "original.txt").partition("«")
    original, _, after = rest.partition("»")
    kinds = {"lf": ["\n"], "crlf": ["\r\n"], "mixed": ["\r\n", "\n", "\r"]}
    ends = kinds[options.get("ends", "lf")]
    first, *others = _text(folder / "reply.txt").removesuffix("\n").split("\n")
    reply = first + "".join(ends[i % len(ends)] + line for i, line in enumerate(others))
    expected = _text(folder / "expected.txt").removesuffix("\n")
    return PatchCase(folder.name, sentence, original, before, after, reply, expected, options)


def _text(path: Path) -> str:
    # A checkout on Windows may have changed the line ends.
    return path.read_bytes().decode().replace("\r\n", "\n")
