"""A model's reply in every language, cut at every token: what may be shown, and what is kept.

Reader, aligner and gate as a session has them, without editor and user: after each token the
newest admitted state is shown. The whole document with it has to parse, what the answer has not
reached has to stay to the byte, and only a reply with proof may take away the end of the original.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from rapidfuzz.distance import Indel

from lsp_server.choices import Publish
from lsp_server.session.attempt import Attempt
from lsp_server.session.events import Moment
from lsp_server.session.request import EditRequest
from lsp_server.syntax.gate import make_gate
from lsp_server.syntax.languages import Language, language_for
from lsp_server.syntax.tree import count_errors, encode
from lsp_server.text.lines import split_lines
from lsp_server.text.span import Span
from tests.syntax.gate_sources import SOURCES

_TOKEN = 4
_ONE_BY_ONE = 6
"""So many tokens before the cut are shown one by one, what came before them at once."""
_ALIKE = 0.5
"""From this similarity on a line of the answer may be one of the original, changed."""


class Form(NamedTuple):
    """How a file is written: its line ends, whether it begins with a mark, what it indents with."""

    line_end: str = "\n"
    mark: str = ""
    tabs: bool = False
    """Both in the file and in the answer."""


FORMS = {
    "lf": Form(),
    "crlf": Form("\r\n"),
    "mark": Form("\r\n", mark="\ufeff"),
    "tabs": Form(tabs=True),
}
_IN_ONE_FORM = {"kotlin", "scala"}
"""Languages whose grammars take longest: what the forms are for is seen in the others."""
WRITTEN = [
    # YAML knows no tabs.
    pytest.param(name, form, id=f"{name}-{form}")
    for name in SOURCES
    for form in FORMS
    if (name, form) != ("yaml", "tabs") and (form == "crlf" or name not in _IN_ONE_FORM)
]


class Document:
    """A source of `gate_sources` in this form, and without a line end at its end."""

    def __init__(self, name: str, form: Form) -> None:
        source, language = SOURCES[name], language_for(name)
        assert language is not None
        self.name = name
        self.language: Language = language
        self.form = form
        start, end = source.scope.start, source.scope.end
        self.head = form.mark + self.written(source.document[:start])
        self.present = self.written(source.present)
        self.tail = self.written(source.document[end:]).rstrip("\r\n")
        self.answer = self.indented(source.answer)
        self.errors = self.errors_with(self.present)

    def written(self, text: str) -> str:
        """`text` in this document's line ends and indentation."""
        return self.indented(text).replace("\n", self.form.line_end)

    def indented(self, text: str) -> str:
        """`text` in this document's indentation."""
        if not self.form.tabs:
            return text
        return re.sub(r"(?m)^(?:    |  )+", lambda found: "\t" * (len(found[0]) // 2), text)

    def errors_with(self, scope: str) -> int:
        """ERROR and MISSING nodes of the whole document with `scope` in it."""
        source = encode(self.head + scope + self.tail)
        return count_errors(self.language.parse(source).root_node)

    def attempt(self) -> Attempt:
        """A new attempt at the scope."""
        return Attempt(
            1,
            EditRequest("Change it.", self.present, self.present, "test"),
            Publish.SYNTAX,
            Moment(0.0, self.head, self.tail, lambda: self.form.line_end, self.name),
        )

    def shown(self, reply: str) -> Iterator[tuple[Attempt, str]]:
        """The attempt and what its scope holds after each token, as if the stream ended there."""
        tokens = [reply[at : at + _TOKEN] for at in range(0, len(reply), _TOKEN)]
        for count in range(len(tokens) + 1):
            attempt = self.attempt()
            scope = Span(len(self.head), len(self.head) + len(self.present))
            gate = make_gate(self.head + self.present + self.tail, scope, self.language)
            text = self.present
            early = max(count - _ONE_BY_ONE, 0)
            steps = ["".join(tokens[:early]), *tokens[early:count], None]
            for number, token in enumerate(steps):
                if token is None:
                    attempt.finish(count == len(tokens), float(number))
                else:
                    attempt.push(token, float(number), None)
                for cut in attempt.untried():
                    candidate = attempt.text_of(cut)
                    last = attempt.over and cut == attempt.newest
                    if gate.settled(candidate) if last else gate.admits(candidate):
                        gate, text, attempt.shown = gate.landed(candidate), candidate, cut
                        break
            yield attempt, text


def alike(line: str, lines: list[str]) -> bool:
    """Whether one of `lines` may be `line`, changed."""
    return any(Indel.normalized_similarity(line.strip(), one.strip()) >= _ALIKE for one in lines)


def not_reached(original: list[str], answer: list[str]) -> list[str]:
    """Lines of the original that the answer has neither repeated nor changed nor passed.

    It has passed a line when it holds one that comes later. Short lines are everywhere, so they
    prove nothing.
    """
    answered = {line.strip() for line in answer}
    known = [
        i for i, line in enumerate(original) if len(line.strip()) > 3 and line.strip() in answered
    ]
    rest = original[known[-1] + 1 if known else 0 :]
    return [line for line in rest if len(line.strip()) > 3 and not alike(line, answer)]


@pytest.mark.parametrize(("name", "form"), WRITTEN)
def test_cut_at_every_token(name: str, form: str) -> None:
    document = Document(name, FORMS[form])
    fence = "`" * 5
    original = split_lines(document.present)
    early = 0
    for attempt, text in document.shown(f"{fence}\n{document.answer}\n{fence}\n"):
        assert document.errors_with(text) <= document.errors
        cut = attempt.shown
        said = attempt.text_of(cut)[: cut.answer]
        rest = document.present[cut.original :]
        assert text == attempt.text_of(cut) and text.endswith(rest)
        assert not text[len(said) : len(text) - len(rest)].strip()  # The first line's indentation.
        assert document.written(document.answer).startswith(said)
        assert document.form.line_end == "\n" or "\n" not in text.replace("\r\n", "")
        if attempt.proven:
            assert text == document.written(document.answer)
            continue
        early += text != document.present
        to_come = not_reached(original, split_lines(document.written(attempt.answer)))
        assert not [line for line in to_come if not alike(line, split_lines(text))]
    # One element that becomes another one has no sound state in between.
    assert early or name in ("html", "typescriptreact"), (
        f"Nothing of the answer can be shown before its end: in fixtures/languages/{name}.txt, keep"
        " some lines of the scope in the answer."
    )


@pytest.mark.parametrize("name", SOURCES)
def test_a_placeholder_cut_at_every_token_takes_nothing_away(name: str) -> None:
    """The answer changes the first line and leaves the rest out."""
    document = Document(name, FORMS["lf"])
    language = document.language
    comments = [(opening, "") for opening in language.line_comments] + [*language.block_comments]
    if not comments:  # JSON has none.
        return
    opening, closing = comments[0]
    first, *rest = document.present.split("\n")
    placeholder = f"{opening} ... rest unchanged ... {closing}".rstrip()
    reply = f"`````\n{first}\n{placeholder}\n`````\n"
    for attempt, text in document.shown(reply):
        assert text == document.present
        assert not attempt.shown or text.endswith("\n".join(rest))
    assert attempt.proven
