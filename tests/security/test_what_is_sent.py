"""`docs/models.md` names every kind of text that a prompt can hold, and nothing besides."""

import re
from dataclasses import MISSING, fields, replace
from pathlib import Path

from lsp_server.backends.base import ModelRequest
from lsp_server.prompt.compose import PromptPlace, compose
from lsp_server.prompt.file_prefix import SentFile
from lsp_server.prompt.pieces import ContextPiece, Why
from lsp_server.prompt.sections import HEADINGS, read_sections
from lsp_server.session.request import EditRequest
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.changes import ChangeSet
from lsp_server.text.span import Span

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "models.md").read_text("utf-8")

_SCOPE = "def total(self, items):\n        return helper(items)"
_FAR = f"{'# more' * 40}\n" * 40
_BEFORE = f"import math\n\n\ndef helper(x):\n    return x\n\n\n{_FAR}class Shop:\n    "
_AFTER = f"\n\n\n{_FAR}def other():\n    pass\n"
_TEXT = _BEFORE + _SCOPE + _AFTER


def _tree(text: str) -> DocumentTree:
    python = language_for("python")
    assert python is not None
    return DocumentTree(python, text)


def _pieces(text: str) -> tuple[ContextPiece, ...]:
    """One of each kind."""
    kinds = (Why.RULES, Why.OPEN, Why.CALLER, Why.DEFINITION, Why.MENTION)
    return tuple(
        ContextPiece(f"file:///w/{why}/{len(text)}", "a.md", "markdown", text, 7, why)
        for why in kinds
    )


PLACE = PromptPlace(
    path="shop/orders.py",
    language="python",
    document=_TEXT,
    scope=Span(len(_BEFORE), len(_BEFORE) + len(_SCOPE)),
    diagnostics=("a diagnostic",),
    uri="file:///w/shop/orders.py",
    pieces=_pieces("a rule\n"),
    sent_before=True,
    pieces_later=_pieces("later")[-1:],
    tree=_tree(_TEXT),
)
WHOLE = replace(
    PLACE, sent_file=SentFile(f"{_TEXT}# more\n", ChangeSet.replace(f"{_TEXT}# more\n", _TEXT))
)
REQUEST = EditRequest(
    "call it amount",
    _SCOPE,
    _SCOPE.replace("total", "sum_of"),
    "practice",
    earlier=("rename total to sum_of",),
    cut=20,
    typed=("typed text",),
    settled=("settled text",),
    withheld=("withheld text",),
    selected=Span(0, 1),
    imports=True,
)
CURSOR = replace(REQUEST, selected=Span(5, 5))
BUDGET = 2_000


def composed(request: EditRequest, place: PromptPlace, budget: int) -> list[str]:
    """The names of the sections of a prompt."""
    return [part.name for part in read_sections(compose(request, place, budget).input)]


def rows(table: str) -> list[str]:
    """The first cells of a table of the document, in order."""
    text = DOCUMENT.partition(f"<!-- table: {table} -->")[2].partition("<!-- end of table -->")[0]
    cells = [line.split("|")[1] for line in text.strip().splitlines()[2:]]
    return [name for cell in cells for name in re.findall(r"[(\w]+\)?", cell.replace("`", ""))]


def test_every_section_that_is_composed_has_a_row_and_every_row_is_composed() -> None:
    """The samples fill every field, so all of them are there, in order."""
    named = [name for name in rows("sent") if name != "(system)"]
    large = replace(REQUEST, original=_FAR)
    samples = [
        composed(REQUEST, PLACE, BUDGET),
        composed(REQUEST, WHOLE, 32_000),
        composed(CURSOR, PLACE, BUDGET),
        composed(large, replace(PLACE, document="a\nb\nc", scope=Span(2, 3)), 32_000),
    ]
    for names in samples:
        assert [name for name in named if name in names] == names
    assert set(named) == {name for names in samples for name in names}
    assert set(named) == set(HEADINGS) | {"instruction"}


def test_the_sample_fills_every_field() -> None:
    """A new field of a request or a place has to be filled here, and then has its row."""
    for sample in (REQUEST, WHOLE):
        for field in fields(sample):
            if field.default is not MISSING and field.name != "form":
                assert getattr(sample, field.name) != field.default, field.name


def test_outside_of_the_fences_stand_only_the_path_numbers_and_the_instruction() -> None:
    def words(request: EditRequest, place: PromptPlace, budget: int) -> str:
        text = compose(request, place, budget).input
        said = "".join(f"{part.name} {part.rest}\n" for part in read_sections(text))
        for known in (f'"{place.path}"', f" {request.instruction}\n", f"`{place.language}"):
            assert known in said
            said = said.replace(known, "")
        return re.sub(r"[\d`]+", "", said)

    text = _TEXT.replace("total", "price").replace("helper", "aid").replace("Shop", "Store")
    scope = PLACE.scope.text(_TEXT).replace("total", "price").replace("helper", "aid")
    other = replace(
        PLACE,
        path="other/place.py",
        language="javascript",
        document=text,
        scope=Span(text.index(scope), text.index(scope) + len(scope)),
        diagnostics=("another",),
        pieces=_pieces("another rule\n"),
        pieces_later=_pieces("else")[-1:],
        tree=_tree(text),
        sent_file=None,
    )
    request = EditRequest(
        "do something else",
        scope,
        scope + "  # mine",
        "other-profile",
        earlier=("first",),
        cut=7,
        typed=("else",),
        settled=("else",),
        withheld=("else",),
        selected=Span(0, 1),
        imports=True,
    )
    for place, budget in ((PLACE, BUDGET), (replace(PLACE, sent_file=None), 32_000)):
        assert words(request, other, budget) == words(REQUEST, place, budget)


def test_the_system_part_holds_nothing_of_the_user() -> None:
    other = replace(REQUEST, instruction="x", original="y", current="z", earlier=(), cut=None)
    same = compose(other, replace(PLACE, path="a", pieces=(), diagnostics=()), BUDGET)
    assert compose(REQUEST, PLACE, BUDGET).instructions == same.instructions


def test_every_field_of_a_request_to_a_model_has_a_row() -> None:
    sent = {field.name for field in fields(ModelRequest)} - {"tap", "shorten"}
    assert sent == set(rows("request"))
