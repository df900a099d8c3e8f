"""Regular expressions that the older Pythons read wrongly are distinguished from all others."""

import re

import pytest

from tests.support.patterns import is_read_alike, patterns


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:ab?c)*+",
        r"(?:ab?c)?+",
        r"(?:ab?c){1,3}+",
        r'(?:[^"]++|"(?!""))*+',
        r"(?:[^ ]++|[ ]++(?=[^ ]))*+",
        r"(?:a++b++)*+",
        r"a(?:b|(?=(?:ab?c)*+))?",
        rb"(?>(?:ab?c)*+)*+",
    ],
)
def test_a_group_that_fails_behind_a_place_it_has_noted(pattern: str | bytes) -> None:
    assert not is_read_alike(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?>ab?c)*+",
        r'(?:[^"\\]++|\\.)*+',
        r"(?:a[bc])*+",
        r"(?:a++b)*+",
        r"(?:ab?c)*",
        r"a++",
        r"(?:a|)*+",
    ],
)
def test_what_every_python_reads_alike(pattern: str) -> None:
    assert is_read_alike(pattern)


def test_an_atomic_group_puts_the_place_back() -> None:
    match = re.match(r"(?>ab?c)*+", "acab")
    assert match is not None and match.end() == 2


def test_tables_and_the_patterns_in_them_are_looked_into() -> None:
    names = {name for name, _ in patterns()}
    assert {"guard.formats", "syntax.python_lines"} <= names
