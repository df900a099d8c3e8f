"""Complete definitions of an answer replace those of the same name."""

import pytest

from lsp_server.edit.definitions import DefinitionsReader
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.member_definitions import MemberDefinitions

PYTHON = '''import os

LIMIT = 1


# About f.
@cached(1)
def f(a):
    return 1


class Box(Base):
    """A box."""

    size: int = 3

    def open(self):
        return self.size

    def close(self):
        return None


class Lid:
    def close(self):
        return 0


def last():
    return f(LIMIT)
'''
TYPESCRIPT = """import { a } from "a";

export const LIMIT: number = 1;

/** About f. */
export function f(x: number): number {
  return x;
}

export class Box extends Base {
  private size: number = 3;

  open(): number {
    return this.size;
  }

  async close(): Promise<void> {
    return;
  }
}

const g = (x: number) => {
  return x;
};
"""
GO = """package box

import "fmt"

// Box is a box.
type Box struct {
\tsize int
}

// Open opens.
func (b *Box) Open() int {
\treturn b.size
}

func f(a int) int {
\treturn a
}
"""
RUST = """use std::fmt;

/// A box.
#[derive(Debug)]
pub struct Box {
    size: u8,
}

impl Box {
    /// Makes one.
    pub fn new() -> Self {
        Box { size: 1 }
    }

    fn open(&self) -> u8 {
        self.size
    }
}

impl fmt::Display for Box {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        Ok(())
    }
}
"""
JAVA = """public class Box extends Base {
    private int size = 1;

    /** Opens. */
    @Override
    public int open(int a) {
        return 1;
    }

    public int open(String a) {
        return 2;
    }

    void close() {
    }
}
"""
C = """#include <stdio.h>

#define LIMIT 3

/* About area. */
static int area(int w)
{
    return w;
}

int main(void)
{
    return area(LIMIT);
}
"""


def read(language_id: str, original: str, answer: str, step: int = 10**6) -> DefinitionsReader:
    """The reader after the whole answer, which came `step` characters at a time."""
    language = language_for(language_id, "", "")
    assert language is not None
    names = MemberDefinitions(language, "", original, "")
    reader = DefinitionsReader(original, names, language=language_id)
    for start in range(0, len(answer), step):
        reader.push(answer[start : start + step])
    reader.finish(True)
    return reader


CASES = {
    "a function": ("python", PYTHON, "def f(a):\n    return 2\n", [("return 1", "return 2")]),
    "a method, taken out of its class": (
        "python",
        PYTHON,
        "def open(self):\n    return self.size + 1\n",
        [("return self.size\n", "return self.size + 1\n")],
    ),
    "a method in its class, the others left out": (
        "python",
        PYTHON,
        "class Lid:\n    # ... existing code ...\n    def close(self):\n        return 1\n",
        [("return 0", "return 1")],
    ),
    "a short class header keeps the long one": (
        "python",
        PYTHON,
        "class Box:\n    def close(self):\n        return 5\n\n",
        [("return None", "return 5")],
    ),
    "a constant": ("python", PYTHON, "LIMIT = 2\n", [("LIMIT = 1", "LIMIT = 2")]),
    "an import and a new function": (
        "python",
        PYTHON,
        "import sys\n\ndef f(a):\n    return 2\n\ndef new():\n    return 3\n",
        [
            ("import os\n", "import os\nimport sys\n"),
            ("return 1\n", "return 2\n\n\ndef new():\n    return 3\n"),
        ],
    ),
    "a new method behind another": (
        "python",
        PYTHON,
        "class Box:\n    def close(self):\n        return 5\n\n"
        "    def lock(self):\n        return 6\n",
        [("return None\n", "return 5\n\n    def lock(self):\n        return 6\n")],
    ),
    "deleted by name": (
        "python",
        PYTHON,
        "delete: Box.open\n",
        [("    def open(self):\n        return self.size\n\n", "")],
    ),
    "its comment anew": (
        "python",
        PYTHON,
        "# Of f.\ndef f(a):\n    return 2\n",
        [("# About f.", "# Of f."), ("return 1", "return 2")],
    ),
    "the whole scope": (
        "python",
        PYTHON,
        PYTHON.replace("return 0", "return 1"),
        [("return 0", "return 1")],
    ),
    "typescript": (
        "typescript",
        TYPESCRIPT,
        "export function f(x: number): number {\n  return x + 1;\n}\n\n"
        "async close(): Promise<void> {\n  await a;\n}\n\n"
        "const g = (x: number) => {\n  return 2;\n};\n",
        [
            ("  return x;\n}\n\nexport", "  return x + 1;\n}\n\nexport"),
            ("    return;", "    await a;"),
            ("  return x;\n};", "  return 2;\n};"),
        ],
    ),
    "go": (
        "go",
        GO,
        "func (b *Box) Open() int {\n\treturn 2\n}\n\nfunc f(a int) int {\n\treturn 3\n}\n",
        [("return b.size", "return 2"), ("return a", "return 3")],
    ),
    "rust": (
        "rust",
        RUST,
        "pub struct Box {\n    size: u16,\n}\n\nimpl Box {\n    fn open(&self) -> u16 {\n"
        "        self.size\n    }\n}\n",
        [("size: u8", "size: u16"), ("-> u8", "-> u16")],
    ),
    "java, of two of a name": (
        "java",
        JAVA,
        "public int open(String a) {\n    return 3;\n}\n",
        [("return 2", "return 3")],
    ),
    "java, in its class": (
        "java",
        JAVA,
        "class Box {\n    private int size = 2;\n\n"
        "    void close() {\n        size = 0;\n    }\n}\n",
        [("size = 1", "size = 2"), ("void close() {\n", "void close() {\n        size = 0;\n")],
    ),
    "c": (
        "c",
        C,
        "#define LIMIT 4\n\nstatic int area(int w)\n{\n    return w * w;\n}\n",
        [("LIMIT 3", "LIMIT 4"), ("return w;", "return w * w;")],
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("step", [1, 7, 10**6])
def test_a_definition_takes_the_place_of_its_namesake(case: str, step: int) -> None:
    language, original, answer, changes = CASES[case]
    expected = original
    for old, new in changes:
        assert expected.count(old) == 1
        expected = expected.replace(old, new)
    reader = read(language, original, f"Here it is:\n```{language}\n{answer}```\nDone.\n", step)
    assert reader.text == expected
    assert reader.proven
    assert reader.skipped == ()


def test_what_cannot_be_distinguished_is_left_out_with_a_sentence() -> None:
    method = "    def m(self):\n        return 1\n"
    original = f"class A:\n{method}\n\nclass B:\n{method}"
    reader = read("python", original, "```\ndef m(self):\n    return 2\n```\n")
    assert reader.text in ("", original)
    assert "several definitions of that name" in reader.skipped[0]


def test_what_comes_out_of_order_is_left_out_with_a_sentence() -> None:
    answer = "```\ndef last():\n    return 1\n\ndef f(a):\n    return 2\n```\n"
    reader = read("python", PYTHON, answer)
    assert reader.text == PYTHON.replace("return f(LIMIT)", "return 1")
    assert "order of the code" in reader.skipped[0]


def test_an_answer_that_breaks_off_proves_nothing() -> None:
    language = language_for("python", "", "")
    assert language is not None
    reader = DefinitionsReader(
        PYTHON, MemberDefinitions(language, "", PYTHON, ""), language="python"
    )
    reader.push("```python\ndef f(a):\n    return 2\n\ndef last():\n    ret")
    reader.finish(False)
    assert not reader.proven
    assert PYTHON.replace("return 1", "return 2").startswith(reader.text.rpartition("\n")[0])


def test_words_without_code_are_for_the_user() -> None:
    reader = read("python", PYTHON, "I cannot do that.")
    assert reader.refusal == "I cannot do that."
    assert not reader.text
