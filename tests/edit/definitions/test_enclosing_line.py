"""Answers that begin with the line that the scope stands under or behind, and those that do not."""

import pytest

from lsp_server.edit.definitions import EnclosingReach, reach_of

LOOP = "for i in range(3):\n    "
DEEP = "fun f() {\n    if (a) {\n        "


@pytest.mark.parametrize(
    ("before", "original", "answer", "reach"),
    [
        (f"{LOOP}", "x += i", "for i in range(1, 3):\n    x += i", EnclosingReach(1, under=True)),
        (DEEP, "run()", "if (a && b) {\n    run()\n}", EnclosingReach(1, under=True)),
        (DEEP, "run()", "suspend fun f(a: Int) {\n    run()\n}", EnclosingReach(2, under=True)),
        (f"{DEEP}one()\n        ", "run()", "fun f(by: Int) {\n}", EnclosingReach(3, under=True)),
        (
            "f <- function(a) {\n  ",
            "a",
            "f <- function(a, b) {\n  a\n}",
            EnclosingReach(1, under=True),
        ),
        (
            "def f(\n    a,\n    b,\n):\n    ",
            "return a",
            "@cached\ndef f(\n    a: int,\n    b: int,\n):\n    return a",
            EnclosingReach(4, under=True),
        ),
        (
            "if (a)\n{\n    x()\n}\nelse\n{\n    ",
            "y()",
            "if (a && b)\n{\n    x()\n}\nelse\n{\n    z()\n}",
            EnclosingReach(6, under=True),
        ),
        ("begin()\ncheck(a)\n", "run(a)", "check(a, b)\nrun(a)", EnclosingReach(1, under=False)),
        # Blocks of its own, a statement in front, and imports.
        (LOOP, "x += i", "for j in range(3):\n    x += i * j", None),
        (LOOP, "x += i", "if i:\n    x += i", None),
        (DEEP, "run()", "others.forEach {\n    run(it)\n}", None),
        (DEEP, "if (a) {\n    run()\n}", "if (a && b) {\n    run()\n}", None),
        ("items.append(a)\n", "return items", "items.append(b)\nreturn items", None),
        ("import os\n", "import sys", "import os.path\nimport sys", None),
        ("x = 1\ny = 2\n", "z = 3", "z = 4", None),
        ("def f(a):\n    ", "", "def f(a, b):\n    pass", None),
        ("x = ", "f(a)", "f(a, b)", None),
    ],
)
def test_only_the_line_above_in_other_words_is_more_than_the_scope(
    before: str, original: str, answer: str, reach: EnclosingReach | None
) -> None:
    assert reach_of(before, original, answer) == reach
