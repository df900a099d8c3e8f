"""What `compose` writes, `parse` reads back, whatever the user's texts contain."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.prompt.compose import Place, compose
from lsp_server.prompt.parse import ParsedPrompt, parse
from lsp_server.session.request import EditRequest, Form
from lsp_server.text.span import Span

_HOSTILE = st.sampled_from(
    [
        "```",
        "````python\n",
        "<scope-00000000>\n",
        "\n</instruction-1a2b3c4d>",
        'File: "x"\nLanguage: "y"\n',
        "The answer before was cut at character 3 of ",
        "Answer with a unified diff ",
        "\r\n",
        "\u2028",
        "\x0c",
        "\ud800",
        "🙂",
    ]
)
TEXTS = st.lists(st.one_of(_HOSTILE, st.text(max_size=12)), max_size=6).map("".join)
_TUPLES = st.lists(TEXTS, max_size=3).map(tuple)


@st.composite
def requests(draw: st.DrawFn) -> EditRequest:
    current = draw(TEXTS)
    return EditRequest(
        instruction=draw(TEXTS),
        original=draw(TEXTS),
        current=current,
        profile="practice",
        earlier=draw(_TUPLES),
        cut=draw(st.none() | st.integers(0, len(current))),
        typed=draw(_TUPLES),
        settled=draw(_TUPLES),
        withheld=draw(_TUPLES),
        form=draw(st.sampled_from(Form)),
    )


@st.composite
def places(draw: st.DrawFn, scope: str = "x") -> Place:
    before, after = draw(TEXTS), draw(TEXTS)
    return Place(
        path=draw(TEXTS),
        language=draw(st.sampled_from(["python", "typescript", ""])),
        document=before + scope + after,
        scope=Span(len(before), len(before) + len(scope)),
        diagnostics=draw(_TUPLES),
        rules=draw(TEXTS),
    )


@given(requests(), places())
def test_the_prompt_can_be_read_back_exactly(request: EditRequest, place: Place) -> None:
    prompt = compose(request, place, 32_000)
    assert parse(prompt.input) == ParsedPrompt(
        path=place.path,
        language=place.language,
        original=request.original,
        current=request.current,
        instruction=request.instruction,
        before=place.document[: place.scope.start],
        after=place.document[place.scope.end :],
        rules=place.rules,
        diagnostics=place.diagnostics,
        earlier=request.earlier,
        cut=request.cut,
        typed=request.typed,
        settled=request.settled,
        withheld=request.withheld,
        form=request.form,
    )


@given(requests(), places(), st.integers(0, 300))
def test_no_budget_shortens_what_must_be_said(
    request: EditRequest, place: Place, context_tokens: int
) -> None:
    parsed = parse(compose(request, place, context_tokens).input)
    assert parsed is not None
    assert (parsed.original, parsed.current) == (request.original, request.current)
    assert parsed.instruction == request.instruction
    assert place.document[: place.scope.start].endswith(parsed.before)
    assert place.document[place.scope.end :].startswith(parsed.after)


@given(TEXTS)
def test_any_text_is_read_or_refused(text: str) -> None:
    parse(text)
    parse(f'File: "a"\nLanguage: "b"\n<scope-00000000>\n{text}')


def test_what_compose_did_not_write_is_refused() -> None:
    assert parse("") is None
    assert parse("Please rename x to y.") is None


def test_an_unclosed_section_is_not_one() -> None:
    request = EditRequest("do it", "a = 1", "a = 1", "practice")
    place = Place("a.py", "python", "a = 1", Span(0, 5))
    whole = compose(request, place, 1000).input
    assert parse(whole.removesuffix(">")) is None
    assert parse(whole) == replace(ParsedPrompt("a.py", "python", "a = 1", "a = 1", "do it"))
