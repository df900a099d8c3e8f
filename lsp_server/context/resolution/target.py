"""What an import statement leads to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["NOWHERE", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """The files that an import statement means; all empty where it means none of the workspace."""

    files: tuple[str, ...] = ()
    """Where the imported names are declared; of a package all of its files."""
    modules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The imported names that are modules themselves, and the files of each."""
    packages: tuple[str, ...] = ()
    """The packages or namespaces whose files only the index knows."""


NOWHERE = Target()
