"""Terraform."""

from lsp_server.syntax.declarations import NoDeclarations
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["TERRAFORM"]

TERRAFORM = Language(
    id="hcl",
    name="Terraform",
    module="tree_sitter_hcl",
    extra=True,
    aliases=("terraform", "tf", "terraform-vars", "opentofu", "nomad"),
    endings=(".tf", ".tfvars", ".hcl", ".tofu", ".nomad"),
    line_comments=("#", "//"),
    block_comments=C_COMMENTS,
    nodes=NodeRules(
        bodies=kinds("config_file body"),
        loose=kinds("object tuple"),
        lists=SHARED_LISTS | kinds("function_arguments"),
        rows=SHARED_ROWS - {"block"},
        functions=kinds("block"),
        classes=kinds("block"),
        atoms=kinds("string_lit quoted_template heredoc_template"),
        holes=kinds("template_interpolation"),
    ),
    declarations=NoDeclarations(reason="It holds blocks of data."),
    text=TextRules(),
)
