"""Reads and writes the cases of `fixtures/imports`, as its README says."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "fixtures" / "imports"
_TITLE, _TEXT = "## ", "--"


@dataclass(frozen=True, slots=True)
class ImportCase:
    """One case: a document, what is needed, and the document with it."""

    language_id: str
    title: str
    options: tuple[str, ...]
    """The lines between the title and the text."""
    shown: tuple[str, ...]
    """The lines of the text with their marks."""

    @property
    def needs(self) -> str:
        """The lines that are needed."""
        return "\n".join(self._values("needs"))

    @property
    def before(self) -> str:
        """The document."""
        return self._document("+")

    @property
    def after(self) -> str:
        """The document as it is expected with what is needed."""
        return self._document("-")

    def _values(self, name: str) -> list[str]:
        start = f"{name}: "
        return [each.removeprefix(start) for each in self.options if each.startswith(start)]

    def _document(self, left_out: str) -> str:
        end = "\r\n" if "crlf" in self._values("line ends") else "\n"
        text = end.join(line[1:] for line in self.shown if line[:1] != left_out)
        text = "\ufeff" * ("yes" in self._values("byte order mark")) + text
        return text if "no" in self._values("final newline") else f"{text}{end}" if text else text

    def renewed(self, after: str) -> "ImportCase":
        """The same case with `after` as what is expected."""
        old, new = (_lines(text) for text in (self.before, after))
        head = 0
        while head < min(len(old), len(new)) and old[head] == new[head]:
            head += 1
        tail = 0
        while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        changed = _compared(old[head : len(old) - tail], new[head : len(new) - tail])
        same = [f" {line}".rstrip(" ") for line in old[:head]]
        below = [f" {line}".rstrip(" ") for line in old[len(old) - tail :]]
        shown = (*same, *changed, *below)
        return ImportCase(self.language_id, self.title, self.options, shown)

    def __str__(self) -> str:
        return "\n".join([f"{_TITLE}{self.title}", *self.options, _TEXT, *self.shown, ""])


def _lines(text: str) -> list[str]:
    text = text.lstrip("\ufeff").replace("\r\n", "\n")
    return text.removesuffix("\n").split("\n") if text else []


def _compared(old: list[str], new: list[str]) -> Iterator[str]:
    """The lines in between; those that stay in order are not marked."""
    while old and new:
        if old[0] == new[0]:
            yield f" {old[0]}".rstrip(" ")
            old, new = old[1:], new[1:]
        elif old[0] in new:
            yield f"+{new[0]}"
            new = new[1:]
        else:
            yield f"-{old[0]}"
            old = old[1:]
    yield from (f"-{line}" for line in old)
    yield from (f"+{line}" for line in new)


def read_cases(path: Path) -> Iterator[ImportCase]:
    """The cases of one file, whose name is the language."""
    for part in path.read_text("utf-8").split(f"\n{_TITLE}")[1:]:
        title, *rest = part.rstrip("\n").split("\n")
        at = rest.index(_TEXT)
        text = rest[at + 1 :]
        yield ImportCase(path.stem, title, tuple(rest[:at]), tuple(text))


def heading(path: Path) -> str:
    """The first line of a file."""
    return path.read_text("utf-8").split("\n", 1)[0]
