"""What the reader knows of the scope and of the lines around it.

Everything here is settled before the first chunk of the answer comes. Texts are normalised to
`"\\n"`, because the reader compares lines and never writes the file's own line ends.
Knows nothing of the answer.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import dropwhile, takewhile

# Only so much of the document is looked at on either side, in code points: the neighbours that
# a model repeats stand next to the scope, and a reader is made for every attempt.
NEAR = 4000
# So many lines (that are not blank) on either side are recognised when an answer repeats them.
NEIGHBOURS = 12
BLANKS = " \t"
# LSP ids of texts that hold pieces of other languages, each in a style of its own.
PROSE = frozenset(
    {"asciidoc", "git-commit", "latex", "markdown", "mdx", "mediawiki", "org", "plaintext"}
    | {"quarto", "restructuredtext", "tex", "textile", "typst"}
)
# Those of them in which a fence opens a piece of code.
MARKDOWN = frozenset({"markdown", "mdx", "quarto"})
# What opens and closes a text of several lines in many languages.
TEXT_MARKS = ('"""', "'''")
_NAME = re.compile(r"[^\W\d]\w*")
# Lines that open and close a block by a word; of a language with brackets both are of no account.
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
    """The white space that the line begins with."""
    return line[: len(line) - len(line.lstrip(BLANKS))]


def is_blank(line: str) -> bool:
    """Whether the line holds nothing but white space."""
    return not line.strip()


def without_leading_blanks(lines: list[str]) -> list[str]:
    """`lines` from the first one that is not blank."""
    return list(dropwhile(is_blank, lines))


def names_in(line: str) -> list[str]:
    """The names and words in the line, in order; no numbers."""
    return _NAME.findall(line)


def first_name_in(line: str) -> str:
    """The first of them; "" if there is none."""
    found = _NAME.search(line)
    return found[0] if found else ""


def word_characters(line: str) -> int:
    """How many letters, digits and underscores the line holds."""
    return sum(character.isalnum() or character == "_" for character in line)


def balance_of(text: str) -> int:
    """Brackets opened less brackets closed; strings and comments are not looked into."""
    opened = text.count("(") + text.count("[") + text.count("{")
    return opened - text.count(")") - text.count("]") - text.count("}")


def opens_of(text: str) -> tuple[int, int]:
    """Brackets, and words such as `if` and `#ifdef` at the beginnings of lines, that are opened
    less those that are closed: `end`, `#endif`, `fi`, `{% endif %}`, a closing tag."""
    words = 0
    for line in text.split("\n"):
        words += _OPENING.match(line) is not None
        words -= _CLOSING.match(line) is not None
    return balance_of(text), words


def closes_more(text: str) -> bool:
    """Whether `text` closes a bracket that it has not opened, strings and comments included."""
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
    """Whether the line says enough to be recognised: not a mere closer such as `}` or `end`."""
    return word_characters(line) >= 4


@dataclass(frozen=True)
class ReplyContext:
    """The scope and its neighbourhood.

    `original` is the scope's text; `before` and `after` are the document's text around it;
    `indent` is the white space that the scope's first line begins with in the document.
    """

    original: str
    before: str
    after: str
    indent: str

    @classmethod
    def of(cls, original: str, before: str, after: str, first_indent: str) -> "ReplyContext":
        """Normalise what the caller knows. `first_indent` counts when `before` is not given."""
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
        """The original's lines as they stand in the scope: the first one without `indent`."""
        return self.original.split("\n") if self.original else []

    @cached_property
    def document_lines(self) -> list[str]:
        """The original's lines with the indentation they have in the document."""
        return [self.indent + line if index == 0 else line for index, line in enumerate(self.lines)]

    @cached_property
    def stripped_lines(self) -> frozenset[str]:
        """The original's lines without white space at their ends; no blank ones."""
        return frozenset(line.strip() for line in self.lines if not is_blank(line))

    @cached_property
    def blank(self) -> bool:
        """Whether the scope is an insertion point: it holds no text yet."""
        return is_blank(self.original)

    @cached_property
    def line_prefix(self) -> str:
        """What stands before the scope on its first line, stripped; "" if only white space."""
        return self.before[self.before.rfind("\n") + 1 :].strip()

    @cached_property
    def lines_before(self) -> list[str]:
        """The nearest whole lines above the scope that are not blank, in document order."""
        whole = self.before.rpartition("\n")[0].split("\n")
        return [line.rstrip() for line in whole if not is_blank(line)][-NEIGHBOURS:]

    @cached_property
    def lines_after(self) -> list[str]:
        """The nearest whole lines below the scope that are not blank, in document order."""
        whole = self.after.partition("\n")[2].split("\n")
        return [line.rstrip() for line in whole if not is_blank(line)][:NEIGHBOURS]

    @cached_property
    def blanks_above(self) -> int:
        """How many blank lines stand between the scope and the nearest line above that is none."""
        whole = self.before.rpartition("\n")[0].split("\n")
        return len(list(takewhile(is_blank, reversed(whole))))

    @cached_property
    def blanks_below(self) -> int:
        """The same below the scope."""
        return len(list(takewhile(is_blank, self.after.partition("\n")[2].split("\n"))))

    @cached_property
    def cuts_text(self) -> bool:
        """Whether the scope begins or ends within a text of several lines."""
        return any(self.original.count(mark) % 2 for mark in TEXT_MARKS)

    def holds_run(self, run: str) -> bool:
        """Whether a line of the original holds `run` behind other text."""
        return any(run in line and line.strip() != run for line in self.lines)

    @cached_property
    def written(self) -> tuple[list[str], list[str], list[str]]:
        """The known lines above the scope, its own and those below it, stripped; no blank ones."""
        above, below = self.before.rpartition("\n")[0], self.after.partition("\n")[2]
        above_, own, below_ = (
            [line.strip() for line in text.split("\n") if not is_blank(line)]
            for text in (above, self.original, below)
        )
        return above_, own, below_

    @cached_property
    def written_lines(self) -> list[str]:
        """All of them, in the document's order."""
        above, own, below = self.written
        return [*above, *own, *below]

    @cached_property
    def written_at(self) -> dict[str, int]:
        """Where each of them stands first among them."""
        lines = self.written_lines
        return {line: index for index, line in reversed(list(enumerate(lines)))}

    @cached_property
    def first(self) -> str:
        """The original's first line that is not blank, stripped."""
        return next((line.strip() for line in self.lines if not is_blank(line)), "")
