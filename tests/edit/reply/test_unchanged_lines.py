"""Unchanged lines have the original's bytes."""

from unicodedata import normalize

from lsp_server.edit.reply.reply_context import ReplyContext
from lsp_server.edit.reply.unchanged_lines import UnchangedLines

TWO = normalize("NFD", "é")
ORIGINAL = f"def f():  \n        a = 'caf{TWO}'\n    \n        b = 1\t\n        return a"


def kept(answer: str, original: str = ORIGINAL, meant: bool = False) -> str:
    """The answer, which comes at once, and letter by letter."""
    texts = set()
    for pieces in ([answer], list(answer)):
        stage = UnchangedLines(ReplyContext.of(original, "", "", "    "), meant)
        texts.add("".join(map(stage.push, pieces)) + stage.end(sure=True, line_ended=True))
    assert len(texts) == 1
    return texts.pop()


def test_blanks_and_forms_of_letters_are_the_originals() -> None:
    answer = "def f():\n        a = 'café'\n\n        b = 1\n        return a"
    assert kept(answer) == ORIGINAL
    assert kept(answer.replace("return a", "return b")) == ORIGINAL.replace("return a", "return b")


def test_an_answer_that_has_blanks_elsewhere_means_what_it_leaves_out() -> None:
    original = "one  \ntwo  \n  \nthree  "
    assert kept("one  \ntwo\n\nthree", original) == "one  \ntwo\n\nthree"
    stage = UnchangedLines(ReplyContext.of(original, "", "", ""))
    assert stage.push("one\ntwo  ") + stage.end(sure=True, line_ended=True) == "one  \ntwo  "
    assert stage.restored_wrongly


def test_changed_lines_are_the_answers() -> None:
    answer = "def f():\n        a = 'cafés'\n\n        b = 2\n        return a"
    assert kept(answer) == answer.replace("def f():", "def f():  ")


def test_what_is_asked_for_is_left() -> None:
    answer = "def f():\n        a = 'café'\n        b = 1"
    assert kept(answer, meant=True) == answer


def test_blanks_at_a_lines_end_may_be_new() -> None:
    assert kept("one  \ntwo", "one\ntwo  ") == "one  \ntwo  "
    assert kept("one\ntwé  ", "one\ntwé") == "one\ntwé  "
    assert kept("}\nx\n}  ", "}\nx\n}  \ny  ") == "}\nx\n}  "


def test_other_lines_flow_at_once() -> None:
    stage = UnchangedLines(ReplyContext.of(ORIGINAL, "", "", "    "))
    assert stage.push("de") == ""
    assert stage.push("fine") == "define"
    plain = UnchangedLines(ReplyContext.of("a\nb", "", "", ""))
    assert plain.push("a") == "a"
