"""An answer that holds more than its scope replaces only the scope."""

import pytest

from benchmarks.real_model.offline import Read, read_reply

PYTHON = '''\
class Shop:
    """A shop."""

    def __init__(self):
        self.items = []

    def add(self, item):
        check(item)
        self.items.append(item)

    def total(self):
        return sum(self.items)


def tail():
    return 1


def last():
    return 2
'''
ADD = "def add(self, item):\n        check(item)\n        self.items.append(item)"
NEW_ADD = ADD.replace("self.items.append", "if item:\n            self.items.append")
TAIL, NEW_TAIL = "def tail():\n    return 1", "def tail(by=1):\n    return by"
JAVA = """\
package shop;

public class Cart {
    private int count;

    public int size() {
        return count;
    }

    public void add(Item item) {
        count++;
    }
}
"""
PUT = "public void add(Item item) {\n        count++;\n    }"
NEW_PUT = PUT.replace("count++", "count += item.count()")
RUST = """\
pub struct P { x: i32 }

impl P {
    pub fn x(&self) -> i32 {
        self.x
    }

    pub fn y(&self) -> i32 {
        self.x + 1
    }
}
"""
X = "pub fn x(&self) -> i32 {\n        self.x\n    }"
NEW_X = X.replace("self.x", "self.x * 2")
RUBY = "class Cart\n  def total(a)\n    a.sum\n  end\n\n  def count(a)\n    a.size\n  end\nend\n"
TOTAL, NEW_TOTAL = "def total(a)\n    a.sum\n  end", "def total(a)\n    a.sum.to_i\n  end"


def read(text: str, language: str, scope: str, code: str) -> Read:
    start = text.index(scope)
    return read_reply(text, start, start + len(scope), language, "do it", f"```\n{code}\n```\n")


@pytest.mark.parametrize(
    ("text", "language", "scope", "code", "new"),
    [
        # The class around it: its header alone, with members as they are, with what is left out.
        (PYTHON, "python", ADD, f"class Shop:\n    {NEW_ADD}", NEW_ADD),
        (PYTHON, "python", ADD, f"class Shop:\n    # ...\n\n    {NEW_ADD}\n\n    # ...", NEW_ADD),
        (JAVA, "java", PUT, f"public class Cart {{\n    {NEW_PUT}\n}}", NEW_PUT),
        (JAVA, "java", PUT, f"class Cart {{\n    int count;\n\n    {NEW_PUT}\n}}", NEW_PUT),
        (RUST, "rust", X, f"impl P {{\n    {NEW_X}\n}}", NEW_X),
        (RUBY, "ruby", TOTAL, f"class Cart\n  {NEW_TOTAL}\nend", NEW_TOTAL),
        # A neighbour that is written differently there, and a new member.
        (
            PYTHON,
            "python",
            ADD,
            f"class Shop:\n    def total(self):\n        return 0\n\n    {NEW_ADD}\n\n"
            "    def size(self):\n        return len(self.items)",
            f"{NEW_ADD}\n\n    def size(self):\n        return len(self.items)",
        ),
        # Another function of the file, changed.
        (PYTHON, "python", TAIL, f"{NEW_TAIL}\n\n\ndef last():\n    return 3", NEW_TAIL),
        # The function around lines.
        (PYTHON, "python", "self.items.append(item)", NEW_ADD, NEW_ADD[NEW_ADD.index("if item") :]),
        (
            PYTHON,
            "python",
            "self.items.append(item)",
            f"class Shop:\n    {NEW_ADD}",
            NEW_ADD[NEW_ADD.index("if item") :],
        ),
        (JAVA, "java", "count++;", NEW_PUT, "count += item.count();"),
        # A line that calls a function of the same name.
        (
            JAVA.replace("count++", "items.add(item)"),
            "java",
            "items.add(item);",
            PUT.replace("count++", "items.add(item, 1)"),
            "items.add(item, 1);",
        ),
    ],
)
def test_only_what_stands_for_the_scope_is_taken(
    text: str, language: str, scope: str, code: str, new: str
) -> None:
    assert read(text, language, scope, code) == Read(text.replace(scope, new), "")


@pytest.mark.parametrize(
    ("text", "language", "scope", "code"),
    [
        (PYTHON, "python", "return 1", NEW_TAIL),
        (PYTHON, "python", "self.items.append(item)", NEW_ADD.replace("check", "ask")),
        (JAVA, "java", "count++;", NEW_PUT.replace("Item item", "Item item, int by")),
    ],
)
def test_a_change_outside_of_the_scope_is_reported(
    text: str, language: str, scope: str, code: str
) -> None:
    found = read(text, language, scope, code)
    assert found.text == text
    assert "around the selection" in found.sentence


def test_a_new_function_beside_the_scope_stays() -> None:
    code = f"{NEW_TAIL}\n\n\ndef more():\n    return tail(2)"
    assert read(PYTHON, "python", TAIL, code) == Read(PYTHON.replace(TAIL, code), "")


def test_a_class_of_another_name_is_no_wrapping() -> None:
    code = "class Box:\n    def tail(self):\n        return 1\n\n\n" + NEW_TAIL
    assert read(PYTHON, "python", TAIL, code).text == PYTHON.replace(TAIL, code)
