"""What a language says about its text: facts that no grammar states.

The gate and its judgement of syntax that the grammar does not know go by them.
"""

from dataclasses import dataclass

__all__ = ["TextRules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRules:
    """How a language's text behaves. The defaults are those of a language with braces.

    Patterns are regular expressions over UTF-8.
    """

    # -- what kind of language it is --
    operands: bool = True
    """Whether operands are in expressions. Where not, the tree around a scope must not change."""
    markup: bool = False
    """Whether a file is text between marks, as in HTML and Markdown."""
    angled: bool = False
    """Whether those marks are tags."""
    lone_tags: bool = False
    """Whether a line may be one tag, or begin with `>`."""
    free_words: bool = False
    """Whether words follow each other without marks between them, and marks without words."""
    word_blocks: bool = False
    """Whether words do what brackets do in other languages."""
    keywords: bool = True
    templated: bool = False
    """Whether files are often templates of another program: `{{ … }}`, `{% … %}`, `<% … %>`."""
    complete: bool = False
    """Whether the language no longer grows: what its grammar does not know is an error."""
    takes_any_token: bool = False
    """Whether nearly any text is sound with one token more."""

    # -- lines --
    backslash_joins: bool = False
    """Whether a backslash at the end of a line joins it with the next one."""
    preprocessor: bool = False
    """Whether C's preprocessor reads the text first: directives, macros, joined comments."""
    conditional_groups: bool = False
    """Whether `#if` and `#endif` have to pair."""
    end_mark: bytes = b""
    """A line that ends the code of the file."""
    leading_mark: bool = False
    """Whether a text may begin with a mark such as `.` that elsewhere goes on with a line."""
    dangling: bytes = b""
    """A mark, beside the usual operators, that asks for more behind it."""

    # -- strings, comments, words --
    never: bytes = b""
    """A pattern for marks that occur only in strings and comments."""
    quotes_pair: bool = False
    """Whether a double quote is always half of a string."""
    triple_quotes: bool = False
    """Whether three quotes open a string of several lines."""
    comment: bytes = b""
    """A pattern for a line comment, where `Language.line_comments` alone would match too much."""
    blocks: tuple[tuple[bytes, bytes], ...] = ()
    """Patterns for words that open blocks, each with one for the words that close them."""
