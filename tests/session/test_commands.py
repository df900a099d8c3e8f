"""What the user asks for while something else of theirs is still being written."""

from lsp_server.session.events import Redirected
from lsp_server.session.inputs import ForSession
from lsp_server.session.machine import Outcome
from lsp_server.text.lines import Text
from tests.support.rig import Rig

TEXT = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"
ANSWER = r'model s1 "```\none\nTWO\nthree\nfour\nfive\nSIX\nseven\n```\n"'


def in_review() -> Rig:
    """Two hunks, h1 and h2, wait for the user."""
    rig = Rig.open(TEXT)
    rig.run(f'begin s1 1:1-7:6 "go"\n{ANSWER}\nmodel s1 finishes\nsettle')
    assert [hunk.id for hunk in rig.desk.find("s1").pen.account.hunks()] == ["h1", "h2"]
    return rig


def test_two_hunks_reverted_in_a_row_are_both_reverted() -> None:
    rig = in_review()
    rig.run("revert s1 h1\nrevert s1 h2\nsettle")
    assert rig.editor.text == TEXT


def test_a_refused_revert_of_two_hunks_is_done_all_the_same() -> None:
    rig = in_review()
    rig.run('revert s1 h1\nrevert s1 h2\nuser 7:6 "!"\nsettle')
    assert rig.editor.text == TEXT.replace("seven", "seven!")


def test_accepting_what_is_complete_waits_for_the_rest_of_it() -> None:
    rig = Rig.open(TEXT)
    rig.run(f'begin s1 1:1-7:6 "go"\n{ANSWER}\nmodel s1 finishes')
    session = rig.desk.find("s1")
    rig.run("accept s1\nsettle")
    assert session.outcome is Outcome.ACCEPTED
    assert rig.editor.text == TEXT.replace("two", "TWO").replace("six", "SIX")


def reframed(rig: Rig, place: str) -> None:
    """Redirect s1 to another rung, which is at `place`."""
    frame = rig.desk.frame("s1", rig.span(place, Text(rig.editor.text)))
    event = Redirected(99, "narrower", frame=frame)
    for effect in rig.desk.handle(ForSession("s1", event), rig.now):
        rig._perform(effect)


def test_a_scope_is_narrowed_while_it_streams() -> None:
    rig = Rig.open(TEXT)
    rig.run('begin s1 1:1-7:6 "go"\nmodel s1 "```\\none\\n"')
    reframed(rig, "5:1-6:4")
    request = rig.desk.find("s1").attempt.request
    assert (request.original, request.current, request.cut) == ("five\nsix", "five\nsix", 0)
    rig.run(r'model s1 "```\nfive\nSIX\n```\n"')
    rig.run("model s1 finishes\nsettle")
    assert rig.editor.text == TEXT.replace("six", "SIX")


def test_an_undo_after_a_wider_redirect_gives_the_original_back() -> None:
    rig = Rig.open(TEXT)
    rig.run('begin s1 4:1-5:5 "go"\nmodel s1 "```\\nFOUR\\nfive\\n```\\n"')
    rig.run("model s1 finishes\nsettle")
    assert rig.editor.text == TEXT.replace("four", "FOUR")
    reframed(rig, "2:1-7:6")
    rig.run("user undoes\nsettle\nrevert s1\nsettle")
    assert rig.editor.text == TEXT
