"""The interface through which this package asks for the definitions in a text.

The package knows no grammar. `syntax/member_definitions.py` implements the interface for real
files, `NoDefinitions` for files without a grammar.
"""

from collections.abc import Sequence
from typing import Protocol

from lsp_server.text.span import Span

__all__ = ["UNNAMED", "DefinitionLike", "DefinitionReader", "NoDefinitions"]

UNNAMED = frozenset({"import", "statement", "value"})
"""The kinds of items that aren't functions, classes or the like."""


class DefinitionLike(Protocol):
    """A function, class, method, constant or other item of a text."""

    @property
    def kind(self) -> str:
        """`function`, `method`, `class`, … or `value`, `import`, `statement`."""

    @property
    def name(self) -> str:
        """The name; "" for items without one."""

    @property
    def signature(self) -> str:
        """The text before its body, on one line."""

    @property
    def path(self) -> tuple[str, ...]:
        """The names of the definitions around it, outermost first."""

    @property
    def span(self) -> Span:
        """Its range in code points, with the comments and decorators before it."""

    @property
    def header(self) -> int:
        """The offset behind the comments and decorators before it."""

    @property
    def inner(self) -> Span | None:
        """The range of its members, if they are definitions."""


class DefinitionReader(Protocol):
    """Knows the definitions of a scope and reads those of an answer. Never raises."""

    def known(self) -> Sequence[DefinitionLike]:
        """The definitions of the scope, outer before inner; offsets are code points of it."""

    def around(self) -> Sequence[DefinitionLike]:
        """The definitions around the scope, outermost first; offsets are of the document."""

    def beside(self) -> Sequence[tuple[DefinitionLike, str]]:
        """Items outside of the scope that aren't inside other definitions, with their text.

        Statements and imports too.
        """

    def alone(self, text: str) -> Sequence[DefinitionLike]:
        """The definitions of a text that is parsed on its own."""

    def begun(self, text: str) -> DefinitionLike | None:
        """The definition that `text` begins; `None` if that isn't clear yet."""

    def is_complete(self, text: str) -> bool:
        """Whether `text` parses without errors, by itself or as a member of a class."""

    def document(self) -> tuple[str, str]:
        """The document before and behind the scope, with "\\n" as line ends; "" if unknown."""


class NoDefinitions:
    """The `DefinitionReader` of a text without a grammar: there are no definitions."""

    def __init__(self, before: str = "", after: str = "") -> None:
        self._document = before, after

    @classmethod
    def of(cls, scope: str) -> "NoDefinitions":
        """For any scope."""
        return cls()

    def document(self) -> tuple[str, str]:
        """The text given to the constructor."""
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

    def is_complete(self, text: str) -> bool:
        """Always false."""
        return False
