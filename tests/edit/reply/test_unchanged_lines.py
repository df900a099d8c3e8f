"""Restoring the original's bytes in unchanged lines."""

from unicodedata import normalize

from lsp_server.edit.reply.reply_context import ReplyContext
from lsp_server.edit.reply.unchanged_lines import UnchangedLines

TWO = normalize("NFD", "é")
ORIGINAL = f"def f():  \n        a = 'caf{TWO}'\n    \n        b = 1\t\n        return a"


def restored(answer: str, original: str = ORIGINAL, bytes_intended: bool = False) -> str:
    """The answer after the stage, the same in one piece and letter by letter."""
    texts = set()
    for pieces in ([answer], list(answer)):
        stage = UnchangedLines(ReplyContext.of(original, "", "", "    "), bytes_intended)
        texts.add("".join(map(stage.push, pieces)) + stage.end(sure=True, line_ended=True))
    assert len(texts) == 1
    return texts.pop()


def test_white_space_and_accents_are_the_originals() -> None:
    answer = "def f():\n        a = 'café'\n\n        b = 1\n        return a"
    assert restored(answer) == ORIGINAL
    assert restored(answer.replace("return a", "return b")) == ORIGINAL.replace(
        "return a", "return b"
    )


def test_an_answer_with_white_space_elsewhere_drops_it_on_purpose() -> None:
    original = "one  \ntwo  \n  \nthree  "
    assert restored("one  \ntwo\n\nthree", original) == "one  \ntwo\n\nthree"
    stage = UnchangedLines(ReplyContext.of(original, "", "", ""))
    assert stage.push("one\ntwo  ") + stage.end(sure=True, line_ended=True) == "one  \ntwo  "
    assert stage.restored_wrongly


def test_changed_lines_are_the_answers() -> None:
    answer = "def f():\n        a = 'cafés'\n\n        b = 2\n        return a"
    assert restored(answer) == answer.replace("def f():", "def f():  ")


def test_intended_changes_stay() -> None:
    answer = "def f():\n        a = 'café'\n        b = 1"
    assert restored(answer, bytes_intended=True) == answer


def test_blanks_at_a_lines_end_may_be_new() -> None:
    assert restored("one  \ntwo", "one\ntwo  ") == "one  \ntwo  "
    assert restored("one\ntwé  ", "one\ntwé") == "one\ntwé  "
    assert restored("}\nx\n}  ", "}\nx\n}  \ny  ") == "}\nx\n}  "


def test_other_lines_flow_at_once() -> None:
    stage = UnchangedLines(ReplyContext.of(ORIGINAL, "", "", "    "))
    assert stage.push("de") == ""
    assert stage.push("fine") == "define"
    plain = UnchangedLines(ReplyContext.of("a\nb", "", "", ""))
    assert plain.push("a") == "a"
