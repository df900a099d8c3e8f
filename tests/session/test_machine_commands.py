"""Commands that come while another command is still being written."""

import json

import pytest

from lsp_server.session.document_edits import ForSession
from lsp_server.session.events import Redirected
from lsp_server.session.machine import SessionOutcome
from lsp_server.text.lines import Text
from tests.support.promises import Watch
from tests.support.rig import Rig

TEXT = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"
ANSWER = r'model s1 "```\none\nTWO\nthree\nfour\nfive\nSIX\nseven\n```\n"'


class Unwatched(Watch):
    """Checks nothing."""

    def check(self) -> None:
        pass


def in_review() -> Rig:
    """A session in review with two open hunks, h1 and h2."""
    rig = Rig.open(TEXT)
    rig.run(f'begin s1 1:1-7:6 "go"\n{ANSWER}\nmodel s1 finishes\nsettle')
    assert [hunk.id for hunk in rig.document_edits.find("s1").scope_writer.attribution.hunks()] == [
        "h1",
        "h2",
    ]
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
    session = rig.document_edits.find("s1")
    rig.run("accept s1\nsettle")
    assert session.outcome is SessionOutcome.ACCEPTED
    assert rig.editor.text == TEXT.replace("two", "TWO").replace("six", "SIX")


def resized(rig: Rig, place: str) -> None:
    """Redirect s1 to another level of the scope, at `place`."""
    resize = rig.document_edits.resize_to("s1", rig.span(place, Text(rig.editor.text)))
    event = Redirected(99, "narrower", resize=resize)
    for effect in rig.document_edits.handle(ForSession("s1", event), rig.now):
        rig._perform(effect)


def test_a_scope_is_narrowed_while_it_streams() -> None:
    rig = Rig.open(TEXT)
    rig.run('begin s1 1:1-7:6 "go"\nmodel s1 "```\\none\\n"')
    resized(rig, "5:1-6:4")
    request = rig.document_edits.find("s1").attempt.request
    assert (request.original, request.current, request.cut) == ("five\nsix", "five\nsix", 0)
    rig.run(r'model s1 "```\nfive\nSIX\n```\n"')
    rig.run("model s1 finishes\nsettle")
    assert rig.editor.text == TEXT.replace("six", "SIX")


def test_an_undo_after_a_wider_redirect_gives_the_original_back() -> None:
    rig = Rig.open(TEXT)
    rig.run('begin s1 4:1-5:5 "go"\nmodel s1 "```\\nFOUR\\nfive\\n```\\n"')
    rig.run("model s1 finishes\nsettle")
    assert rig.editor.text == TEXT.replace("four", "FOUR")
    resized(rig, "2:1-7:6")
    rig.run("user undoes\nsettle\nrevert s1\nsettle")
    assert rig.editor.text == TEXT


def test_a_stream_over_a_very_long_scope_is_undone_to_the_last_edit() -> None:
    """After many undos the text is the original again, and a revert doubles nothing."""
    count, undos = 4_000, 16
    lines = [f"line {number} {'x' * 80}\n" for number in range(count)]
    text = "".join(lines)
    rig = Rig.open(text, max_edits_per_second=1000.0)
    rig.watch = Unwatched(
        rig.editor, rig.document_edits
    )  # Checking each character would take minutes.
    rig.run(f'begin s1 1:1-{count}:{len(lines[-1])} "go"\nmodel s1 "```\\n"')
    for line in lines[:undos]:
        rig.run(f"model s1 {json.dumps(line.replace('line', 'LINE'))}")
        rig.run("tick 300\neditor takes\neditor reports\neditor reports")
    rig.run("cancel s1 valid\nsettle")
    session = rig.document_edits.find("s1")
    assert (
        rig.edits > 12
    )  # As whole texts, this many would take more than four million code points.
    for _ in range(rig.edits):
        rig.run("user undoes\neditor reports")
    assert rig.editor.text == text
    assert session.scope_writer.attribution.typed == ()
    assert session.scope_writer.attribution.hunks() == ()
    rig.run("user redoes\nsettle\nrevert s1\nsettle")
    assert rig.editor.text == text


def test_another_profile_goes_on_with_what_has_landed() -> None:
    rig = Rig.open(TEXT)
    rig.run('begin s1 1:1-7:6 "go"\nmodel s1 "```\\none\\nTWO\\nthree\\nfour\\nfi"\nsettle')
    event = Redirected(99, "think harder", profile="deep")
    for effect in rig.document_edits.handle(ForSession("s1", event), rig.now):
        rig._perform(effect)
    request = rig.document_edits.find("s1").attempt.request
    assert (request.profile, request.earlier) == ("deep", ("go",))
    assert request.current == rig.scope("s1")
    assert "TWO" in request.current
    assert request.cut is not None
    assert request.current[: request.cut].startswith("one\nTWO\n")
    assert rig.streams["s1", 1].ended == 1


@pytest.mark.parametrize("keep", ("landed", "none"))
@pytest.mark.parametrize("phase", ("starting", "streaming", "settling", "review", "failed"))
def test_a_redirect_in_every_phase_shows_the_new_answer_alone(phase: str, keep: str) -> None:
    rig = Rig.open(TEXT)
    rig.run('begin s1 1:1-7:6 "go"')
    steps = [r'model s1 "```\none\nTWO\nthree\nfour\nfive\n"', "model s1 finishes", "settle"]
    match phase:
        case "streaming":
            rig.run(f"{steps[0]}\neditor takes")
        case "settling":
            rig.run("\n".join(steps[:2]))
        case "review":
            rig.run("\n".join(steps))
        case "failed":
            rig.run(f"{steps[0]}\nsettle\nmodel s1 fails\nsettle")
    rig.run(f'redirect s1 {keep} "other"\n' + r'model s1 "```\none\ntwo\nTHREE\nfour\nfive\n"')
    rig.run('model s1 "six\\nseven\\n```"\nmodel s1 finishes\nsettle')
    assert rig.editor.text == TEXT.replace("three", "THREE")
    rig.run("revert s1\nsettle")
    assert rig.editor.text == TEXT


@pytest.mark.parametrize("command", ("show s1", "restore s1 1"))
def test_what_a_cancel_leaves_is_written_before_anything_else(command: str) -> None:
    rig = Rig.open(TEXT)
    rig.run(f'begin s1 1:1-7:6 "go"\n{ANSWER}\nmodel s1 finishes\nsettle')
    rig.run('redirect s1 landed "more"\nmodel s1 "```\\none\\nTWO\\nthree\\nnew\\nand n"')
    rig.run(f"cancel s1 raw\n{command}")
    assert "still being written" in rig.refusals[-1]
    rig.run("settle\nexpect left s1 raw\nexpect phase s1 review")
    assert "and n\n" in rig.editor.text
    rig.run(f"{command}\nsettle")
    assert len(rig.refusals) == 1


def test_a_cancel_waits_for_what_the_user_has_just_accepted() -> None:
    """An answer at its bound would promise that nothing more is written, but the offer is."""
    rig = Rig.open("one = 1\ntwo = 2\nthree = 3\nfour = 4\n")
    rig.run('begin s1 1:1-4:9 "tens"\nuser 2:8 "!"\nsettle')
    rig.run(r'model s1 "```\none = 10\ntwo = 20\nthree = 3\nfour = 4\n```"')
    rig.run("model s1 finishes\nsettle\nexpect hunks s1 h1=open h2=withheld")
    rig.run("accept s1 h2\ncancel s1 valid\ntick 2500")
    assert not any("left" in answer for answer in rig.answers.values())
    rig.run('editor refuses\nuser 4:9 "!"\nsettle\nexpect left s1 valid')
    assert "two = 20" in rig.editor.text
