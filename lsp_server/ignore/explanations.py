"""How a verdict is told: who says so, and in which line. Knows no rules."""

import os
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IgnoreRefusal:
    """Why a file is not sent. `by` is what says so: an ignore file as a person finds it, `.git`,
    or the setting; `line` of it (from 1), 0 where it has none; `sentence` is for the user."""

    by: str
    sentence: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Saying:
    """The rule that ignores something; `line` is 0 where it has none."""

    by: str
    line: int = 0


def refusal_by(saying: Saying, leads: str) -> IgnoreRefusal:
    """`leads` says, before the rest, by which link the path was reached; else it is empty."""
    if saying.by == ".git":
        what = "it lies in `.git`, where git keeps what is its own"
    else:
        line = f" (in its line {saying.line})" if saying.line else ""
        what = f"{saying.by} says so{line}"
    return IgnoreRefusal(
        saying.by, f"This file is never sent to a model: {leads}{what}.", saying.line
    )


def shown(path: str, tops: Sequence[str]) -> str:
    """A path as a person finds it, from the nearest of `tops` or from home; on one line."""
    # git joins its paths with `..` between; nobody wants to read that.
    path = seen = os.path.normpath(path) if path else path
    for top in sorted(tops, key=len, reverse=True):
        if path.startswith(os.path.join(top, "")):
            seen = os.path.relpath(path, top)
            break
    else:
        home = os.path.join(os.path.expanduser("~"), "")
        if path.startswith(home):
            seen = os.path.join("~", path[len(home) :])
    return "".join(char if char.isprintable() else "?" for char in seen)
