"""What an answer repeats of the document in front of its scope is not written twice."""

import pytest

from benchmarks.real_model.offline import Read, read_reply
from lsp_server.session.answer_reading import AnswerReading
from lsp_server.session.request import Form
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.member_definitions import MemberDefinitions

RUST = """\
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read};

pub struct Point { x: i32 }

impl Point {
    pub fn x(&self) -> i32 {
        self.x
    }
}

pub fn show(p: &Point) -> String {
    p.x().to_string()
}

pub fn last() {}
"""
SHOW = "pub fn show(p: &Point) -> String {\n    p.x().to_string()\n}"
NEW_SHOW = SHOW.replace("p.x()", "(p.x() + 1)")
METHOD = "pub fn x(&self) -> i32 {\n        self.x\n    }"
GO_SHOW = "func Show(s string) string {\n\treturn s\n}"
GO = f'package shop\n\nimport (\n\t"fmt"\n\t"strings"\n)\n\n{GO_SHOW}\n'
NEW_GO = GO_SHOW.replace("return s", "return s + s")
PYTHON = """\
import os
from typing import Iterable, Optional


def first(a):
    return a


class Box:
    def size(self):
        return len(os.name)


def last(a):
    return a[-1]
"""
JS = """\
import { join, resolve } from "path";

export function load(p) {
  return join(".", p);
}
"""
C = "#include <stdio.h>\n\n#define N 3\n\nint mul(int a)\n{\n    return a * N;\n}\n"
PHP = "<?php\n\nuse App\\\\User;\n\nfunction helper() { return 1; }\n"
LAST = "def last(a):\n    return a[-1]"
NEW_LAST = "def last(a):\n    return a[-1] if a else None"


def read(text: str, scope: str, language: str, code: str) -> Read:
    start = text.index(scope)
    return read_reply(text, start, start + len(scope), language, "do it", f"```\n{code}\n```\n")


@pytest.mark.parametrize(
    ("text", "language", "scope", "lead", "new"),
    [
        (RUST, "rust", SHOW, "use std::fmt;\n\n", NEW_SHOW),
        (RUST, "rust", SHOW, "use std::{fmt, io};\n", NEW_SHOW),
        (RUST, "rust", SHOW, "use std::io::{\n    Read,\n    self,\n};\n\n", NEW_SHOW),
        (RUST, "rust", SHOW, "use std::fmt;\n\npub struct Point { x: i32 }\n\n", NEW_SHOW),
        (RUST, "rust", METHOD, "use std::fmt;\n\n", METHOD.replace("self.x", "self.x + 1")),
        (GO, "go", GO_SHOW, 'package shop\n\nimport "fmt"\n\n', NEW_GO),
        (GO, "go", GO_SHOW, "package main\n\n", NEW_GO),
        (PYTHON, "python", LAST, "import os\nfrom typing import Optional\n\n\n", NEW_LAST),
        (PYTHON, "python", LAST, "# tools/box.py\n", NEW_LAST),
        (JS, "javascript", JS[JS.index("export") : -1], "import { join } from 'path'\n\n",
         'export function load(p) {\n  return join("..", p);\n}'),
        (C, "c", C[C.index("int") : -1], "#include <stdio.h>\n\n#define N 3\n\n",
         "int mul(int a)\n{\n    return N * a;\n}"),
        (PHP, "php", PHP[PHP.index("function") : -1], "<?php\n\nuse App\\\\User;\n\n",
         "function helper() { return 2; }"),
    ],
)  # fmt: skip
def test_what_the_document_holds_is_not_written_twice(
    text: str, language: str, scope: str, lead: str, new: str
) -> None:
    found = read(text, scope, language, lead + new)
    assert found.text == text.replace(scope, new)
    assert found.sentence == ""


@pytest.mark.parametrize(
    ("text", "language", "scope", "lead", "told"),
    [
        # Where an import is allowed, a new one belongs to the answer.
        (PYTHON, "python", LAST, "import re\n\n\n", False),
        (PYTHON, "python", LAST, "from os import name\n\n", False),
        (RUST, "rust", SHOW, "use std::fmt::Display;\n\n", False),
        (JS, "javascript", JS[JS.index("export") : -1], 'import { sep } from "path";\n\n', False),
        # Elsewhere it is left out.
        (RUST, "rust", METHOD, "use std::env;\n\n", True),
        (PYTHON, "python", "def size(self):\n        return len(os.name)", "import re\n\n", True),
        (GO, "go", GO_SHOW, 'import "errors"\n\n', True),
    ],
)
def test_a_new_import_stays_or_is_reported(
    text: str, language: str, scope: str, lead: str, told: bool
) -> None:
    found = read(text, scope, language, lead + scope.replace("return", "return  "))
    assert (lead.strip() in found.text) is not told
    assert (f"needs `{lead.strip()}`" in found.sentence) is told


def test_an_answer_of_nothing_else_is_not_emptied() -> None:
    found = read(PYTHON, LAST, "python", "import os\nimport os")
    assert found.text == PYTHON
    assert "only a part" in found.sentence


def test_in_a_function_an_import_is_its_own() -> None:
    found = read(PYTHON, "return a[-1]", "python", "import os\nreturn os.name")
    assert "def last(a):\n    import os\n    return os.name\n" in found.text


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_what_goes_does_not_depend_on_the_pieces(step: int) -> None:
    language = language_for("rust", "a.rs")
    assert language is not None
    start = RUST.index(SHOW)
    before, after = RUST[:start], RUST[start + len(SHOW) :]
    reading = AnswerReading(
        Form.REWRITE, SHOW, lambda scope: MemberDefinitions(language, before, scope, after),
        before=before, after=after, language="rust",
    )  # fmt: skip
    reply = f"```rust\n// a.rs\nuse std::{{\n    fmt,\n}};\nuse std::env;\n\n{NEW_SHOW}\n```\n"
    for at in range(0, len(reply), step):
        reading.push(reply[at : at + step])
    reading.finish(True)
    assert reading.text == f"use std::env;\n\n{NEW_SHOW}"


SHELL = '#!/bin/bash\nset -e\n\nmain() {\n  echo hi\n}\n\nmain "$@"\n'
LUA = "local M = {}\n\nfunction M.b()\n  return 2\nend\n\nreturn M\n"


@pytest.mark.parametrize(
    ("text", "language", "scope", "old", "new"),
    [
        (SHELL, "shellscript", "main() {\n  echo hi\n}", "hi", "hello"),
        (LUA, "lua", "function M.b()\n  return 2\nend", "2", "3"),
    ],
)
def test_of_a_whole_file_one_line_below_the_scope_goes_too(
    text: str, language: str, scope: str, old: str, new: str
) -> None:
    found = read(text, scope, language, text.replace(old, new).rstrip("\n"))
    assert found == Read(text.replace(old, new), "")
