"""What a statement that imports brings in, in a form that tells whether another brings in the same.

`use std::{fmt, io};` brings in what `use std::fmt;` and `use std::io;` do. Goes by the words and
brackets of the common languages, not by their grammars: what it does not understand stays one
piece, which is then held only by a statement of the same words.
"""

import re
from collections.abc import Iterable

# More names than these are not looked at one by one.
_MOST = 500
_GROUP = re.compile(r"[({]([^(){}]*)[)}]")
_LISTED = re.compile(r"((?:from \S+ )?(?:import|use|using)(?: type| static)? )(.*?)( from \S+)?")


def brings(statement: str) -> frozenset[str]:
    """The single imports that the statement stands for."""
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
    """The statement once for each of the names that it lists; None where it lists none."""
    group = _GROUP.search(text)
    if group is not None:
        before, after = text[: group.start()], text[group.end() :]
        # Behind a path, or in round brackets, a name means what it means without them.
        plain = group[0][0] == "(" or before.rstrip().endswith(("::", "\\", "."))
        names = _names(group[1])
        return [before + (name if plain else f"«{name}»") + after for name in names]
    listed = _LISTED.fullmatch(text)
    if listed is None or "," not in listed[2]:
        return None
    return [f"{listed[1]}{name}{listed[3] or ''}" for name in _names(listed[2])]


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def holds(statements: Iterable[str], statement: str) -> bool:
    """Whether all that `statement` brings in is brought in by `statements`."""
    known = frozenset[str]().union(*map(brings, statements))
    wanted = brings(statement)
    return bool(wanted) and wanted <= known
