"""What is left of the request and of the wire in a reply."""

import pytest

from lsp_server.edit.reply.place import Place
from lsp_server.edit.reply.scaffold import Scaffold, Section, Tag, Turn
from lsp_server.prompt.compose import ANSWERS
from lsp_server.prompt.sections import HEADINGS, INSTRUCTION, section
from lsp_server.session.request import Form

PLACE = Place.of("x = 1", "", "", "")


@pytest.mark.parametrize(
    ("line", "tag"),
    [
        ("<scope-1a2b3c4d>", Tag(Section.SCOPE, False)),
        ("  </scope-1a2b3c4d> ", Tag(Section.SCOPE, True)),
        ("<lines-above-1a2b3c4d>", Tag(Section.OTHER, False)),
        ("<scope-1a2b3c4>", None),
        ("<div>", None),
        ("<my-element>", None),
        ("x <scope-1a2b3c4d>", None),
    ],
)
def test_tags(line: str, tag: Tag | None) -> None:
    assert Scaffold(PLACE).tag(line) == tag
    assert Scaffold(Place.of(line, "", "", "")).tag(line) is None
    if tag is not None:
        assert all(Scaffold(PLACE).may_be(line[:end]) for end in range(len(line)))


@pytest.mark.parametrize(
    ("line", "section"),
    [
        ('Selected code in "a.py", lines 1-2:', Section.SCOPE),
        ('File "a.py":', Section.OTHER),
        ("What stands there now, partly rewritten already:", Section.OTHER),
        ("Here is the code:", None),
        ("File not found.", None),
    ],
)
def test_headings(line: str, section: Section | None) -> None:
    assert Scaffold(PLACE).heading(line) is section


@pytest.mark.parametrize("name", [name for name in HEADINGS if name != "cut"])
def test_every_heading_of_a_prompt_is_known(name: str) -> None:
    """But for the one that stands above no block."""
    line = section(name, "x", rest=' in "a.py"').partition("\n")[0]
    assert Scaffold(PLACE).heading(line) is (Section.SCOPE if name == "selected" else Section.OTHER)


def test_the_end_of_a_prompt_is_known() -> None:
    asked = ANSWERS[Form.REWRITE].asked.format("```python")
    assert all(Scaffold(PLACE).is_dropped(line) for line in (f"{INSTRUCTION}tidy this", asked))


def turn(original: str, *pieces: str, completed: bool = True) -> str:
    """What a turn leaves of these pieces."""
    reader = Turn(Place.of(original, "", "", ""))
    return "".join(reader.push(piece) for piece in pieces) + reader.end(completed)


@pytest.mark.parametrize(
    ("reply", "left"),
    [
        ("x = 2<|im_end|>", "x = 2"),
        ("x = 2\n<｜end▁of▁sentence｜>\nmore", "x = 2\n"),
        ("x = 2 <|eot_id|> \n<|start_header_id|>user", "x = 2 "),
        ("x = 2</s></s>", "x = 2"),
        ("<s>old</s>\nx", "<s>old</s>\nx"),
        ("a <|b|> c", "a <|b|> c"),
        ("<|im_end|><", "<|im_end|><"),
        ("if x <", "if x <"),
        ("<end_of_turn>", ""),
    ],
)
def test_the_end_of_a_turn_is_no_text(reply: str, left: str) -> None:
    assert turn("x = 1", reply) == turn("x = 1", *reply) == left
    assert left.startswith(turn("x = 1", *reply, completed=False))


def test_a_token_that_the_file_holds_is_text() -> None:
    assert turn("END = '<|im_end|>'", "y\n<|im_end|>\nz") == "y\n<|im_end|>\nz"
