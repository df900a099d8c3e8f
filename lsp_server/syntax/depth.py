"""Texts that nest deeper than the memory of a grammar's scanner.

tree-sitter gives a scanner 1,024 bytes to note its state in. The scanners of YAML, Markdown and
Python write the levels that are open there and, in some hundred levels, past the end, which ends
the process (their issues: tree-sitter-yaml 48, tree-sitter-markdown 243, tree-sitter-python 350).
No person writes such a text, but a model that repeats itself does. Knows bytes and names of
grammars only.
"""

import re

__all__ = ["shallow"]

_LEVELS = {
    # Levels begin in ever higher columns, two at most in one: 253 of them have room.
    "tree_sitter_yaml": re.compile(rb"(?<![ \t?:-])([ \t?:-]{100})([ \t?:-]+)"),
    # Each level takes a character at the line's beginning: 254 of them have room.
    "tree_sitter_markdown": re.compile(rb"(?<![^\r\n])([ \t>*+.)0-9-]{200})([ \t>*+.)0-9-]+)"),
    # Levels begin in ever higher columns: 510 of them have room.
    "tree_sitter_python": re.compile(rb"(?m)^([ \t\f]{480})([ \t\f]+)"),
}
"""By grammar, what opens levels: as much of it as is sound, then the rest."""


def shallow(source: bytes, grammar: str) -> bytes:
    """`source` as the `grammar` (a Python package) may be given it; the same but in deep texts.

    What would open more levels becomes a word of the same length, so that places stay true.
    """
    levels = _LEVELS.get(grammar)
    if levels is None:
        return source
    return levels.sub(lambda found: found[1] + b"x" * len(found[2]), source)
