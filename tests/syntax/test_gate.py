"""The gate: what it lets through, what it refuses, and that it never raises."""

from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.session.gate_protocol import Gate, OpenGate
from lsp_server.syntax.gate import SyntaxGate, make_gate
from lsp_server.syntax.languages import Language, all_languages, language_for
from lsp_server.syntax.tree import DocumentTree, count_errors, encode
from lsp_server.text.lines import split_lines
from lsp_server.text.span import Span
from tests.support.strategies import texts
from tests.syntax.gate_sources import SOURCES, marked

FIXTURES = Path(__file__).parents[2] / "fixtures" / "containment"
CASES = sorted(FIXTURES.glob("*/*.txt"))

FRAGMENTS = [
    *["(", ")", "[", "]", "{", "}", '"', "'", "`", '"""', "/*", "*/", "//", "#", "<!--", "-->"],
    *["<div>", "</div>", "</script>", "[[", "]]", "=begin\n", "=end\n", "<<~A\n", "<<EOF\n", "A\n"],
    *[
        "def f",
        "end",
        "if x",
        "else",
        "class A",
        "```\n",
        "- ",
        "# x",
        "a: ",
        "a = 1",
        ";",
        ",",
        ".",
    ],
    *[
        "#if A\n",
        "#else\n",
        "#endif\n",
        "\\\n",
        "\\",
        "__END__\n",
        "\n",
        "    ",
        "\t",
        "\r\n",
        "\r",
    ],
    *[
        "x",
        "é",
        "\U0001f600",
        "\x00",
        "\ud800",
        "\ufeff",
        "@d\n",
        "%",
        "$",
        "&",
        "|",
        "::",
        "=>",
        "?>",
    ],
]


def grammar(name: str) -> Language:
    language = language_for(name)
    assert language is not None
    return language


def syntax_gate(document: str, scope: Span, name: str) -> SyntaxGate:
    gate = make_gate(document, scope, grammar(name))
    assert isinstance(gate, SyntaxGate)
    return gate


def slow_gate(document: str, scope: Span, name: str) -> SyntaxGate:
    """The gate that parses the whole document each time."""
    gate = make_gate(document, scope, grammar(name), quick=False)
    assert isinstance(gate, SyntaxGate) and not gate.quick
    return gate


def errors(document: str, name: str) -> int:
    """ERROR and MISSING nodes by a parse of the whole text that knows nothing of gates."""
    return count_errors(grammar(name).parse(encode(document)).root_node)


class Case(NamedTuple):
    document: str
    scope: Span
    candidate: str
    admitted: bool


def read_case(path: Path) -> Case:
    sentence, rest = path.read_text(encoding="utf-8").split("\n=== document\n")
    document, rest = rest.split("=== candidate\n")
    candidate, _, verdict = rest.rpartition("\n=== ")
    assert sentence.endswith(".") and "\n" not in sentence
    assert verdict in ("refused\n", "admitted\n")
    return Case(*marked(document), candidate, verdict == "admitted\n")


def states(original: str, answer: str) -> list[str]:
    """Every text texts of the first lines of the answer and the last ones of the original."""
    old, new = split_lines(original), split_lines(answer)
    texts: list[str] = []
    for taken in range(len(new) + 1):
        for gone in range(len(old) + 1):
            head, tail = "".join(new[:taken]), "".join(old[gone:])
            gap = "\n" if head and tail and not head.endswith("\n") else ""
            texts.append(head + gap + tail)
    return texts


# -- the cases ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path: Path) -> None:
    case = read_case(path)
    gate = make_gate(case.document, case.scope, grammar(path.parent.name))
    assert gate.admits(case.candidate) is case.admitted
    assert gate.settled(case.candidate) is case.admitted
    slow = make_gate(case.document, case.scope, grammar(path.parent.name), quick=False)
    assert slow.admits(case.candidate) is case.admitted


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_nothing_admitted_has_more_errors(path: Path) -> None:
    case = read_case(path)
    if case.admitted:
        before, after = case.document[: case.scope.start], case.document[case.scope.end :]
        changed = errors(before + case.candidate + after, path.parent.name)
        assert changed <= errors(case.document, path.parent.name)


def test_there_are_cases_for_every_language() -> None:
    languages = {path.parent.name for path in CASES}
    for language in all_languages():
        assert language.id in languages, (
            f"{language.name} has no case: add some to fixtures/containment/{language.id}/."
        )
    assert languages == {language.id for language in all_languages()}
    assert len(CASES) >= 245
    assert sum(read_case(path).admitted for path in CASES) >= 50


# -- whole answers, line by line -----------------------------------------------------------------


@pytest.mark.parametrize("name", SOURCES)
def test_a_sound_answer_is_admitted(name: str) -> None:
    source = SOURCES[name]
    gate = syntax_gate(source.document, source.scope, name)
    assert gate.quick and not gate.blind
    assert gate.admits(source.answer)
    assert slow_gate(source.document, source.scope, name).admits(source.answer)
    assert gate.landed(source.answer).admits(source.present)


@pytest.mark.parametrize("name", SOURCES)
def test_every_admitted_state_is_sound_by_the_whole_document(name: str) -> None:
    source = SOURCES[name]
    gate = syntax_gate(source.document, source.scope, name)
    before = source.document[: source.scope.start]
    after = source.document[source.scope.end :]
    base = errors(source.document, name)
    slow = slow_gate(source.document, source.scope, name)
    admitted = 0
    for state in states(source.present, source.answer):
        verdict = gate.admits(state)
        assert verdict is gate.settled(state) is slow.admits(state)
        if verdict:
            admitted += 1
            assert errors(before + state + after, name) <= base
    assert admitted > 2


@pytest.mark.parametrize("name", SOURCES)
def test_crlf_changes_no_verdict(name: str) -> None:
    source = SOURCES[name]
    document = source.document.replace("\n", "\r\n")
    start = len(source.document[: source.scope.start].replace("\n", "\r\n"))
    present = source.present.replace("\n", "\r\n")
    gate = syntax_gate(document, Span(start, start + len(present)), name)
    assert gate.admits(source.answer.replace("\n", "\r\n"))
    assert gate.admits(present)


@pytest.mark.parametrize("name", ["python", "javascript", "ruby", "yaml"])
def test_a_large_scope_is_judged_like_a_small_one(name: str) -> None:
    source = SOURCES[name]
    answer = source.answer.replace("total", "x" * 6000)
    gate = syntax_gate(source.document, source.scope, name).landed(answer)
    slow = slow_gate(source.document, source.scope, name).landed(answer)
    for state in states(source.present, source.answer):
        large = state.replace("total", "x" * 6000)
        assert gate.admits(large) is slow.settled(large)


# -- landing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SOURCES)
def test_what_landed_is_the_new_baseline(name: str) -> None:
    source = SOURCES[name]
    gate: Gate = syntax_gate(source.document, source.scope, name)
    for state in states(source.present, source.answer):
        if gate.admits(state):
            gate = gate.landed(state)
            assert gate.admits(state)
    start = source.scope.start
    text = source.document[:start] + source.answer + source.document[source.scope.end :]
    fresh = syntax_gate(text, Span(start, start + len(source.answer)), name)
    landed = syntax_gate(source.document, source.scope, name).landed(source.answer)
    for state in states(source.present, source.answer):
        assert landed.admits(state) is fresh.admits(state)


def test_landing_the_present_text_changes_nothing() -> None:
    source = SOURCES["python"]
    gate = syntax_gate(source.document, source.scope, "python")
    assert gate.landed(source.present) is gate


def test_broken_text_that_was_shown_is_the_baseline_and_can_be_fixed() -> None:
    document, scope = marked("def f():\n    «return 1»\n\n\ndef g():\n    return 2\n")
    gate = syntax_gate(document, scope, "python")
    assert not gate.admits("return call(")
    shown = gate.landed("return call(")
    assert shown.admits("return call(")
    assert shown.admits("return call(1)")
    assert shown.landed("return call(1)").admits("return 3")
    assert not shown.landed("return call(1)").admits("return call(")


def test_only_the_last_text_of_an_answer_may_fix_a_part() -> None:
    """Around it all is broken, so a state in between with fewer errors has them by chance."""
    document = "x = (\n\n\ndef f():\n    return ((\n\n\ndef g():\n    return [[\n"
    start = document.index("return ((")
    gate = syntax_gate(document, Span(start, start + 9), "python")
    fixed = document.replace("return ((", "return 1")
    assert gate.blind and 0 < errors(fixed, "python") < errors(document, "python")
    assert not gate.admits("return 1")
    assert gate.settled("return 1")
    assert gate.landed("return 1").admits("return 2")


# The grammar takes a macro's arguments for expressions, so `try!(net| …)` is an error to it.
ODD_MACRO = "    let line = try!(net| socket.line());\n"
OPEN_STRING = "static HELP: &'static str = \"\n"
ODD_FILE = f"""\
usage!(Options, "
Sends what it is told.
", wait: bool)

fn send(socket: Socket) {{
{ODD_MACRO * 8}    println!("{{}}", line);
}}
"""


def test_errors_that_an_open_string_hides_are_not_fixed() -> None:
    """Where a state in between has fewer errors, the answer's end may have all of them again."""
    gate = syntax_gate(ODD_FILE, Span(0, len(ODD_FILE)), "rust")
    hiding = OPEN_STRING + ODD_FILE
    answer = ODD_FILE.replace('usage!(Options, "\n', OPEN_STRING).replace('", wait: bool)', '";')
    assert not gate.blind
    assert 0 < errors(hiding, "rust") < errors(ODD_FILE, "rust") == errors(answer, "rust")
    assert not gate.admits(hiding)
    assert gate.admits(answer) and gate.settled(answer)


def test_what_the_grammar_does_not_know_may_go_and_come_again() -> None:
    gate = syntax_gate(ODD_FILE, Span(0, len(ODD_FILE)), "rust")
    fewer = ODD_FILE.replace(ODD_MACRO, "", 1)
    assert not gate.admits(fewer) and gate.settled(fewer)
    moved = fewer + "\nfn next(socket: Socket) {\n" + ODD_MACRO + "}\n"
    assert gate.admits(moved)


def test_an_error_outside_does_not_keep_one_in_the_scope_from_being_fixed() -> None:
    head = "fn first(socket: Socket) {\n" + ODD_MACRO + "}\n\n"
    tail = "\n\nfn last(socket: Socket) {\n" + ODD_MACRO + "}\n"
    scope = "fn broken() {\n    let a = 1 +;\n}"
    span = Span(len(head), len(head) + len(scope))
    for document in (head + scope + "\n", head + scope + tail):
        gate = syntax_gate(document, span, "rust")
        assert not gate.blind
        assert gate.admits("fn broken() {\n    let a = 1 + 1;\n}")


def test_what_was_refused_is_not_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = syntax_gate("a = 1\n", Span(0, 5), "python")
    assert not gate.admits("a = (")
    monkeypatch.setattr(Language, "parse", None)
    assert not gate.admits("a = (")


# -- scopes that are not one node ------------------------------------------------------------------


@pytest.mark.parametrize("name", SOURCES)
def test_the_whole_document_is_a_scope(name: str) -> None:
    document = SOURCES[name].document
    gate = syntax_gate(document, Span(0, len(document)), name)
    assert gate.admits("") is (name != "xml"), "XML has to have an element"
    assert gate.admits(document + "\n")


@pytest.mark.parametrize("name", SOURCES)
def test_an_empty_document_takes_any_sound_text(name: str) -> None:
    gate = syntax_gate("", Span(0, 0), name)
    assert gate.admits(SOURCES[name].document)
    assert gate.settled(SOURCES[name].document)


@pytest.mark.parametrize(
    ("name", "text", "good", "bad"),
    [
        ("python", "«a = 1\nb = 2»\nc = 3\n", "a = 2", "a = (2"),
        ("python", "def f():\n«    a = 1\n    b = 2\n»    c = 3\n", "    a = 2\n", "a = 2\n"),
        ("javascript", "f(a, «b, c», d);\n", "{ b }", "{ b"),
        ("go", "package m\n\nfunc f() {\n\ta()\n«»\n\tb()\n}\n", "\tc()", "\tc(\n"),
        ("rust", "fn f() {\n«»}\n", "    let a = 1;\n", "}\nfn g() {"),
        ("json", "[«»]\n", "1, 2", "1, ["),
        ("yaml", "a: 1\n«»\nb: 2\n", "c:\n  - 1", "c: ["),
    ],
)
def test_siblings_lines_and_insertions(name: str, text: str, good: str, bad: str) -> None:
    gate = syntax_gate(*marked(text), name)
    assert gate.admits(good)
    assert not gate.admits(bad)


def test_errors_under_an_error_may_not_spread() -> None:
    """One error stays one error, but the function after the next would fall under it."""
    document, scope = marked("int a = = 1;\n«int b;»\nint f(void) { return 1; }\n")
    gate = syntax_gate(document, scope, "c")
    assert gate.admits("int b, c;")
    assert not gate.admits("int b = {")


@pytest.mark.parametrize("name", ["python", "c", "cpp", "shellscript", "ruby"])
def test_a_backslash_that_was_there_may_stay(name: str) -> None:
    document = "a \\\n"
    gate = syntax_gate(document, Span(0, 3), name)
    assert gate.admits("b \\")


def test_a_backslash_in_a_python_comment_joins_nothing() -> None:
    gate = syntax_gate("a = 1\nb = 2\n", Span(0, 5), "python")
    assert gate.admits("a = 1  # C:\\")
    assert not gate.admits("a = 1 \\")


def test_tree_of_another_text_is_not_looked_at() -> None:
    source = SOURCES["python"]
    language = grammar("python")
    other = DocumentTree(language, "def (((")
    gate = make_gate(source.document, source.scope, language, other)
    assert gate.admits(source.answer)


def test_deep_nesting_is_no_trouble() -> None:
    depth = 3000
    document = "[" * depth + "1" + "]" * depth
    gate = syntax_gate(document, Span(depth, depth + 1), "json")
    assert gate.admits("2")
    assert not gate.admits("[2")


# -- without a grammar -----------------------------------------------------------------------------


@given(texts(), texts())
def test_without_a_grammar_all_is_admitted(document: str, candidate: str) -> None:
    gates: tuple[Gate, ...] = (make_gate(document, Span(0, len(document)), None), OpenGate())
    for gate in gates:
        assert gate.admits(candidate)
        assert gate.settled(candidate)
        assert gate.landed(candidate).admits(document)


# -- any text whatever -----------------------------------------------------------------------------


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_text_makes_it_raise_and_the_present_text_is_admitted(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SOURCES)))
    pieces = st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join)
    document = SOURCES[name].document if data.draw(st.booleans()) else data.draw(pieces)
    edges = sorted(data.draw(st.tuples(*[st.integers(0, len(document))] * 2)))
    scope = Span(*edges)
    present = scope.text(document)
    candidate = data.draw(pieces)
    gate = make_gate(document, scope, grammar(name))
    assert gate.admits(present)
    assert gate.settled(present)
    changed = document[: scope.start] + candidate + document[scope.end :]
    if gate.settled(candidate):
        assert errors(changed, name) <= errors(document, name)
    if gate.admits(candidate) and not errors(document, name):
        assert not errors(changed, name)
    assert gate.landed(candidate).admits(candidate)
