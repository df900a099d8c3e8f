"""What a recipe is, what it returns, and the list of the six.

A recipe is a pure function from a fragment to edits, or to a sentence that says why there are none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lsp_server.practice.fragment import Edit


class RecipeName(StrEnum):
    """The six recipes."""

    RENAME = "rename"
    DOCSTRINGS = "docstrings"
    TYPE_HINTS = "type hints"
    STRINGS = "string interpolation"
    DEBUG_OUTPUT = "debug output"
    GUARD_CLAUSES = "guard clauses"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One thing that the practice model can do, as printed by `midstream recipes`."""

    name: RecipeName
    example: str
    """An instruction that asks for it."""
    languages: str
    summary: str


@dataclass(frozen=True, slots=True)
class RecipeResult:
    """The edits of one recipe on one fragment.

    `note` is a sentence for the user: why there are no edits, or what was left out and why.
    """

    edits: tuple[Edit, ...] = ()
    note: str = ""

    @classmethod
    def of(cls, edits: Iterable[Edit], nothing: str) -> "RecipeResult":
        """The edits, or `nothing` as the note if there are none."""
        found = tuple(edits)
        return cls(found, "" if found else nothing)


_ALL = "Python, JavaScript, TypeScript"

RECIPES: tuple[Recipe, ...] = (
    Recipe(
        RecipeName.RENAME,
        "rename total to amount",
        _ALL,
        "Renames a name where it means the same thing. Strings, keys and other names stay.",
    ),
    Recipe(
        RecipeName.DOCSTRINGS,
        "add docstrings",
        _ALL,
        "Writes a docstring or JSDoc skeleton from the signature if there is none.",
    ),
    Recipe(
        RecipeName.TYPE_HINTS,
        "add type hints",
        _ALL,
        "Adds the types that follow from defaults and literals (JavaScript: as JSDoc).",
    ),
    Recipe(
        RecipeName.STRINGS,
        "use f-strings",
        _ALL,
        "Turns % and .format into f-strings, and + with strings into template literals.",
    ),
    Recipe(
        RecipeName.DEBUG_OUTPUT,
        "remove the debug prints",
        _ALL,
        "Removes print, pprint, breakpoint, console.log and debugger statements.",
    ),
    Recipe(
        RecipeName.GUARD_CLAUSES,
        "turn the nested ifs into guard clauses",
        _ALL,
        "Replaces nested ifs in functions and loops by early exits.",
    ),
)
