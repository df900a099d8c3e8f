"""What a grammar does not know and is shown all the same, and what stays refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_server.syntax.gate import make_gate
from tests.syntax.gate_sources import marked
from tests.syntax.test_gate import CASES, grammar, read_case

SHOWN = [
    # Language, document with the scope marked, answer, the line that is told.
    (
        "c",
        "«static int probe(void)\n{\n\treturn 0;\n}»\n",
        "static int __init probe(void)\n{\n}",
        1,
    ),
    ("c", "int f(int a) {\n  «return a;»\n}\n", "switch (a) {\n  case 1 ... 3: return 1;\n  }", 3),
    (
        "c",
        "«int f(void);»\n",
        '#ifdef __cplusplus\nextern "C" {\n#endif\nint f(void);\n#ifdef __cplusplus\n}\n#endif',
        5,
    ),
    ("cpp", "int main() {\n  «f(a);»\n}\n", "f<<<1, 32>>>(a);", 2),
    ("csharp", "class A {\n  void F(A a) {\n    «a.X = 1;»\n  }\n}\n", "a?.X = 1;", 3),
    (
        "css",
        "a { b: c }\n\n«@media (max-width: 600px) {\n  i { j: k }\n}»\n",
        "@media (400px <= width <= 700px) {\n  i { j: k }\n}",
        3,
    ),
    ("css", "«@keyframes a {\n  0% { b: c }\n}»\n", "@keyframes a {\n  33.3% { b: c }\n}", 2),
    ("go", "package a\n\nfunc f() {\n\t«p := &x»\n\t_ = p\n}\n", "p := new(42)", 4),
    ("html", "<body>\n  «<h1>Questions</h1>»\n</body>\n", "<h1>Q & A</h1>", 2),
    (
        "html",
        "<ul>\n  «<li>x</li>»\n</ul>\n",
        "{% for i in j %}\n  <li {% if i.k == 'a' %}hidden{% endif %}>{{ i }}</li>\n  {% endfor %}",
        2,
    ),
    ("yaml", "a:\n  «b: 1»\n  c: 2\n", "{{- if .Values.b }}\n  b: 1\n  {{- end }}", 2),
    ("python", "«import numpy as np»\n", "!pip install numpy\nimport numpy as np", 1),
    ("python", "x = 1\n\n«class A:\n    pass»\n", "class A[T = int]:\n    pass", 3),
    ("rust", 'unsafe extern "C" {\n    «pub fn f();»\n}\n', "pub safe fn f();", 2),
    ("typescript", "class A {\n  «static x = 1;»\n}\n", "static accessor x = 1;", 2),
    ("typescriptreact", "const A = (\n  «<p>Terms</p>»\n);\n", "<p>Terms & More</p>", 2),
    ("shellscript", "«echo x > a»\necho b\n", "<<'EOF' cat > a\nx\nEOF", 1),
]
REFUSED = [
    # Broken off.
    ("javascript", "«a(1);»\nb(2);\n", "a(1, (2);"),
    ("javascript", "«a(1);»\nb(2);\n", "const a = accessor b +"),
    ("javascript", "«a(1);»\nb(2);\n", "const a = 'b;"),
    ("javascript", "«a(1);»\nb(2);\n", "static accessor a = 1; /* b"),
    ("javascript", "«if (a && ok) {\n  go();\n}»\n", "if (a &&) {\n  go();\n}"),
    ("cpp", "int f(int a, int b) {\n  «return a - b;»\n}\n", "return a + b @ c;"),
    ("css", "«a { b: c }»\ni { j: k }\n", "@media (width <= 600px) {\n  a { b: c }"),
    ("lua", "«local a = 1»\nlocal b = 2\n", "local function a() goto = 1"),
    ("ruby", "«a = 1»\nb = 2\n", "def a\n  b = = 1"),
    ("toml", "«a = 1»\nb = 2\n", 'a = """1'),
    ("json", '{\n  «"a": 1»\n}\n', '"a": 1 "b": 2'),
    ("yaml", "a:\n  «b: 10»\n  c: 2\n", "b: 100 {{- if x }}: 3"),
    ("python", "def f(a):\n    «return 1»\n", "if a:\n        return 1\n    for a"),
    ("csharp", "class A {\n  «int a;»\n}\n", "int a;\n  public void F(int a)"),
    ("javascript", "«a(1);»\nb(2);\n", "if (!) {\n  a(1);\n}"),
    ("c", "int f(int a) {\n  «return a;»\n}\n", "if (a) {\n    return 1\n  }"),
    # One token short.
    ("c", "int f(struct s *a) {\n  «return a->b;»\n}\n", "if (a && a->->b)\n    return 1;"),
    ("c", "int f(int a, int b) {\n  «return g(a, b);»\n}\n", "return g(a b);"),
    ("go", "package a\n\nfunc f() {\n\t«a()»\n}\n", "if len(b) ==  {\n\t\ta()\n\t}"),
    ("go", "package a\n\nfunc f() {\n\t«a(b)»\n}\n", "if err ! nil {\n\t\ta(b)\n\t}"),
    ("java", "class A {\n  int f(Object o) {\n    «return 1;»\n  }\n}\n", "ret (int) o;"),
    ("javascript", "«a(1);»\nb(2);\n", "a({\n  c: 1\n  d: 2,\n});"),
    ("javascript", "«a(1);»\nb(2);\n", "this. = a.bind(this);"),
    ("lua", "«local a = b(c)»\nc.d()\n", "local a = c.(b)"),
    ("python", "def f(self):\n    «self.a = None»\n", "self. = None\n    self.b = 1"),
    ("python", "def f(a, b):\n    «return g(a, b)»\n", "return g(a, lam x: x, b)"),
    ("python", "def f(a, b):\n    «return g(a, b)»\n", "return g(a b)"),
    ("python", "def f():\n    «return g('b')»\n", 'return g(a=b", c="d")'),
    ("rust", "fn f() {\n    «a().b();»\n}\n", "a().map(String:from).b();"),
    ("toml", '«a = "1"»\nb = "2"\n', 'a = ["1" "2"]'),
    ("toml", '«a = "1"»\nb = "2"\n', ' = "1"'),
    # Left of a reply.
    ("python", "def f():\n    «return 1»\n", "<code>\n    return 2\n    </code>"),
    ("python", "def f():\n    «return 1»\n", "> return 2"),
    ("python", "def f():\n    «return 1»\n", "`return 2`"),
    ("python", "def f():\n    «return 1»\n", "return 2\n    ```"),
    ("go", "package a\n\nfunc f() {\n\t«a()»\n}\n", "Here is the updated function:\n\ta()"),
    ("java", "class A {\n  «int a;»\n}\n", "This makes it a long value.\n  long a;"),
    ("rust", "fn f() {\n    «a();»\n}\n", "@@ -1,2 +1,2 @@\n    a();"),
    # What the language itself refuses, and not only its grammar.
    ("python", "for a in b:\n    «c(a)»\n", "if a!:\n    c(a)\n    d(a)"),
    # Known, and at the wrong place.
    ("go", "package a\n\nfunc f() {\n\t«a()»\n}\n", "func f() int {\n\t\treturn a()\n\t}"),
    ("typescriptreact", 'const A = <p «id="a"»>x</p>;\n', '<p id="b">x</p>'),
]


@pytest.mark.parametrize(("name", "text", "answer", "line"), SHOWN)
def test_what_is_only_unknown_is_reported_with_its_line(
    name: str, text: str, answer: str, line: int
) -> None:
    gate = make_gate(*marked(text), grammar(name))
    assert not gate.settled(answer)
    assert gate.unknown(answer) == line
    assert gate.landed(answer).settled(answer)


class LateOnce:
    """A watch whose reading of that number is over as soon as it begins."""

    def __init__(self, late: int | None) -> None:
        self.begun, self.late = 0, late

    def __call__(self) -> Callable[[], bool]:
        self.begun += 1
        late = self.begun == self.late
        return lambda: late


def test_a_reading_that_takes_too_long_once_decides_nothing() -> None:
    text, answer = "const A = (\n  «<p>Terms</p>»\n);\n", "<p>Terms & More</p>"
    unlimited = LateOnce(None)

    def verdict(watch: LateOnce) -> tuple[int, int | None]:
        gate = make_gate(*marked(text), grammar("typescriptreact").bounded(watch))
        parses_before = watch.begun
        watch.late = watch.late and watch.late + parses_before
        assert not gate.settled(answer)
        assert gate.settled("<p>More</p>")
        return parses_before, gate.unknown(answer)

    parses_before, line = verdict(unlimited)
    parses = unlimited.begun - parses_before
    assert line == 2 and parses > 20
    for late in range(1, parses + 1, 5):
        assert verdict(LateOnce(late))[1] == line, late


@pytest.mark.parametrize(("name", "text", "answer"), REFUSED)
def test_what_is_broken_stays_refused(name: str, text: str, answer: str) -> None:
    gate = make_gate(*marked(text), grammar(name))
    assert not gate.settled(answer)
    assert gate.unknown(answer) is None


@pytest.mark.parametrize(
    ("name", "text", "answer"), [case[:3] for case in SHOWN if case[0] not in ("html", "yaml")]
)
def test_cut_off_it_is_not_shown_with_a_bracket_open(name: str, text: str, answer: str) -> None:
    gate = make_gate(*marked(text), grammar(name))
    for end in range(len(answer)):
        piece = answer[:end]
        opened = [piece.count(a) - piece.count(b) for a, b in ("()", "[]", "{}")]
        if any(opened) and not gate.settled(piece):
            assert gate.unknown(piece) is None, piece


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_nothing_that_harms_what_is_around_is_taken_for_unknown(path: Path) -> None:
    case = read_case(path)
    gate = make_gate(case.document, case.scope, grammar(path.parent.name))
    assert case.admitted or gate.unknown(case.candidate) is None
