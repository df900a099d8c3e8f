"""The files that the models edit in the tests with real editors, and what comes of it.

Lines are numbered from 1, as the editor shows them.
"""

import ast

BEFORE = '''\
"""Prices."""

LIMIT = 3


'''
ORIGINAL = """\
def price(items, rate):
    total = 0
    for item in items:
        total = total + item.cost
    if total > LIMIT:
        total = total * rate
    return total
"""
AFTER = """

def tail():
    return LIMIT
"""
ANSWER = '''\
def price(items, rate):
    """What the items cost."""
    total = sum(item.cost for item in items)
    # = Many items are cheaper.
    if total > LIMIT:
        return total * rate
    return total
'''
"""What the model answers. The sign in the comment says at once that it stands for no lines."""
FILE = BEFORE + ORIGINAL + AFTER
EDITED = BEFORE + ANSWER + AFTER
FIRST, LAST = 6, 12
"""The lines of the scope."""

LANDED = '"""What the items cost."""'
"""In the file as soon as the first lines of the answer are."""

NESTED = '''\
"""Areas."""


def area(width, height):
    """The area, if there is one."""
    if width is not None:
        if height is not None:
            return width * height
    return None


def unit():
    return "m²"
'''
NESTED_LINES = (4, 9)
"""The lines of the function in it, for the practice model."""
GUARDED = '''\
"""Areas."""


def area(width, height):
    """The area, if there is one."""
    if width is None:
        return None
    if height is not None:
        return width * height
    return None


def unit():
    return "m²"
'''

FENCE = "```python\n"
END = "```\n"


def lines_of(text: str) -> list[str]:
    """The lines with their ends, as a model's chunks."""
    return text.splitlines(keepends=True)


def pieces(text: str, length: int = 4) -> list[str]:
    """The text as smaller chunks."""
    return [text[i : i + length] for i in range(0, len(text), length)]


def parses(text: str) -> bool:
    """Whether Python takes it."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
