"""What Python minds and its grammar does not, each text judged by Python itself beside us."""

import warnings

import pytest

from lsp_server.syntax.languages import language_for
from lsp_server.syntax.outside_structure import errors_of
from lsp_server.syntax.python_lines import errors_in_lines
from lsp_server.syntax.tree import encode

MINDED = [
    # Indentation.
    "def f(a):\n    if a:\n            x()\n        y()\n",
    "if a:\n        x()\n    y()\n",
    "def f():\n    x = g(\n          1)\n          y()\n",
    "a()\n  b()\n",
    "  a()\n",
    "class A:\n    x = 1\n      # why\n      y = 2\n",
    "if a:\n\tx()\n        y()\n",
    "if a:\n    x()\nelse:\n  y()\n    z()\n",
    "x = [\n1]\n  y = 2\n",
    'x = """\n"""\n  y = 2\n',
    "x = a + \\\n  b\n  y = 2\n",
    "x = ((((((1, (2, [3]))))))\n)\n  y = 2\n",
    # Lines that have only begun.
    "def f():\n    result =\n    tmp = 1\n",
    "x = a +\ny()\n",
    "x = a and  # why\ny()\n",
    "from a import\nb\n",
    # Blocks.
    "if a:\n",
    "if a:\n# nothing\nb()\n",
    "def f(\n    a,\n):\nb()\n",
    "class A(b[':']):\n\n\nx = 1\n",
    "try:\n    a()\nb()\n",
    "try:\n    a()\nelse:\n    b()\n",
    "try: a()\nb()\n",
    "def f():\n    try:\n        a()\n\ndef g():\n    pass\n",
    "try:\n    a()\nexcept:\n    b()\nexcept E:\n    c()\n",
    "match a:\n    case _:\n        b()\n    case 1:\n        c()\n",
    "match a:\n    case b:\n        b()\n    case _:\n        c()\n",
    # Words out of place.
    "return 1\n",
    "if a:\n    return 1\n",
    "class A:\n    return 1\n",
    "def f():\n    class A:\n        yield 1\n",
    "x = yield\n",
    "break\n",
    "if a: continue\n",
    "for a in b:\n    def f():\n        break\n",
    "for a in b:\n    c()\nelse:\n    break\n",
    "def f():\n    await a\n",
    "def f():\n    x = [await a, 1]\n",
    "def f():\n    async with a:\n        b()\n",
    "def f():\n    x = [a async for a in b]\n",
    "async def f():\n    def g():\n        await a\n",
    "async def f():\n    g = lambda: await_(1)\n    class A:\n        await a\n",
    "for a in b:\n    c = 1\nif c: break\n",
    "async def f():\n    yield 1\n    if a:\n        return 2\n",
    "async def f():\n    return 2\n    b = yield\n",
    "async def f():\n    yield from a\n",
    # Names.
    "def f(a, b, a):\n    pass\n",
    "def f(a, *a):\n    pass\n",
    "def f(a: int, *, a: int = 1):\n    pass\n",
    "def f(a=1, b):\n    pass\n",
    "def f(*a, *b):\n    pass\n",
    "def f(*, **a):\n    pass\n",
    "def f(a, *):\n    pass\n",
    "def f(**a, b):\n    pass\n",
    "lambda a, a: 1\n",
    "f(a=1, b)\n",
    "f(a=1, a=2)\n",
    "f(**a, b)\n",
    "f(**a, *b)\n",
    "class A(b=1, c):\n    pass\n",
    "def f():\n    a = 1\n    global a\n",
    "def f():\n    print(a)\n    nonlocal a\n",
    "nonlocal a\n",
    "x := 1\n",
    "with a as b():\n    pass\n",
    "del a()\n",
    "a = `b`\n",
    "a, b: int\n",
    "(a, b) += 1\n",
    "a = *b\n",
    "from a import b,\n",
    "from a import b, \\\n\n\nc = 1\n",
    "a = \\\n\n# why\nb = 2\n",
    "def f():\n    from a import *\n",
    "[a for a in 1, 2]\n",
]
TAKEN = [
    "x = ...\ny = 1.\nfrom a import *\nz = a[...]\n",
    "if a:\n  x()\nelse:\n      y()\n",
    "def f():\n    # c\n  # d\n        # e\n    a()\n",
    "\f\ndef f():\n\f    a()\n    b()\n",
    "if a:\n\tx()\n\ty()\n",
    "if a:\n    x = (\n  1,\n          2)\n    y()\n",
    "x = {\n  'a': 1,\n    'b': [\n 2],\n}\ny = 2\n",
    'def f():\n    """\n  a:\n      b\n    """\n    try_ = 1\n',
    "x = 1 \\\n\ny = 2, \\\n\n",
    "x = a if b else \\\n        c\ny = 2\n",
    "x = [[[[[[[1]]]]]]]\ny = {(((((((2)))))))}\n",
    "try: a()\nexcept E: b()\n",
    "try:\n    try: a()\n    finally: b()\nfinally:\n    c()\n",
    "try:\n    a()\nexcept E:\n    b()\nexcept:\n    c()\n",
    "match a:\n  case 1 | 2:\n    b()\n  case b if b:\n    c()\n  case _:\n    d()\n",
    "match = 1\ncase = 2\nmatch[1:2]\n",
    "def f(): return 1\n",
    "class A:\n    f = lambda self: (yield)\n",
    "def f():\n    for a in b: break\n    while a:\n        if b: continue\n",
    "for a in b:\n    while c: pass\n    else: break\n",
    "async def f():\n    async with a as b, c: await d\n    return [x async for x in b]\n",
    "async def f(): await a\n",
    "async def f():\n  yield 1\n  def g():\n    yield from a\n    return 1\n  return\n",
    "def f():\n    x = 'await a' + \"return\"  # yield\n    return {'break': 1}\n",
    "x = 'return'\ny = a.returned\n",
    "def f(a, /, b, *, c=1, d, **e):\n    pass\n",
    "def f(a, b=1, *c, d, **e):\n    pass\n",
    "def f(a: int = 1, *b: int, c: int, **d: int) -> None: ...\n",
    "def f(\n    a,  # first\n    b=1,\n):\n    pass\n",
    "f(a, *b, c=1, *d, e=2, **g, h=3)\n",
    "f(x for x in y)\n",
    "f(a=1)(a=2, **b, **c)\n",
    "f(g(a=1), a=g(a=2))\n",
    "def f():\n    global a\n    a = 1\n",
    "def f(b):\n    b.a = c(a=1)\n    global a\n    a = 1\n",
    "def f():\n    a = 1\n    def g():\n        nonlocal a\n        a = 2\n    return g\n",
    "(x := 1)\nif (y := 2): pass\n",
    "with a as b, c as (d, e), f() as g.h, i as j[0]: pass\n",
    "a: int = 1\na += 1\ndel a, b[0]\n",
    "a = *b, c\nprint(*b)\n",
    "from a import (\n    b,\n    c,\n)\nfrom d import *\n",
    "\ufeffx = 1\n",
    "@a\n@b(c=1)\ndef f(): ...\n",
    "x = f'{a:>{b}} {c!r}'\n",
    "if a:\r\n    b()\r\n\r\n    c()\r\n",
]


def faults(text: str) -> int:
    language = language_for("python")
    assert language is not None
    source = encode(text)
    root = language.parse(source).root_node
    assert not root.has_error, str(root)
    return errors_of(root, source, language).silent


def is_taken(text: str) -> bool:
    """Whether Python itself compiles it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text.encode(), "<text>", "exec", dont_inherit=True)
        except SyntaxError:
            return False
    return True


@pytest.mark.parametrize("text", MINDED)
def test_what_python_refuses_is_found(text: str) -> None:
    assert not is_taken(text)
    assert faults(text) > 0


@pytest.mark.parametrize("text", TAKEN)
def test_what_python_takes_has_none(text: str) -> None:
    assert is_taken(text)
    assert faults(text) == 0


@pytest.mark.parametrize("text", MINDED)
def test_one_error_more_is_one_more(text: str) -> None:
    """So that a text which has errors already may not get another one."""
    assert faults(f"{text}\n\nbetween = 1\n{text}") > faults(text)


def test_what_an_open_bracket_hides_is_not_looked_into() -> None:
    language = language_for("python")
    assert language is not None
    source = b"x = (\nif a:\nb()\n  c()\n"
    root = language.parse(source).root_node
    assert root.has_error
    assert errors_of(root, source, language).silent == 0


def test_lines_of_a_notebook_are_not_python() -> None:
    source = b"!pip install 'a\n%timeit f(\nfor x in y:\n    !ls {x\n    f(x)\n"
    language = language_for("python")
    assert language is not None
    assert errors_of(language.parse(source).root_node, source, language).silent == 0


def test_an_import_does_not_go_on_in_the_next_one() -> None:
    """The grammar minds it in a parse from nothing, and not in one that goes on from a tree."""
    language = language_for("python")
    assert language is not None
    source = b"from a import b, \\\nfrom c import d\n"
    root = language.parse(source).root_node
    assert errors_in_lines(root, source, language.reading()) > 0
