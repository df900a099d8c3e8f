"""The rules of one ignore file, parsed once and queried often.

Most rules are plain names, endings and paths, which are looked up. Only the others are matched one
by one, and the results are cached. No disk access.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lsp_server.ignore.glob import Malformed, NameGlob, PathGlob, fold
from lsp_server.ignore.unreadable import Unreadable

MOST_LINES = 50_000
"""Lines of one ignore file."""
MOST_RULES = 10_000
"""Rules in all ignore files together that apply to one file."""
MOST_TRIED = 5_000
"""Rules of one file that need matching: their wildcard is not just a star before a name."""
MOST_STARS = 32
"""Wildcards in one rule."""
MOST_LENGTH = 4_096
"""Bytes of one rule: no system has longer paths."""
_MOST_REMEMBERED = 1_024
"""Results that one list caches."""

_SIMPLE = re.compile(rb"(!?)(/?)(\*?)([^*?\[\\]*?)(/?)")
"""Sign, anchor, a leading star, the plain part, and the slash of a rule for folders."""
_SPECIAL = re.compile(rb"[*?\[\\]")
_WILDCARD = re.compile(rb"[*?\[]")
_UNCERTAIN = re.compile(rb"[\[\\]")
_CORES = re.compile(rb"[*?/]")
_BEFORE_TAIL = (b"*", b"?", b"[", b"]", b"\\", b"/")


@dataclass(frozen=True, slots=True)
class Match:
    """The deciding rule: its line (from 1), and whether it includes a file again."""

    line: int
    negative: bool


class MatchBudget:
    """What one verdict may cost, in units of about half a microsecond."""

    __slots__ = ("left",)
    MOST = 120_000

    def __init__(self) -> None:
        self.left = self.MOST

    def spend(self, units: int) -> None:
        """Spend some units. Raises `Unreadable` when none are left."""
        self.left -= units
        if self.left < 0:
            raise Unreadable(
                "has too many patterns with wildcards to try in time",
                "shorten it, or use plain names",
            )


class _Tried:
    """A rule that needs matching. Every match begins with `head`, contains `core` and ends with
    `tail`; the pattern is parsed only for texts that pass this test."""

    __slots__ = (
        "core",
        "cost",
        "folded",
        "folders",
        "glob",
        "head",
        "index",
        "is_name",
        "pattern",
        "tail",
    )

    def __init__(
        self, index: int, folders: bool, pattern: bytes, is_name: bool, folded: bool
    ) -> None:
        first = _SPECIAL.search(pattern)
        plain = first.start() if first else len(pattern)
        tail = pattern[max(pattern.rfind(mark) for mark in _BEFORE_TAIL) + 1 :]
        self.index, self.folders, self.is_name, self.folded = index, folders, is_name, folded
        self.head = fold(pattern[:plain]) if folded else pattern[:plain]
        self.tail = fold(tail) if folded else tail
        core = max(_CORES.split(_UNCERTAIN.split(pattern, 1)[0]), key=len)
        self.core = fold(core) if folded else core
        # git compares the plain beginning first, and matches only the rest of a path as a pattern.
        self.pattern = pattern if is_name else pattern[plain:]
        self.glob: NameGlob | PathGlob | None = None
        self.cost = 20 + 2 * len(pattern)

    def read(self) -> NameGlob | PathGlob:
        """The pattern, ready to match. Raises `Malformed`."""
        if self.glob is None:
            kind = NameGlob if self.is_name else PathGlob
            self.glob = kind.of(self.pattern, self.folded)
        return self.glob

    def fits(self, text: bytes) -> bool:
        """Whether a name or a path matches. As in git, a malformed rule matches nothing."""
        try:
            return self.read().match(text if self.is_name else text[len(self.head) :])
        except Malformed:
            return False


Table = dict[bytes, int]
"""From a plain text to the number of the last rule about it."""


class RuleList:
    """Rules in order; the last one that matches decides.

    `strict` rejects rules that git accepts silently although they match nothing. Our own lists use
    it: otherwise nobody would tell the user that a line protects nothing.
    """

    def __init__(
        self,
        lines: Iterable[tuple[int, bytes]],
        *,
        size: int = 0,
        folded: bool = False,
        strict: bool = False,
    ) -> None:
        """`lines` are numbered lines. Raises `Unreadable` if a limit is exceeded."""
        self.size = size
        """The size of the file in bytes."""
        self._folded = folded
        self._lines: list[int] = []
        """The line of each rule; negative for a rule that includes again."""
        # For rules about everything, and for rules about folders only.
        self._names: tuple[Table, Table] = ({}, {})
        self._paths: tuple[Table, Table] = ({}, {})
        self._endings: tuple[Table, Table] = ({}, {})
        self._tried: list[_Tried] = []
        for number, line in lines:
            self._add(number, line, strict)
        self._tried.reverse()
        self.count = len(self._lines)
        """The number of rules."""
        self._lengths = sorted({len(ending) for table in self._endings for ending in table})
        self._remembered: dict[tuple[bytes, bool], tuple[Match | None, int]] = {}

    @classmethod
    def parse(cls, data: bytes, *, folded: bool = False, strict: bool = False) -> "RuleList":
        """Parse the rules of a file. Raises `Unreadable`."""
        if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data:
            raise Unreadable(
                "is in UTF-16 or has zero bytes, which git doesn't read either",
                "save it as UTF-8",
            )
        if data.count(b"\n") > MOST_LINES:
            raise Unreadable(f"has more than {MOST_LINES:,} lines", "shorten it")
        lines = (
            (number, _trimmed(line) if line[-1] in b" \r" else line)
            for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1)
            if line and line[0] != 0x23  # #
        )
        return cls(lines, size=len(data), folded=folded, strict=strict)

    def last_match(self, path: bytes, is_folder: bool, match_budget: MatchBudget) -> Match | None:
        """The rule that decides about a path, relative to the list's folder; `None` if no rule
        matches.

        Raises `Unreadable` if the budget is exceeded.
        """
        key = (path, is_folder)
        known = self._remembered.get(key)
        if known is None:
            before = match_budget.left
            index = self._last_index(fold(path) if self._folded else path, is_folder, match_budget)
            line = self._lines[index] if index >= 0 else 0
            known = (Match(abs(line), line < 0) if line else None, before - match_budget.left)
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = known
        else:  # Costs the same as the first time, so the verdict does not depend on the cache.
            match_budget.spend(known[1])
        return known[0]

    # -- reading --

    def _add(self, number: int, line: bytes, strict: bool) -> None:
        index = len(self._lines)
        if index >= MOST_RULES:
            raise Unreadable(f"has more than {MOST_RULES:,} rules", "shorten it")
        if len(line) > MOST_LENGTH:
            most = f"{MOST_LENGTH:,} bytes"
            raise Unreadable(f"has a rule of more than {most} in line {number}", "shorten it")
        simple = _SIMPLE.fullmatch(line)
        if simple is None:
            negative = self._add_tried(number, line, index, strict)
        else:
            sign, anchor, star, plain, slash = simple.groups()
            is_name = not anchor and b"/" not in plain
            if star and not is_name:
                negative = self._add_tried(number, line, index, strict)
            elif plain or star:
                negative = bool(sign)
                table = self._endings if star else self._names if is_name else self._paths
                table[bool(slash)][fold(plain) if self._folded else plain] = index
            else:
                return
        self._lines.append(-number if negative else number)

    def _add_tried(self, number: int, line: bytes, index: int, strict: bool) -> bool:
        """Add a rule with wildcards. Returns whether it includes again."""
        negative = line.startswith(b"!")
        pattern = line[1:] if negative else line
        folders = pattern.endswith(b"/")
        pattern = pattern[:-1] if folders else pattern
        if len(self._tried) >= MOST_TRIED:
            most = f"{MOST_TRIED:,} rules with wildcards"
            raise Unreadable(f"has more than {most}", "shorten it, or use plain names")
        if len(_WILDCARD.findall(pattern)) > MOST_STARS:
            most = f"{MOST_STARS} wildcards"
            raise Unreadable(f"has a rule with more than {most} in line {number}", "shorten it")
        is_name = b"/" not in pattern
        pattern = pattern.removeprefix(b"/")
        tried = _Tried(index, folders, pattern, is_name, self._folded)
        if strict:
            try:
                tried.read()
            except Malformed as error:
                raise Unreadable(f"can't be read in line {number}: {error}", "fix it") from None
        self._tried.append(tried)
        return negative

    # -- asking --

    def _last_index(self, path: bytes, is_folder: bool, match_budget: MatchBudget) -> int:
        name = path[path.rfind(b"/") + 1 :]
        best = -1
        for folders in (False, True) if is_folder else (False,):
            best = max(best, self._names[folders].get(name, -1), self._paths[folders].get(path, -1))
            endings = self._endings[folders]
            for length in self._lengths if endings else ():
                if length > len(name):
                    break
                best = max(best, endings.get(name[len(name) - length :], -1))
        return self._try(name, path, is_folder, best, match_budget) if self._tried else best

    def _try(
        self, name: bytes, path: bytes, is_folder: bool, best: int, match_budget: MatchBudget
    ) -> int:
        """The last matching rule that needs matching, if it comes after the rule `best`."""
        spent = len(self._lengths)
        for tried in self._tried:
            if tried.index < best:
                break
            spent += 1
            if tried.folders and not is_folder:
                continue
            text = name if tried.is_name else path
            if tried.core not in text or not text.startswith(tried.head):
                continue
            if not text.endswith(tried.tail):
                continue
            spent += tried.cost + (len(tried.pattern) * len(text) >> 4)
            if spent > match_budget.left:
                break
            if tried.fits(text):
                best = tried.index
                break
        match_budget.spend(spent)
        return best


def _trimmed(line: bytes) -> bytes:
    """The line without a Windows line end and trailing blanks, except one kept by a backslash."""
    line = line.removesuffix(b"\r")
    bare = line.rstrip(b" ")
    slashes = len(bare) - len(bare.rstrip(b"\\"))
    return bare + b" " if slashes % 2 and bare != line else bare
