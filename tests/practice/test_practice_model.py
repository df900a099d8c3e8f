"""The practice model's answers: the cases of fixtures/practice, and properties of any answer."""

import ast
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.practice import RECIPES, answer
from lsp_server.practice.fragment import known_language, read_fragment
from lsp_server.practice.practice_model import HELP
from lsp_server.prompt.compose import PromptPlace, compose
from lsp_server.session.request import EditRequest, Form
from lsp_server.text.span import Span

_CASES = Path(__file__).parents[2] / "fixtures" / "practice"
_LANGUAGES = {
    "py": "python",
    "js": "javascript",
    "ts": "typescript",
    "tsx": "typescriptreact",
}
_CUT = "‸"


@dataclass(slots=True)
class Case:
    """One file of fixtures/practice, read."""

    language: str
    sections: dict[str, str]
    earlier: list[str] = field(default_factory=list)


def read_case(path: Path) -> Case:
    case = Case(_LANGUAGES[path.name.split(".")[-2]], {})
    _, *sections = path.read_text("utf-8").removesuffix("\n").split("\n=== ")
    for text in sections:
        name, _, content = text.partition("\n")
        if name == "earlier":
            case.earlier.append(content)
        else:
            case.sections[name] = content
    return case


def ask(
    language: str,
    scope: str,
    instruction: str,
    *,
    within: str = "",
    landed: str | None = None,
    earlier: tuple[str, ...] = (),
    settled: tuple[str, ...] = (),
    form: Form = Form.REWRITE,
) -> str:
    """The model's answer; `landed` has the mark where the attempt before was cut."""
    current = scope if landed is None else landed.replace(_CUT, "")
    request = EditRequest(
        instruction,
        scope,
        current,
        "practice",
        earlier=earlier,
        cut=None if landed is None else landed.index(_CUT),
        settled=settled,
        form=form,
    )
    document = within + current
    place = PromptPlace("example", language, document, Span(len(within), len(document)))
    return answer(compose(request, place, 32_000).input)


def block_of(text: str) -> str | None:
    """What stands in the fence of an answer; `None` when there is none."""
    opening = text.find("```")
    if opening < 0:
        return None
    fence, _, rest = text[opening:].partition("\n")
    return rest.removesuffix(f"\n{fence.rstrip('abcdefghijklmnopqrstuvwxyz')}\n")


PATHS = sorted(_CASES.glob("*.txt"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name.removesuffix(".txt"))
def test_case(path: Path) -> None:
    case = read_case(path)
    text = ask(
        case.language,
        case.sections["scope"],
        case.sections["instruction"],
        within=case.sections.get("within", ""),
        landed=case.sections.get("landed"),
        earlier=tuple(case.earlier),
    )
    assert block_of(text) == case.sections.get("becomes")
    assert case.sections.get("says", "") in text


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name.removesuffix(".txt"))
def test_python_still_compiles(path: Path) -> None:
    case = read_case(path)
    text, within = case.sections.get("becomes"), case.sections.get("within", "")
    if case.language == "python" and text is not None and "match" not in text:
        ast.parse(within + text)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name.removesuffix(".txt"))
def test_asking_again_changes_nothing(path: Path) -> None:
    """Except for renames, whose name is gone, and "instead", which takes back."""
    case = read_case(path)
    text = case.sections.get("becomes")
    if text is None or "rename" in path.name or "redirect" in path.name:
        return
    within = case.sections.get("within", "")
    again = block_of(ask(case.language, text, case.sections["instruction"], within=within))
    assert again is None


def test_every_recipe_understands_its_own_example() -> None:
    for recipe in RECIPES:
        assert "I don't know" not in ask("python", "tmp = 0", recipe.example)


def test_what_it_does_not_know_it_says_without_a_fence() -> None:
    text = ask("python", "tmp = 0", "make it faster")
    assert "I don't know how to do this: “make it faster”." in text
    assert HELP in text
    assert "```" not in text


@pytest.mark.parametrize("text", ["", "Hello!", "<scope-00000000>\n```\n", "\ud800"])
def test_any_other_prompt_gets_the_same_sentence(text: str) -> None:
    assert answer(text) == HELP


def test_an_unknown_language_is_named() -> None:
    assert "not on cobol" in ask("cobol", "tmp = 0", "rename tmp to total")


def test_the_fence_is_longer_than_any_in_the_answer() -> None:
    scope = 'tmp = """\n```\n"""'
    assert ask("python", scope, "rename tmp to total").startswith("````python\n")


def test_accepted_hunks_stay() -> None:
    scope = 'a = "%s" % x\nb = "%s" % y'
    text = ask("python", scope, "use f-strings", settled=('b = "%s" % y',))
    assert block_of(text) == 'a = f"{x}"\nb = "%s" % y'


def test_half_a_rename_is_not_made_around_an_accepted_hunk() -> None:
    scope = "tmp = 0\nuse(tmp)"
    text = ask("python", scope, "rename tmp to total", settled=("use(tmp)",))
    assert block_of(text) is None
    assert "the parts you accepted" in text


def test_a_patch_is_answered_with_a_diff() -> None:
    scope = "a = 1\nb = 2\nc = 3\nd = 4\ntmp = 5\ne = 6"
    text = ask("python", scope, "rename tmp to total", form=Form.PATCH)
    assert block_of(text) == "@@ -2,5 +2,5 @@\n b = 2\n c = 3\n d = 4\n-tmp = 5\n+total = 5\n e = 6"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_untouched_lines_keep_their_bytes(line_end: str) -> None:
    lines = [
        "def f(x):",
        "\ttmp = 0  ",
        "",
        "   ",
        "\t# tmp\x0c ",
        "\tif x:",
        "\t\tprint(x)",
        "\treturn 1 ",
    ]
    text = block_of(ask("python", line_end.join(lines), "remove the prints"))
    assert text == line_end.join([*lines[:6], "\t\tpass", lines[7]])


INSTRUCTIONS = [recipe.example for recipe in RECIPES] + [
    "rename a to b",
    "rename x to a",
    "use guard clauses and f-strings, remove the prints, then add docstrings and type hints",
]
_PYTHON_PIECES = [
    "def f(a, b=1):\n",
    "class A:\n",
    "if a:\n",
    "if not a and b < 1:\n",
    "else:\n",
    "for x in a:\n",
    "while a:\n",
    "    ",
    "        ",
    "return a\n",
    "return\n",
    "pass\n",
    "print(a)\n",
    'x = "%s {}" % a\n',
    '"{}".format(a)\n',
    "# note\n",
    "\n",
    "\r\n",
    "a = b = 1\n",
    "[a for a in x]\n",
    "lambda a: x\n",
    "try:\n",
    "except A as a:\n",
    '"""',
    "(",
    "}",
    "🙂",
    "\ud800",
    "\x0c",
]
_SCRIPT_PIECES = [
    "function f(a, b = 1) {\n",
    "class A {\n",
    "m(a) {\n",
    "if (a) {\n",
    "if (!a && b.length > 0) ",
    "} else {\n",
    "}\n",
    "}",
    "for (const x of a) {\n",
    "return a;\n",
    "return\n",
    "console.log(a);\n",
    "debugger\n",
    'x = "a" + a + b;\n',
    "const { a, x = b } = { a };\n",
    "(a) => x",
    "// note\n",
    "/* */",
    "`${a",
    "<A a={x}/>",
    "\r\n",
    "(",
    "🙂",
    "\ud800",
]


@pytest.mark.parametrize("instruction", INSTRUCTIONS)
def test_absurd_nesting_is_survived(instruction: str) -> None:
    deep = "(" * 1200 + "a" + ")" * 1200
    negated = "(not " * 1200 + "a" + ")" * 1200
    ask("python", f"x = {deep}", instruction)
    ask("python", f"def f():\n    if {negated}:\n        a()\n        b()", instruction)
    ask("javascript", f"x = {deep}", instruction)


@st.composite
def snippets(draw: st.DrawFn) -> tuple[str, str]:
    language = draw(st.sampled_from(sorted(_LANGUAGES.values())))
    pieces = _PYTHON_PIECES if language == "python" else _SCRIPT_PIECES
    return language, "".join(draw(st.lists(st.sampled_from(pieces), max_size=14)))


@given(snippets(), st.sampled_from(INSTRUCTIONS), st.sampled_from(["", "    ", "def f():\n\t"]))
@settings(max_examples=300, deadline=None)
def test_never_raises_and_never_breaks_what_parses(
    snippet: tuple[str, str], instruction: str, within: str
) -> None:
    language, scope = snippet
    text = block_of(ask(language, scope, instruction, within=within))
    if text is not None:
        known = known_language(language)
        assert known is not None
        before = read_fragment(scope, known, within).errors
        assert read_fragment(text, known, within).errors <= before


@given(snippets(), st.text(max_size=60), st.text(max_size=30), st.integers(0, 40))
@settings(max_examples=100, deadline=None)
def test_never_raises_on_a_redirect(
    snippet: tuple[str, str], instruction: str, typed: str, place: int
) -> None:
    language, scope = snippet
    place = min(place, len(scope))
    landed = f"{scope[:place]}{typed.replace(_CUT, '')}{_CUT}{scope[place:]}"
    ask(language, scope, instruction, landed=landed, earlier=("rename a to c", instruction))
    ask(language, scope, "also use f-strings", landed=landed, earlier=("rename a to c",))


def _joined(parts: list[list[str]]) -> list[str]:
    return [line for part in parts for line in part]


def statements(depth: int) -> st.SearchStrategy[list[str]]:
    """Lines of Python that parse and run nothing worse than calls."""
    simple = st.sampled_from(
        [
            ["print(a)"],
            ["a = b"],
            ["b += 1"],
            ["call(a, b)"],
            ['c = "%s-%.2f" % (a, b)'],
            ["return a"],
            ["return"],
            ["raise ValueError(a)"],
        ]
    )
    if depth == 0:
        return st.lists(simple, min_size=1, max_size=3).map(_joined)
    inner = statements(depth - 1)

    def indented(head: str, body: list[str], tail: list[str] | None) -> list[str]:
        lines = [head, *("    " + line for line in body)]
        return lines if tail is None else [*lines, "else:", *("    " + line for line in tail)]

    condition = st.sampled_from(["a", "not a", "a == b", "a < 1", "a and not b", "len(a) > 0"])
    nested = st.builds(
        indented, condition.map(lambda c: f"if {c}:"), inner, st.none() | inner
    ) | st.builds(indented, st.just("for a in b:"), inner, st.none())
    return st.lists(simple | nested, min_size=1, max_size=3).map(_joined)


@given(statements(3), st.sampled_from(INSTRUCTIONS))
@settings(max_examples=150, deadline=None)
def test_what_compiles_still_compiles(lines: list[str], instruction: str) -> None:
    scope = "\n".join(["def f(a, b):", *("    " + line for line in lines)])
    text = block_of(ask("python", scope, instruction))
    if text is not None:
        ast.parse(text)


def behaviour(source: str, arguments: tuple[object, object]) -> list[object]:
    """What a call of `f` does: the calls it makes, what it prints, how it ends."""
    trace: list[object] = []
    names: dict[str, object] = {
        "call": lambda *values: trace.append(values),
        "print": lambda *values: trace.append(("print", *values)),
    }
    exec(source, names)
    function = names["f"]
    assert callable(function)
    try:
        trace.append(("result", function(*arguments)))
    except (TypeError, ValueError):
        # A format that does not fit says so in other words in an f-string.
        trace.append("raises")
    return trace


_ARGUMENTS: list[tuple[object, object]] = [
    (0, 1),
    (1, 1),
    (-2, 0.5),
    ("", "x"),
    ("ab", [1, 0, 3]),
    ([], [[], [1], "", 0]),
    (None, (1, 2)),
    (float("nan"), 2),
]


@given(statements(3), st.sampled_from(["use guard clauses", "use f-strings"]))
@settings(max_examples=150, deadline=None)
def test_the_meaning_stays(lines: list[str], instruction: str) -> None:
    scope = "\n".join(["def f(a, b):", *("    " + line for line in lines)])
    text = block_of(ask("python", scope, instruction))
    if text is not None:
        for arguments in _ARGUMENTS:
            assert repr(behaviour(scope, arguments)) == repr(behaviour(text, arguments))
