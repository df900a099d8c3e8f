"""Which pieces of other files a prompt holds, and in which order."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.prompt.budget import tokens_of
from lsp_server.prompt.compose import Prompt, PromptPlace, compose
from lsp_server.prompt.piece_choice import MOST_OTHERS
from lsp_server.prompt.pieces import ContextPiece, SentPiece, Why
from lsp_server.session.request import EditRequest
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.span import Span

_OWN = "file:///w/shop/till.py"
_SCOPE = "def due(cart):\n    return rounded(cart.total)"
_BEFORE = "from shop.money import rounded\n\n\n"
_FILE = f"{_BEFORE}{_SCOPE}\n\n\nprint(due)\n"
_KINDS = (Why.OPEN, Why.CALLER, Why.DEFINITION, Why.MENTION)


def _piece(
    name: str, why: Why, text: str = "x = 1\n", line: int = 0, uri: str | None = None
) -> ContextPiece:
    return ContextPiece(uri or f"file:///w/{name}", name, "python", text, line, why)


def _lines(count: int, word: str = "line") -> str:
    return "".join(f"{word}_{number} = {number}\n" for number in range(count))


def _place(pieces: Sequence[ContextPiece] = (), file: str = _FILE, **more: object) -> PromptPlace:
    start = file.index(_SCOPE)
    place = PromptPlace("shop/till.py", "python", file, Span(start, start + len(_SCOPE)), uri=_OWN)
    return replace(place, pieces=tuple(pieces), **more)  # type: ignore[arg-type]


def _request(instruction: str = "round up", current: str = _SCOPE) -> EditRequest:
    return EditRequest(instruction, _SCOPE, current, "p")


def _prompt(
    pieces: Sequence[ContextPiece] = (), tokens: int = 128_000, file: str = _FILE
) -> Prompt:
    return compose(_request(), _place(pieces, file), tokens)


def _paths(prompt: Prompt) -> list[str]:
    return [piece.path for piece in prompt.pieces]


def test_the_order_is_from_what_stays_to_what_changes() -> None:
    pieces = [
        _piece(f"{why}_{name}.py", why, f"{why}_{name} = 1\n")
        for why in reversed((Why.RULES, *_KINDS))
        for name in "ba"
    ]
    text = _prompt(pieces).input
    words = [
        'The project\'s rules in "rules_b.py":',
        'The project\'s rules in "rules_a.py":',
        'File "shop/till.py":',
        'Also open in the editor is "open_a.py":',
        'Also open in the editor is "open_b.py":',
        'The selected code is used in "caller_a.py":',
        'The selected code is used in "caller_b.py":',
        'The selected code uses this, defined in "definition_a.py":',
        'The selected code uses this, defined in "definition_b.py":',
        'The user points to "mention_a.py":',
        'The user points to "mention_b.py":',
        'Selected code in "shop/till.py"',
    ]
    places = [text.index(word) for word in words]
    assert places == sorted(places)


@given(
    st.permutations([_piece(f"{n}.py", why, f"a{n} = 1\n", n) for n in (1, 2) for why in _KINDS])
)
def test_the_bytes_do_not_depend_on_the_order_of_what_was_found(
    pieces: Sequence[ContextPiece],
) -> None:
    apart = [replace(piece, uri=f"{piece.uri}/{piece.why}") for piece in pieces]
    in_order = sorted(apart, key=lambda piece: (piece.path, piece.why))
    assert _prompt(apart).input == _prompt(in_order).input


def test_the_first_line_is_in_the_heading() -> None:
    text = _prompt([_piece("shop/money.py", Why.DEFINITION, "def rounded(x): ...\n", 11)]).input
    heading = (
        'The selected code uses this, defined in "shop/money.py", from line 12 on:\n```python\n'
    )
    assert f"{heading}def rounded(x): ...\n" in text


def test_what_is_in_the_document_is_sent_once() -> None:
    pieces = [_piece("shop/till.py", why, _BEFORE, uri=_OWN) for why in _KINDS]
    prompt = _prompt(pieces)
    assert prompt.pieces == prompt.not_sent == ()
    assert prompt.input == _prompt().input


def test_of_a_long_file_what_is_named_is_sent_beside_the_lines_around_the_scope() -> None:
    file = f"{_lines(3000, 'far')}{_FILE}"
    near = file[: file.index(_SCOPE)].count("\n")
    named = [
        _piece("shop/till.py", Why.MENTION, "far_5 = 5\n", 5, _OWN),
        _piece("shop/till.py", Why.MENTION, "\n", near - 1, _OWN),
        _piece("shop/till.py", Why.DEFINITION, "far_9 = 9\n", 9, _OWN),
    ]
    prompt = _prompt(named, 3000, file)
    assert prompt.pieces == tuple(named[:1])
    assert "far_5 = 5\n" in prompt.input
    assert "far_9 = 9\n" not in prompt.input


def test_lines_that_two_pieces_share_are_sent_once() -> None:
    text = _lines(10)
    lines = text.splitlines(keepends=True)
    pieces = [
        _piece("a.py", Why.OPEN, text),
        _piece("a.py", Why.DEFINITION, "".join(lines[4:8]), 4),
        _piece("a.py", Why.MENTION, "".join(lines[2:6]), 2),
    ]
    prompt = _prompt(pieces)
    sent = [(piece.why, piece.line, piece.line_count) for piece in prompt.pieces]
    assert sent == [
        (Why.OPEN, 0, 2),
        (Why.OPEN, 8, 2),
        (Why.DEFINITION, 6, 2),
        (Why.MENTION, 2, 4),
    ]
    for line in lines:
        assert prompt.input.count(line) == 1


def test_what_is_named_comes_before_everything_and_is_never_cut() -> None:
    small, large = _lines(20, "small"), _lines(2000, "large")
    pieces = [
        _piece("AGENTS.md", Why.RULES, _lines(300, "rule")),
        _piece("b.py", Why.DEFINITION, _lines(100, "definition")),
        _piece("large.py", Why.MENTION, large),
        _piece("small.py", Why.MENTION, small),
    ]
    prompt = _prompt(pieces, 1500)
    assert small in prompt.input
    assert "large_" not in prompt.input
    assert prompt.not_sent == (pieces[2],)
    assert prompt.tokens <= 1500
    assert _prompt(pieces).not_sent == ()


def test_the_nearest_rules_stay_and_the_first_that_are_too_long_are_cut() -> None:
    pieces = [
        _piece("AGENTS.md", Why.RULES, _lines(400, "far")),
        _piece("shop/AGENTS.md", Why.RULES, _lines(20, "near")),
    ]
    prompt = _prompt(pieces, 4000)
    assert _paths(prompt) == ["AGENTS.md", "shop/AGENTS.md"]
    assert _lines(20, "near") in prompt.input
    assert "far_0 = 0\n" in prompt.input
    assert "far_399" not in prompt.input
    assert sum(piece.tokens for piece in prompt.pieces) <= 1000
    most = _prompt([_piece("AGENTS.md", Why.RULES, _lines(20_000))])
    assert most.pieces[0].tokens <= 8000


def test_the_file_comes_before_other_files() -> None:
    """Where the file fits only without them, it is sent whole."""
    file = f"{_lines(300, 'own')}{_FILE}"
    pieces = [_piece(f"{n}.py", Why.DEFINITION, _lines(30, f"other{n}")) for n in range(9)]
    size = tokens_of(file)
    prompt = _prompt(pieces, size + 1000, file)
    assert prompt.sent_document == file
    assert 0 < len(prompt.pieces) < 9
    assert prompt.tokens <= size + 1000


def test_of_a_file_that_does_not_fit_the_lines_around_the_scope_get_most() -> None:
    file = f"{_lines(3000, 'own')}{_FILE}"
    pieces = [_piece(f"{n}.py", why, _lines(9, f"o{n}")) for n in range(60) for why in _KINDS[:3]]
    prompt = _prompt(pieces, 4000, file)
    others = sum(piece.tokens for piece in prompt.pieces)
    around = sum(piece.tokens for piece in prompt.sent if piece.why is Why.AROUND)
    assert 0 < others < around / 2
    assert {piece.why for piece in prompt.pieces} == set(_KINDS[:3])
    assert prompt.tokens <= 4000


def test_there_is_an_end_to_what_nobody_named() -> None:
    text = _lines(80)
    others = [_piece(f"{n}.py", why, text) for n in range(60) for why in _KINDS[:3]]
    named = [_piece(f"named{n}.py", Why.MENTION, text) for n in range(60)]
    prompt = _prompt([*others, *named], 1_000_000)
    tokens = {why: sum(p.tokens for p in prompt.pieces if p.why is why) for why in _KINDS}
    assert sum(tokens[why] for why in _KINDS[:3]) <= MOST_OTHERS
    assert tokens[Why.DEFINITION] > tokens[Why.CALLER] > 0
    assert tokens[Why.OPEN] > 0
    assert tokens[Why.MENTION] == sum(piece.tokens for piece in named)


@pytest.mark.parametrize("tokens", [1_500, 4_000, 32_000])
@pytest.mark.parametrize("long", [False, True])
def test_a_redirect_changes_nothing_before_the_scope(tokens: int, long: bool) -> None:
    file = f"{_lines(2000, 'own') if long else ''}{_FILE}"
    pieces = [
        _piece(f"{why}{n}.py", why, _lines(15, f"{why}{n}"))
        for why in (Why.RULES, *_KINDS)
        for n in range(4)
    ]
    first = compose(_request(), _place(pieces, file), tokens)
    redirect = replace(_request("no, down", f"{_SCOPE}  # up"), earlier=("round up",))
    later = (_piece("later.py", Why.MENTION, "later = 1\n"),)
    place = _place(first.pieces, file, sent_before=True, pieces_later=later)
    start = place.scope.start
    grown = replace(
        place,
        document=file[:start] + redirect.current + file[place.scope.end :],
        scope=Span(start, start + len(redirect.current)),
    )
    second = compose(redirect, grown, tokens)
    end = first.input.index("Selected code in")
    assert first.input[:end] == second.input[:end]
    assert second.pieces == first.pieces
    assert second.input.index("later = 1\n") > second.input.index("Selected code in")
    assert second.tokens <= tokens


def test_a_redirect_sends_all_pieces_again_although_they_are_many() -> None:
    pieces = [_piece(f"{n}.py", Why.DEFINITION, _lines(300)) for n in range(9)]
    place = _place(pieces, sent_before=True)
    assert compose(_request(), place, 128_000).pieces == tuple(pieces)


def test_what_a_redirect_names_and_the_prompt_has_is_not_sent_again() -> None:
    first = _prompt([_piece("a.py", Why.DEFINITION, _lines(5))])
    later = (
        _piece("a.py", Why.MENTION, _lines(8)),
        _piece("shop/till.py", Why.MENTION, _FILE, uri=_OWN),
        _piece("huge.py", Why.MENTION, _lines(9000)),
    )
    place = _place(first.pieces, sent_before=True, pieces_later=later)
    second = compose(_request(), place, 8000)
    assert [(piece.path, piece.line) for piece in second.pieces_later] == [("a.py", 5)]
    assert second.not_sent == later[2:]


def test_what_a_redirect_names_goes_before_the_rest() -> None:
    """In a context that is full."""
    file = f"{_lines(3000, 'own')}{_FILE}"
    first = _prompt((), 4000, file)
    later = (_piece("a.py", Why.MENTION, _lines(200)),)
    place = _place(first.pieces, file, sent_before=True, pieces_later=later)
    second = compose(_request(), place, 4000)
    assert second.not_sent == ()
    assert _lines(200) in second.input
    assert second.tokens <= 4000


def _texts(sent: Sequence[SentPiece]) -> list[tuple[Why, str]]:
    return [(piece.why, piece.span.text(piece.text)) for piece in sent]


def test_everything_that_is_sent_is_listed_with_its_place() -> None:
    pieces = [_piece("a.py", Why.DEFINITION, "a = 1\n", 7), _piece("AGENTS.md", Why.RULES)]
    place = _place(pieces, diagnostics=("Wrong.",))
    prompt = compose(_request(), place, 32_000)
    assert _texts(prompt.sent) == [
        (Why.RULES, "x = 1\n"),
        (Why.AROUND, _FILE),
        (Why.DEFINITION, "a = 1\n"),
        (Why.SCOPE, _SCOPE),
        (Why.DIAGNOSTICS, _SCOPE),
    ]
    assert [piece.line for piece in prompt.sent] == [0, 0, 7, 0, 0]
    assert [piece.uri for piece in prompt.sent][1:3] == [_OWN, "file:///w/a.py"]
    assert all(piece.tokens > 0 for piece in prompt.sent)


def test_the_places_in_a_long_file_are_true_also_when_the_scope_has_grown() -> None:
    python = language_for("python")
    assert python is not None
    helper = "def rounded(x):\n    return round(x)\n\n\n"
    file = f"import math\n{helper}{_lines(700, 'far')}class Till:\n    {_SCOPE}\n{_lines(700)}"
    start = file.index(_SCOPE)
    current = f"{_SCOPE}  # longer\n"
    now = file[:start] + current + file[start + len(_SCOPE) :]
    place = PromptPlace(
        "shop/till.py",
        "python",
        now,
        Span(start, start + len(current)),
        uri=_OWN,
        tree=DocumentTree(python, now),
    )
    prompt = compose(_request(current=current), place, 3000)
    listed = _texts(prompt.sent)
    assert (Why.OUTLINE, "class Till:") in listed
    assert (Why.OUTLINE, "import math") in listed
    assert (Why.DEFINITION, helper.rstrip()) in listed
    assert (Why.SCOPE, current) in listed
    (around,) = (text for why, text in listed if why is Why.AROUND)
    before, _, after = around.partition(current)
    assert f"{before}{_SCOPE}{after}" in prompt.input
    assert after.startswith("\nline_0 = 0")


def test_a_scope_that_is_most_of_its_file_is_listed_apart_from_what_is_around_it() -> None:
    scope = f"{_SCOPE}\n{_lines(400)}"
    file = f"import math\n\n{scope}\nprint(due)\n"
    start = file.index(scope)
    place = PromptPlace("a.py", "python", file, Span(start, start + len(scope)), uri=_OWN)
    prompt = compose(EditRequest("round up", scope, scope, "p"), place, 32_000)
    assert _texts(prompt.sent) == [
        (Why.AROUND, "import math\n\n"),
        (Why.AROUND, "\nprint(due)\n"),
        (Why.SCOPE, scope),
    ]
