"""Reads `fixtures/languages`: one file in each language, a scope in it and an answer for it."""

from pathlib import Path
from typing import NamedTuple

from lsp_server.text.span import Span

FOLDER = Path(__file__).parents[2] / "fixtures" / "languages"


class Source(NamedTuple):
    """A document, a scope in it, and a sound new text for the scope."""

    document: str
    scope: Span
    answer: str
    outline: list[str] | None
    """The document's outline, a line for each entry; None where the file gives none."""

    @property
    def present(self) -> str:
        """What the scope holds now."""
        return self.scope.text(self.document)


def marked(text: str) -> tuple[str, Span]:
    """A text without its marks « and », and the span between them."""
    start, end = text.index("«"), text.index("»") - 1
    return text.replace("«", "").replace("»", ""), Span(start, end)


def _read(path: Path) -> Source:
    """One file. Raises `ValueError` with a sentence when it is not well-formed."""
    sentence, found, rest = path.read_text("utf-8").partition("\n=== document\n")
    document, has_answer, rest = rest.partition("=== answer\n")
    if not (found and has_answer) or "\n" in sentence or not sentence.endswith("."):
        raise ValueError(f"{path} is not written as fixtures/languages/README.md says.")
    answer, has_outline, outline = rest.partition("\n=== outline\n")
    return Source(
        *marked(document),
        answer if has_outline else answer.removesuffix("\n"),
        outline.splitlines() if has_outline else None,
    )


SOURCES: dict[str, Source] = {path.stem: _read(path) for path in sorted(FOLDER.glob("*.txt"))}
"""By language id."""
