"""Which regular expressions the older Pythons read wrongly.

Python 3.11.0 to 3.11.4, that of Debian 12 among them, go on from the wrong place where a possessive
repetition of a group ends: behind what the group's last, failed try has passed already
(https://github.com/python/cpython/issues/106052). An atomic group puts the place back: `(?>...)*+`
in place of `(?:...)*+` means the same in every Python. So does a group that never notes a place
before it fails: characters in a row, of which the first may be repeated.
"""

import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from tests.support.architecture import SOURCE, module_files

_parser: Any = importlib.import_module("re._parser")
_op: Any = importlib.import_module("re._constants")

_ONE = frozenset({_op.LITERAL, _op.NOT_LITERAL, _op.IN, _op.ANY})
"""What matches one character."""


def patterns() -> Iterator[tuple[str, "re.Pattern[Any]"]]:
    """All that the package's modules hold, with the module's name. One may come several times."""
    for name, _ in module_files():
        if not name.endswith("__main__"):
            module = importlib.import_module(f"{SOURCE.name}.{name}".rstrip("."))
            for value in vars(module).values():
                yield from ((name, pattern) for pattern in _within(value))


def _within(value: object) -> Iterator["re.Pattern[Any]"]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, Mapping):
        yield from _within(tuple(value.values()))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _within([getattr(value, one.name) for one in fields(value)])
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from _within(one)


def is_read_alike(pattern: "str | bytes", flags: int = 0) -> bool:
    """Whether all supported Pythons find the same with it."""
    return _is_sound(_parser.parse(pattern, flags))


def _is_sound(items: Iterable[Any]) -> bool:
    for kind, value in items:
        if kind is _op.POSSESSIVE_REPEAT and not _keeps_its_place(value[2]):
            return False
        if not all(_is_sound(part) for part in _parts(value)):
            return False
    return True


def _parts(value: object) -> Iterator[Any]:
    """The expressions in what belongs to an item."""
    if isinstance(value, _parser.SubPattern):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _parts(one)


def _keeps_its_place(group: Iterable[Any]) -> bool:
    """Whether a try of what is repeated that fails leaves the place as it was."""
    items = list(group)
    if not items:
        return True
    (kind, value), *others = items
    if not others and kind is _op.ATOMIC_GROUP:
        return True
    if not others and kind is _op.BRANCH:
        return all(_keeps_its_place(way) for way in value[1])
    repeated = kind is _op.POSSESSIVE_REPEAT and len(value[2]) == 1 and value[2][0][0] in _ONE
    return (kind in _ONE or repeated) and all(other in _ONE for other, _ in others)
