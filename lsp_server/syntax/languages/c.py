"""C and C++."""

import re

from lsp_server.syntax.declarations import Declarations, always, declared
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.nesting_depth import Nesting
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["CPP", "C"]

_MOST_LOOKED_AT = 100_000
"""Code points of a header in which C++ is looked for."""
_CPP = re.compile(
    r"^[ \t]*(?:class[ \t]+\w[\w \t:<>,]*[{:]|namespace\b[ \t\w:]*\{|template[ \t]*<"
    r"|using[ \t]+(?:namespace\b|\w+[ \t]*=)|(?:public|private|protected)[ \t]*:(?!:)"
    r"|(?:virtual|explicit|friend)[ \t]+\w|enum[ \t]+class\b"
    r"|#[ \t]*include[ \t]*<(?:c?[a-z_]+)>)",
    re.MULTILINE,
)
"""Lines that no C has. A class that is only named (`class A;`) may be C's in a macro."""


def _cpp_in_a_header(language: Language, _: str, path: str, text: str) -> Language:
    """C++ for a header file of C that holds it."""
    if path.lower().endswith(".h") and _CPP.search(text, 0, _MOST_LOOKED_AT) is not None:
        return CPP
    return language


_C_NODES = NodeRules(
    bodies=kinds(
        """
        translation_unit compound_statement field_declaration_list enumerator_list declaration_list
        case_statement preproc_if preproc_ifdef preproc_elif preproc_else
        """
    ),
    lists=SHARED_LISTS,
    rows=SHARED_ROWS,
    headers=kinds("identifier preproc_defined preproc_else preproc_elif preproc_elifdef"),
    functions=kinds("function_definition"),
    classes=kinds("struct_specifier union_specifier enum_specifier"),
    attributes=kinds("attribute_declaration attribute_specifier"),
    atoms=kinds("string_literal char_literal system_lib_string preproc_arg"),
    repeats=kinds("else_clause"),
    terminator=True,
)
_C_DECLARATIONS = Declarations(
    kinds=declared(
        function="function_definition",
        struct="struct_specifier union_specifier",
        enum="enum_specifier",
        macro="preproc_function_def",
    ),
    imports=always("preproc_include"),
    through=frozenset({"declaration", "type_definition", "linkage_specification"}),
)

C = Language(
    id="c",
    name="C",
    module="tree_sitter_c",
    endings=(".c", ".h"),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=_C_NODES,
    declarations=_C_DECLARATIONS,
    text=TextRules(
        backslash_joins=True,
        preprocessor=True,
        conditional_groups=True,
        never=rb"[@`]",
        quotes_pair=True,
    ),
    dialect=_cpp_in_a_header,
    nesting=Nesting(ambiguous=True),
)

CPP = Language(
    id="cpp",
    name="C++",
    module="tree_sitter_cpp",
    aliases=("c++", "cxx", "cuda", "cuda-cpp"),
    endings=(
        ".cpp",
        ".cc",
        ".cxx",
        ".c++",
        ".hpp",
        ".hh",
        ".hxx",
        ".h++",
        ".ipp",
        ".inl",
        ".tpp",
        ".cppm",
        ".ixx",
        ".cu",
        ".cuh",
    ),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=NodeRules(
        bodies=_C_NODES.bodies | kinds("requirement_seq"),
        lists=SHARED_LISTS,
        rows=SHARED_ROWS,
        headers=_C_NODES.headers | kinds("access_specifier"),
        functions=_C_NODES.functions | kinds("lambda_expression"),
        classes=_C_NODES.classes | kinds("class_specifier concept_definition"),
        carriers=kinds("template_declaration declaration init_declarator"),
        attributes=_C_NODES.attributes,
        atoms=_C_NODES.atoms | kinds("raw_string_literal"),
        repeats=_C_NODES.repeats | kinds("catch_clause"),
        terminator=True,
    ),
    declarations=Declarations(
        kinds={
            **_C_DECLARATIONS.kinds,
            **declared(class_="class_specifier", module="namespace_definition"),
        },
        imports=always("preproc_include using_declaration"),
        through=_C_DECLARATIONS.through | {"template_declaration"},
    ),
    text=TextRules(
        backslash_joins=True,
        preprocessor=True,
        conditional_groups=True,
        never=rb"[@`]",
        quotes_pair=True,
    ),
    nesting=Nesting(ambiguous=True),
)
