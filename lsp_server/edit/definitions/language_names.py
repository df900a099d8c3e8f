"""What the reader of definitions asks of whoever knows the language.

The reader knows no grammar: `syntax/member_definitions.py` answers for real files, tests may have
one of their own.
"""

from collections.abc import Sequence
from typing import Protocol

from lsp_server.text.span import Span

__all__ = ["UNNAMED", "DefinitionLike", "DefinitionReader", "NoDefinitions"]

UNNAMED = frozenset({"import", "statement", "value"})
"""Kinds of what is no function, class or the like."""


class DefinitionLike(Protocol):
    """A function, class, method, constant; see `syntax.members.Definition`."""

    @property
    def kind(self) -> str:
        """`function`, `method`, `class`, … or `value`, `import`, `statement`."""

    @property
    def name(self) -> str:
        """Empty for what has none."""

    @property
    def signature(self) -> str:
        """What stands before its body, on one line."""

    @property
    def path(self) -> tuple[str, ...]:
        """The names of what it stands in."""

    @property
    def span(self) -> Span:
        """In code points, with what stands in front of it."""

    @property
    def header(self) -> int:
        """Where it begins behind what stands in front of it."""

    @property
    def inner(self) -> Span | None:
        """From its first member to its last, where its members are definitions."""


class DefinitionReader(Protocol):
    """Knows the definitions of a scope and reads those of an answer. Never raises."""

    def known(self) -> Sequence[DefinitionLike]:
        """The definitions of the scope, in code points of it, each before what is in it."""

    def around(self) -> Sequence[DefinitionLike]:
        """The definitions that the scope stands in, the outermost first; in the document."""

    def beside(self) -> Sequence[tuple[DefinitionLike, str]]:
        """What the document holds outside of the scope and of what stands in another definition
        than the scope does, with its text: statements and imports too."""

    def alone(self, text: str) -> Sequence[DefinitionLike]:
        """The definitions of a text that stands for itself, wherever that may be."""

    def begun(self, text: str) -> DefinitionLike | None:
        """The definition that `text` is the beginning of; None where that cannot be told yet."""

    def whole(self, text: str) -> bool:
        """Whether `text` is sound code as it stands, or as a member of a class."""

    def document(self) -> tuple[str, str]:
        """All of the document in front of the scope and behind it, with "\\n" as line ends; ""
        where that is not known."""


class NoDefinitions:
    """Of a text without a grammar: it has no definitions."""

    def __init__(self, before: str = "", after: str = "") -> None:
        self._document = before, after

    @classmethod
    def of(cls, scope: str) -> "NoDefinitions":
        """For any scope."""
        return cls()

    def document(self) -> tuple[str, str]:
        """What it was given."""
        return self._document

    def known(self) -> Sequence[DefinitionLike]:
        """None."""
        return ()

    def around(self) -> Sequence[DefinitionLike]:
        """None."""
        return ()

    def beside(self) -> Sequence[tuple[DefinitionLike, str]]:
        """None."""
        return ()

    def alone(self, text: str) -> Sequence[DefinitionLike]:
        """None."""
        return ()

    def begun(self, text: str) -> DefinitionLike | None:
        """None."""
        return None

    def whole(self, text: str) -> bool:
        """No text is known to be whole."""
        return False
