"""What declares and what imports, by kinds of nodes: the data behind outlines.

Adding a language is adding a table; a language without one declares nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Declarations", "declarations_of", "declared_kinds"]


@dataclass(frozen=True, slots=True)
class Declarations:
    """What declares and imports in one grammar."""

    kinds: Mapping[str, str]
    """From kinds of nodes to kinds of entries."""
    imports: Mapping[str, tuple[str, ...]]
    """Kinds of nodes that import; with words, only those whose text starts with one of them."""
    through: frozenset[str] = frozenset()
    """Other nodes that may hold declarations, beside bodies, carriers and entries."""


def _table(**kinds: str) -> dict[str, str]:
    """From kinds of nodes to kinds of entries, written the other way round."""
    return {node: entry.rstrip("_") for entry, nodes in kinds.items() for node in nodes.split()}


def _plain(names: str) -> dict[str, tuple[str, ...]]:
    """Kinds of nodes that always import."""
    return dict.fromkeys(names.split(), ())


_JAVASCRIPT = Declarations(
    _table(
        function="function_declaration generator_function_declaration arrow_function "
        "function_expression generator_function",
        method="method_definition",
        class_="class_declaration class",
    ),
    _plain("import_statement"),
)
_TYPESCRIPT = Declarations(
    {
        **_JAVASCRIPT.kinds,
        **_table(
            function="function_signature",
            method="method_signature abstract_method_signature",
            class_="abstract_class_declaration",
            interface="interface_declaration",
            enum="enum_declaration",
            type="type_alias_declaration",
            module="internal_module module",
        ),
    },
    _JAVASCRIPT.imports,
)
_C = Declarations(
    _table(
        function="function_definition",
        struct="struct_specifier union_specifier",
        enum="enum_specifier",
        macro="preproc_function_def",
    ),
    _plain("preproc_include"),
    frozenset({"declaration", "type_definition", "linkage_specification"}),
)

_DECLARATIONS: Mapping[str, Declarations] = {
    "python": Declarations(
        _table(function="function_definition", class_="class_definition"),
        _plain("import_statement import_from_statement future_import_statement"),
    ),
    "javascript": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "typescriptreact": _TYPESCRIPT,
    "go": Declarations(
        _table(
            function="function_declaration func_literal",
            method="method_declaration method_elem",
            type="type_spec type_alias",
        ),
        _plain("import_declaration"),
    ),
    "rust": Declarations(
        _table(
            function="function_item function_signature_item",
            struct="struct_item union_item",
            enum="enum_item",
            trait="trait_item",
            impl="impl_item",
            module="mod_item",
            macro="macro_definition",
            type="type_item",
        ),
        _plain("use_declaration extern_crate_declaration"),
    ),
    "java": Declarations(
        _table(
            method="method_declaration constructor_declaration compact_constructor_declaration",
            class_="class_declaration record_declaration",
            interface="interface_declaration annotation_type_declaration",
            enum="enum_declaration",
        ),
        _plain("import_declaration"),
    ),
    "c": _C,
    "cpp": Declarations(
        {**_C.kinds, **_table(class_="class_specifier", module="namespace_definition")},
        _plain("preproc_include using_declaration"),
        _C.through | {"template_declaration"},
    ),
    "csharp": Declarations(
        _table(
            function="local_function_statement",
            method="method_declaration constructor_declaration destructor_declaration "
            "operator_declaration conversion_operator_declaration",
            class_="class_declaration record_declaration",
            struct="struct_declaration",
            interface="interface_declaration",
            enum="enum_declaration",
            module="namespace_declaration file_scoped_namespace_declaration",
        ),
        _plain("using_directive extern_alias_directive"),
    ),
    "ruby": Declarations(
        _table(method="method singleton_method", class_="class singleton_class", module="module"),
        {"call": ("require", "load ", "load(", "autoload")},
    ),
    "php": Declarations(
        _table(
            function="function_definition anonymous_function arrow_function",
            method="method_declaration",
            class_="class_declaration",
            interface="interface_declaration",
            trait="trait_declaration",
            enum="enum_declaration",
            module="namespace_definition",
        ),
        {
            "namespace_use_declaration": (),
            "expression_statement": ("require", "include"),
        },
    ),
    "lua": Declarations(
        _table(function="function_declaration function_definition"),
        {"variable_declaration": (), "function_call": ("require",)},
    ),
    "shellscript": Declarations(
        _table(function="function_definition"), {"command": ("source ", ". ")}
    ),
    "kotlin": Declarations(
        _table(
            function="function_declaration anonymous_function",
            method="secondary_constructor",
            class_="class_declaration",
            module="object_declaration",
            type="type_alias",
        ),
        _plain("import"),
        frozenset({"companion_object"}),
    ),
    "scala": Declarations(
        _table(
            function="function_definition function_declaration lambda_expression",
            class_="class_definition",
            module="object_definition package_object",
            trait="trait_definition",
            enum="enum_definition",
            type="type_definition",
        ),
        _plain("import_declaration"),
        frozenset({"extension_definition"}),
    ),
}


def declarations_of(language_id: str) -> Declarations | None:
    """The table of a language; None where it declares nothing."""
    return _DECLARATIONS.get(language_id)


def declared_kinds(language_id: str) -> frozenset[str]:
    """All kinds of nodes that the table of a language names."""
    table = _DECLARATIONS.get(language_id)
    return (
        frozenset() if table is None else frozenset({*table.kinds, *table.imports, *table.through})
    )
