"""Reads answers that contain only the changed definitions, each of them complete."""

from lsp_server.edit.definitions.definition_protocol import (
    DefinitionLike,
    DefinitionReader,
    NoDefinitions,
)
from lsp_server.edit.definitions.definitions_reader import DefinitionsReader
from lsp_server.edit.definitions.emptied_bodies import emptied
from lsp_server.edit.definitions.enclosing_line import (
    EnclosingReach,
    begins_like,
    in_front_of,
    lines_under,
    reach_of,
)
from lsp_server.edit.definitions.partial_answer import (
    PartialAnswer,
    holds_most,
    in_context,
    part_of,
)
from lsp_server.edit.definitions.wider_answer import Around, narrowed

__all__ = [
    "Around",
    "DefinitionLike",
    "DefinitionReader",
    "DefinitionsReader",
    "EnclosingReach",
    "NoDefinitions",
    "PartialAnswer",
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
