"""What is read of a file, in every language that has imports."""

import pytest

from lsp_server.context.file_facts import FileFacts, facts_of
from lsp_server.syntax.languages import language_for


def facts(language_id: str, text: str) -> FileFacts:
    language = language_for(language_id)
    assert language is not None
    return facts_of(text, language)


CASES = {
    "python": (
        "A, B = 1, 2\nC: int = 3\n@dec\nclass K(Base):\n    f: int\n    @property\n"
        "    def m(self): pass\nif X:\n    Z = 1\nasync def go(): pass\n",
        "A B C K K.f K.m Z go",
    ),
    "typescript": (
        "export interface I { a: number; b(): void }\nexport type U = Pick<I, 'a'>;\n"
        "export const f = () => 1, g = 2;\nclass D { private x = 1; get v() { return 1 } }\n"
        "enum E { A, B = 2 }\ndeclare function df(): void;\nexport { f as h };\n",
        "I I.a I.b U f g D D.x D.v E E.B df",
    ),
    "javascript": (
        "exports.foo = function () {};\nmodule.exports.bar = 1;\nconst {a} = require('b');\n"
        "class A { x = 1; m() {} }\n",
        "foo bar A A.x A.m",
    ),
    "go": (
        "package p\ntype S struct {\n\tA, B int\n\t*Emb\n}\ntype (\n\tT int\n"
        "\tI interface { Do() }\n)\nconst (\n\tX = iota\n\tY\n)\nvar e1, e2 int\n"
        "func (s *S) M() {}\nfunc F[T any](a T) {}\n",
        "S S.A S.B S.Emb T I I.Do X Y e1 e2 S.M F",
    ),
    "rust": (
        "pub const MAX: usize = 1;\nstruct M { a: i64 }\nenum E { A, B(i32) }\n"
        "impl M { pub fn new() -> Self { M { a: 1 } } }\ntrait T { fn m(&self); }\n"
        "macro_rules! mm { () => {} }\ntype R<T> = Result<T, E>;\nstatic S: i32 = 1;\n",
        "MAX M M.a E E.A E.B M M.new T T.m mm R S",
    ),
    "java": (
        "package a.b;\nclass A extends B {\n  static final int X = 1, Y = 2;\n  A(int a) {}\n"
        "  int m() { return 1; }\n  enum En { P, Q }\n  record R(int a, String b) {}\n}\n",
        "A A.X A.Y A.A A.m A.En En.P En.Q A.R R.a R.b",
    ),
    "kotlin": (
        "package a\ndata class K(val a: Int) { val x = 1\n fun m() = 1 }\nval top = 3\n"
        "enum class E { A }\nobject O { fun q() {} }\ntypealias T = Map<String, Int>\n",
        "K K.x K.m top E E.A O O.q T",
    ),
    "scala": (
        "package a\ncase class K(a: Int) { val x = 1; def m = 1 }\nobject O { val C = 1 }\n",
        "K K.x K.m K.a O O.C",
    ),
    "c": (
        "#define MAX 3\n#define SQ(x) ((x))\ntypedef struct item { int a; } item_t;\n"
        "enum color { RED };\nextern int global;\nint area(int w, int h);\n"
        "static char *dup(const char *s)\n{\n  return 0;\n}\n",
        "MAX SQ item_t item item.a color color.RED global area dup",
    ),
    "cpp": (
        "namespace ns {\ntemplate <typename T> class Box { T get() const { return v; } T v; };\n"
        "using Alias = int;\n}\nint ns::Foo::bar() { return 1; }\n",
        "ns ns.Box Box.get Box.v ns.Alias Foo.bar",
    ),
    "csharp": (
        "namespace A.B;\npublic class K {\n  private readonly IOther x = 1, y;\n"
        "  public int P { get; set; }\n  public K(int a) { }\n}\npublic record R(int A);\n"
        "public delegate int D(int a);\n",
        "A.B K K.x K.y K.P K.K R R.A D",
    ),
    "php": (
        "<?php\nnamespace A\\B;\nconst X = 1;\nclass K {\n  const Z = 1;\n  public int $p = 1;\n"
        "  function m() {}\n}\nfunction f() {}\nenum S: string { case A = 'a'; }\n",
        "A\\B X K K.Z K.p K.m f S S.A",
    ),
    "ruby": (
        "module M\n  X = 1\n  class K < B\n    attr_reader :a, :b\n    include Q\n"
        "    def m?; end\n    def self.go; end\n  end\nend\n",
        "M M.X M.K K.a K.b K.m? K.go",
    ),
    "swift": (
        "public struct K: P {\n  let a: Int\n  init(a: Int) {}\n  func m() -> Int { 1 }\n"
        "  enum E { case a }\n}\nprotocol P { func q() }\nlet G = 1\ntypealias T = Int\n",
        "K K.a K.init K.m K.E E.a P P.q G T",
    ),
    "lua": ("function M.foo() end\nlocal function bar() end\n", "M.foo bar"),
}


@pytest.mark.parametrize("language_id", CASES)
def test_every_language(language_id: str) -> None:
    text, expected = CASES[language_id]
    found = [
        f"{one.container}.{one.name}" if one.container else one.name
        for one in facts(language_id, text).declared
    ]
    assert found == expected.split()


def lines(found: FileFacts, name: str) -> tuple[int, int, int, int]:
    one = found.named(name)[0]
    return one.first, one.head, one.signature_end, one.last


def test_the_lines_of_a_declaration() -> None:
    found = facts(
        "python",
        "x = 1  # behind\n"
        "# Not ours.\n"
        "\n"
        "# About f,\n"
        "# in two lines.\n"
        "@decorated\n"
        "def f(\n"
        "    a,\n"
        "):\n"
        '    """Doc\n'
        "    string.\n"
        '    """\n'
        "    return a\n",
    )
    assert lines(found, "f") == (3, 6, 11, 12)
    assert lines(found, "x") == (0, 0, 0, 0)


def test_comments_and_attributes_of_rust_belong_to_what_is_below() -> None:
    found = facts("rust", "use a::b;\n/// Doc.\n#[derive(Debug)]\nstruct S\n{\n    a: i64,\n}\n")
    assert lines(found, "S") == (1, 3, 3, 6)


def test_a_long_comment_is_cut_at_its_start() -> None:
    found = facts("go", "package p\n\n" + "// Line.\n" * 40 + "func F() {\n}\n")
    assert lines(found, "F") == (30, 42, 42, 43)


def test_a_long_block_of_constants_has_lines_of_its_own() -> None:
    names = "".join(f"\tName{n} = {n}\n" for n in range(30))
    found = facts("go", f"package p\n\nconst (\n{names})\n")
    assert lines(found, "Name7") == (10, 10, 10, 10)


def test_lines_end_as_in_an_editor() -> None:
    found = facts("typescript", "let a = 1;\r\nlet b = 2;\rlet c = 'é';\nlet d = 4;\r\n\r\nlet e;")
    assert [lines(found, name)[0] for name in "abcde"] == [0, 1, 2, 3, 5]


def test_a_default_export() -> None:
    found = facts("typescript", "export default class {}\nexport const a = 1;\n")
    assert [one.exported for one in found.declared] == [True, False]


def test_what_costs_too_much_declares_nothing() -> None:
    language = language_for("python")
    assert language is not None
    assert facts_of("def f(): pass\n", language.bounded(lambda: lambda: True)).declared == ()
    assert facts_of("def f(): pass\n", None).declared == ()


def test_there_is_a_bound() -> None:
    found = facts("python", "".join(f"a{n} = 1\n" for n in range(6_000)))
    assert 5_000 <= len(found.declared) < 5_010


def test_where_a_type_is_only_named_it_is_not_declared() -> None:
    text = (
        "struct a;\ntypedef struct a a;\ntypedef struct a *b;\nstruct c { int d; };\nstruct c e;\n"
    )
    found = facts_of(text, language_for(None, "a.c", text)).declared
    assert [one.name for one in found if not one.container] == ["b", "c", "e"]


def test_a_default_export_that_is_a_name_declares_nothing() -> None:
    text = "const a = 1;\nexport default a;\n"
    assert [one.name for one in facts_of(text, language_for(None, "a.ts", text)).declared] == ["a"]
    text = "export default function a() {}\n"
    assert [one.exported for one in facts_of(text, language_for(None, "a.ts", text)).declared]
