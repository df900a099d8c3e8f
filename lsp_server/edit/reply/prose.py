"""Tells raw code from chat, line by line, by comparing it with the scope.

Without a fence, a line is *code* if the original has it word for word. It is also code if it is no
sentence, has code punctuation between its words, and shares a name with the original. No other line
is known to be code, and in doubt a reply without a fence is chat. Knows no programming language.
"""

import re
from collections.abc import Iterable, Iterator

from lsp_server.edit.reply.fence import fences_of
from lsp_server.edit.reply.reply_context import (
    ReplyContext,
    first_name_in,
    is_blank,
    names_in,
    word_characters,
)

_CODE_MARKS = frozenset("(){}[]<>;=@#$\\|&+*/%^~_")
# An item of a list, as a line of chat may begin.
_STEP = re.compile(r"(?:[Ss]tep\s*)?\(?\d{1,2}[.):、．]\)?\s*(?=\S)|[①-⑳]\s*|(?:[-*•–]|->|=>)\s+")
# Letters and marks of languages that do not separate words by spaces.
_UNSPACED = re.compile(
    "[\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\u0e00-\u0e7f"
    "\u3001-\u3003\uff01\uff0c\uff1a\uff1b\uff1f]"
)
# The beginning of a comment, and the quotes of a string; words after them are no chat.
_COMMENTS = ("#", "//", "--", "/*", "%", "<!--", "'''")
_TEXT_QUOTES = "\"'`"
_STOPS = ".!?"
_ENDS = ".:!?。：！？"
# If this many pieces before the full stop at the end of a line are words, they are a sentence.
_MOST_TRAILING = 3
_EDGES = "\"'`.,:;!?()*_"
_BULLETS = ("- ", "* ", "• ")
# From this share of plain words on, a line reads like natural language.
_MOSTLY_WORDS = 0.75
# The number of code points of a line, and of all lines of a scope, that are examined.
_LONGEST_JUDGED = 2_000
_MOST_JUDGED = 50_000
# The number of code points of the scope that are searched for names.
_MOST_NAMED = 500_000


def plain_share(line: str) -> float:
    """The share of words among the pieces of the line between white space, from 0 to 1."""
    pieces = line[:_LONGEST_JUDGED].split()
    if not pieces:
        return 0.0
    plain = sum(_is_plain(piece) for piece in pieces)
    return plain / len(pieces)


def _is_plain(piece: str) -> bool:
    # A name in backticks stands for a word in a sentence.
    if len(piece.strip(".,:;!?()")) > 2 and piece.strip(".,:;!?()")[0] == "`":
        return True
    return piece.strip(_EDGES).replace("'", "").replace("’", "").replace("-", "").isalpha()


def may_be_sentence(beginning: str) -> bool:
    """Whether a line with this beginning could be a sentence of chat."""
    first = beginning[:1]
    return first.isupper() or first in "-*•`\"'(" or not first.isascii()


def is_sentence(line: str) -> bool:
    """Whether the line reads like chat: a capital letter, words, and a full stop or some length."""
    text = line.strip()
    if _is_unspaced(text) or _trails_off(text):
        return True
    for bullet in _BULLETS:
        text = text.removeprefix(bullet)
    words = text[:_LONGEST_JUDGED].split()
    if len(words) < 3 or not (text[0].isupper() or text[0] == "`"):
        return False
    # SELECT, CREATE: a keyword in capitals begins a statement. "I" begins a sentence.
    if len(words[0]) > 1 and words[0].isupper():
        return False
    if plain_share(text) < _MOSTLY_WORDS:
        return False
    return text[-1] in ".!?:" or (len(words) >= 6 and text[-1] not in "{;(,=")


def _is_unspaced(text: str) -> bool:
    """Whether the text is a sentence in letters that need no spaces between words.

    Such letters in a comment or a string of code do not count.
    """
    found = _UNSPACED.search(text[:_LONGEST_JUDGED])
    if found is None:
        return False
    before = text[: found.start()]
    in_text = any(before.count(quote) % 2 for quote in _TEXT_QUOTES)
    return not in_text and not any(mark in before for mark in _COMMENTS)


def _trails_off(text: str) -> bool:
    """Whether the text, whatever its beginning, ends in words and a full stop."""
    pieces = text[-_LONGEST_JUDGED:].split()
    if len(pieces) <= _MOST_TRAILING or text[-1] not in _STOPS or not text[-2].isalpha():
        return False
    if any(mark in text for mark in _COMMENTS) or any(text.count(mark) % 2 for mark in '"`'):
        return False
    return all(map(_is_plain, pieces[-_MOST_TRAILING:]))


def is_step(line: str) -> bool:
    """Whether the line is an item of a list, as in a plan."""
    return _STEP.match(line.strip()) is not None


def reads_as_text(lines: list[str]) -> bool:
    """Whether most of the non-blank lines consist of words."""
    written = [line for line in _first_of(lines) if not is_blank(line)]
    texts = sum(plain_share(line) >= _MOSTLY_WORDS for line in written)
    return 2 * texts > len(written)


def _first_of(lines: Iterable[str]) -> Iterator[str]:
    """The lines up to the one that reaches `_MOST_JUDGED` code points."""
    remaining = _MOST_JUDGED
    for line in lines:
        if remaining <= 0:
            return
        remaining -= min(len(line), _LONGEST_JUDGED) + 1
        yield line


def is_within_code(context: ReplyContext) -> bool:
    """Whether a Markdown scope is within a block of code, judged by the fences around it.

    Front matter between two lines of dashes at the beginning of a file is code as well.
    """
    first, *others = [line.rstrip() for line in context.before.split("\n")]
    if first in ("---", "+++") and others and first not in others:
        return True
    above, below = fences_of(context.before.split("\n")), fences_of(context.after.split("\n"))
    if not above or not below or below[0].info:
        return False
    return bool(above[-1].info) or not reads_as_text(context.lines)


class CodeLikeness:
    """Compares lines of a reply with the text of the scope."""

    def __init__(
        self, context: ReplyContext, prose: bool = False, holds_text: bool = False
    ) -> None:
        """`prose`: the scope's language is prose, whatever its lines look like. `holds_text`: the
        scope may contain text besides code."""
        self._context = context
        self._prose = prose
        # An insertion point has no names, so those of the lines around it are used.
        known = context.original[:_MOST_NAMED]
        if context.blank:
            known = "\n".join(context.lines_before + context.lines_after)
        self._names = frozenset(names_in(known))
        self._first_name = first_name_in(context.first)
        written = [line for line in _first_of(context.lines) if not is_blank(line)]
        sentences = sum(is_sentence(line) for line in written)
        self._has_steps = any(map(is_step, written))
        self.is_prose = prose or 2 * sentences >= len(written) > 0
        text = holds_text or self.is_prose or "</" in context.original
        self._holds_text = text or bool(fences_of(context.lines))

    @property
    def is_comparable(self) -> bool:
        """Whether blocks can be compared with the scope, which is not so if it is prose."""
        return bool(self._names) and not self.is_prose

    def has_line(self, line: str) -> bool:
        """Whether the original has this line, and the line has enough characters to tell."""
        return word_characters(line) >= 3 and line.strip() in self._context.stripped_lines

    def resembles(self, line: str) -> bool:
        """Whether the original has a line of a fenced block, or at least half of its names."""
        if self.has_line(line):
            return True
        names = names_in(line)
        shared = sum(name in self._names for name in names)
        return bool(names) and 2 * shared >= len(names)

    def is_code(self, line: str) -> bool:
        """Whether an unfenced line is certainly meant for the scope."""
        if self.has_line(line):
            return True
        text = line.strip()
        if is_step(text) and not self._has_steps:
            return False
        if is_sentence(text) or plain_share(text) >= _MOSTLY_WORDS:
            return False
        if _CODE_MARKS.isdisjoint(text):
            return False
        return any(name in self._names for name in names_in(text))

    def is_chat(self, line: str) -> bool:
        """Whether a line around raw code is chat: a sentence that the original does not have.

        In prose a new sentence belongs to the answer, and only a line that announces something is
        chat.
        """
        if self.has_line(line):
            return False
        announces = line.rstrip().endswith(":") and plain_share(line) >= _MOSTLY_WORDS
        return announces or (not self._prose and is_sentence(line))

    def leads_to_code(self, line: str) -> bool:
        """Whether a line before raw code is chat, which need not be a complete sentence."""
        words = line[:_LONGEST_JUDGED].split()
        begins = len(words) >= 2 and line.strip()[0].isupper() and not words[0].isupper()
        begins = begins and _CODE_MARKS.isdisjoint(line)
        return self.is_chat(line) or (begins and plain_share(line) == 1 and not self.is_prose)

    def has_name(self, word: str) -> bool:
        """Whether the scope has the name."""
        return word in self._names

    def is_likely(self, code: str) -> bool:
        """Whether the text after a fence, on the same line, is code for the scope."""
        names = names_in(code)
        if not names or _CODE_MARKS.isdisjoint(code) or is_sentence(code):
            return False
        return (
            not self._names
            or self.resembles(code)
            or self.is_code(code)
            or names[0] == self._first_name
        )

    def may_be_aside(self, beginning: str) -> bool:
        """Whether a line with this beginning, within a block, could be an aside.

        An aside begins with two words in the first column, the first one with a capital letter.
        There is none where the scope may contain such text.
        """
        if self._holds_text or not (beginning[:1].isupper() or not beginning.isascii()):
            return False
        return all(map(_is_plain, beginning.split()[:2]))

    def is_aside(self, line: str) -> bool:
        """Whether a line within a block is chat of the model and no code."""
        ends = line.rstrip()[-1:] in _ENDS
        return ends and self.may_be_aside(line) and is_sentence(line) and not self.has_line(line)

    def accepts_whole(self, lines: list[str]) -> bool:
        """Whether a complete unfenced reply, undecided line by line, is the scope's new text.

        For a scope of code: it has no sentence and begins with the same word as the original. For a
        scope of prose: the original has at least half of its words.
        """
        if not lines:
            return False
        if self.is_prose:
            names = [name for line in lines for name in names_in(line)]
            shared = sum(name in self._names for name in names)
            return bool(names) and 2 * shared >= len(names)
        if any(is_sentence(line) for line in lines):
            return False
        return bool(self._first_name) and self._first_name == first_name_in(lines[0])
