"""Recognises fence lines by the rules of CommonMark, as far as replies need them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.edit.reply.reply_context import BLANKS, indent_of

SHORTEST_FENCE = 3
MARKS = "`~"
# A closing fence may be indented at most this much deeper than the opening one (CommonMark 0.31,
# 4.5).
CLOSING_SLACK = 3
_LANGUAGE_NAMES = """
    bash c cpp c++ csharp cs css dart diff elixir go golang haskell html java javascript js json
    jsonc jsx julia kotlin lua makefile markdown md perl php plaintext powershell python py r
    ruby rust scala sh shell sql swift toml tsx typescript ts vue xml yaml yml zig
"""
LANGUAGE_NAMES = frozenset(_LANGUAGE_NAMES.split())
# What an info string may have after the language: `title="a.py" {1,3}`, `:src/a.py`.
_ATTRIBUTES = re.compile(
    r"""[\w+#.-]*(?:\s*\{[^{}]*\}|\s+[\w-]+=(?:"[^"]*"|'[^']*'|\S+)|:\S+)*\s*"""
)
# The beginnings of a comment line: a fence at its end is part of the comment.
_COMMENT_MARKS = ("/", "#", "*", "--", "%", ";", "|", "'", "<!--")
# Shorter names cannot be distinguished from the beginning of a word.
_SHORTEST_NAME = 2
_WORD = re.compile(r"[A-Za-z][\w+#-]*")
# Info strings of texts that may contain fences themselves.
MARKDOWN_NAMES = frozenset({"markdown", "md", "mdx", "rmd", "qmd", "mdc", "rst", "text", "txt"})


@dataclass(frozen=True, slots=True)
class Fence:
    """A fence line: `indent` code points of white space, `length` marks, the info string."""

    mark: str
    length: int
    indent: int
    info: str

    @property
    def holds_markdown(self) -> bool:
        """Whether the info string says that the block is a text that may have fences of its own."""
        return self.info.split()[:1] != [] and self.info.split()[0].lower() in MARKDOWN_NAMES

    def rivals(self, other: "Fence") -> bool:
        """Whether `other`, inside the block of this fence, counts as a fence of that block."""
        return (
            other.mark == self.mark
            and other.length >= self.length
            and other.indent <= self.indent + CLOSING_SLACK
        )


def read_fence(line: str) -> Fence | None:
    """The fence that makes up `line`, or None."""
    text = line.lstrip(BLANKS)
    mark = text[:1]
    if not mark or mark not in MARKS:
        return None
    info = text.lstrip(mark)
    length = len(text) - len(info)
    if length < SHORTEST_FENCE or (mark == "`" and "`" in info):
        return None
    return Fence(mark, length, len(indent_of(line)), info.strip())


@dataclass(frozen=True, slots=True)
class Glued:
    """An opening fence with code after it on the same line, and perhaps the closing fence too."""

    fence: Fence
    code: str
    closes: bool


def read_glued(
    line: str, is_code: Callable[[str], bool], is_known: Callable[[str], bool]
) -> Glued | None:
    """The fence at the beginning of `line` if code follows it, else None.

    `is_code` tells whether a text is code, and `is_known` whether the scope has a word.
    """
    text = line.strip(BLANKS)
    mark = text[:1]
    if not mark or mark not in MARKS:
        return None
    rest = text.lstrip(mark)
    length = len(text) - len(rest)
    if length < SHORTEST_FENCE or not rest or _ATTRIBUTES.fullmatch(rest):
        return None
    code = rest.rstrip(mark)
    closes = len(rest) - len(code) >= length
    if not closes and mark in rest and mark == "`" and "``" in rest:
        return None
    code = code if closes else rest
    for name in _names_at(code, is_known):
        code_after = code[len(name) :].removeprefix(" ")
        if code_after.strip() and is_code(code_after):
            return Glued(Fence(mark, length, len(indent_of(line)), name), code_after, closes)
    return None


def _names_at(text: str, is_known: Callable[[str], bool]) -> list[str]:
    """The language names with which `text` may begin, the longest first, and "" for none."""
    word = _WORD.match(text)
    first_word = word[0] if word else ""
    if first_word.lower() in LANGUAGE_NAMES:
        return [first_word, ""] if text[len(first_word) :].strip() else []
    if is_known(first_word):
        return [""]
    begins = [first_word[:end] for end in range(len(first_word), _SHORTEST_NAME - 1, -1)]
    return [*(name for name in begins if name.lower() in LANGUAGE_NAMES), ""]


def may_be_fence(beginning: str) -> bool:
    """Whether a line with this beginning could still be a fence, with or without an info string."""
    text = beginning.lstrip(BLANKS)
    return (
        not text or (not text.strip(text[0]) and text[0] in MARKS) or read_fence(text) is not None
    )


def may_close(beginning: str, fence: Fence) -> bool:
    """Whether a line with this beginning could still be the closing fence of `fence`'s block."""
    text = beginning.lstrip(BLANKS)
    if not text:
        return True
    rest = text.lstrip(fence.mark)
    if not rest:
        return True
    return len(text) - len(rest) >= fence.length and not rest.strip()


def closing_run(line: str, fence: Fence) -> str:
    """The closing fence of `fence`'s block after code on the block's last line; "" for none."""
    code = line.rstrip(BLANKS).rstrip(fence.mark)
    run = line.rstrip(BLANKS)[len(code) :]
    bare = code.strip(BLANKS)
    alone = not bare or bare.endswith(tuple("/#*%-"))
    alone = alone or (code.endswith(tuple(BLANKS)) and bare.startswith(_COMMENT_MARKS))
    nested = fence.mark * SHORTEST_FENCE in code
    return "" if not code or alone or nested or len(run) < fence.length else run


def fences_of(lines: list[str]) -> list[Fence]:
    """The fence lines among `lines`."""
    return [fence for line in lines if (fence := read_fence(line)) is not None]


def blocks_of(text: str) -> list[str]:
    """The contents of the closed fenced blocks in a text, in order; nested blocks stay inside."""
    found: list[str] = []
    opened: Fence | None = None
    lines: list[str] = []
    for line in text.split("\n"):
        fence = read_fence(line)
        if opened is None:
            opened, lines = fence, []
        elif fence is not None and not fence.info and opened.rivals(fence):
            found.append("\n".join(lines))
            opened = None
        else:
            lines.append(line)
    return found
