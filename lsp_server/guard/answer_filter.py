"""What a model's answer passes before anybody reads it: secrets come back, the invisible stays out.

Names in it that look like others are told.

One object for one attempt. Knows nothing of sockets and sessions.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from lsp_server.guard.invisible_filter import InvisibleFilter, name_of, visible
from lsp_server.guard.lookalikes import LookalikeNames
from lsp_server.guard.masks import Masks, Unmasker, placeholders_in

_MOST_NAMED = 2


@dataclass(frozen=True, slots=True)
class SentText:
    """What an answer is to be held against: how often each placeholder stands in the text that was
    sent to be rewritten, and whether a patch of it was asked for."""

    placeholders: Counter[str] = field(default_factory=Counter)
    patch: bool = False


class AnswerFilter:
    """Chunks of an answer in, the text that may be used out; independent of the chunks.

    Of a whole answer it also tells whether secrets of what was `asked` are lost in it or doubled.

    `allowed` are the invisible characters that may pass; all do without `refuse`. They are looked
    for before the secrets come back, so a secret is never altered. `names` finds those that look
    like others.
    """

    def __init__(
        self,
        masks: Masks,
        allowed: Iterable[str] = (),
        *,
        refuse: bool = True,
        asked: SentText | None = None,
        names: LookalikeNames | None = None,
    ) -> None:
        self._invisible_filter = InvisibleFilter(allowed) if refuse else None
        self._unmasker = Unmasker(masks)
        self._asked = asked
        self._names = names
        self._said: list[str] = []
        self._more: Counter[str] = Counter()

    def push(self, chunk: str) -> str:
        """More of the answer."""
        return self._unmasked(
            self._invisible_filter.push(chunk) if self._invisible_filter else chunk
        )

    def finish(self, *, whole: bool = True) -> str:
        """The answer has ended, or broken off (`whole` is false); returns what had to wait."""
        rest = self._unmasked(self._invisible_filter.finish()) if self._invisible_filter else ""
        if self._names is not None:
            self._names.finish()
        if self._asked is not None and whole:
            self._more = _more_than_asked(self._asked, "".join(self._said))
        return rest + self._unmasker.finish(whole=whole)

    def _unmasked(self, chunk: str) -> str:
        """What came through the sieve, with its secrets."""
        if self._asked is not None:
            self._said.append(chunk)
        if self._names is not None:
            self._names.push(chunk)
        return self._unmasker.push(chunk)

    @property
    def sentences(self) -> dict[str, str]:
        """What the user has to know about the answer so far, by what it is about."""
        found = self._of_characters()
        if self._unmasker.strange:
            shown = _listed(self._unmasker.strange)
            found["strange"] = (
                "The model garbled a placeholder for a secret. Put the right secret in place of "
                f"{shown}."
            )
        if min(self._more.values(), default=0) < 0:
            found["lost"] = (
                "The answer drops a secret of your code, which was masked. Accept it only if you "
                "want that."
            )
        if max(self._more.values(), default=0) > 0:
            found["doubled"] = (
                "The answer repeats a secret of your code. Accept it only if you want that."
            )
        return found

    def _of_characters(self) -> dict[str, str]:
        """What is told of characters that are not what they look like."""
        found: dict[str, str] = {}
        if self._invisible_filter is not None and self._invisible_filter.refused:
            shown = _listed(map(name_of, self._invisible_filter.refused))
            found["invisible"] = (
                f"The answer had invisible characters, which were removed: {shown}."
            )
        if self._invisible_filter is not None and self._invisible_filter.replaced:
            shown = _listed(map(name_of, self._invisible_filter.replaced))
            found["blanks"] = (
                "The answer had characters that only look like a blank or a line end. They were "
                f"replaced by ordinary ones: {shown}."
            )
        if self._names is not None and self._names.alike:
            alike = self._names.alike.items()
            shown = _listed([f"`{visible(name)}` with {name_of(sign)}" for name, sign in alike])
            found["alike"] = (
                f"The answer has names that look like other names: {shown}. Accept it only if you "
                "want that."
            )
        return found


def _more_than_asked(asked: SentText, answer: str) -> Counter[str]:
    """How much more often each placeholder stands in the code behind an answer; less, below 0."""
    if asked.patch:
        lines = answer.splitlines()
        more = placeholders_in("\n".join(line for line in lines if line.startswith("+")))
        more.subtract(placeholders_in("\n".join(line for line in lines if line.startswith("-"))))
        return more
    more = placeholders_in(answer)
    more.subtract(asked.placeholders)
    return more


def _listed(several: Iterable[str]) -> str:
    names = list(islice(several, _MOST_NAMED + 1))  # There may be thousands.
    return ", ".join(names[:_MOST_NAMED]) + (" and others" if names[_MOST_NAMED:] else "")
