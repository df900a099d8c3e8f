"""What a session asks before it shows a text: may the scope read like this?

The session knows no grammar. Whoever drives it hands in a gate for the scope as the editor holds
it; `syntax/gate.py` makes them, tests use `OpenGate` or one of their own.
"""

from collections.abc import Callable
from typing import Protocol

from lsp_server.text.span import Span

__all__ = ["Gate", "GateMaker", "OpenGate"]


class Gate(Protocol):
    """Judges texts for one scope of one document, both as they were when the gate was made.

    Law: the text that the scope then had is always admitted.
    """

    def admits(self, candidate: str) -> bool:
        """Whether the scope may become `candidate`: no more errors, the same structure outside.

        Quick: asked for each text that is ripe to be shown. Never raises.
        """
        ...

    def settled(self, candidate: str) -> bool:
        """The same judgement on the last text of an answer. May take longer than `admits`."""
        ...

    def unknown(self, candidate: str) -> int | None:
        """For the last text of a proven answer that is refused: the document's line, the first
        being 1, in which it has what only the grammar does not know. None: it stays refused.
        """
        ...

    def landed(self, candidate: str) -> "Gate":
        """The gate for the same document once the scope holds `candidate`.

        Only after the gate's own edit: any other change of the document takes a new gate.
        """
        ...


GateMaker = Callable[[str, Span], Gate]
"""Makes a gate for the scope at that place of that document."""


class OpenGate:
    """A gate that stands open: for files without a grammar, and for showing what does not parse."""

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
