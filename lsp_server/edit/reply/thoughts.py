"""A model's thoughts that a server tells as text: how they begin and end. They are no answer."""

THOUGHTS = {
    **{f"<{name}>": f"</{name}>" for name in ("think", "thinking", "thought", "reasoning")},
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
    "Thinking...": "...done thinking.",
}
"""What opens thoughts at the beginning of a line, and what closes them."""


def opening_of(line: str) -> str | None:
    """What opens thoughts on this line, or None."""
    return next((tag for tag in THOUGHTS if line.lstrip().startswith(tag)), None)


class Thoughts:
    """Takes thoughts out of a reply that is read by whole lines, outside of its blocks."""

    def __init__(self) -> None:
        self._until = ""

    def hold(self, line: str) -> bool:
        """Whether the line belongs to thoughts; the one that closes them does."""
        if not self._until and (tag := opening_of(line)) is not None:
            self._until, line = THOUGHTS[tag], line.lstrip().removeprefix(tag)
        elif not self._until:
            return False
        if self._until in line:
            self._until = ""
        return True
