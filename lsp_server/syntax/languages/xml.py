"""XML."""

from lsp_server.syntax.declarations import NoDeclarations
from lsp_server.syntax.language import MARKUP_COMMENTS, Language
from lsp_server.syntax.node_rules import SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["XML"]

XML = Language(
    id="xml",
    name="XML",
    module="tree_sitter_xml",
    factory="language_xml",
    extra=True,
    aliases=("xsl", "xslt", "xsd", "svg", "plist", "csproj", "msbuild", "xaml", "wsdl", "pom"),
    endings=(
        ".xml",
        ".xsl",
        ".xslt",
        ".xsd",
        ".svg",
        ".plist",
        ".csproj",
        ".fsproj",
        ".vbproj",
        ".props",
        ".targets",
        ".xaml",
        ".axml",
        ".rss",
        ".wsdl",
    ),
    line_comments=(),
    block_comments=MARKUP_COMMENTS,
    nodes=NodeRules(
        bodies=kinds("document prolog content"),
        lists=frozenset(),
        rows=SHARED_ROWS,
        headers=kinds("STag ETag CharData EntityRef CharRef"),
        comments=kinds("Comment"),
        atoms=kinds("AttValue ETag CDSect XMLDecl doctypedecl"),
        repeats=kinds("Attribute"),
    ),
    declarations=NoDeclarations(reason="It holds markup."),
    text=TextRules(
        markup=True,
        angled=True,
        lone_tags=True,
        free_words=True,
        templated=True,
        complete=True,
    ),
)
