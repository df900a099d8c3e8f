"""Recognises reasoning that a server sends as plain text. It is no part of the answer."""

_NAMES = (
    *("think", "thinking", "thought", "thoughts", "reasoning", "analysis", "reflection"),
    *("scratchpad", "inner_monologue", "planning"),
)
_QUOTES = ("", '"', "'", "`", "/")
REASONING_MARKS = {
    **{f"<{name}>": f"</{name}>" for name in _NAMES},
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|channel|>analysis": "<|channel|>final<|message|>",
    "<|channel|>commentary": "<|channel|>final<|message|>",
    "<unused94>thought": "<unused95>",
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
    "Thinking...": "...done thinking.",
}
"""The marks that open reasoning at the beginning of a line, and those that close it."""


def opening_of(line: str) -> str | None:
    """The mark that opens reasoning on this line, or None."""
    return next((tag for tag in REASONING_MARKS if line.lstrip().startswith(tag)), None)


def after_closing_mark(line: str) -> str | None:
    """The text after the end of reasoning on the line; None if the line ends none."""
    for closing in REASONING_MARKS.values():
        before, tag, rest = line.partition(closing)
        if tag and before.rstrip()[-1:] not in _QUOTES[1:] and rest[:1] not in _QUOTES[1:3]:
            return rest
    return None


def after_reasoning(reply: str, original: str) -> str | None:
    """The reply after reasoning that began before the reply; None if there is none.

    `original` is the scope. A mark that it has itself ends no reasoning.
    """
    lines = reply.split("\n")
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        rest = after_closing_mark(line)
        ends = rest is not None and (not rest.strip() or rest.lstrip().startswith("`"))
        if rest is not None and ends and line.strip() not in original:
            opened = any(opening_of(each) is not None for each in lines[: index + 1])
            return None if opened else "\n".join([rest, *lines[index + 1 :]])
    return None


class Reasoning:
    """Removes reasoning from a reply that is read by complete lines, outside of its blocks."""

    def __init__(self) -> None:
        self._until = ""

    def is_reasoning_line(self, line: str) -> bool:
        """Whether the line belongs to reasoning, including the line that closes it."""
        if not self._until and (tag := opening_of(line)) is not None:
            self._until, line = REASONING_MARKS[tag], line.lstrip().removeprefix(tag)
        elif not self._until:
            return False
        if self._until in line:
            self._until = ""
        return True
