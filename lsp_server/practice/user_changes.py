"""What the user changed while an answer was coming in, carried over into the next answer.

A scope in which an answer was cut is the beginning of that answer and the end of the original,
and whatever the user did to either. The practice model knows both texts: it answers the same every
time.
"""

from lsp_server.edit.diff import diff
from lsp_server.prompt.parse import ParsedPrompt


def with_user_changes(prompt: ParsedPrompt, answered: str, wanted: str) -> str:
    """`wanted`, the new scope as far as the model goes, with the user's own changes in it.

    `answered` is what the attempt that was cut would have come to. `prompt.cut` must be known.
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

    After several cuts there may be a piece of an older answer in between; then the prompt's own
    word counts.
    """
    head = _shared(prompt.current, answered)
    tail = _shared(prompt.current[::-1], prompt.original[::-1])
    if head + tail >= len(prompt.current):
        return True
    return len(prompt.earlier) > 1 and not prompt.typed and not prompt.withheld


def _shared(one: str, other: str) -> int:
    """How many code points at the beginning are the same in both."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
