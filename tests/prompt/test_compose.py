"""The prompt: what stands in it, in which order, and what gives way to the budget."""

from dataclasses import replace

import pytest

from lsp_server.prompt.compose import Place, compose
from lsp_server.session.request import EditRequest, Form
from lsp_server.text.span import Span

_SCOPE = "def total(items):\n    return sum(items)"
_DOCUMENT = f"import math\n\n\n{_SCOPE}\n\n\nprint(total([1]))\n"
_PLACE = Place(
    path="shop/orders.py",
    language="python",
    document=_DOCUMENT,
    scope=Span(13 + 1, 14 + len(_SCOPE)),
    diagnostics=("Missing type annotation.",),
    rules="Write short functions.\n",
)
_FIRST = EditRequest("add type hints", _SCOPE, _SCOPE, "practice")
_REDIRECT = EditRequest(
    "call it amount instead",
    _SCOPE,
    _SCOPE.replace("total", "sum_of"),
    "practice",
    earlier=("rename total to sum_of",),
    cut=20,
    typed=("# mine",),
    settled=("kept",),
    withheld=("theirs",),
)


def test_the_place_of_the_sample_is_right() -> None:
    assert _PLACE.scope.text(_DOCUMENT) == _SCOPE


def test_the_order_is_from_what_stays_to_what_changes() -> None:
    text = compose(_REDIRECT, _PLACE, 32_000).input
    said = [
        "Write short functions.",
        'File: "shop/orders.py"',
        "import math",
        "print(total",
        f"```python\n{_SCOPE}\n```",
        "Missing type annotation.",
        "rename total to sum_of",
        "```python\ndef sum_of(items)",
        "cut at character 20",
        "# mine",
        "\ntheirs\n",
        "\nkept\n",
        "call it amount instead",
    ]
    places = [text.index(words) for words in said]
    assert places == sorted(places)
    assert text.rpartition("\n")[0].endswith("\ncall it amount instead")


def test_a_redirect_keeps_everything_up_to_the_scope() -> None:
    first, second = compose(_FIRST, _PLACE, 32_000), compose(_REDIRECT, _PLACE, 32_000)
    end_of_scope = first.input.index("</scope-")
    assert first.instructions == second.instructions
    assert first.input[:end_of_scope] == second.input[:end_of_scope]


def test_the_first_attempt_says_nothing_of_a_past() -> None:
    text = compose(_FIRST, _PLACE, 32_000).input
    for word in ("Earlier", "cut at", "typed", "accepted", "as it stands now"):
        assert word not in text


def test_the_fence_is_longer_than_any_in_the_scope() -> None:
    scope = 'x = """\n````\n"""'
    request = EditRequest("do it", scope, scope, "practice")
    text = compose(request, Place("a.py", "python", scope, Span(0, len(scope))), 1000).input
    assert f"`````python\n{scope}\n`````" in text
    assert "The fence of your answer: `````\n" in text


def test_the_nearest_lines_are_kept_when_room_is_short() -> None:
    before = "".join(f"far_{n} = {n}\n" for n in range(400))
    after = "".join(f"\nlater_{n} = {n}" for n in range(400))
    place = Place("a.py", "python", before + "x = 1" + after, Span(len(before), len(before) + 5))
    request = EditRequest("do it", "x = 1", "x = 1", "practice")
    prompt = compose(request, place, 1500)
    assert "far_399" in prompt.input
    assert "later_0 " in prompt.input
    assert "far_0 " not in prompt.input
    assert "later_399" not in prompt.input
    assert prompt.tokens <= 1500


def test_the_indentation_before_the_scope_is_always_told() -> None:
    document = "if x:\n    y = 1\n"
    request = EditRequest("do it", "y = 1", "y = 1", "practice")
    text = compose(request, Place("a.py", "python", document, Span(10, 15)), 0).input
    assert ">\n    \n</before-" in text


def test_a_patch_is_asked_for_as_a_diff() -> None:
    request = EditRequest("do it", _SCOPE, _SCOPE, "practice", form=Form.PATCH)
    prompt = compose(request, _PLACE, 32_000)
    assert "unified diff" in prompt.instructions
    assert "Answer with a unified diff of the scope" in prompt.input


@pytest.mark.parametrize("form", list(Form))
def test_the_least_change_is_asked_for_and_no_tests(form: Form) -> None:
    instructions = compose(replace(_FIRST, form=form), _PLACE, 32_000).instructions
    for words in ("Change only what the instruction asks for", "Do not run or describe tests"):
        assert words in instructions
