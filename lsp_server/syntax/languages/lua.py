"""Lua."""

from lsp_server.syntax.declarations import Declarations, declared
from lsp_server.syntax.language import Language
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["LUA"]

LUA = Language(
    id="lua",
    name="Lua",
    module="tree_sitter_lua",
    endings=(".lua", ".rockspec"),
    interpreters=("lua", "luajit", "texlua"),
    line_comments=("--",),
    block_comments=(("--[[", "]]"),),
    nodes=NodeRules(
        bodies=kinds("chunk block"),
        loose=kinds("table_constructor"),
        lists=SHARED_LISTS,
        rows=SHARED_ROWS,
        functions=kinds("function_declaration function_definition"),
        carriers=kinds("variable_declaration assignment_statement expression_list field"),
        atoms=kinds("string"),
        repeats=kinds("elseif_statement else_statement"),
    ),
    declarations=Declarations(
        kinds=declared(function="function_declaration function_definition"),
        imports={"function_call": ("require",)},
        imports_behind={"variable_declaration": "require"},
        end="end",
    ),
    text=TextRules(
        word_blocks=True,
        dangling=b"..",
        never=rb"[@`$!?]",
        quotes_pair=True,
        blocks=((rb"\b(?:function|if|do)\b", rb"\bend\b"), (rb"\brepeat\b", rb"\buntil\b")),
    ),
)
