"""Texts too deep for a grammar's scanner: parsed all the same, and nothing else is touched."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.syntax.languages import all_languages, language_for
from lsp_server.syntax.nesting_depth import Nesting, shallow
from tests.syntax.gate_sources import SOURCES

DEPTHS = st.sampled_from([language.nesting for language in all_languages()])
DEEP = {
    "yaml": {
        "keys": "".join(f"{' ' * level}a:\n" for level in range(600)),
        "items in one line": "- " * 900 + "x\n",
        "questions": "? " * 900 + "x\n",
        "items": "".join(f"{'  ' * level}- a:\n" for level in range(400)),
    },
    "markdown": {
        "quotes": ">" * 900 + "x\n",
        "quotes behind a lone return": "a\r" + "> " * 900 + "x\r",
        "lists in one line": "- " * 900 + "x\n",
        "lists": "".join(f"{'  ' * level}- x\n\n" for level in range(400)),
        "numbers": "1. " * 900 + "x\n",
    },
    "python": {
        "blocks": "".join(f"{' ' * level}if x:\n" for level in range(900)) + " " * 900 + "'a'\n",
        "tabs": "".join(f"{chr(9) * level}if x:\n" for level in range(900)) + "\t" * 900 + "'a'\n",
    },
}
# Each in a process of its own: what overruns the scanner's memory ends the process, or a later one.
PARSE = """
import sys
from lsp_server.syntax.languages import language_for
language, text = language_for(sys.argv[1]), sys.stdin.buffer.read()
for _ in range(3):
    assert language.parse(text).root_node.end_byte <= len(text)
"""


@pytest.mark.parametrize(
    ("language", "name"), [(language, name) for language in DEEP for name in DEEP[language]]
)
def test_a_deep_text_does_not_end_the_process(language: str, name: str) -> None:
    text = DEEP[language][name].encode()
    found = language_for(language)
    assert found is not None and shallow(text, found.nesting) != text
    done = subprocess.run([sys.executable, "-c", PARSE, language], input=text, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("name", SOURCES)
def test_ordinary_texts_stay_as_they_are(name: str) -> None:
    text = SOURCES[name].document.encode()
    for language in all_languages():
        assert shallow(text, language.nesting) == text


@given(DEPTHS, st.lists(st.sampled_from(b" \t>-?:.1a\n\r"), max_size=2000).map(bytes))
def test_places_and_line_ends_stay_true(nesting: Nesting, text: bytes) -> None:
    once = shallow(text, nesting)
    assert len(once) == len(text)
    assert [i for i, c in enumerate(once) if c in b"\r\n"] == [
        i for i, c in enumerate(text) if c in b"\r\n"
    ]
    assert shallow(once, nesting) == once
