"""The prompt marks what the user selected, if the scope is more than that."""

import pytest

from lsp_server.prompt.compose import PromptPlace, compose
from lsp_server.prompt.marking import lines_to_mark
from lsp_server.session.request import EditRequest
from lsp_server.text.span import Span

BEFORE = "import os\n\n\n"
SCOPE = "def total(items):\n    check(items)\n\n    return sum(items)"
TEXT = f"{BEFORE}{SCOPE}\n"
PLACE = Span(len(BEFORE), len(BEFORE) + len(SCOPE))


def told(start: int, end: int) -> str:
    """What the prompt adds for that selection."""
    selected = lines_to_mark(TEXT, PLACE, Span(start, end))
    place = PromptPlace("a.py", "python", TEXT, PLACE)
    request = EditRequest("do it", SCOPE, SCOPE, "p")
    plain = compose(request, place, 32_000).input
    prompt = compose(EditRequest("do it", SCOPE, SCOPE, "p", selected=selected), place, 32_000)
    head, _, tail = plain.partition("\n\nChange the selected code:")
    assert prompt.input.startswith(head) and prompt.input.endswith(tail)
    return prompt.input[len(head) : -len(tail)].partition("\n\nChange the")[0].strip()


def of(piece: str) -> tuple[int, int]:
    start = TEXT.index(piece)
    return start, start + len(piece)


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (
            of("sum(items)"),
            "The user selected this part of it, lines 7-7:\n```python\n    return sum(items)\n```",
        ),
        (
            of("items):\n    check("),
            "The user selected this part of it, lines 4-5:\n"
            "```python\ndef total(items):\n    check(items)\n```",
        ),
        (
            of("\n    check(items)\n\n"),
            "The user selected this part of it, lines 5-5:\n```python\n    check(items)\n```",
        ),
        (
            (TEXT.index("sum"),) * 2,
            "The user's cursor is in this line of it, line 7:\n"
            "```python\n    return sum(items)\n```",
        ),
        # All of the scope: exactly, with blanks around, or without a piece of its ends.
        (of(SCOPE), ""),
        ((PLACE.start - 2, PLACE.end + 1), ""),
        (of(SCOPE[4:-1]), ""),
        # A cursor in the first line means all of it; one on a blank line, nothing.
        ((TEXT.index("total"),) * 2, ""),
        ((TEXT.index("\n\n    return") + 1,) * 2, ""),
    ],
)
def test_the_part_that_was_selected_is_in_the_prompt(selection: tuple[int, int], said: str) -> None:
    assert told(*selection) == said
