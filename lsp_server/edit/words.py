"""Splits text into words for the diff and the aligner.

A word is a name or number, a run of blanks, a line end with the indentation behind it, or any other
single character. Knows no programming language.
"""

import re

_WORD = re.compile(r"\w+|(?:\r\n|\n|\r)[^\S\r\n]*|[^\S\r\n]+|.")


def words(text: str) -> list[str]:
    """The words of `text`; joined they give `text`."""
    return _WORD.findall(text)


def word_end(text: str, start: int) -> int:
    """The end of the word that begins at `start`; more text could make it longer."""
    found = _WORD.match(text, start)
    return found.end() if found else start


def is_name(word: str) -> bool:
    """Whether a word is a name or number, not white space or punctuation."""
    return word[0].isalnum() or word[0] == "_"


def whole_words(line: str) -> str:
    """An unfinished line without its last word, which may still grow, and the blanks before."""
    end = 0
    while (following := word_end(line, end)) < len(line):
        end = following
    return line[:end].rstrip()
