"""Small workspaces for tests of the context: files in a folder, one of them being edited."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lsp_server.context.lookup import ContextLookup
from lsp_server.context.query import ContextQuery, OpenDocument
from lsp_server.ignore import Ignore
from lsp_server.prompt.pieces import ContextPiece
from lsp_server.syntax.language_names import language_name
from lsp_server.text.span import Span

OPENS, CLOSES = "««\n", "»»\n"


@dataclass(frozen=True, slots=True)
class World:
    """A workspace with one file that is being edited."""

    root: Path
    path: Path
    text: str
    scope: Span
    opened: tuple[OpenDocument, ...] = ()

    def query(
        self, may_send: Callable[[Path], bool] | None = None, *, callers: bool = True
    ) -> ContextQuery:
        """The query of an edit of the scope. Without `may_send` the ignore rules decide."""
        ignore = Ignore()
        return ContextQuery(
            document(self.path, self.text),
            self.scope,
            (self.root,),
            self.opened,
            may_send or (lambda path: ignore.refusal(path, (self.root,), ()) is None),
            callers=callers,
        )


def document(path: Path, text: str) -> OpenDocument:
    """An open document."""
    return OpenDocument(path.as_uri(), path, language_name(None, str(path), text), text)


def build(root: Path, files: Mapping[str, str], opened: Mapping[str, str] | None = None) -> World:
    """Write the files. The first is the edited one, with its scope between two marked lines."""
    (root / ".git" / "objects").mkdir(parents=True, exist_ok=True)
    edited = next(iter(files))
    before, _, rest = files[edited].partition(OPENS)
    scope, _, after = rest.partition(CLOSES)
    text = before + scope + after
    for name, content in {**files, edited: text}.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, "utf-8")
    start = len(before) + len(scope) - len(scope.lstrip())
    others = tuple(document(root / name, content) for name, content in (opened or {}).items())
    span = Span(start, len(before) + len(scope.rstrip()))
    return World(root, root / edited, text, span, others)


def looked_up(
    lookup: ContextLookup, query: ContextQuery, over: Callable[[], bool] = lambda: False
) -> list[ContextPiece]:
    """All pieces of a lookup."""
    found: list[ContextPiece] = []
    lookup.look_up(query, found.append, over)
    return found


def place_of(piece: ContextPiece) -> str:
    """A piece as `why path:first-last`, lines counted from 1."""
    last = piece.line + len(piece.text.splitlines())
    return f"{piece.why} {piece.path}:{piece.line + 1}-{last}"
