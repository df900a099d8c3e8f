"""What a fence line is: the rules of CommonMark, as far as replies need them."""

from dataclasses import dataclass

from lsp_server.edit.reply.place import BLANKS, indent_of

SHORTEST_FENCE = 3
MARKS = "`~"
# A closing fence may stand at most so much deeper than the opening one (CommonMark 0.31, 4.5).
CLOSING_SLACK = 3
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
