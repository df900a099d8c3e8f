"""Rust."""

from lsp_server.syntax.declarations import Declarations, always, declared
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.nesting_depth import Nesting
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["RUST"]

RUST = Language(
    id="rust",
    name="Rust",
    module="tree_sitter_rust",
    aliases=("rs",),
    endings=(".rs",),
    interpreters=("rust-script",),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=NodeRules(
        bodies=kinds(
            """
            source_file block declaration_list field_declaration_list enum_variant_list match_block
            """
        ),
        lists=SHARED_LISTS | kinds("ordered_field_declaration_list token_tree"),
        rows=SHARED_ROWS,
        headers=kinds("label visibility_modifier"),
        functions=kinds("function_item function_signature_item closure_expression"),
        classes=kinds("struct_item enum_item union_item trait_item impl_item"),
        carriers=kinds("let_declaration"),
        attributes=kinds("attribute_item"),
        comments=kinds("line_comment block_comment"),
        atoms=kinds("string_literal raw_string_literal char_literal"),
        repeats=kinds("attribute_item"),
    ),
    declarations=Declarations(
        kinds=declared(
            function="function_item function_signature_item",
            struct="struct_item union_item",
            enum="enum_item",
            trait="trait_item",
            impl="impl_item",
            module="mod_item",
            macro="macro_definition",
            type="type_item",
        ),
        imports=always("use_declaration extern_crate_declaration"),
    ),
    text=TextRules(never=rb"`", quotes_pair=True),
    nesting=Nesting(ambiguous=True),
)
