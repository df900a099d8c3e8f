"""Filters a model's answer before anything else reads it.

Restores the secrets, removes invisible characters, and reports names that look like other names.

One object per attempt. Knows nothing of sockets and sessions.
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
    """What an answer is compared with: how often each placeholder occurs in the text that was sent
    for rewriting, and whether the model was asked for a patch of it."""

    placeholders: Counter[str] = field(default_factory=Counter)
    patch: bool = False


class AnswerFilter:
    """Takes chunks of an answer and returns the text that may be used. The result does not depend
    on how the answer is cut into chunks.

    After a complete answer it also reports whether secrets of the `sent` text are missing from it
    or occur more often.

    `allowed` are the invisible characters that may pass; with `refuse=False` all may. They are
    removed before the secrets are restored, so a secret never changes. `names` finds names that
    look like others.
    """

    def __init__(
        self,
        masks: Masks,
        allowed: Iterable[str] = (),
        *,
        refuse: bool = True,
        sent: SentText | None = None,
        names: LookalikeNames | None = None,
    ) -> None:
        self._invisible_filter = InvisibleFilter(allowed) if refuse else None
        self._unmasker = Unmasker(masks)
        self._sent = sent
        self._names = names
        self._chunks: list[str] = []
        self._extra: Counter[str] = Counter()

    def push(self, chunk: str) -> str:
        """Take more of the answer; return what may be used so far."""
        return self._restored(
            self._invisible_filter.push(chunk) if self._invisible_filter else chunk
        )

    def finish(self, *, complete: bool = True) -> str:
        """The answer has ended, or broken off (`complete` is false). Returns the text that was held
        back."""
        rest = self._restored(self._invisible_filter.finish()) if self._invisible_filter else ""
        if self._names is not None:
            self._names.finish()
        if self._sent is not None and complete:
            self._extra = _extra_placeholders(self._sent, "".join(self._chunks))
        return rest + self._unmasker.finish(complete=complete)

    def _restored(self, chunk: str) -> str:
        """Restore the secrets in text that has passed the filter for invisible characters."""
        if self._sent is not None:
            self._chunks.append(chunk)
        if self._names is not None:
            self._names.push(chunk)
        return self._unmasker.push(chunk)

    @property
    def sentences(self) -> dict[str, str]:
        """What the user has to know about the answer so far, by topic."""
        warnings = self._character_warnings()
        if self._unmasker.garbled:
            shown = _listed(self._unmasker.garbled)
            warnings["strange"] = (
                "The model garbled a placeholder for a secret. Put the right secret in place of "
                f"{shown}."
            )
        if min(self._extra.values(), default=0) < 0:
            warnings["lost"] = (
                "The answer drops a secret of your code, which was masked. Accept it only if you "
                "want that."
            )
        if max(self._extra.values(), default=0) > 0:
            warnings["doubled"] = (
                "The answer repeats a secret of your code. Accept it only if you want that."
            )
        return warnings

    def _character_warnings(self) -> dict[str, str]:
        """Warnings about characters that are not what they look like."""
        warnings: dict[str, str] = {}
        if self._invisible_filter is not None and self._invisible_filter.refused:
            shown = _listed(map(name_of, self._invisible_filter.refused))
            warnings["invisible"] = (
                f"The answer had invisible characters, which were removed: {shown}."
            )
        if self._invisible_filter is not None and self._invisible_filter.replaced:
            shown = _listed(map(name_of, self._invisible_filter.replaced))
            warnings["blanks"] = (
                "The answer had characters that only look like a blank or a line end. They were "
                f"replaced by ordinary ones: {shown}."
            )
        if self._names is not None and self._names.alike:
            alike = self._names.alike.items()
            shown = _listed([f"`{visible(name)}` with {name_of(sign)}" for name, sign in alike])
            warnings["alike"] = (
                f"The answer has names that look like other names: {shown}. Accept it only if you "
                "want that."
            )
        return warnings


def _extra_placeholders(sent: SentText, answer: str) -> Counter[str]:
    """How much more often each placeholder occurs in the answer than in what was sent. Negative if
    it occurs less often."""
    if sent.patch:
        lines = answer.splitlines()
        extra = placeholders_in("\n".join(line for line in lines if line.startswith("+")))
        extra.subtract(placeholders_in("\n".join(line for line in lines if line.startswith("-"))))
        return extra
    extra = placeholders_in(answer)
    extra.subtract(sent.placeholders)
    return extra


def _listed(names: Iterable[str]) -> str:
    first = list(islice(names, _MOST_NAMED + 1))  # There may be thousands.
    return ", ".join(first[:_MOST_NAMED]) + (" and others" if first[_MOST_NAMED:] else "")
