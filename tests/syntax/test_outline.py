"""Declarations, what encloses a place, and imports, in every language that has them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.syntax.declarations import Declarations
from lsp_server.syntax.languages import Language, all_languages, language_for
from lsp_server.syntax.outline import enclosing, imports, outline
from tests.syntax.gate_sources import SOURCES
from tests.syntax.texts import texts

PYTHON = '''import os
from a import (
    b,
)


@d
class A(B):
    """Doc."""

    @p
    def f(self, x: int = 1) -> str:
        def g():
            return 1

        return ""


async def h(*a): pass
'''

# A language, a text, its outline as indented lines `kind name: signature`, its imports.
CASES: list[tuple[str, str, list[str], list[str]]] = [
    (
        "python",
        PYTHON,
        [
            "class A: class A(B):",
            "  method f: def f(self, x: int = 1) -> str:",
            "function h: async def h(*a):",
        ],
        ["import os", "from a import (\n    b,\n)"],
    ),
    (
        "javascript",
        "import a from 'b';\nexport class A extends B {\n  f(a) { return 1 }\n"
        "  g = () => { x() }\n}\nexport const h = async (x) => { y() };\nfunction* k() {}\n"
        "const z = 1;\n",
        [
            "class A: export class A extends B",
            "  method f: f(a)",
            "  method g: g = () =>",
            "function h: export const h = async (x) =>",
            "function k: function* k()",
        ],
        ["import a from 'b';"],
    ),
    (
        "typescript",
        "@d()\nexport abstract class A<T> { private f(a: string): void {} }\n"
        "interface I { m(): void; x: string }\nenum E { A }\ntype T = string;\n"
        "namespace N { export function q(): void {} }\n",
        [
            "class A: export abstract class A<T>",
            "  method f: private f(a: string): void",
            "interface I: interface I",
            "  method m: m(): void",
            "enum E: enum E",
            "type T: type T = string",
            "module N: namespace N",
            "  function q: export function q(): void",
        ],
        [],
    ),
    (
        "go",
        'package a\nimport (\n\t"fmt"\n)\n// d\nfunc (r *R) F(a int) (int, error) { return 1 }\n'
        "type R struct { a int }\nvar f = func() { g() }\n",
        [
            "method F: func (r *R) F(a int) (int, error)",
            "type R: type R struct",
            "function f: var f = func()",
        ],
        ['import (\n\t"fmt"\n)'],
    ),
    (
        "rust",
        "use a::b;\n#[derive(A)]\npub struct S<T> { a: T }\nimpl<T> S<T> {\n  /// d\n"
        "  pub fn f(&self) -> T { 1 }\n}\ntrait Q { fn z(); }\nmod m { fn n() {} }\n",
        [
            "struct S: pub struct S<T>",
            "impl S<T>: impl<T> S<T>",
            "  method f: pub fn f(&self) -> T",
            "trait Q: trait Q",
            "  method z: fn z()",
            "module m: mod m",
            "  function n: fn n()",
        ],
        ["use a::b;"],
    ),
    (
        "java",
        "import a.b;\npublic class C<T> extends D {\n  @Override\n"
        "  public int f(int x) throws E { return 1; }\n  C() {}\n  enum K { A }\n}\n",
        [
            "class C: public class C<T> extends D",
            "  method f: @Override public int f(int x) throws E",
            "  method C: C()",
            "  enum K: enum K",
        ],
        ["import a.b;"],
    ),
    (
        "kotlin",
        "import a.b\n@D\nclass C<T>(val x: Int) : E() {\n  fun f(y: Int): Int { return 1 }\n"
        "  companion object {\n    fun g() = 1\n  }\n}\nobject O {\n  val h = 1\n}\n"
        "interface I { fun k() }\n",
        [
            "class C: @D class C<T>(val x: Int) : E()",
            "  method f: fun f(y: Int): Int",
            "  method g: fun g()",
            "module O: object O",
            "class I: interface I",
            "  method k: fun k()",
        ],
        ["import a.b"],
    ),
    (
        "scala",
        "import a.b\n@d\ncase class C[T](x: Int) extends D {\n  def f(y: Int): Int = { 1 }\n"
        "  def g: Int\n}\nobject O {\n  val h = 1\n}\ntrait T:\n  def k = 2\nenum E { case A }\n",
        [
            "class C: case class C[T](x: Int) extends D",
            "  method f: def f(y: Int): Int",
            "  method g: def g: Int",
            "module O: object O",
            "trait T: trait T",
            "  method k: def k",
            "enum E: enum E",
        ],
        ["import a.b"],
    ),
    (
        "c",
        "#include <a.h>\nstruct room { int d; };\nstatic int *area(int w) { return 0; }\n"
        "typedef struct { int q; } Q;\nstruct room r;\n",
        [
            "struct room: struct room",
            "function area: static int *area(int w)",
            "struct Q: struct",
        ],
        ["#include <a.h>"],
    ),
    (
        "cpp",
        "#include <a>\nnamespace n {\ntemplate <typename T> class C : D {\n public:\n  C() {}\n"
        "  int f() const { return 1; }\n};\n}\n",
        [
            "module n: namespace n",
            "  class C: template <typename T> class C : D",
            "    method C: C()",
            "    method f: int f() const",
        ],
        ["#include <a>"],
    ),
    (
        "csharp",
        "using A;\nnamespace N {\n  [X] public class C : D { [Y] public int F(int x) { } }\n}\n",
        [
            "module N: namespace N",
            "  class C: public class C : D",
            "    method F: public int F(int x)",
        ],
        ["using A;"],
    ),
    (
        "ruby",
        "require 'a'\nmodule M\n  class A < B\n    def f(a, b = 1)\n      1\n    end\n"
        "    def self.g = 1\n  end\nend\n",
        [
            "module M: module M",
            "  class A: class A < B",
            "    method f: def f(a, b = 1)",
            "    method g: def self.g",
        ],
        ["require 'a'"],
    ),
    (
        "php",
        "<?php\nuse B\\C;\nrequire 'x';\nclass D { public function f(int $x): int { } }\n"
        "function g() {}\n$h = function($a) { c(); };\n",
        [
            "class D: class D",
            "  method f: public function f(int $x): int",
            "function g: function g()",
            "function $h: $h = function($a)",
        ],
        ["use B\\C;", "require 'x';"],
    ),
    (
        "lua",
        "local a = require('b')\nlocal function f(x)\n  return 1\nend\n"
        "M.g = function(y) return 2 end\nlocal z = 1\n",
        ["function f: local function f(x)", "function M.g: M.g = function(y)"],
        ["local a = require('b')"],
    ),
    (
        "bash",
        "source a.sh\nf() {\n  echo\n}\nfunction g { h; }\n",
        ["function f: f()", "function g: function g"],
        ["source a.sh"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case[0]))
def test_outline_and_imports(case: tuple[str, str, list[str], list[str]]) -> None:
    name, text, expected, imported = case
    language = language_for(name)
    found = [f"{'  ' * e.depth}{e.kind} {e.name}: {e.signature}" for e in outline(text, language)]
    assert found == expected
    assert [span.text(text) for span in imports(text, language)] == imported


def test_enclosing_names_functions_in_functions_too() -> None:
    around = enclosing(PYTHON, PYTHON.index("return 1"), language_for("python"))
    assert [(entry.name, entry.depth) for entry in around] == [("A", 0), ("f", 1), ("g", 2)]
    assert around[0].span.text(PYTHON).startswith("@d\nclass A(B):")


def test_a_place_outside_of_everything_is_enclosed_by_nothing() -> None:
    assert enclosing(PYTHON, 0, language_for("python")) == ()
    assert enclosing(PYTHON, 10**9, language_for("python")) == ()


@pytest.mark.parametrize("language", all_languages(), ids=lambda language: str(language.id))
def test_the_outline_of_the_language_s_file(language: Language) -> None:
    source = SOURCES[language.id]
    found = [
        f"{'  ' * entry.depth}{entry.kind} {entry.name}: {entry.signature}"
        for entry in outline(source.document, language)
    ]
    has_outline = isinstance(language.declarations, Declarations)
    assert found == (source.outline or []), (
        f"The outline of fixtures/languages/{language.id}.txt is not the one it gives."
    )
    assert has_outline is bool(found), (
        f"{language.name} has no outline: list the nodes that declare in `declarations`, and the"
        f" entries in fixtures/languages/{language.id}.txt."
    )


def test_languages_that_declare_nothing() -> None:
    for language in (None, *all_languages()):
        if language is not None and isinstance(language.declarations, Declarations):
            continue
        assert outline("{}", language) == enclosing("{}", 1, language) == ()
        assert imports("{}", language) == ()


def test_long_signatures_are_cut() -> None:
    text = f"def f({', '.join(f'argument_{i}' for i in range(99))}): pass\n"
    (entry,) = outline(text, language_for("python"))
    assert len(entry.signature) == 300
    assert entry.signature.endswith("…")


@settings(max_examples=300, deadline=None)
@given(texts(), st.integers(0, 500))
def test_never_raises_and_entries_lie_in_the_text(
    sample: tuple[str, Language | None], offset: int
) -> None:
    text, language = sample
    entries = outline(text, language)
    assert all(entry.span.end <= len(text) for entry in entries)
    around = enclosing(text, offset, language)
    assert [entry.depth for entry in around] == list(range(len(around)))
    assert all(span.end <= len(text) for span in imports(text, language))
