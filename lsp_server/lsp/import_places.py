"""Whether an edit may name imports that it needs, and where a document would get them."""

import re
from collections.abc import Sequence
from itertools import pairwise

from lsp_server.imports.placing import place_imports
from lsp_server.imports.statements import import_statements
from lsp_server.session.import_offers import PlacedLine
from lsp_server.settings import Imports, Settings
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.span import Span

LANGUAGES = frozenset(
    {"python", "javascript", "javascriptreact", "typescript", "typescriptreact", "go", "rust"}
    | {"java", "kotlin", "csharp", "c", "cpp", "php", "ruby", "swift", "scala"}
)
"""The ids of languages whose files import by statements of one line each."""


_KINDS_OF_TEXT = ("", "siblings", "lines", "insertion", "selection")
"""Kinds of scopes that are no unit of the grammar."""
_IMPORTING = re.compile(r"^\s*(?:import|from|use|using|#\s*include|require)\b", re.MULTILINE)


def may_name_imports(
    settings: Settings, language: str, tree: DocumentTree | None, scope: Span, kind: str
) -> bool:
    """Whether an answer for this scope, of this kind, may name imports that it needs.

    An answer for a whole file, or for a piece with all imports, has them in their place. A function
    that is alone in its file is still a function.
    """
    if settings.imports is Imports.NEVER or language not in LANGUAGES or tree is None:
        return False
    text = tree.text
    is_unit = kind not in {tree.root.type, *_KINDS_OF_TEXT}
    if not is_unit and not (text[: scope.start] + text[scope.end :]).strip():
        return False
    if _IMPORTING.search(scope.text(text)) is None:
        return True  # Reading all imports of the file takes longer.
    imports = [one.span for one in import_statements(tree)]
    return not imports or not all(scope.contains(span) for span in imports)


def placed_lines(tree: DocumentTree | None, lines: Sequence[str]) -> tuple[PlacedLine, ...]:
    """Where the document of this tree would get these import lines; only those that it lacks."""
    if tree is None:
        return ()
    found = []
    for line in lines:
        changes = tuple(one.change for one in place_imports(tree, [line]))
        apart = all(a.end < b.start for a, b in pairwise(changes))
        if changes and apart:
            found.append(PlacedLine(line, changes))
    return tuple(found)
