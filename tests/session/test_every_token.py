"""Recorded streams in ten languages, cut and redirected at every token, with a real grammar; each
as the scope's new text, and at every third token as a patch.

The streams are in `fixtures/streams`. After every step the promises are checked by the rig's watch
as well: that nothing is lost, moved or doubled, and that no edit leaves after a cancel's answer.
"""

import json

import pytest
from rapidfuzz.distance import Indel

from lsp_server.choices import Leave, Publish
from lsp_server.session import events as ev
from lsp_server.session.document_edits import ForSession
from lsp_server.session.edit_in_flight import ANSWER_BOUND_MS
from lsp_server.session.machine import CANCEL_BOUND_MS, Phase, SessionOutcome
from lsp_server.text.lines import Text, split_lines
from tests.support.fake_editor import Manners
from tests.support.rig import Rig
from tests.support.streams import Stream, all_streams

PLAIN = all_streams()
PATCHES = [stream.as_patch() for stream in PLAIN]
STREAMS = PLAIN + PATCHES
# The user's line: its character occurs nowhere else, so it is found wherever it goes.
TYPED = "\u4e00"

EDITORS = ("quick", "slow", "silent", "typing")


def by_name(stream: Stream) -> str:
    return stream.name


def played(stream: Stream, count: int, editor: str, publish: Publish = Publish.SYNTAX) -> Rig:
    """A session of which the first `count` tokens have come."""
    rig = stream.rig(Manners(answers_first=count % 2 == 1, batches=count % 3 == 0), publish)
    for number, token in enumerate(stream.tokens[:count]):
        if editor == "typing" and number == count // 2:
            type_below(rig)
        rig.step(f"model s1 {json.dumps(token)}")
        if editor == "slow" and count - number < 6:
            continue  # The last edit is in flight.
        if editor == "silent" and count - number < 6:
            rig.step("editor takes silently")
        else:
            rig.step("editor takes")
            rig.step("editor reports")
            rig.step("editor reports")
    return rig


def type_below(rig: Rig) -> None:
    """The user types a word at the end of the scope's second to last line."""
    text = Text(rig.editor.text)
    end = rig.document_edits.span_of("s1").end
    place = text.line_span(max(text.line_of(min(end, len(text))) - 1, 0)).end
    rig.step(f"user {rig.place(place, place)} {json.dumps(TYPED)}")
    rig.step("editor reports")


def rest_of(stream: Stream, answer: str) -> list[str]:
    """The lines of the original that an answer cut there has not reached."""
    lines = split_lines(stream.scope.text(stream.document))
    said = [line.strip() for line in answer.split("\n")]
    reached = 0
    for number, line in enumerate(lines, start=1):
        content = line.strip()
        if any(Indel.normalized_similarity(content, one) > 0.4 for one in said if one):
            reached = number
    return lines[reached:]


def at_rest(rig: Rig) -> None:
    """The cancel is answered, and nothing is written after that, whatever still comes."""
    assert any("left" in answer for answer in rig.answers.values()), "no answer"
    edits, text = rig.edits, rig.editor.text
    for late in (ev.Delta(1, "late\n"), ev.Finished(1)):
        rig.document_edits.handle(ForSession("s1", late), rig.now)
    rig.step("tick 300")
    assert (rig.edits, rig.editor.text) == (edits, text)


def assert_left(stream: Stream, rig: Rig, leave: Leave, *, typed: bool) -> None:
    """The scope holds what the command says."""
    session = rig.document_edits.find("s1")
    scope_writer, text = session.scope_writer, rig.editor.text
    assert (TYPED in text) == typed
    head, tail = stream.document[: stream.scope.start], stream.document[stream.scope.end :]
    assert text.startswith(head)
    assert text.endswith(tail)
    original = scope_writer.attribution.base.join((head, tail))
    match leave:
        case Leave.ORIGINAL:
            assert scope_writer.view == scope_writer.attribution.base
            assert original.replace(TYPED, "") == stream.document
            assert session.outcome is SessionOutcome.CANCELLED
        case Leave.VALID:
            assert stream.errors(text) <= stream.errors(original)
            if not typed:
                rest = "".join(rest_of(stream, session.attempt.answer))
                assert scope_writer.view.endswith(rest), "deleted without proof"
        case Leave.RAW:
            answer = session.attempt.answer
            if not typed:
                assert scope_writer.view.startswith(answer.removesuffix("\n"))
                assert scope_writer.view.endswith("".join(rest_of(stream, answer)))


@pytest.mark.parametrize("leave", Leave)
@pytest.mark.parametrize("stream", STREAMS, ids=by_name)
def test_cut_at_every_token(stream: Stream, leave: Leave) -> None:
    for count in range(0, len(stream.tokens) + 1, 3 if stream in PATCHES else 1):
        editor = EDITORS[count % len(EDITORS)]
        rig = played(stream, count, editor)
        rig.step(f"cancel s1 {leave}")
        assert rig.streams["s1", 1].ended == 1, "the socket is closed at once"
        flying = bool(rig.document_edits.writers)
        if editor == "silent" and flying and not rig.editor.asked:
            rig.step(f"tick {CANCEL_BOUND_MS}")
            if leave is Leave.VALID:
                at_rest(rig)
            rig.step(f"tick {ANSWER_BOUND_MS}")
            assert rig.document_edits.find("s1").outcome in (
                SessionOutcome.FAILED,
                SessionOutcome.CANCELLED,
            )
            continue
        rig.step("settle")
        at_rest(rig)
        assert_left(stream, rig, leave, typed=editor == "typing" and count > 0)


@pytest.mark.parametrize("publish", (Publish.LINE, Publish.TOKEN))
@pytest.mark.parametrize("stream", STREAMS, ids=by_name)
def test_cut_where_text_is_shown_that_does_not_parse(stream: Stream, publish: Publish) -> None:
    """One settling edit leads to text that does; a second cancel then finds nothing to write."""
    for count in range(1, len(stream.tokens), 5):
        rig = played(stream, count, "quick", publish)
        edits = rig.edits
        rig.run("cancel s1 valid\nsettle")
        assert rig.edits - edits <= 1
        at_rest(rig)
        edits = rig.edits
        if rig.document_edits.find("s1").phase is Phase.REVIEW:
            rig.run("cancel s1 valid\nsettle")
        assert rig.edits == edits
        assert_left(stream, rig, Leave.VALID, typed=False)


@pytest.mark.parametrize("stream", STREAMS, ids=by_name)
def test_the_whole_stream_is_the_answer(stream: Stream) -> None:
    rig = played(stream, len(stream.tokens), "quick")
    rig.step("model s1 finishes")
    rig.step("settle")
    session = rig.document_edits.find("s1")
    assert session.phase is Phase.REVIEW
    assert session.message is None
    assert rig.scope("s1") == session.attempt.answer
    assert stream.errors(rig.editor.text) == stream.errors(stream.document) == 0
    rig.run("revert s1\nsettle")
    assert rig.editor.text == stream.document


@pytest.mark.parametrize("keep", ("landed", "none"))
@pytest.mark.parametrize("stream", STREAMS, ids=by_name)
def test_redirected_at_every_third_token(stream: Stream, keep: str) -> None:
    """The new answer repeats what has landed, which takes no edit."""
    for count in range(0, len(stream.tokens) + 1, 3):
        rig = played(stream, count, "slow" if count % 2 else "quick")
        rig.step(f'redirect s1 {keep} "the same"')
        rig.step("settle")
        session = rig.document_edits.find("s1")
        request = session.attempt.request
        assert request.original == stream.scope.text(stream.document)
        assert request.earlier == (stream.instruction,)
        assert request.current == rig.scope("s1")
        if keep == "none":
            assert rig.editor.text == stream.document
            assert request.cut is None
        edits = rig.edits
        for token in stream.tokens:
            rig.step(f"model s1 {json.dumps(token)}")
            rig.run("editor takes\neditor reports\neditor reports")
            if len(session.attempt.answer) <= (request.cut or 0):
                assert rig.edits == edits, "an edit over what is the same"
        rig.run("model s1 finishes\nsettle")
        assert rig.scope("s1") == session.attempt.answer
        rig.run("revert s1\nsettle")
        assert rig.editor.text == stream.document
