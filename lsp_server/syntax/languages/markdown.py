"""Markdown."""

import re

from tree_sitter import Node

from lsp_server.syntax.declarations import NoDeclarations
from lsp_server.syntax.embedded_rules import EmbeddedRules
from lsp_server.syntax.language import MARKUP_COMMENTS, Language
from lsp_server.syntax.nesting_depth import Nesting
from lsp_server.syntax.node_rules import SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["MARKDOWN"]

_NESTING = Nesting(
    # Each level takes a character at the line's beginning: 254 of them fit.
    levels=re.compile(rb"(?<![^\r\n])([ \t>*+.)0-9-]{200})([ \t>*+.)0-9-]+)")
)
_FENCE_NAME = re.compile(rb"[`~]{3,}[ \t]*(?:\{[ \t]*\.?)?([^\s{},`]+)")
_METADATA = {"minus_metadata": "yaml", "plus_metadata": "toml"}


def _language_of(node: Node) -> str:
    """The language that a fence at the margin names, or that of a file's metadata."""
    if node.start_point.column:
        return ""
    name = _FENCE_NAME.match(node.text or b"") if node.type == "fenced_code_block" else None
    if name is not None:
        return name[1].decode("utf-8", "replace").removeprefix("language-")
    return _METADATA.get(node.type, "")


def _content(node: Node) -> tuple[int, int]:
    """The bytes between the marks of a fence or of metadata."""
    if node.type == "fenced_code_block":
        held = [child for child in node.children if child.type == "code_fence_content"]
        return (held[0].start_byte, held[0].end_byte) if held else (node.end_byte, node.end_byte)
    if node.type in _METADATA:
        text = node.text or b""
        first, last = text.find(b"\n") + 1, text.rstrip().rfind(b"\n") + 1
        return node.start_byte + first, node.start_byte + max(first, last)
    return node.start_byte, node.end_byte


_EMBEDDED = EmbeddedRules(
    kinds=kinds("fenced_code_block html_block indented_code_block minus_metadata plus_metadata"),
    language=_language_of,
    content=_content,
    keeps_blank_lines=True,
)
MARKDOWN = Language(
    id="markdown",
    name="Markdown",
    module="tree_sitter_markdown",
    aliases=("md", "gfm", "pandoc", "rmd", "quarto"),
    endings=(".md", ".markdown", ".mkd", ".mdown", ".qmd"),
    line_comments=(),
    block_comments=MARKUP_COMMENTS,
    nodes=NodeRules(
        bodies=kinds("document section list block_quote"),
        lists=frozenset(),
        rows=SHARED_ROWS,
        headers=kinds("block_quote_marker block_continuation"),
        comments=frozenset(),
        atoms=kinds(
            """
            paragraph atx_heading setext_heading fenced_code_block indented_code_block html_block
            link_reference_definition thematic_break
            """
        ),
        repeats=kinds("pipe_table_row"),
        transparent=kinds("section"),
    ),
    declarations=NoDeclarations(reason="It holds prose."),
    text=TextRules(
        operands=False,
        markup=True,
        lone_tags=True,
        free_words=True,
        templated=True,
        takes_any_token=True,
    ),
    embedded=_EMBEDDED,
    nesting=_NESTING,
)
