"""How a file writes its import statements: quotes, semicolons, `import` or `require`."""

import re
from collections.abc import Sequence
from dataclasses import replace

from lsp_server.imports.imported import ImportStatement
from lsp_server.imports.rendering import as_import, as_require, rendered, renders
from lsp_server.imports.written_imports import WrittenImport
from lsp_server.syntax.tree import DocumentTree

__all__ = ["StatementStyle"]

_SCRIPTS = frozenset(("javascript", "typescript", "typescriptreact"))
_QUOTING = (*_SCRIPTS, "ruby")
_SOURCE = re.compile(r"""(["'])([^"'\\]*)\1""")
_STATEMENT_END = re.compile(r"""[\w)\]"'`](;?)[ \t]*\r?$""", re.MULTILINE)
_MOST_LOOKED_AT = 20_000
"""How many code points of a file without imports tell its quotes and semicolons."""


class StatementStyle:
    """Writes new imports the way a file writes its own."""

    def __init__(self, tree: DocumentTree, existing: Sequence[ImportStatement]) -> None:
        self._language_id = tree.language.id
        forms = {each.form for each in existing}
        self._requires = "require" in forms and not forms & {"import", "export", "import ="}
        self._imports = bool(forms & {"import", "export"})
        texts = [each.span.text(tree.text) for each in existing]
        sample = "\n".join(texts) or tree.text[:_MOST_LOOKED_AT]
        self._quote = ""
        if self._language_id in _QUOTING:
            quotes = [found[1] for found in _SOURCE.finditer(sample)]
            self._quote = max(sorted(set(quotes)), key=quotes.count, default="")
        ends = [found[1] for found in _STATEMENT_END.finditer(sample)]
        self._semicolon = ends.count(";") * 2 >= len(ends) if ends else None
        braces = re.findall(r"\{( ?)[^{}\n]+?\}", "\n".join(texts))
        self._tight = bool(braces) and braces.count("") * 2 > len(braces)

    def fitting(self, written: WrittenImport) -> WrittenImport:
        """The import as the file writes it."""
        statement = written.statement
        if self._language_id in _SCRIPTS:
            other = None
            if statement.form == "import" and self._requires and self._language_id == "javascript":
                other = as_require(statement)
            elif statement.form == "require" and self._imports:
                other = as_import(statement)
            if other is not None:
                written = WrittenImport(rendered(self._language_id, other), other)
        return replace(written, text=self._styled(written.text))

    def only(self, written: WrittenImport, statement: ImportStatement) -> WrittenImport:
        """The same import with no more than what `statement` imports."""
        if statement == written.statement or not renders(self._language_id):
            return WrittenImport(written.text, statement)
        return WrittenImport(self._styled(rendered(self._language_id, statement)), statement)

    def _styled(self, text: str) -> str:
        if self._quote:
            text = _SOURCE.sub(lambda found: f"{self._quote}{found[2]}{self._quote}", text)
        if self._language_id in _SCRIPTS:
            if self._semicolon is not None:
                text = text.rstrip("; ") + ";" * self._semicolon
            if self._tight:
                text = re.sub(r"\{ ([^{}]*) \}", r"{\1}", text)
        return text
