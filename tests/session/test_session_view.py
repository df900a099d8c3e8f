"""What clients see of a session."""

from lsp_server.session.session_view import ledger_of
from tests.support.rig import Rig

LINES = "".join(f"line {number}\n" for number in range(6))


def test_a_streaming_session_shows_what_is_held_and_where() -> None:
    rig = Rig.open("# top\n" + LINES)
    rig.run('begin s1 2:1-7:7 "change"\nmodel s1 "```\\nline 0!\\nline 1\\nline 2\\nnew"\nsettle')
    view = rig.document_edits.view("s1")
    assert (view.id, view.phase, view.attempt, view.outcome) == ("s1", "streaming", 1, None)
    assert (view.instruction, view.profile, view.tokens) == ("change", "practice", 1)
    assert view.scope.text(rig.editor.text) == LINES[:-1].replace("line 0", "line 0!")
    assert view.held is not None
    assert view.held.text == "new"
    assert rig.editor.text[: view.held.offset] == "# top\nline 0!\nline 1\nline 2\n"
    (hunk,) = view.hunks
    assert hunk.span.shift(view.scope.start).text(rig.editor.text) == "!"


def test_a_session_that_has_ended_holds_nothing() -> None:
    rig = Rig.open(LINES)
    rig.run('begin s1 1:1-6:7 "change"\nmodel s1 "```\\nnew 0\\nwhat"\ncancel s1 original\nsettle')
    view = rig.document_edits.view("s1")
    assert (view.phase, view.outcome, view.held) == ("ended", "cancelled", None)


def test_the_ledger_counts_the_least_change() -> None:
    rig = Rig.open(LINES)
    answer = LINES.replace("line 3", "new 3").replace("\n", "\\n")
    rig.run(
        f'begin s1 1:1-6:7 "change"\nmodel s1 "```\\n{answer}```\\n"\nmodel s1 finishes\nsettle'
    )
    rig.run('user 1:1 "mine"\nsettle')
    shown = ledger_of(rig.document_edits.find("s1"))
    assert shown["charsMinimal"] == len("li") + len("w")
    assert shown["edits"] == rig.edits == 1


def test_the_ledger_counts_the_answers_that_were_repaired() -> None:
    rig = Rig.open(LINES)
    answer = LINES.replace("line 3", "new 3").replace("\n", "\\n")
    rig.run(
        f'begin s1 1:1-6:7 "change"\nmodel s1 "<think>\\n</think>\\n```\\n{answer}```\\n"\n'
        "model s1 finishes\nsettle"
    )
    assert ledger_of(rig.document_edits.find("s1"))["mended"] == {"thoughts": 1}
