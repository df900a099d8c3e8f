"""Reads the cases of fixtures/replies and runs a reader over them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lsp_server.edit.reply import ReplyReader

REPLIES = Path(__file__).parents[3] / "fixtures" / "replies"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reader says once its reply has ended."""

    text: str
    proven: bool
    refusal: str | None


@dataclass(frozen=True)
class ReplyCase:
    """One reply with the scope that it answers for."""

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

    def reader(self) -> ReplyReader:
        """A new reader for this case."""
        return ReplyReader(
            self.original,
            before=self.before,
            after=self.after,
            language=self.options.get("language", ""),
        )

    def read(self, chunks: Iterable[str], completed: bool | None = None) -> Outcome:
        """The outcome of these chunks; checks that the text only grows by what is returned."""
        return read(self.reader(), chunks, self.completed if completed is None else completed)


def read(reader: ReplyReader, chunks: Iterable[str], completed: bool) -> Outcome:
    """Run a reader to its end; checks that the text only grows by what is returned."""
    grown = ""
    for chunk in chunks:
        grown += reader.push(chunk)
        assert reader.text == grown
    grown += reader.finish(completed)
    assert reader.text == grown
    return Outcome(grown, reader.proven, reader.refusal)


def load_cases() -> list[ReplyCase]:
    """Every case, by name."""
    return [_load(folder) for folder in sorted(REPLIES.iterdir()) if folder.is_dir()]


def _load(folder: Path) -> ReplyCase:
    sentence, *lines = _read(folder / "case.txt").splitlines()
    options = dict(line.split(": ", 1) for line in lines)
    before, _, rest = _read(folder / "original.txt").partition("«")
    original, _, after = rest.partition("»")
    reply = _with_ends(_read(folder / "reply.txt").removesuffix("\n"), options.get("ends", "lf"))
    expected = _read(folder / "expected.txt").removesuffix("\n")
    return ReplyCase(folder.name, sentence, original, before, after, reply, expected, options)


def _read(path: Path) -> str:
    # A checkout on Windows may have changed the line ends.
    return path.read_bytes().decode().replace("\r\n", "\n")


def _with_ends(text: str, ends: str) -> str:
    kinds = {"lf": ["\n"], "crlf": ["\r\n"], "cr": ["\r"], "mixed": ["\r\n", "\n", "\r"]}[ends]
    first, *others = text.split("\n")
    return first + "".join(kinds[index % len(kinds)] + line for index, line in enumerate(others))
