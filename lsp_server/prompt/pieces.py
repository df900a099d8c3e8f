"""The pieces of files that a prompt holds, and why each is in it."""

from dataclasses import dataclass, field
from enum import StrEnum

from lsp_server.prompt.budget import tokens_of
from lsp_server.text.lines import split_lines
from lsp_server.text.span import Span


class Why(StrEnum):
    """Why a piece of text is sent to the model (`why` in `docs/protocol.md`)."""

    SCOPE = "scope"
    AROUND = "around"
    OUTLINE = "outline"
    DEFINITION = "definition"
    CALLER = "caller"
    OPEN = "open"
    MENTION = "mention"
    RULES = "rules"
    DIAGNOSTICS = "diagnostics"


@dataclass(frozen=True, slots=True)
class ContextPiece:
    """Whole lines of another file, for the prompt of one session."""

    uri: str
    path: str
    """The file's path as sent to the model, such as "shop/money.py"."""
    language: str
    """The LSP language id, for the fence."""
    text: str
    """The lines, with their line ends."""
    line: int
    """The number, from 0, of the first line in the text that was read."""
    why: Why

    @property
    def tokens(self) -> int:
        """About how many tokens the text takes."""
        return tokens_of(self.text)

    @property
    def line_count(self) -> int:
        """How many lines it has."""
        return len(split_lines(self.text))


@dataclass(frozen=True, slots=True)
class SentPiece:
    """A place in a file that a prompt holds, for the user to see."""

    uri: str
    why: Why
    tokens: int
    """About how many tokens of the prompt it takes."""
    text: str = field(repr=False)
    """The text that the place is in: the document, or the piece itself."""
    span: Span
    """The place, in code points of `text`."""
    line: int = 0
    """The number, from 0, of the first line of `text` in the file."""
