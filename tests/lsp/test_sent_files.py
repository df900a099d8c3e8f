"""The second edit of a file begins with the bytes of the first, and says what has changed."""

from typing import Any

from tests.support.scripted_model import Asked
from tests.support.stage import Stage

URI = "file:///project/areas.py"
TEXT = "".join(f"def area_{n}(a, b):\n    return a * {n} + b\n\n\n" for n in range(40))


def _edit(stage: Stage, function: str, change: dict[str, str], **more: Any) -> Asked:
    """Edit one function as `change` says, and accept that."""
    text = stage.client.text(URI)
    start = text.index(f"def {function}(")
    code = text[start : text.index("\n\n", start)]
    session = stage.edit(URI, code, scope="function", **more)
    asked = stage.asked()
    for old, new in change.items():
        assert old in code
        code = code.replace(old, new)
    asked.answer(code)
    stage.reach(session, "review")
    stage.client.command("midstream.accept", {"session": session})
    return asked


def _file(asked: Asked) -> str:
    return asked.prompt.partition("\n\nSelected code in")[0]


def test_an_accepted_edit_above_leaves_the_beginning_as_it_was(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    first = _edit(stage, "area_3", {"(a, b)": "(a: int, b: int)", "return": "c = a\n    return"})
    second = _edit(stage, "area_30", {"+ b": "- b"})
    since = "\n\nChanged since then, lines 13-14 are now:\n```python\ndef area_3(a: int, b: int):"
    assert _file(second).startswith(_file(first) + since)
    assert "def area_3(a, b):" in _file(second)

    # Closed and opened again it is told anew, as it is.
    text = stage.client.text(URI)
    stage.client.close(URI)
    stage.client.open(URI, text, "python")
    third = _edit(stage, "area_5", {"+ b": "- b"})
    assert "def area_3(a: int, b: int):" in _file(third)
    assert "Changed since then" not in third.prompt
