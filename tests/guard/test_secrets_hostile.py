"""Texts made to keep the search busy: each is read in one pass.

Each repeats the beginning of something that is searched for, followed by what its patterns continue
with. A search that starts again at each of them would take minutes. The deadline is some hundred
times one pass.
"""

import time
from itertools import pairwise

import pytest

from lsp_server.guard.formats import RULES
from lsp_server.guard.pattern_search import SecretPattern
from lsp_server.guard.prefixes import PREFIXED
from lsp_server.guard.secret_places import CALLS, COMMANDS
from lsp_server.guard.secrets import find_secrets
from lsp_server.guard.telling_names import ANCHORS

_DEADLINE = 60.0
"""Seconds."""
_SIZE = 1_000
"""Code points for each beginning."""
_HINTS = sorted(
    {hint for rule in (*RULES, *CALLS, *COMMANDS) for hint in rule.hints}
    | {anchor.decode() for anchor in ANCHORS}
    | {start for start, *_ in PREFIXED}
    | {"-----BEGIN PRIVATE KEY-----", "Private-Lines: 1\n", "kind: Secret\ndata:\n", '"', "curl "}
)
_FILLS = [
    *(
        "",
        " ",
        '="',
        "(",
        ",",
        ":",
        "-",
        "\\",
        "A1",
        "=aaa\n",
        '("a", ',
        "\n  a: b\n",
        '="\\',
        "{{}",
    ),
]


@pytest.mark.parametrize("fill", _FILLS, ids=repr)
def test_beginnings_over_and_over(fill: str) -> None:
    text = "".join((hint + fill) * (_SIZE // len(hint + fill)) + "\n" for hint in _HINTS)
    _is_read_in_time(text)


@pytest.mark.parametrize("fill", [*' a1"=,:-.{'], ids=repr)
def test_a_beginning_with_no_end(fill: str) -> None:
    text = "".join(f'{hint}{fill * _SIZE}\n{hint}="{fill * _SIZE}\n' for hint in _HINTS)
    _is_read_in_time(text)


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "Ab1",
        "a ",
        '"',
        "'a",
        "=",
        "a=",
        '="',
        "\\",
        "\n",
        "://",
        "://a:",
        "a.",
        "(",
        "{",
        "a,",
        "auth=",
        "auth=auth ",
        "password='",
        "é",
    ],
)
def test_half_a_megabyte_of_one_thing(unit: str) -> None:
    _is_read_in_time(unit * (500_000 // len(unit)))


def test_every_rule_has_hints_that_are_words_of_it() -> None:
    """A rule would never run if none of its hints occurred in a text that it matches."""
    rules: tuple[SecretPattern, ...] = (*RULES, *CALLS, *COMMANDS)
    assert all(rule.hints and all(hint == hint.lower() for hint in rule.hints) for rule in rules)
    assert all("secret" in rule.pattern.groupindex for rule in rules)


def _is_read_in_time(text: str) -> None:
    began = time.monotonic()
    spans = find_secrets(text)
    assert time.monotonic() - began < _DEADLINE
    assert all(a.end <= b.start for a, b in pairwise(spans))
