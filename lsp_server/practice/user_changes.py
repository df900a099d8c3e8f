"""Merges what the user changed during an answer that was cut into the next answer.

After a cut the scope is the beginning of the answer, the end of the original, and the user's
changes to both. The practice model can compute both texts, because it always answers the same.
"""

from lsp_server.edit.diff import diff
from lsp_server.prompt.parse import ParsedPrompt


def with_user_changes(prompt: ParsedPrompt, answered: str, wanted: str) -> str:
    """`wanted`, the model's new scope, with the user's changes merged in.

    `answered` is the full answer of the attempt that was cut.
    """
    if prompt.cut is None or _came_from_the_model_alone(prompt, answered):
        return wanted
    cut = min(prompt.cut, len(prompt.current))
    in_answer = diff(prompt.current, answered).map_offset(cut, after=True)
    in_original = diff(prompt.current, prompt.original).map_offset(cut, after=True)
    landed = answered[:in_answer] + prompt.original[in_original:]
    theirs, ours = diff(landed, prompt.current), diff(landed, wanted)
    return ours.over(theirs, first=False).apply(prompt.current)


def _came_from_the_model_alone(prompt: ParsedPrompt, answered: str) -> bool:
    """Whether the scope is a beginning of the answer and an end of the original.

    After several cuts, part of an older answer may be in between; then the prompt says whether the
    user typed.
    """
    head = _shared(prompt.current, answered)
    tail = _shared(prompt.current[::-1], prompt.original[::-1])
    if head + tail >= len(prompt.current):
        return True
    return len(prompt.earlier) > 1 and not prompt.typed and not prompt.withheld


def _shared(one: str, other: str) -> int:
    """The number of equal code points at the beginning of both."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
