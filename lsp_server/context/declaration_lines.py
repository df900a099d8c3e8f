"""Which lines of a declaration are worth sending: all of a short one, signatures of a long one."""

from collections.abc import Iterable, Iterator

from lsp_server.context.file_facts import FUNCTIONS, VALUE, Declared, FileFacts

__all__ = ["LONGEST_WHOLE", "Lines", "lines_of"]

Lines = tuple[int, int]
"""The first and the last of some lines."""

LONGEST_WHOLE = 15
"""Lines of a function or value that is sent whole. A body that short says more than a comment
could, in about 150 tokens."""
_LONGEST_CLASS = 40
"""Lines of a class that is sent whole: mostly fields."""
_MOST_MEMBERS = 60
"""Members of which signatures are sent; of a larger class only those that are used are."""
_LONGEST_MEMBER = 5
"""Lines of a field, or of a signature, that nobody uses here."""
_CONSTRUCTORS = frozenset({"__init__", "constructor", "__construct", "initialize", "init", "new"})
_GAP = 2
"""Lines between two pieces that are sent too: blank ones, or a decorator."""


def lines_of(declared: Declared, facts: FileFacts, used: frozenset[str]) -> tuple[Lines, ...]:
    """The lines to send of a declaration, in order and apart. `used` are members that matter."""
    if declared.kind in FUNCTIONS or declared.kind == VALUE:
        return (_short(declared),)
    if declared.last - declared.first < _LONGEST_CLASS:
        return _joined([(declared.first, declared.last), *_methods(declared, facts, used)])
    return _joined([*_of_class(declared, facts, used), *_methods(declared, facts, used)])


def _short(declared: Declared) -> Lines:
    """All of a short declaration; of a long one the signature with its comments."""
    if declared.last - declared.first < LONGEST_WHOLE:
        return declared.first, declared.last
    if declared.kind == VALUE:
        return declared.first, declared.head + LONGEST_WHOLE - 1
    return declared.first, declared.signature_end


def _of_class(declared: Declared, facts: FileFacts, used: frozenset[str]) -> Iterator[Lines]:
    """The header with its comments, and the members."""
    yield declared.first, declared.signature_end
    members = [
        one
        for one in facts.members(declared.name)
        if declared.head <= one.head and one.last <= declared.last
    ]
    few = len(members) <= _MOST_MEMBERS
    for one in members:
        if one.name in used or one.name in _CONSTRUCTORS or one.name == declared.name:
            yield _short(one)
        elif few:
            yield one.head, min(one.signature_end, one.head + _LONGEST_MEMBER - 1)


def _methods(declared: Declared, facts: FileFacts, used: frozenset[str]) -> Iterator[Lines]:
    """The used methods that are declared outside of their type and of any `impl`, as in Go."""
    holders = [one for one in facts.declared if one.name == declared.name]
    for one in facts.members(declared.name):
        outside = all(one.head < each.head or one.last > each.last for each in holders)
        if one.name in used and outside and one.kind in FUNCTIONS:
            yield _short(one)


def _joined(lines: Iterable[Lines]) -> tuple[Lines, ...]:
    """The same lines in order, with those that nearly touch made one."""
    found: list[Lines] = []
    for first, last in sorted(lines):
        if found and first <= found[-1][1] + _GAP:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return tuple(found)
