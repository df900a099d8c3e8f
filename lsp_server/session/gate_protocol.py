"""The check that a session makes before it shows a text: may the scope hold this?

A session knows no grammar. Its driver passes in a gate for the scope as the editor holds it.
`syntax/gate.py` makes them; tests use `OpenGate` or one of their own.
"""

from collections.abc import Callable
from typing import Protocol

from lsp_server.text.span import Span

__all__ = ["Gate", "GateMaker", "OpenGate"]


class Gate(Protocol):
    """Judges texts for one scope of one document, both as they were when the gate was made.

    Invariant: the text that the scope had then is always admitted.
    """

    def admits(self, candidate: str) -> bool:
        """Whether the scope may become `candidate`: no more errors, the same structure outside.

        Fast, since it is called for each text that could be shown. Never raises.
        """
        ...

    def settled(self, candidate: str) -> bool:
        """The same for the last text of an answer. May take longer than `admits`."""
        ...

    def unknown(self, candidate: str) -> int | None:
        """For a refused last text of a proven answer: the document's line (from 1) whose syntax
        only the grammar does not know. None: the text stays refused.
        """
        ...

    def landed(self, candidate: str) -> "Gate":
        """The gate for the same document once the scope holds `candidate`.

        Valid only after the scope's own edit; any other change of the document needs a new gate.
        """
        ...


GateMaker = Callable[[str, Span], Gate]
"""Makes a gate for the scope at that place of that document."""


class OpenGate:
    """A gate that admits everything."""

    __slots__ = ()

    def admits(self, candidate: str) -> bool:
        """Always."""
        return True

    def settled(self, candidate: str) -> bool:
        """Always."""
        return True

    def unknown(self, candidate: str) -> int | None:
        """Nothing is refused."""
        return None

    def landed(self, candidate: str) -> "OpenGate":
        """The same gate."""
        return self
