"""Searches a prompt for secrets, section by section, and remembers the sections.

The next edit's prompt holds most of the same sections: the file, the rules, the pieces of other
files. Searching them again would take most of the time before a request leaves. A section is
searched by itself; its fence separates it from all others, so no secret lies in two of them. A
secret that a piece of a text cuts in two is found by `Redaction`, which knows the whole text.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock

from lsp_server.guard.secrets import TooManySecrets
from lsp_server.prompt.sections import split_sections
from lsp_server.text.span import Span

_MOST_KEPT = 4_000_000
"""Code points of all sections that are remembered: some dozens of files."""

Search = Callable[[str, int], Sequence[Span]]
"""The secrets of a text; raises `TooManySecrets` if there are more than so many."""


class SearchedSections:
    """The secrets of the sections that were searched last. May be used by several threads."""

    def __init__(self, most_kept: int = _MOST_KEPT) -> None:
        self._most_kept = most_kept
        self._known: OrderedDict[tuple[Search, str], tuple[Span, ...]] = OrderedDict()
        self._kept = 0
        self._lock = Lock()

    def find(self, prompt: str, most: int, search: Search) -> tuple[Span, ...]:
        """The secrets of a prompt. Raises `TooManySecrets` if there are more than `most`."""
        found: list[Span] = []
        start = 0
        for section in split_sections(prompt):
            found += (span.shift(start) for span in self._search(section, most, search))
            if len(found) > most:
                raise TooManySecrets
            start += len(section)
        return tuple(found)

    def new_in(self, prompt: str, search: Search) -> int:
        """How many code points of a prompt are still to be searched."""
        with self._lock:
            sections = split_sections(prompt)
            return sum(len(one) for one in sections if (search, one) not in self._known)

    def _search(self, section: str, most: int, search: Search) -> tuple[Span, ...]:
        key = (search, section)
        with self._lock:
            if (known := self._known.get(key)) is not None:
                self._known.move_to_end(key)
                return known
        found = tuple(search(section, most))
        with self._lock:
            if key not in self._known and len(section) <= self._most_kept:
                self._known[key] = found
                self._kept += len(section)
            while self._kept > self._most_kept:
                (_, dropped), _ = self._known.popitem(last=False)
                self._kept -= len(dropped)
        return found
