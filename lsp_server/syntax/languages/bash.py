"""Bash."""

from lsp_server.syntax.declarations import Declarations, declared
from lsp_server.syntax.language import Language
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["BASH"]

BASH = Language(
    id="shellscript",
    name="Bash",
    module="tree_sitter_bash",
    aliases=("bash", "sh", "shell", "shell-script", "zsh", "ksh", "ebuild"),
    endings=(".sh", ".bash", ".zsh", ".ksh", ".bats", ".ebuild"),
    file_names=(
        ".bashrc",
        ".bash_profile",
        ".bash_aliases",
        ".bash_logout",
        ".profile",
        ".zshrc",
        ".zprofile",
        ".zshenv",
        "PKGBUILD",
        "APKBUILD",
    ),
    interpreters=("sh", "bash", "dash", "zsh", "ksh", "ash", "bats"),
    line_comments=("#",),
    block_comments=(),
    nodes=NodeRules(
        bodies=kinds(
            """
            program compound_statement do_group if_statement elif_clause else_clause case_statement
            case_item subshell
            """
        ),
        lists=SHARED_LISTS | kinds("list pipeline"),
        rows=SHARED_ROWS,
        headers=kinds("elif_clause else_clause"),
        functions=kinds("function_definition"),
        atoms=kinds("string raw_string ansi_c_string heredoc_body translated_string"),
        holes=kinds("command_substitution"),
        repeats=kinds("elif_clause else_clause"),
    ),
    declarations=Declarations(
        kinds=declared(function="function_definition"),
        imports={"command": ("source ", ". ")},
    ),
    text=TextRules(
        operands=False,
        free_words=True,
        word_blocks=True,
        templated=True,
        takes_any_token=True,
        backslash_joins=True,
        blocks=(
            (rb"\bif\b", rb"\bfi\b"),
            (rb"\bcase\b", rb"\besac\b"),
            (rb"\bdo\b", rb"\bdone\b"),
        ),
    ),
)
