"""Code that comes wrapped in something else is unwrapped."""

import json

import pytest

from benchmarks.real_model.offline import Read, read_reply

TEXT = """\
import re


def slug(text):
    text = text.lower()
    return re.sub(r"[^a-z]+", "-", text)


def last(a):
    return a[-1]
"""
SLUG = TEXT[TEXT.index("def slug") : TEXT.index("\n\n\ndef last")]
NEW = SLUG.replace("text.lower()", "text.strip().lower()")
WANTED = TEXT.replace(SLUG, NEW)


def read(reply: str, scope: str = SLUG, text: str = TEXT, language: str = "python") -> Read:
    start = text.index(scope)
    return read_reply(text, start, start + len(scope), language, "strip it first", reply)


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps({"code": NEW}),
        json.dumps({"explanation": "It strips the text.", "new_code": NEW}, indent=2),
        json.dumps({"edits": [{"file": "a.py", "text": NEW}]}),
        f"```json\n{json.dumps({'code': NEW})}\n```\n",
        # Escaped wrongly.
        json.dumps({"code": NEW}).replace("\\n", "\n"),
        # A block that is marked `diff` but is none.
        f"```diff\n{NEW}\n```\n",
    ],
)
def test_code_in_a_wrapping_is_taken_out_of_it(reply: str) -> None:
    assert read(reply) == Read(WANTED, "")


@pytest.mark.parametrize(
    ("text", "language", "scope", "new"),
    [
        ('{\n  "a": "b"\n}\n', "json", '{\n  "a": "b"\n}', '{\n  "a": "c"\n}'),
        ('x = {\n  "a": "b"\n};\n', "javascript", '{\n  "a": "b"\n}', '{\n  "a": "c"\n}'),
    ],
)
def test_an_object_that_is_the_code_stays_one(
    text: str, language: str, scope: str, new: str
) -> None:
    assert read(f"```\n{new}\n```", scope, text, language).text == text.replace(scope, new)


TESTS = 'def test_slug():\n    assert slug(" A b") == "a-b"'


@pytest.mark.parametrize("scope", [SLUG, TEXT[TEXT.index("def slug") : -1]])
def test_a_better_block_behind_another_one_is_the_answer(scope: str) -> None:
    new = scope.replace(SLUG, NEW)
    found = read(f"```python\n{TESTS}\n```\n\n```python\n{new}\n```\n", scope)
    assert found == Read(WANTED, "")
