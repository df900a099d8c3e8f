"""What a model's answer passes before anybody reads it: secrets come back, the invisible stays out.

One object for one attempt. Knows nothing of sockets and sessions.
"""

from collections.abc import Iterable

from lsp_server.guard.invisible import Sieve, name_of
from lsp_server.guard.masks import Masks, Unmasker

_MOST_NAMED = 2


class Inlet:
    """Chunks of an answer in, the text that may be used out; independent of the chunks.

    `allowed` are the invisible characters that may pass; all do without `refuse`. They are looked
    for before the secrets come back, so a secret is never altered.
    """

    def __init__(self, masks: Masks, allowed: Iterable[str] = (), *, refuse: bool = True) -> None:
        self._sieve = Sieve(allowed) if refuse else None
        self._unmasker = Unmasker(masks)

    def push(self, chunk: str) -> str:
        """More of the answer."""
        return self._unmasker.push(self._sieve.push(chunk) if self._sieve else chunk)

    def finish(self, *, whole: bool = True) -> str:
        """The answer has ended, or broken off (`whole` is false); returns what had to wait."""
        if self._sieve is not None:
            self._sieve.finish()
        return self._unmasker.finish(whole=whole)

    @property
    def sentences(self) -> dict[str, str]:
        """What the user has to know about the answer so far, by what it is about."""
        found = {}
        if self._sieve is not None and self._sieve.refused:
            shown = _listed([name_of(character) for character in self._sieve.refused])
            found["invisible"] = (
                f"The answer has invisible characters, which are left out: {shown}."
            )
        if self._unmasker.strange:
            shown = _listed(list(self._unmasker.strange))
            found["strange"] = (
                f"The model garbled a placeholder: put the right secret where {shown} stands."
            )
        return found


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (" and others" if names[_MOST_NAMED:] else "")
