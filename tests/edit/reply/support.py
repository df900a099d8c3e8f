"""Reads the cases of fixtures/replies and runs a reader over them."""

from collections.abc import Iterable
from dataclasses import dataclass

from lsp_server.edit.reply import ReplyReader
from tests.edit.cases import FIXTURES, Case
from tests.edit.cases import load_cases as load


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a reader after its reply has ended."""

    text: str
    proven: bool
    refusal: str | None


class ReplyCase(Case):
    """A reply and the scope that it answers for."""

    def reader(self) -> ReplyReader:
        """A new reader for this case."""
        return ReplyReader(
            self.original,
            before=self.before,
            after=self.after,
            language=self.options.get("language", ""),
            instruction=self.options.get("instruction", ""),
        )

    def read(self, chunks: Iterable[str], completed: bool | None = None) -> Outcome:
        """The outcome of these chunks. Checks that the text grows only by what is returned."""
        return read(self.reader(), chunks, self.completed if completed is None else completed)


def read(reader: ReplyReader, chunks: Iterable[str], completed: bool) -> Outcome:
    """Run a reader to its end. Checks that the text grows only by what is returned."""
    grown = ""
    for chunk in chunks:
        grown += reader.push(chunk)
        assert reader.text == grown
    grown += reader.finish(completed)
    assert reader.text == grown
    return Outcome(grown, reader.proven, reader.refusal)


def load_cases() -> list[ReplyCase]:
    """All cases, by name."""
    return load(ReplyCase, FIXTURES / "replies")
