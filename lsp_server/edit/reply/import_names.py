"""Splits import statements into single imports, to tell whether one statement covers another.

`use std::{fmt, io};` imports the same as `use std::fmt;` and `use std::io;`. The words and brackets
of common languages decide, not their grammars. A statement that is not understood stays in one
piece, which only a statement of the same words covers.
"""

import re
from collections.abc import Iterable

# The largest number of imports that are separated.
_MOST = 500
_GROUP = re.compile(r"[({]([^(){}]*)[)}]")
_LISTED = re.compile(r"((?:from \S+ )?(?:import|use|using)(?: type| static)? )(.*?)( from \S+)?")


def single_imports(statement: str) -> frozenset[str]:
    """The single imports of the statement."""
    # A line end separates the names of a group as a comma does.
    text = re.sub(r"[\n;]+", " , ", statement.strip().rstrip(";")).replace("'", '"')
    waiting, found = [text], set[str]()
    while waiting and len(waiting) + len(found) < _MOST:
        text = " ".join(waiting.pop().split())
        parts = _parts(text)
        if parts is None:
            found.add(text.replace(" ", "").removesuffix("::self"))
        else:
            waiting += parts
    return frozenset([*found, *waiting])


def _parts(text: str) -> list[str] | None:
    """The statement once for each name that it lists; None if it lists none."""
    group = _GROUP.search(text)
    if group is not None:
        before, after = text[: group.start()], text[group.end() :]
        # After a path, or in round brackets, a name means the same as without the brackets.
        plain = group[0][0] == "(" or before.rstrip().endswith(("::", "\\", "."))
        names = _names(group[1])
        return [before + (name if plain else f"«{name}»") + after for name in names]
    listed = _LISTED.fullmatch(text)
    if listed is None or "," not in listed[2]:
        return None
    return [f"{listed[1]}{name}{listed[3] or ''}" for name in _names(listed[2])]


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def covers(statements: Iterable[str], statement: str) -> bool:
    """Whether `statements` import everything that `statement` imports."""
    known = frozenset[str]().union(*map(single_imports, statements))
    wanted = single_imports(statement)
    return bool(wanted) and wanted <= known
