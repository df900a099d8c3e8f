"""What is sent of a file that is too long to be sent whole."""

from lsp_server.prompt.budget import tokens_of
from lsp_server.prompt.compose import PromptPlace, compose
from lsp_server.prompt.context import RestOfFile, enclosing_pieces, enclosing_section
from lsp_server.prompt.parse import parse
from lsp_server.session.request import EditRequest
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.span import Span

_PYTHON = language_for("python", None, "")
_FILLER = "".join(f"def filler_{n}(a, b):\n    return a * {n} + b\n\n\n" for n in range(300))
_FILE = (
    "import os\nfrom shop.tax import rate\n\nLIMIT = 12\n\n\n"
    "def rounded(x):\n    return round(x, 2)\n\n\n"
    + _FILLER
    + "class Cart:\n    def total(self, items):\n        s = rounded(sum(items)) * rate\n"
    "        return min(s, LIMIT)\n\n    def empty(self):\n        return []\n\n\n" + _FILLER
)
_SCOPE_TEXT = "s = rounded(sum(items)) * rate\n        return min(s, LIMIT)"


def _tree() -> DocumentTree:
    assert _PYTHON is not None
    return DocumentTree(_PYTHON, _FILE)


def _scope() -> Span:
    start = _FILE.index(_SCOPE_TEXT)
    return Span(start, start + len(_SCOPE_TEXT))


def _prompt(context_tokens: int, tree: DocumentTree | None = None) -> str:
    request = EditRequest("round up", _SCOPE_TEXT, _SCOPE_TEXT, "p")
    place = PromptPlace("shop/cart.py", "python", _FILE, _scope(), tree=tree)
    prompt = compose(request, place, context_tokens)
    assert prompt.tokens <= context_tokens
    parsed = parse(prompt.input)
    assert parsed is not None
    assert parsed.original == _SCOPE_TEXT
    return prompt.input


def test_where_the_scope_stands() -> None:
    around = enclosing_pieces(_tree(), _scope())
    assert [span.text(_FILE) for span, _ in around] == [
        "class Cart:",
        "def total(self, items):",
    ]
    assert "class Cart:\ndef total(self, items):" in enclosing_section(around)
    assert enclosing_section(enclosing_pieces(None, _scope())) == ""
    assert enclosing_section(enclosing_pieces(_tree(), Span(0, 9))) == ""


def test_a_short_budget_says_what_matters() -> None:
    text = _prompt(3000, _tree())
    assert "import os\nfrom shop.tax import rate" in text
    assert "def rounded(x):\n    return round(x, 2)" in text
    assert "LIMIT = 12" in text
    assert "class Cart:\ndef total(self, items):" in text
    assert "def filler_150(a, b):\n    return" not in text
    assert text.rindex("round up") > text.rindex("Selected code in")


def test_nothing_is_said_twice_when_all_is_sent() -> None:
    text = _prompt(200_000, _tree())
    assert text.count("from shop.tax import rate") == 1
    assert text.count("def rounded(x):") == 1
    assert text.count("def filler_7(") == 2
    assert "The file also declares" not in text


def test_without_a_grammar_there_are_only_the_lines_around() -> None:
    text = _prompt(3000)
    assert "The file imports" not in text
    assert "def filler_299(" in text


def test_only_what_is_not_shown() -> None:
    elsewhere = RestOfFile(_tree(), _scope())
    everything = Span(0, len(_FILE))
    assert elsewhere.text(everything, 10_000) == ""
    nothing = Span(_scope().start, _scope().start)
    for tokens in (0, 10, 50, 100, 500, 2000):
        assert tokens_of(elsewhere.text(nothing, tokens)) <= tokens + 60


def test_the_same_request_gives_the_same_bytes() -> None:
    assert _prompt(4000, _tree()) == _prompt(4000, _tree())
