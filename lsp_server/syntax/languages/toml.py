"""TOML."""

from lsp_server.syntax.declarations import NoDeclarations
from lsp_server.syntax.language import Language
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["TOML"]

TOML = Language(
    id="toml",
    name="TOML",
    module="tree_sitter_toml",
    endings=(".toml",),
    file_names=("Cargo.lock", "poetry.lock", "uv.lock", "Pipfile", "pdm.lock"),
    line_comments=("#",),
    block_comments=(),
    nodes=NodeRules(
        bodies=kinds("document table table_array_element"),
        loose=kinds("array"),
        lists=SHARED_LISTS,
        rows=SHARED_ROWS,
        headers=kinds("bare_key quoted_key dotted_key"),
        atoms=kinds("string bare_key dotted_key quoted_key"),
    ),
    declarations=NoDeclarations(
        reason="It holds data.", entries=kinds("pair table table_array_element")
    ),
    text=TextRules(
        operands=False,
        keywords=False,
        templated=True,
        never=rb"[`$%^&*()|\\;<>?~@!]",
        quotes_pair=True,
        triple_quotes=True,
    ),
)
