"""How much settings may hold, so that nobody's file can keep the server busy.

Each bound is far above what a person writes. TOML is looked through before it is parsed, because
the time that the standard parser takes grows with the square of a key's dots.
"""

import re

MOST_BYTES = 65_536
"""Of a settings file."""
MOST_KEYS = 2_000
"""In a settings file: keys and tables."""
MOST_DOTS = 8
"""In one key, or the name of one table."""
MOST_DEPTH = 40
"""How deep arrays and tables may stand in each other."""
MOST_ENTRIES = 5_000
"""Keys and elements of lists in one layer of settings."""
MOST_TEXT = 262_144
"""Code points in the settings that an editor sends, keys included."""
MOST_PROBLEMS = 100
"""Sentences about one set of settings; how many more there are stands in the last one."""
MOST_NAME = 60
"""Code points of a name that a sentence repeats."""
READ_S = 5.0
"""Seconds that reading all settings may take, a network's disk included."""

# Strings and comments, each taken to its end in one step: an unclosed one ends with its line, as
# it does for the parser, and nothing is ever tried twice. `(?>`: Python 3.11.2 does not find the
# end of a string by `(?:` (`tests/support/patterns.py`).
_OPAQUE = re.compile(
    r'"""(?>[^"\\]|\\.|"(?!""))*+(?:"{3,5})?'
    r"|'''(?>[^']|'(?!''))*+(?:'{3,5})?"
    r'|"(?:[^"\\\n]|\\[^\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+",
    re.DOTALL,
)
_PARTS = re.compile(r"[=\n,{}\[\]]")


def toml_fault(content: str) -> str | None:
    """What is too much about a TOML text, to follow its name; None for nothing."""
    bare = _OPAQUE.sub("_", content)
    if bare.count("=") + bare.count("[") + bare.count("{") > MOST_KEYS:
        depth = 0
        for sign in re.findall(r"[\[\]{}]", bare):
            depth += 1 if sign in "[{" else -1
            if depth > MOST_DEPTH:
                return "is nested too deeply"
        return f"has more than {MOST_KEYS} keys and tables"
    if any(part.count(".") > MOST_DOTS for part in _PARTS.split(bare)):
        return f"has a key with more than {MOST_DOTS} dots"
    return None


def values_fault(value: object) -> str | None:
    """What is too much about settings once they are parsed, to follow their name; None for
    nothing."""
    entries = text = 0
    todo: list[tuple[object, int]] = [(value, 0)]
    while todo:
        one, depth = todo.pop()
        if isinstance(one, str):
            text += len(one)
        elif isinstance(one, dict | list):
            entries += len(one)
            if entries > MOST_ENTRIES:
                return f"must not have more than {MOST_ENTRIES} entries"
            if depth >= MOST_DEPTH:
                return f"must not be nested more than {MOST_DEPTH} deep"
            inner = one.values() if isinstance(one, dict) else one
            todo += [(item, depth + 1) for item in inner]
            if isinstance(one, dict):
                text += sum(len(str(key)) for key in one)
        if text > MOST_TEXT:
            return f"must not have more than {MOST_TEXT} characters"
    return None


def shown(name: object) -> str:
    """A name as a sentence may repeat it: not endless, on one line, and all of it to be seen."""
    text = str(name)
    text = text if len(text) <= MOST_NAME else text[: MOST_NAME - 1] + "…"
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text)
