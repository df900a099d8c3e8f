"""What the import statements of a document say."""

from dataclasses import dataclass

from lsp_server.text.span import Span


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One name that a statement imports, and the name that it has in the document."""

    name: str
    alias: str = ""
    """The name in the document, where it differs."""

    @property
    def local(self) -> str:
        """The name in the document."""
        return self.alias or self.name


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """One imported module. A statement with several modules gives one of these for each."""

    span: Span
    """The whole statement, in code points of the document."""
    module: str
    """As written, with leading dots: "a.b", "..models", "./x.js", "crate::shop::money",
    "money.h"."""
    names: tuple[ImportedName, ...] = ()
    """What is imported from the module; empty where the module itself is."""
    alias: str = ""
    """The name of the module itself in the document, where it differs."""
    wildcard: bool = False
    """Whether everything in the module is imported."""
    local: bool = False
    """Whether the form itself means a file of the project: `#include "x.h"`, `require_relative`,
    `mod x;`."""
    type_only: bool = False
    """Whether only types are imported (TypeScript)."""
