"""Reading answers that hold only the definitions that change, each written whole."""

from lsp_server.edit.definitions.emptied import emptied
from lsp_server.edit.definitions.enclosing import (
    Reach,
    begins_like,
    in_front_of,
    lines_under,
    reach_of,
)
from lsp_server.edit.definitions.names import Definition, Names, NoNames
from lsp_server.edit.definitions.part import Part, holds_most, in_context, part_of
from lsp_server.edit.definitions.reader import DefinitionsReader
from lsp_server.edit.definitions.wider import Around, narrowed

__all__ = [
    "Around",
    "Definition",
    "DefinitionsReader",
    "Names",
    "NoNames",
    "Part",
    "Reach",
    "begins_like",
    "emptied",
    "holds_most",
    "in_context",
    "in_front_of",
    "lines_under",
    "narrowed",
    "part_of",
    "reach_of",
]
