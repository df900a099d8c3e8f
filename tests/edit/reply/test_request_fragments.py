"""Pieces of the request and end tokens in a reply."""

import pytest

from lsp_server.edit.reply.reply_context import ReplyContext
from lsp_server.edit.reply.reply_reader import ReplyReader
from lsp_server.edit.reply.request_fragments import RequestFragments, RequestSection, Tag, Turn
from lsp_server.prompt.compose import ANSWERS
from lsp_server.prompt.sections import HEADINGS
from lsp_server.session.request import Form

CONTEXT = ReplyContext.of("x = 1", "", "", "")


@pytest.mark.parametrize(
    ("line", "tag"),
    [
        ("<scope-1a2b3c4d>", Tag(RequestSection.SCOPE, False)),
        ("  </scope-1a2b3c4d> ", Tag(RequestSection.SCOPE, True)),
        ("<lines-above-1a2b3c4d>", Tag(RequestSection.OTHER, False)),
        ("<scope-1a2b3c4>", None),
        ("<div>", None),
        ("<my-element>", None),
        ("x <scope-1a2b3c4d>", None),
    ],
)
def test_tags(line: str, tag: Tag | None) -> None:
    assert RequestFragments(CONTEXT).tag(line) == tag
    assert RequestFragments(ReplyContext.of(line, "", "", "")).tag(line) is None
    if tag is not None:
        assert all(RequestFragments(CONTEXT).may_be(line[:end]) for end in range(len(line)))


@pytest.mark.parametrize(
    ("line", "section"),
    [
        ('Selected code in "a.py", lines 1-2:', RequestSection.SCOPE),
        ('File "a.py":', RequestSection.OTHER),
        ("What stands there now, partly rewritten already:", RequestSection.OTHER),
        ("Here is the code:", None),
        ("File not found.", None),
    ],
)
def test_headings(line: str, section: RequestSection | None) -> None:
    assert RequestFragments(CONTEXT).heading(line) is section


@pytest.mark.parametrize("words", sorted(HEADINGS.values()))
def test_all_words_of_a_request_are_known(words: str) -> None:
    place = (
        " in its line 2, at character 5 of it."
        if words == HEADINGS["cut"]
        else ' in "a.py", lines 1-2:'
    )
    known = RequestFragments(CONTEXT)
    assert known.heading(words + place) or known.is_dropped(words + place)


@pytest.mark.parametrize("form", Form)
def test_all_sentences_of_a_request_are_known(form: Form) -> None:
    assert RequestFragments(CONTEXT).is_dropped(ANSWERS[form].sentence.format("```python"))


@pytest.mark.parametrize(
    "line",
    [
        'File "q.sql":',
        "Problems that the editor shows there:",
        "Earlier instructions, oldest first; do them too, unless the new one takes them back:",
        "The user has accepted these parts already; they stay exactly as they are:",
        "The rewriting stopped in its line 2, at character 5 of it.",
        "Change the selected code: add c",
    ],
)
@pytest.mark.parametrize(
    "reply",
    [
        "```sql\n{new}\n{line}\n```\n",
        "```sql\n{new}\n\n{line}\n```\nb = 1\n```\n",
        "```sql\n{line}\n{new}\n```\n",
        "{new}\n\n{line}\n",
        "{line}\n{new}\n",
    ],
)
def test_no_line_of_the_request_is_text(line: str, reply: str) -> None:
    new = "SELECT a, c\nFROM t\nWHERE b = 1;"
    for step in (1, 1000):
        reader = ReplyReader("SELECT a\nFROM t\nWHERE b = 1;", language="sql")
        text = reply.format(new=new, line=line)
        for at in range(0, len(text), step):
            reader.push(text[at : at + step])
        reader.finish(True)
        assert (reader.text, reader.proven) == (new, True)


def test_a_line_of_the_request_that_the_file_has_is_text() -> None:
    original = "What stands there now:\nx\nProblems that the editor shows there:\ny"
    reader = ReplyReader(original, language="plaintext")
    reader.push(f"```\n{original}!\n```\n")
    reader.finish(True)
    assert reader.text == f"{original}!"


def turn(original: str, *pieces: str, completed: bool = True) -> str:
    """The text that `Turn` returns for these pieces."""
    reader = Turn(ReplyContext.of(original, "", "", ""))
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


def test_a_token_that_the_file_has_is_text() -> None:
    assert turn("END = '<|im_end|>'", "y\n<|im_end|>\nz") == "y\n<|im_end|>\nz"
