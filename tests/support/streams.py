"""The recorded streams of `fixtures/streams`, and an editor and a grammar to play them to."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from lsp_server.choices import Publish
from lsp_server.edit.reply import ReplyReader
from lsp_server.practice.scope_patch import unified_diff
from lsp_server.session.document_edits import DocumentEdits
from lsp_server.session.gate_protocol import Gate
from lsp_server.session.request import Form
from lsp_server.syntax.gate import make_gate
from lsp_server.syntax.languages import Language, language_for
from lsp_server.syntax.tree import DocumentTree, count_errors
from lsp_server.text.lines import Text
from lsp_server.text.span import Span
from tests.support.fake_editor import FakeEditor, Manners
from tests.support.rig import Rig

FOLDER = Path(__file__).parents[2] / "fixtures" / "streams"
_HEAD = re.compile(r"# (\w+), lines (\d+)-(\d+)\n")
_PARTS = re.compile(r"^== \w+\n", re.MULTILINE)
# About what a model's tokens are: a word with the blank before it, a few signs, a line end with the
# indentation behind it.
_TOKEN = re.compile(r"\n[ \t]*| ?\w{1,8}| ?[^\w\s]{1,3}|\s")


@dataclass(frozen=True, slots=True)
class Stream:
    """One case: a scope in a document, what the user asked for, and what the model sends."""

    name: str
    language: str
    scope: Span
    instruction: str
    document: str
    tokens: tuple[str, ...]
    form: Form = Form.REWRITE

    @classmethod
    def read(cls, path: Path) -> "Stream":
        """A file of `fixtures/streams`."""
        head, instruction, document, answer = _PARTS.split(path.read_bytes().decode())
        found = _HEAD.match(head)
        assert found is not None, path.name
        text = Text(document)
        first = text.line_span(int(found[2]) - 1)
        indent = len(first.text(document)) - len(first.text(document).lstrip())
        scope = Span(first.start + indent, text.line_span(int(found[3]) - 1).end)
        tokens = tuple(_TOKEN.findall(answer))
        assert "".join(tokens) == answer, path.name
        return cls(path.stem, found[1], scope, instruction.strip(), document, tokens)

    @property
    def grammar(self) -> Language:
        """The language of the document."""
        found = language_for(self.language, "", self.document)
        assert found is not None, self.language
        return found

    def as_patch(self) -> "Stream":
        """The same change, asked for as a patch."""
        before = self.scope.text(self.document)
        head, tail = self.document[: self.scope.start], self.document[self.scope.end :]
        reader = ReplyReader(before, before=head, after=tail, language=self.language)
        after = reader.push("".join(self.tokens)) + reader.finish(True)
        answer = f"```diff\n{unified_diff(before, after)}\n```\n"
        tokens = tuple(_TOKEN.findall(answer))
        return replace(self, name=f"{self.name}-as-patch", tokens=tokens, form=Form.PATCH)

    def errors(self, text: str) -> int:
        """How many syntax errors the whole text has."""
        return count_errors(DocumentTree(self.grammar, text).root)

    def rig(
        self,
        manners: Manners | None = None,
        publish: Publish = Publish.SYNTAX,
        rate: float = 1000.0,
    ) -> Rig:
        """The document in an editor, and the session begun."""
        grammar = self.grammar

        def gate(document: str, scope: Span) -> Gate:
            return make_gate(document, scope, grammar, DocumentTree(grammar, document))

        editor = FakeEditor(self.document, manners or Manners())
        document_edits = DocumentEdits(Text(self.document), 1, gate, rate, self.language)
        rig = Rig(editor, document_edits, publish, self.form)
        place = rig.place(self.scope.start, self.scope.end)
        rig.step(f'begin s1 {place} "{self.instruction}"')
        return rig


def all_streams() -> list[Stream]:
    """Every case, by name."""
    return [Stream.read(path) for path in sorted(FOLDER.glob("*.txt"))]
