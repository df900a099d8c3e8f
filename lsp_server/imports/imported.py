"""What an import statement says, as values."""

from dataclasses import dataclass
from enum import StrEnum

from lsp_server.text.span import Span

__all__ = ["ImportStatement", "ImportedName", "Surroundings"]


class Surroundings(StrEnum):
    """What an import statement stands in, which decides when it counts."""

    TOP = "top"
    """The file itself, a namespace or an include guard: where imports belong."""
    CONDITION = "condition"
    """A condition or a `try` outside of functions."""
    TYPES = "types"
    """Python's `if TYPE_CHECKING:`, which never runs."""
    INSIDE = "inside"
    """A function, a class or another module."""


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One name that a statement imports, and the name that it has in the document."""

    name: str
    """`default` for the default export of a JavaScript module."""
    alias: str = ""
    """The name in the document, where it differs."""
    type_only: bool = False
    """Whether only the type is imported (TypeScript)."""

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
    "money.h", "App\\Models"."""
    names: tuple[ImportedName, ...] = ()
    """What is imported from the module; empty where the module itself is."""
    alias: str = ""
    """The name of the module itself in the document, where it differs."""
    wildcard: bool = False
    """Whether everything in the module is imported, to be used without the module's name."""
    local: bool = False
    """Whether the form itself means a file of the project: `#include "x.h"`, `require_relative`,
    `mod x;`."""
    type_only: bool = False
    """Whether only types are imported (TypeScript)."""
    form: str = ""
    """The words that say how it imports: "import", "from", "import static", "pub use", "export",
    "use function", "require"."""
    surroundings: Surroundings = Surroundings.TOP
