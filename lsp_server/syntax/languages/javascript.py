"""JavaScript, TypeScript and TSX."""

from dataclasses import replace

from lsp_server.syntax.declarations import IN_CLASS, Declarations, always, declared
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.nesting_depth import Nesting
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["JAVASCRIPT", "TSX", "TYPESCRIPT"]

_JAVASCRIPT_NODES = NodeRules(
    bodies=kinds("program statement_block class_body switch_body switch_case switch_default"),
    loose=kinds("object jsx_element"),
    lists=SHARED_LISTS,
    rows=SHARED_ROWS,
    headers=kinds("jsx_text jsx_opening_element jsx_closing_element"),
    functions=kinds(
        """
        function_declaration generator_function_declaration function_expression generator_function
        arrow_function method_definition
        """
    ),
    classes=kinds("class_declaration class"),
    carriers=kinds(
        """
        export_statement lexical_declaration variable_declaration variable_declarator
        expression_statement assignment_expression field_definition pair
        """
    ),
    attributes=kinds("decorator"),
    comments=kinds("comment html_comment"),
    atoms=kinds("string template_string regex"),
    holes=kinds("template_substitution"),
    repeats=kinds("catch_clause finally_clause decorator jsx_attribute"),
    wrappers=kinds("jsx_expression"),
    terminator=True,
)
_TSX_NODES = replace(
    _JAVASCRIPT_NODES,
    bodies=_JAVASCRIPT_NODES.bodies | kinds("interface_body object_type enum_body"),
    lists=SHARED_LISTS | kinds("union_type intersection_type tuple_type"),
    rows=SHARED_ROWS - {"module"},
    functions=_JAVASCRIPT_NODES.functions | kinds("function_signature"),
    classes=_JAVASCRIPT_NODES.classes
    | kinds("abstract_class_declaration interface_declaration enum_declaration"),
    carriers=_JAVASCRIPT_NODES.carriers - {"field_definition"}
    | kinds("ambient_declaration public_field_definition"),
)
_TYPESCRIPT_NODES = replace(
    _TSX_NODES,
    loose=kinds("object"),
    headers=frozenset(),
    repeats=kinds("catch_clause finally_clause decorator"),
    wrappers=frozenset(),
)
_JAVASCRIPT_DECLARATIONS = Declarations(
    kinds=declared(
        function="function_declaration generator_function_declaration arrow_function "
        "function_expression generator_function",
        method="method_definition",
        class_="class_declaration class",
    ),
    imports=always("import_statement"),
    surroundings=(("", ""), IN_CLASS),
)
_TYPESCRIPT_DECLARATIONS = Declarations(
    kinds={
        **_JAVASCRIPT_DECLARATIONS.kinds,
        **declared(
            function="function_signature",
            method="method_signature abstract_method_signature",
            class_="abstract_class_declaration",
            interface="interface_declaration",
            enum="enum_declaration",
            type="type_alias_declaration",
            module="internal_module module",
        ),
    },
    imports=_JAVASCRIPT_DECLARATIONS.imports,
    surroundings=(("", ""), IN_CLASS),
)

JAVASCRIPT = Language(
    id="javascript",
    name="JavaScript",
    module="tree_sitter_javascript",
    aliases=("js", "javascriptreact", "javascript.jsx", "jsx", "js-jsx"),
    endings=(".js", ".mjs", ".cjs", ".jsx", ".es6"),
    file_names=("Jakefile",),
    interpreters=("node", "nodejs", "bun", "qjs"),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=_JAVASCRIPT_NODES,
    declarations=_JAVASCRIPT_DECLARATIONS,
    text=TextRules(lone_tags=True, quotes_pair=True),
    nesting=Nesting(ambiguous=True),
)

TYPESCRIPT = Language(
    id="typescript",
    name="TypeScript",
    module="tree_sitter_typescript",
    factory="language_typescript",
    aliases=("ts",),
    endings=(".ts", ".mts", ".cts"),
    interpreters=("deno", "ts-node", "tsx"),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=_TYPESCRIPT_NODES,
    declarations=_TYPESCRIPT_DECLARATIONS,
    text=TextRules(lone_tags=True, quotes_pair=True),
    nesting=Nesting(ambiguous=True),
)

TSX = Language(
    id="typescriptreact",
    name="TSX",
    module="tree_sitter_typescript",
    factory="language_tsx",
    aliases=("tsx", "typescript.tsx", "typescript-tsx"),
    endings=(".tsx",),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=_TSX_NODES,
    declarations=_TYPESCRIPT_DECLARATIONS,
    text=TextRules(lone_tags=True, quotes_pair=True),
    nesting=Nesting(ambiguous=True),
)
