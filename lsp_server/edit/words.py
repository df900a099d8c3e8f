"""The words of a text, as the diff and the aligner count them.

A word is a name or number, a run of blanks, a line end with the indentation behind it, or a single
other character. Knows nothing of any programming language.
"""

import re

_WORD = re.compile(r"\w+|(?:\r\n|\n|\r)[^\S\r\n]*|[^\S\r\n]+|.")


def words(text: str) -> list[str]:
    """The words of `text`; joined they are `text` again."""
    return _WORD.findall(text)


def word_end(text: str, start: int) -> int:
    """Where the word that starts at `start` ends; more text may still make it longer."""
    found = _WORD.match(text, start)
    return found.end() if found else start


def is_name(word: str) -> bool:
    """Whether it is a name or a number, not blanks, a line end or punctuation."""
    return word[0].isalnum() or word[0] == "_"


def whole_words(line: str) -> str:
    """A growing line without its last word, which may grow yet, and the blanks before that."""
    end = 0
    while (following := word_end(line, end)) < len(line):
        end = following
    return line[:end].rstrip()
