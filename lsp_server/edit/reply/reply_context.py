"""The scope and the text around it, as the stages of a reader need them.

All of it is known before the first chunk of the answer comes. Texts use `"\\n"` only, because the
reader compares lines and never writes the line ends of the file. Knows nothing about the answer.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import dropwhile, takewhile

# How much of the document is examined on either side of the scope, in code points. The lines that a
# model repeats adjoin the scope, and every attempt creates a reader.
NEAR = 4000
# How many lines on either side, not counting blank ones, are recognised when an answer repeats
# them.
NEIGHBOURS = 12
BLANKS = " \t"
# LSP ids of prose, which may contain pieces of other languages, each with a style of its own.
PROSE = frozenset(
    {"asciidoc", "git-commit", "latex", "markdown", "mdx", "mediawiki", "org", "plaintext"}
    | {"quarto", "restructuredtext", "tex", "textile", "typst"}
)
# Those of them in which a fence opens a block of code.
MARKDOWN = frozenset({"markdown", "mdx", "quarto"})
# The marks that open and close a multi-line literal in many languages.
TEXT_MARKS = ('"""', "'''")
_NAME = re.compile(r"[^\W\d]\w*")
# Lines that open or close a block by a word. A line that ends in a bracket, `;` or `:` opens none:
# the languages of such lines close no block by a word.
_OPENING = re.compile(
    r"\s*(?:#\s*if|\{%-?\s*(?:if|for|block|macro|with)\b|<(?![!?/])(?!.*(?:</|/>))"
    r"|(?:if|while|until|for|foreach|case|def|module|class|unless|begin|function|do)\b"
    r"(?!.*(?:[{};:]\s*$|\bend\b)))",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"\s*(?:#\s*endif|\{%-?\s*end|</|(?:end\w*|fi|done|esac)\b)", re.IGNORECASE)


def unify(text: str) -> str:
    """`text` with every line end (`\\r\\n`, `\\r`, `\\n`) as `"\\n"`."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def indent_of(line: str) -> str:
    """The spaces and tabs at the beginning of the line."""
    return line[: len(line) - len(line.lstrip(BLANKS))]


def is_blank(line: str) -> bool:
    """Whether the line has only white space."""
    return not line.strip()


def without_leading_blanks(lines: list[str]) -> list[str]:
    """`lines` from the first one that is not blank."""
    return list(dropwhile(is_blank, lines))


def names_in(line: str) -> list[str]:
    """The names and words in the line, in order; no numbers."""
    return _NAME.findall(line)


def first_name_in(line: str) -> str:
    """The first name or word in the line; "" if there is none."""
    found = _NAME.search(line)
    return found[0] if found else ""


def word_characters(line: str) -> int:
    """The number of letters, digits and underscores in the line."""
    return sum(character.isalnum() or character == "_" for character in line)


def balance_of(text: str) -> int:
    """Opening brackets minus closing brackets, including those in strings and comments."""
    opened = text.count("(") + text.count("[") + text.count("{")
    return opened - text.count(")") - text.count("]") - text.count("}")


def opens_of(text: str) -> tuple[int, int]:
    """The brackets that the text leaves open, and the blocks that it opens by words.

    A line opens a block by a word such as `if` or `#ifdef` at its beginning, and closes one by
    `end`, `#endif`, `fi`, `{% endif %}` or a closing tag.
    """
    words = 0
    for line in text.split("\n"):
        words += _OPENING.match(line) is not None
        words -= _CLOSING.match(line) is not None
    return balance_of(text), words


def closes_more(text: str) -> bool:
    """Whether `text` closes a bracket that it has not opened, including strings and comments."""
    balance = 0
    for character in text:
        if character in "([{":
            balance += 1
        elif character in ")]}":
            balance -= 1
            if balance < 0:
                return True
    return False


def is_substantial(line: str) -> bool:
    """Whether the line has enough text to be recognised, unlike a mere `}` or `end`."""
    return word_characters(line) >= 4


@dataclass(frozen=True)
class ReplyContext:
    """The scope and the text around it.

    `original` is the scope's text. `before` and `after` are the document's text around it. `indent`
    is the white space before the scope's first line in the document.
    """

    original: str
    before: str
    after: str
    indent: str

    @classmethod
    def of(cls, original: str, before: str, after: str, first_indent: str) -> "ReplyContext":
        """Normalise the line ends. `first_indent` is used if `before` ends without indentation."""
        near = unify(before[-NEAR:])
        line_start = near[near.rfind("\n") + 1 :]
        return cls(
            original=unify(original),
            before=near,
            after=unify(after[:NEAR]),
            indent=indent_of(line_start) or indent_of(first_indent),
        )

    @cached_property
    def lines(self) -> list[str]:
        """The original's lines as in the scope: the first one without `indent`."""
        return self.original.split("\n") if self.original else []

    @cached_property
    def document_lines(self) -> list[str]:
        """The original's lines with their indentation in the document."""
        return [self.indent + line if index == 0 else line for index, line in enumerate(self.lines)]

    @cached_property
    def stripped_lines(self) -> frozenset[str]:
        """The original's lines without white space at their ends; no blank ones."""
        return frozenset(line.strip() for line in self.lines if not is_blank(line))

    @cached_property
    def blank(self) -> bool:
        """Whether the scope is an insertion point: it has no text yet."""
        return is_blank(self.original)

    @cached_property
    def line_prefix(self) -> str:
        """The text before the scope on its first line, stripped; "" if it is only white space."""
        return self.before[self.before.rfind("\n") + 1 :].strip()

    @cached_property
    def lines_before(self) -> list[str]:
        """The nearest complete lines above the scope that are not blank, in document order."""
        complete_lines = self.before.rpartition("\n")[0].split("\n")
        return [line.rstrip() for line in complete_lines if not is_blank(line)][-NEIGHBOURS:]

    @cached_property
    def lines_after(self) -> list[str]:
        """The nearest complete lines below the scope that are not blank, in document order."""
        complete_lines = self.after.partition("\n")[2].split("\n")
        return [line.rstrip() for line in complete_lines if not is_blank(line)][:NEIGHBOURS]

    @cached_property
    def blanks_above(self) -> int:
        """The number of blank lines directly above the scope."""
        complete_lines = self.before.rpartition("\n")[0].split("\n")
        return len(list(takewhile(is_blank, reversed(complete_lines))))

    @cached_property
    def blanks_below(self) -> int:
        """The number of blank lines directly below the scope."""
        return len(list(takewhile(is_blank, self.after.partition("\n")[2].split("\n"))))

    @cached_property
    def cuts_text(self) -> bool:
        """Whether the scope begins or ends within a multi-line literal."""
        return any(self.original.count(mark) % 2 for mark in TEXT_MARKS)

    def holds_run(self, run: str) -> bool:
        """Whether a line of the original has `run` together with other text."""
        return any(run in line and line.strip() != run for line in self.lines)

    @cached_property
    def parts(self) -> tuple[list[str], list[str], list[str]]:
        """The known lines above the scope, in it and below it, stripped; no blank ones."""
        above, below = self.before.rpartition("\n")[0], self.after.partition("\n")[2]
        above_, own, below_ = (
            [line.strip() for line in text.split("\n") if not is_blank(line)]
            for text in (above, self.original, below)
        )
        return above_, own, below_

    @cached_property
    def known_lines(self) -> list[str]:
        """All lines of `parts`, in document order."""
        above, own, below = self.parts
        return [*above, *own, *below]

    @cached_property
    def known_index(self) -> dict[str, int]:
        """The first index of each line in `known_lines`."""
        lines = self.known_lines
        return {line: index for index, line in reversed(list(enumerate(lines)))}

    @cached_property
    def first(self) -> str:
        """The original's first line that is not blank, stripped."""
        return next((line.strip() for line in self.lines if not is_blank(line)), "")
