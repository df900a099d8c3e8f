"""The pieces of other files that a prompt shows, and why each was chosen."""

from dataclasses import dataclass
from enum import StrEnum

from lsp_server.prompt.budget import tokens_of


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
