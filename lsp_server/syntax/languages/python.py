"""Python."""

import re

from tree_sitter import Node

from lsp_server.syntax.declarations import Declarations, always, declared
from lsp_server.syntax.language import Language
from lsp_server.syntax.nesting_depth import Nesting
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.python_lines import errors_in_lines
from lsp_server.syntax.python_names import errors_in_names
from lsp_server.syntax.text_rules import TextRules

__all__ = ["PYTHON"]

_NESTING = Nesting(
    # Levels begin in ever higher columns: 510 of them fit.
    levels=re.compile(rb"(?m)^([ \t\f]{480})([ \t\f]+)")
)


def _silent_errors(root: Node, source: bytes, language: Language) -> int:
    """Errors that the compiler finds in lines and in names."""
    in_lines = errors_in_lines(root, source, language.reading())
    return in_lines + errors_in_names(root, source, language)


PYTHON = Language(
    id="python",
    name="Python",
    module="tree_sitter_python",
    aliases=("py", "python3", "sage", "starlark", "bzl"),
    endings=(".py", ".pyi", ".pyw", ".bzl", ".star"),
    file_names=("SConstruct", "SConscript", "wscript", "BUILD", "WORKSPACE"),
    interpreters=("python", "pypy"),
    line_comments=("#",),
    block_comments=(),
    nodes=NodeRules(
        bodies=kinds("module block"),
        lists=SHARED_LISTS,
        rows=SHARED_ROWS - {"case_clause"},
        functions=kinds("function_definition"),
        classes=kinds("class_definition"),
        carriers=kinds("decorated_definition"),
        attributes=kinds("decorator"),
        atoms=kinds("string"),
        holes=kinds("interpolation"),
        repeats=kinds("elif_clause else_clause except_clause finally_clause decorator"),
    ),
    declarations=Declarations(
        kinds=declared(function="function_definition", class_="class_definition"),
        imports=always("import_statement import_from_statement future_import_statement"),
        empty_body="pass",
    ),
    text=TextRules(
        word_blocks=True,
        backslash_joins=True,
        never=rb"[$`]",
        quotes_pair=True,
        triple_quotes=True,
    ),
    silent_errors=_silent_errors,
    nesting=_NESTING,
)
