"""What a fence line is: the rules of CommonMark, as far as replies need them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.edit.reply.reply_context import BLANKS, indent_of

SHORTEST_FENCE = 3
MARKS = "`~"
# A closing fence may stand at most so much deeper than the opening one (CommonMark 0.31, 4.5).
CLOSING_SLACK = 3
_LANGUAGE_NAMES = """
    bash c cpp c++ csharp cs css dart diff elixir go golang haskell html java javascript js json
    jsonc jsx julia kotlin lua makefile markdown md perl php plaintext powershell python py r
    ruby rust scala sh shell sql swift toml tsx typescript ts vue xml yaml yml zig
"""
LANGUAGE_NAMES = frozenset(_LANGUAGE_NAMES.split())
# What may stand in an info string behind the language: `title="a.py" {1,3}`, `:src/a.py`.
_ATTRIBUTES = re.compile(
    r"""[\w+#.-]*(?:\s*\{[^{}]*\}|\s+[\w-]+=(?:"[^"]*"|'[^']*'|\S+)|:\S+)*\s*"""
)
# What a line of a comment begins with: a fence at its end stands in the comment.
_COMMENT_MARKS = ("/", "#", "*", "--", "%", ";", "|", "'", "<!--")
# Names too short to be told from the beginning of a word.
_SHORTEST_NAME = 2
_WORD = re.compile(r"[A-Za-z][\w+#-]*")
# Info strings that announce a text which may itself hold fences.
MARKDOWN_NAMES = frozenset({"markdown", "md", "mdx", "rmd", "qmd", "mdc", "rst", "text", "txt"})


@dataclass(frozen=True, slots=True)
class Fence:
    """One fence line: `length` times `mark`, `indent` code points in, then the info string."""

    mark: str
    length: int
    indent: int
    info: str

    @property
    def holds_markdown(self) -> bool:
        """Whether the block is announced as a text that may hold fences of its own."""
        return self.info.split()[:1] != [] and self.info.split()[0].lower() in MARKDOWN_NAMES

    def rivals(self, other: "Fence") -> bool:
        """Whether `other`, inside the block that this opens, counts as one of its fences."""
        return (
            other.mark == self.mark
            and other.length >= self.length
            and other.indent <= self.indent + CLOSING_SLACK
        )


def read_fence(line: str) -> Fence | None:
    """The fence that `line` is, or None."""
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
    """An opening fence with code behind it on its line, and perhaps the closing one too."""

    fence: Fence
    code: str
    closes: bool


def read_glued(
    line: str, is_code: Callable[[str], bool], is_known: Callable[[str], bool]
) -> Glued | None:
    """The fence that `line` begins with, if code stands behind it.

    `is_code` judges what does, and `is_known` whether a word is one of the scope's own.
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
        behind = code[len(name) :].removeprefix(" ")
        if behind.strip() and is_code(behind):
            return Glued(Fence(mark, length, len(indent_of(line)), name), behind, closes)
    return None


def _names_at(text: str, is_known: Callable[[str], bool]) -> list[str]:
    """The names of languages that `text` begins with, the longest first; then none."""
    word = _WORD.match(text)
    whole = word[0] if word else ""
    if whole.lower() in LANGUAGE_NAMES:
        return [whole, ""] if text[len(whole) :].strip() else []
    if is_known(whole):
        return [""]
    begins = [whole[:end] for end in range(len(whole), _SHORTEST_NAME - 1, -1)]
    return [*(name for name in begins if name.lower() in LANGUAGE_NAMES), ""]


def may_be_fence(beginning: str) -> bool:
    """Whether a line that begins so could still be a fence, with or without info string."""
    text = beginning.lstrip(BLANKS)
    return (
        not text or (not text.strip(text[0]) and text[0] in MARKS) or read_fence(text) is not None
    )


def may_close(beginning: str, fence: Fence) -> bool:
    """Whether a line that begins so could still be the fence that closes `fence`'s block."""
    text = beginning.lstrip(BLANKS)
    if not text:
        return True
    rest = text.lstrip(fence.mark)
    if not rest:
        return True
    return len(text) - len(rest) >= fence.length and not rest.strip()


def closing_run(line: str, fence: Fence) -> str:
    """The fence that closes `fence`'s block behind code on its last line; "" for none."""
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
    """What stands in the fenced blocks of a text that are closed, in order; nested ones apart."""
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
