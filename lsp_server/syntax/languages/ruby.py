"""Ruby."""

from tree_sitter import Node

from lsp_server.syntax.captures import captured
from lsp_server.syntax.declarations import Declarations, declared
from lsp_server.syntax.language import Language
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["RUBY"]


def _open_here_documents(root: Node, source: bytes, language: Language) -> int:
    """Here-documents without their end, which reach the end of the file.

    The grammar finds an end of no length there.
    """
    if b"<<" not in source:
        return 0
    ends = captured("(heredoc_end) @found", root, language)
    return sum(node.start_byte == node.end_byte for node in ends)


RUBY = Language(
    id="ruby",
    name="Ruby",
    module="tree_sitter_ruby",
    aliases=("rb",),
    endings=(".rb", ".rake", ".gemspec", ".ru", ".podspec", ".rbw"),
    file_names=(
        "Rakefile",
        "Gemfile",
        "Guardfile",
        "Podfile",
        "Vagrantfile",
        "Fastfile",
        "Brewfile",
        "Capfile",
        "Dangerfile",
    ),
    interpreters=("ruby", "jruby", "rake"),
    line_comments=("#",),
    block_comments=(("=begin", "=end"),),
    nodes=NodeRules(
        bodies=kinds("program body_statement block_body then else do begin ensure begin_block"),
        lists=SHARED_LISTS,
        rows=SHARED_ROWS - {"module"},
        headers=kinds("rescue ensure else heredoc_body"),
        functions=kinds("method singleton_method lambda"),
        classes=kinds("class module singleton_class"),
        carriers=kinds("assignment"),
        atoms=kinds("string regex simple_symbol delimited_symbol heredoc_body subshell"),
        holes=kinds("interpolation"),
        repeats=kinds("when in_clause elsif else rescue ensure"),
    ),
    declarations=Declarations(
        kinds=declared(
            method="method singleton_method", class_="class singleton_class", module="module"
        ),
        imports={"call": ("require", "load ", "load(", "autoload")},
        end="end",
    ),
    text=TextRules(
        word_blocks=True,
        backslash_joins=True,
        end_mark=b"__END__",
        blocks=(
            (
                rb"(?m)^\s*(?:def(?![^\n]*\)? = )|class|module|if|unless|while|until|for)\b"
                rb"|\b(?:case|begin)\b|\bdo\b(?=[ \t]*(?:\|[^|\n]*\|)?[ \t]*\r?$)",
                rb"\bend\b",
            ),
        ),
    ),
    silent_errors=_open_here_documents,
)
