"""Explains a verdict to the user: what says that a file is ignored, and in which line."""

import os
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IgnoreRefusal:
    """Why a file is not sent. `by` names the source: an ignore file as a user would name it,
    `.git`, or the setting. `line` is its line (from 1; 0 if it has none). `sentence` is for the
    user."""

    by: str
    sentence: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Saying:
    """The rule that ignores something. `line` is 0 if the source has no lines."""

    by: str
    line: int = 0


def refusal_by(saying: Saying, leads: str) -> IgnoreRefusal:
    """The refusal for one rule. `leads` names the link that leads to the path, or is empty."""
    if saying.by == ".git":
        what = "it is in `.git`"
    else:
        line = f" (line {saying.line})" if saying.line else ""
        what = f"{saying.by}{line} excludes it"
    return IgnoreRefusal(
        saying.by, f"This file is never sent to a model: {leads}{what}.", saying.line
    )


def shown(path: str, tops: Sequence[str]) -> str:
    """A path as the user would write it, on one line: relative to the nearest of `tops`, or to the
    home folder."""
    # git joins its paths with `..` in the middle, which is hard to read.
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
