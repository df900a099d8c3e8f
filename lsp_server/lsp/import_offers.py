"""Whether an edit may need imports outside its scope, and where they would be written."""

from lsp_server.lsp.driver import Driver
from lsp_server.settings import Imports, Settings
from lsp_server.text.span import Span

LANGUAGES = frozenset(
    {"python", "javascript", "javascriptreact", "typescript", "typescriptreact", "go", "rust"}
    | {"java", "kotlin", "csharp", "c", "cpp", "php", "ruby", "swift", "scala"}
)
"""The ids of languages whose files import by statements of one line each."""


def may_name_imports(settings: Settings, driver: Driver, scope: Span) -> bool:
    """Whether an answer for this scope may name imports that it needs.

    An answer for a whole file has them in their place.
    """
    if settings.imports is Imports.NEVER or driver.language_name not in LANGUAGES:
        return False
    text = driver.document_edits.text.text
    around = text[: scope.start] + text[scope.end :]
    return driver.language is not None and bool(around.strip())
