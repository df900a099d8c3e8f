"""HTML."""

from tree_sitter import Node

from lsp_server.syntax.captures import captured
from lsp_server.syntax.declarations import NoDeclarations
from lsp_server.syntax.embedded_rules import EmbeddedRules
from lsp_server.syntax.language import MARKUP_COMMENTS, Language
from lsp_server.syntax.node_rules import SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["HTML"]

_SCRIPTS = {
    **dict.fromkeys(("", "module", "text/javascript", "application/javascript"), "javascript"),
    **dict.fromkeys(("text/babel", "text/jsx", "js", "jsx"), "javascript"),
    **dict.fromkeys(("application/json", "application/ld+json", "importmap"), "json"),
    **dict.fromkeys(("ts", "text/typescript"), "typescript"),
    "tsx": "typescriptreact",
}
"""The language ids of scripts, by their `type` or `lang`. Templates and the like are no code."""
_STYLES = {"": "css", "text/css": "css"}


def _language_of(node: Node) -> str:
    """The language of a script or a style sheet; "" for any other text."""
    element = node.parent
    if element is None:
        return ""
    known = _STYLES if element.type == "style_element" else _SCRIPTS
    tag = element.child(0)
    values = {"": ""}
    for attribute in tag.named_children if tag is not None else ():
        name, _, value = (attribute.text or b"").decode("utf-8", "replace").partition("=")
        values[name.strip().lower()] = value.strip().strip("\"'").strip().lower()
    return known.get(values.get("lang", values.get("type", "")), "")


def _stray_end_tags(root: Node, source: bytes, language: Language) -> int:
    """End tags without a beginning."""
    if b"</" not in source:
        return 0
    return len(captured("(erroneous_end_tag) @found", root, language))


_EMBEDDED = EmbeddedRules(kinds=kinds("raw_text"), language=_language_of, gated=True)
HTML = Language(
    id="html",
    name="HTML",
    module="tree_sitter_html",
    aliases=("xhtml", "vue", "vue-html"),
    endings=(".html", ".htm", ".xhtml", ".vue"),
    own_names=frozenset({"vue"}),
    line_comments=(),
    block_comments=MARKUP_COMMENTS,
    nodes=NodeRules(
        bodies=kinds("document element"),
        lists=frozenset(),
        rows=SHARED_ROWS,
        headers=kinds("start_tag end_tag self_closing_tag text raw_text entity erroneous_end_tag"),
        atoms=kinds("quoted_attribute_value end_tag"),
        repeats=kinds("attribute"),
    ),
    declarations=NoDeclarations(reason="It holds markup."),
    text=TextRules(
        operands=False,
        markup=True,
        angled=True,
        lone_tags=True,
        free_words=True,
        templated=True,
    ),
    embedded=_EMBEDDED,
    silent_errors=_stray_end_tags,
)
