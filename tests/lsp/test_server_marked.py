"""What was selected of a wider scope is told to the model, which may answer with that alone."""

import pytest

from lsp_server.session.answer_messages import ONLY_SELECTED
from tests.support.stage import Stage

URI = "file:///project/a.x"
PAGE = "<ul>\n  <li>One</li>\n  <li>Two</li>\n  <li>Three</li>\n</ul>\n"
PYTHON = "def f(items):\n    check(items)\n    total = compute(items)\n    return total\n"
YAML = "a:\r\n  name: x\r\n  value: y\r\nb:\r\n  other: zzzz\r\n"
KOTLIN = "fun f() {\n    first()\n    if (b) {\n        second(a)\n    }\n    third()\n}\n"


def answered(stage: Stage, language: str, text: str, piece: str, code: str) -> str:
    """What is said once that answer has come for the whole function or file."""
    stage.begin()
    stage.client.open(URI, text, language)
    scope = "file" if language in ("html", "yaml") else "function"
    session = stage.edit(URI, piece, scope=scope)
    asked = stage.asked()
    assert "The user selected this part of it, lines " in asked.prompt
    asked.answer(code)
    return str(stage.reach(session, "review").get("message", {}).get("text", ""))


@pytest.mark.parametrize(
    ("language", "text", "piece", "code", "wanted"),
    [
        ("html", PAGE, "<li>Two</li>", "<li><b>Two</b></li>", "  <li><b>Two</b></li>"),
        (
            "python",
            PYTHON,
            "compute(items)",
            "total = compute(items, fast=True)",
            "    total = compute(items, fast=True)",
        ),
        ("yaml", YAML, "value: y", "value: yy\nmore: true", "  value: yy\r\n  more: true"),
        ("a-language-of-mine", KOTLIN, "second(a)", "    second(a, b)", "        second(a, b)"),
    ],
)
def test_an_answer_that_is_the_part_takes_its_place(
    stage: Stage, language: str, text: str, piece: str, code: str, wanted: str
) -> None:
    said = answered(stage, language, text, piece, code)
    line = next(line for line in text.splitlines() if piece in line)
    assert stage.client.text(URI) == text.replace(line, wanted)
    assert said == ONLY_SELECTED


@pytest.mark.parametrize(
    "code",
    [
        PYTHON.replace("compute(items)", "sum(items)").rstrip(),
        "def f(items):\n    return compute(items)",
        PYTHON.replace("    check(items)\n", "").rstrip(),
    ],
)
def test_an_answer_that_is_all_of_the_scope_is_read_as_that(stage: Stage, code: str) -> None:
    assert answered(stage, "python", PYTHON, "compute(items)", code) != ONLY_SELECTED
    assert stage.client.text(URI) == f"{code}\n"


def test_a_header_that_comes_back_with_a_body_is_all_of_the_scope(stage: Stage) -> None:
    code = "def f(items):\n    return sum(items)"
    assert answered(stage, "python", PYTHON, "def f(items):", code) != ONLY_SELECTED
    assert stage.client.text(URI) == f"{code}\n"


def test_a_header_alone_takes_its_place(stage: Stage) -> None:
    code = "def f(items, fast=True):"
    assert answered(stage, "python", PYTHON, "def f(items):", code) == ONLY_SELECTED
    assert stage.client.text(URI) == PYTHON.replace("def f(items):", code)


def test_a_redirect_tells_it_as_well_and_a_wider_scope_from_its_own_start(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, f"import os\n\n\n{PYTHON}", "python")
    session = stage.edit(URI, "compute(items)\n    return total", scope="function")
    asked = stage.asked()
    assert "selected this part" in asked.prompt
    asked.answer(PYTHON.replace("return total", "return total + 1"))
    stage.reach(session, "review")
    more = {"session": session, "instruction": "again", "scope": "file"}
    stage.client.command("midstream.redirect", more)
    part = "The user selected this part of it, lines 6-7:\n```python\n    total = compute"
    assert part in stage.asked().prompt
