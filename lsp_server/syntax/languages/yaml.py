"""YAML."""

import re

from lsp_server.syntax.declarations import NoDeclarations
from lsp_server.syntax.language import Language
from lsp_server.syntax.nesting_depth import Nesting
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["YAML"]

_NESTING = Nesting(
    # Levels begin in ever higher columns, two at most in one: 253 of them fit.
    levels=re.compile(rb"(?<![ \t?:-])([ \t?:-]{100})([ \t?:-]+)")
)
YAML = Language(
    id="yaml",
    name="YAML",
    module="tree_sitter_yaml",
    aliases=("yml", "dockercompose", "yaml.docker-compose", "yaml.ansible", "github-actions"),
    endings=(".yaml", ".yml", ".cff"),
    file_names=(".clang-format", ".clang-tidy", ".clangd"),
    line_comments=("#",),
    block_comments=(),
    nodes=NodeRules(
        bodies=kinds("stream block_mapping block_sequence"),
        lists=SHARED_LISTS,
        rows=SHARED_ROWS,
        atoms=kinds(
            "double_quote_scalar single_quote_scalar plain_scalar block_scalar flow_node anchor tag"
        ),
        holes=kinds("flow_mapping flow_sequence"),
    ),
    declarations=NoDeclarations(
        reason="It holds data.", entries=kinds("block_mapping_pair flow_pair")
    ),
    text=TextRules(
        operands=False,
        free_words=True,
        templated=True,
        complete=True,
    ),
    nesting=_NESTING,
)
