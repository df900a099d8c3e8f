"""Skeletons: what is left of a document around a scope, and whether it may stand for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.syntax.gate import SyntaxGate, make_gate
from lsp_server.syntax.languages import Language, language_for
from lsp_server.syntax.outside_structure import Window, surroundings_of
from lsp_server.syntax.skeleton import SkeletonCuts, cuts_around, stands_for
from lsp_server.syntax.tree import DocumentTree, encode
from lsp_server.text.span import Span
from tests.syntax.gate_sources import SOURCES, marked


def grammar(name: str) -> Language:
    language = language_for(name)
    assert language is not None
    return language


def cuts_of(document: str, scope: Span, name: str) -> tuple[SkeletonCuts, bytes, int, int]:
    tree = DocumentTree(grammar(name), document)
    start, end = tree.byte_of(scope.start), tree.byte_of(scope.end)
    source = tree.source
    window = Window.around(source[:start], source[start:end], source[end:])
    return cuts_around(tree.root, window, tree.language), source, start, end


def skeleton(name: str, text: str) -> str:
    """The skeleton of a marked text, with the marks still in it."""
    cuts, source, start, end = cuts_of(*marked(text), name)
    head, tail = cuts.kept(source, 0, start), cuts.kept(source, end, len(source))
    return f"{head.decode()}«{source[start:end].decode()}»{tail.decode()}"


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        (
            "python",
            "import a\n\nclass C:\n    x = 1\n    y = 2\n    «z = 3»\n    u = 4\n    v = 5\nd()\n",
            "class C:\n    y = 2\n    «z = 3»\n    u = 4\n",
        ),
        (
            "javascript",
            "a();\nfunction f() {\n  b();\n  «c();»\n}\nd();\ne();\n",
            "function f() {\n  b();\n  «c();»\n}\n",
        ),
        ("json", "[1, 2, «3», 4, 5]", "[2, «3», 4]"),
        ("json", '{"a": 1, "b": [1, «2»], "c": 3}', '{"b": [1, «2»]}'),
        (
            "c",
            "#ifdef A\nint a;\nint b;\n«int c;»\nint d;\nint e;\n#endif\nint f;\n",
            "#ifdef A\nint b;\n«int c;»\nint d;\n#endif\n",
        ),
        (
            "ruby",
            "module M\n  def a; end\n  class C\n    def b; end\n    «def c; end»\n  end\nend\n",
            "module M\n  class C\n    def b; end\n    «def c; end»\n  end\nend\n",
        ),
    ],
)
def test_what_is_left(name: str, text: str, left: str) -> None:
    assert skeleton(name, text) == left


def test_a_neighbour_keeps_what_is_next_to_the_scope() -> None:
    body = "".join(f"    step_{number}()\n" for number in range(40))
    text = f"def f():\n{body}\n\n«x = 1»\n\n\ndef g():\n{body}"
    assert skeleton("python", text) == (
        "def f():\n    step_39()\n\n\n«x = 1»\n\n\ndef g():\n    step_0()\n"
    )


def test_the_size_of_the_file_does_not_matter() -> None:
    body = "".join(f"def f{number}():\n    return {number}\n\n\n" for number in range(300))
    document = f"{body}x = 1\n\n\n{body}"
    cuts, source, start, end = cuts_of(document, Span(len(body), len(body) + 5), "python")
    kept = cuts.kept(source, 0, start) + cuts.kept(source, end, len(source))
    assert len(kept) < 100 < len(source)


_ROWS = {
    "javascript": ("", "function f{0}() {{\n  return {0};\n}}\n", ""),
    "javascript class": ("class A {\n", "  m{0}() {{\n    return {0};\n  }}\n", "}\n"),
    "typescript class": ("class A {\n", "  m{0}() {{\n    return {0};\n  }}\n", "}\n"),
    "python class": ("class A:\n", "    def m{0}(self):\n        return {0}\n\n", ""),
    "go": ("package a\n", "func f{0}() int {{\n\treturn {0}\n}}\n", ""),
    "rust": ("impl A {\n", "    fn f{0}() -> i32 {{\n        {0}\n    }}\n", "}\n"),
    "java": ("class A {\n", "  int f{0}() {{\n    return {0};\n  }}\n", "}\n"),
    "csharp": ("class A {\n", "  int F{0}() {{\n    return {0};\n  }}\n", "}\n"),
    "c": ("", "int f{0}() {{\n  return {0};\n}}\n", ""),
    "cpp": ("class A {\n", "  int f{0}() {{\n    return {0};\n  }}\n", "};\n"),
    "php": ("<?php\nclass A {\n", "  function f{0}() {{\n    return {0};\n  }}\n", "}\n"),
    "ruby": ("class A\n", "  def f{0}\n    {0}\n  end\n", "end\n"),
    "json": ("[\n", '  {{"id": {0}}},\n', "  0\n]\n"),
    "css": ("", ".a{0} {{\n  top: {0}px;\n}}\n", ""),
    "html": ("<ul>\n", "  <li>part {0}</li>\n", "</ul>\n"),
    "markdown": ("", "Part {0}.\n\n", ""),
}
"""Rows of thousands: what is before, a member, what is behind."""


@pytest.mark.parametrize("name", _ROWS)
def test_however_long_the_row_is_only_neighbours_are_left(name: str) -> None:
    begin, member, end = _ROWS[name]
    text = begin + "".join(member.format(number) for number in range(3000)) + end
    for number in (3, 40, 1500, 2960, 2996):
        start = text.index(member.format(number).strip())
        scope = Span(start, start + len(member.format(number).strip()))
        gate = make_gate(text, scope, grammar(name.partition(" ")[0]))
        assert isinstance(gate, SyntaxGate) and gate.quick
        assert len(gate._context.head) + len(gate._context.tail) < 400


@pytest.mark.parametrize("name", SOURCES)
def test_a_skeleton_stands_for_each_language(name: str) -> None:
    source = SOURCES[name]
    language = grammar(name)
    cuts, text, start, end = cuts_of(source.document, source.scope, name)
    head, tail = cuts.kept(text, 0, start), cuts.kept(text, end, len(text))
    assert cuts.ranges, (
        f"The gate of {language.name} parses the whole file. Name the nodes around the scope of"
        f" fixtures/languages/{name}.txt in `nodes.rows`, and give them members further away."
    )
    windows = (
        Window.around(head, text[start:end], tail),
        Window.around(text[:start], text[start:end], text[end:]),
    )
    small = surroundings_of(
        language.parse(head + text[start:end] + tail).root_node, windows[0], language
    )
    whole = surroundings_of(language.parse(text).root_node, windows[1], language)
    assert stands_for((small, windows[0]), (whole, windows[1]), cuts)


def test_a_skeleton_does_not_stand_for_what_it_misreads() -> None:
    language = grammar("python")
    text = encode("class A:\n    x = 1\n    y = 2\n")
    start = text.index(b"y")
    whole_window = Window.around(text[:start], text[start:-1], text[-1:])
    whole = surroundings_of(language.parse(text).root_node, whole_window, language)
    wrong = SkeletonCuts(((0, 13),))  # The class itself is gone.
    head = wrong.kept(text, 0, start)
    window = Window.around(head, text[start:-1], text[-1:])
    small = surroundings_of(language.parse(head + text[start:]).root_node, window, language)
    assert not stands_for((small, window), (whole, whole_window), wrong)


@given(st.binary(max_size=40), st.lists(st.integers(0, 40), max_size=8))
def test_cuts_keep_the_rest_in_order(text: bytes, places: list[int]) -> None:
    edges = sorted({min(place, len(text)) for place in places})
    ranges = tuple(zip(edges[::2], edges[1::2], strict=False))
    cuts = SkeletonCuts(ranges)
    left = bytes(
        byte
        for place, byte in enumerate(text)
        if not any(start <= place < end for start, end in ranges)
    )
    assert cuts.kept(text, 0, len(text)) == left
    for place in range(len(text) + 1):
        gone = sum(any(start <= before < end for start, end in ranges) for before in range(place))
        assert cuts.shortened(place) == place - gone
