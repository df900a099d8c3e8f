"""Texts for properties of syntax: pieces of real code, broken and mixed, with a place in them."""

from dataclasses import dataclass

from hypothesis import strategies as st

from lsp_server.syntax.languages import Language, all_languages, language_for
from lsp_server.text.span import Span
from tests.syntax.scope_cases import scope_cases

_CASES = scope_cases()
_SAMPLES = {
    language: [case.text for case in _CASES if language_for(case.language) == language]
    for language in (None, *all_languages())
}

_SCRAPS = st.sampled_from(
    [
        *"{}()[]\"'`#<>;,@:=|\\\n\r\t\f\u2028\u0301😀\ufeff\x00\ud800",
        *('"""', "/*", "*/", "//", "<!--", "-->", "\n\n", "\r\n", "    ", "end", "else:"),
        *("<<A\n", "ms: x"),
    ]
)


@dataclass(frozen=True, slots=True)
class Place:
    """A selection in a text in a language."""

    text: str
    selection: Span
    language: Language | None


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, Language | None]:
    """A text and its language: sample code with scraps thrown in, pieces cut out and swapped."""
    language = draw(st.sampled_from([None, *all_languages()]))
    text = draw(st.sampled_from(_SAMPLES[language]))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + draw(_SCRAPS) + text[end:]
    return text, language


@st.composite
def places(draw: st.DrawFn) -> Place:
    """A text with a bare cursor or a selection in it."""
    text, language = draw(texts())
    start = draw(st.integers(0, len(text)))
    length = draw(st.one_of(st.just(0), st.integers(0, 8), st.integers(0, 400)))
    return Place(text, Span(start, min(len(text), start + length)), language)
