"""git's patterns, matched without backtracking: each star's extent is found once, from the left.

Works on bytes, as git does. The time of one match is bounded by the length of the pattern times the
length of the path.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Chunk = bytes | tuple[bytes, ...]
"""What is between two stars: plain bytes, or for each byte a table of the 256 that match."""
Part = tuple[Chunk, ...]
"""The pattern of one name in a path; there is a star between two chunks."""
Token = int | bytes
"""A byte, or a table of 256. Negative numbers are the constants below."""

STAR, SLASH, DOUBLE, DOUBLE_SOME = -1, -2, -3, -4
"""`DOUBLE` matches any number of folders, `DOUBLE_SOME` at least one."""

_SPECIAL = b"*?[\\"
_FOLDED = bytes(byte + 32 if 65 <= byte <= 90 else byte for byte in range(256))
_NEVER = bytes(256)
_UPPER, _LOWER, _DIGIT = set(range(65, 91)), set(range(97, 123)), set(range(48, 58))
_PRINT = set(range(32, 127))
_CLASSES: dict[bytes, set[int]] = {
    b"alnum": _UPPER | _LOWER | _DIGIT,
    b"alpha": _UPPER | _LOWER,
    b"blank": {9, 32},
    b"cntrl": {*range(32), 127},
    b"digit": _DIGIT,
    b"graph": _PRINT - {32},
    b"lower": _LOWER,
    b"print": _PRINT,
    b"punct": _PRINT - {32} - _UPPER - _LOWER - _DIGIT,
    b"space": {9, 10, 13, 32},
    b"upper": _UPPER,
    b"xdigit": _DIGIT | set(b"abcdefABCDEF"),
}
"""As in git's own tables: ASCII only, in any locale."""


class Malformed(ValueError):
    """A pattern that can match nothing. git accepts it silently. The text says what is wrong."""


def fold(text: bytes) -> bytes:
    """The text in lower case, ASCII only, as git compares it if `core.ignoreCase` is set."""
    return text.translate(_FOLDED)


def literal_length(pattern: bytes) -> int:
    """How many bytes come before the first special one."""
    for index, byte in enumerate(pattern):
        if byte in _SPECIAL:
            return index
    return len(pattern)


@dataclass(frozen=True, slots=True)
class NameGlob:
    """A pattern without a slash: it matches the last name of a path."""

    part: Part

    @classmethod
    def of(cls, pattern: bytes, folded: bool) -> "NameGlob":
        """Parse a pattern. Raises `Malformed`."""
        return cls(_part(list(_tokens(pattern, folded, paths=False))))

    def match(self, name: bytes) -> bool:
        """Whether the whole name matches."""
        return _fits(self.part, name)


@dataclass(frozen=True, slots=True)
class PathGlob:
    """A pattern with a slash: it matches a whole path. `groups` are the names between two double
    stars; `least` says how many folders each double star must match at least."""

    groups: tuple[tuple[Part, ...], ...]
    least: tuple[int, ...]

    @classmethod
    def of(cls, pattern: bytes, folded: bool) -> "PathGlob":
        """Parse a pattern. Raises `Malformed`."""
        groups: list[list[Part]] = [[]]
        least: list[int] = []
        pending: list[Token] = []
        double = False
        for token in _tokens(pattern, folded, paths=True):
            if token == SLASH:
                if not double:
                    groups[-1].append(_part(pending))
                pending, double = [], False
            elif token in (DOUBLE, DOUBLE_SOME):
                least.append(1 if token == DOUBLE_SOME else 0)
                groups.append([])
                double = True
            else:
                pending.append(token)
        if not double:
            groups[-1].append(_part(pending))
        return cls(tuple(map(tuple, groups)), tuple(least))

    def match(self, path: bytes) -> bool:
        """Whether the whole path matches."""
        names = path.split(b"/")
        first, last = self.groups[0], self.groups[-1]
        if not self.least:
            return len(names) == len(first) and _all_fit(first, names, 0)
        low, high = len(first), len(names) - len(last)
        if high < low or not (_all_fit(first, names, 0) and _all_fit(last, names, high)):
            return False
        # Each group has a fixed number of names, so its first possible place is the best one.
        for group, least in zip(self.groups[1:-1], self.least, strict=False):
            low += least
            while low + len(group) <= high and not _all_fit(group, names, low):
                low += 1
            low += len(group)
        return high - low >= self.least[-1]


# -- reading --


def _tokens(pattern: bytes, folded: bool, *, paths: bool) -> Iterator[Token]:
    """The tokens of a pattern. Raises `Malformed`."""
    at, length = 0, len(pattern)
    while at < length:
        byte = pattern[at]
        if byte == 0x2A:  # *
            start = at
            while at < length and pattern[at] == 0x2A:
                at += 1
            yield _stars(pattern, start, at) if paths else STAR
        elif byte == 0x3F:  # ?
            yield _ANY_BUT_SLASH
            at += 1
        elif byte == 0x5B:  # [
            table, at = _class(pattern, at, folded)
            yield table
        elif byte == 0x5C:  # \
            if at + 1 == length:
                raise Malformed("it ends with a backslash")
            byte = pattern[at + 1]
            if byte == 0x2F and paths:
                yield SLASH
            else:
                # git lowers the path but not an escaped letter, so an escaped capital never
                # matches.
                yield _NEVER if folded and 65 <= byte <= 90 else byte
            at += 2
        else:
            yield SLASH if byte == 0x2F and paths else (_FOLDED[byte] if folded else byte)
            at += 1


def _stars(pattern: bytes, start: int, end: int) -> int:
    """What a run of stars means. Two that fill the space between slashes are a double star."""
    if end - start < 2 or (start and pattern[start - 1] != 0x2F):
        return STAR
    if end == len(pattern) or pattern[end : end + 2] == b"\\/":
        return DOUBLE_SOME
    return DOUBLE if pattern[end] == 0x2F else STAR


def _class(pattern: bytes, at: int, folded: bool) -> tuple[bytes, int]:
    """The table of the character class that opens at `at`, and where the rest begins."""
    table = bytearray(256)
    at += 1
    negated = pattern[at : at + 1] in (b"!", b"^")
    at += negated
    previous, begun = 0, False
    while True:
        byte = _byte(pattern, at)
        if byte == 0x5D and begun:  # ]
            break
        begun = True
        if byte == 0x5C:  # \
            at += 1
            byte = _byte(pattern, at)
            table[byte] = 1
        elif byte == 0x2D and previous and pattern[at + 1 : at + 2] not in (b"", b"]"):  # -
            at += 1
            if _byte(pattern, at) == 0x5C:
                at += 1
            _range(table, previous, _byte(pattern, at), folded)
            byte = 0
        elif byte == 0x5B and pattern[at + 1 : at + 2] == b":":  # [:
            end = pattern.find(b"]", at + 2)
            if end < 0:
                raise Malformed("a `[` isn't closed")
            if end - 1 >= at + 2 and pattern[end - 1] == 0x3A:
                _named(table, pattern[at + 2 : end - 1], folded)
                at, byte = end, 0
            else:
                table[byte] = 1
        else:
            table[byte] = 1
        previous = byte
        at += 1
    if negated:
        table = bytearray(1 - value for value in table)
    table[0x2F] = 0
    return bytes(table), at + 1


def _byte(pattern: bytes, at: int) -> int:
    if at >= len(pattern):
        raise Malformed("a `[` isn't closed")
    return pattern[at]


def _range(table: bytearray, first: int, last: int, folded: bool) -> None:
    for byte in range(first, last + 1):
        table[byte] = 1
        if folded and 65 <= byte <= 90:
            table[byte + 32] = 1


def _named(table: bytearray, name: bytes, folded: bool) -> None:
    found = _CLASSES.get(name)
    if found is None:
        raise Malformed(f"there is no class [:{name.decode('ascii', 'replace')}:]")
    for byte in found | _LOWER if folded and name == b"upper" else found:
        table[byte] = 1


_ANY_BUT_SLASH = bytes(0 if byte == 0x2F else 1 for byte in range(256))


def _part(tokens: Sequence[Token]) -> Part:
    chunks: list[list[Token]] = [[]]
    for token in tokens:
        if token != STAR:
            chunks[-1].append(token)
        elif len(chunks) == 1 or chunks[-1]:  # Two stars with nothing between them are one.
            chunks.append([])
    return tuple(map(_chunk, chunks))


def _chunk(tokens: Sequence[Token]) -> Chunk:
    plain = [token for token in tokens if isinstance(token, int)]
    if len(plain) == len(tokens):
        return bytes(plain)
    return tuple(token if isinstance(token, bytes) else _only(token) for token in tokens)


def _only(byte: int) -> bytes:
    return bytes(1 if other == byte else 0 for other in range(256))


# -- matching --


def _all_fit(parts: Sequence[Part], names: Sequence[bytes], at: int) -> bool:
    return all(_fits(part, names[at + index]) for index, part in enumerate(parts))


def _fits(part: Part, name: bytes) -> bool:
    first, last = part[0], part[-1]
    if len(part) == 1:
        return len(name) == len(first) and _stands(first, name, 0)
    low, high = len(first), len(name) - len(last)
    if high < low or not (_stands(first, name, 0) and _stands(last, name, high)):
        return False
    for chunk in part[1:-1]:
        low = _find(chunk, name, low, high)
        if low < 0:
            return False
        low += len(chunk)
    return True


def _stands(chunk: Chunk, name: bytes, at: int) -> bool:
    """Whether a chunk matches at a place with enough characters left."""
    if isinstance(chunk, bytes):
        return name.startswith(chunk, at)
    return all(table[name[at + index]] for index, table in enumerate(chunk))


def _find(chunk: Chunk, name: bytes, low: int, high: int) -> int:
    """The first place of a chunk in `name[low:high]`, or -1."""
    if isinstance(chunk, bytes):
        return name.find(chunk, low, high)
    for at in range(low, high - len(chunk) + 1):
        if _stands(chunk, name, at):
            return at
    return -1
