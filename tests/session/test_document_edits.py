"""One document: one edit in flight, whose change is whose, and which sessions learn of it."""

import pytest

from lsp_server.choices import Publish
from lsp_server.edit.hunks import Attribution
from lsp_server.errors import RequestFailed
from lsp_server.session import events as ev
from lsp_server.session.answer_messages import RESUMED
from lsp_server.session.document_edits import (
    Begun,
    DocumentChanged,
    DocumentEdits,
    EditAnswered,
    ForSession,
)
from lsp_server.session.edit_in_flight import ANSWER_BOUND_MS, REFUSAL_BOUND_MS, UNREPORTED
from lsp_server.session.effects import ApplyEdit, Effect, Level, OpenStream, Report
from lsp_server.session.gate_protocol import Gate, OpenGate
from lsp_server.session.machine import Phase, SessionOutcome
from lsp_server.session.request import EditRequest, Keep
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.lines import Text
from lsp_server.text.span import Span
from tests.support.fake_editor import FakeEditor, Manners
from tests.support.rig import Rig, open_gate

LINES = "".join(f"line {number}\n" for number in range(8))
WRITES = 'model s1 "```\\nline 0!\\nline 1\\nline 2\\nli"'


def streaming() -> Rig:
    rig = Rig.open(LINES, max_edits_per_second=1000.0)
    rig.run(f'begin s1 1:1-4:7 "one"\n{WRITES}')
    return rig


def test_the_next_edit_waits_for_the_fate_of_the_last() -> None:
    rig = streaming()
    rig.run('model s1 "ne 3\\nnew"\ntick 50')
    assert rig.edits == 1
    assert rig.document_edits.writers == {"s1"}
    rig.run("editor takes\neditor reports\neditor reports")
    assert rig.document_edits.writers == frozenset()


def test_two_sessions_share_one_edit() -> None:
    rig = Rig.open(LINES)
    rig.run('begin s1 1:1-4:7 "one"\nbegin s2 5:1-8:7 "two"')
    rig.run('model s1 "```\\nline 0!\\nline 1\\nline 2\\nline 3\\n"')
    rig.run('model s2 "```\\nline 4!\\nline 5\\nline 6\\n"\nmodel s1 finishes\nsettle')
    assert rig.edits == 2
    assert rig.editor.text == LINES.replace("line 0", "line 0!").replace("line 4", "line 4!")


def test_the_cap_holds_edits_back_but_not_the_first_or_the_last() -> None:
    rig = Rig.open(LINES, max_edits_per_second=1.0)
    rig.run(f'begin s1 1:1-8:7 "one"\n{WRITES}\neditor takes\neditor reports\neditor reports')
    rig.run('model s1 "ne 3\\nline 4!\\nline 5\\nline 6\\n"\ntick 100')
    assert rig.edits == 1
    assert rig.document_edits.paced_for(rig.now) > 0
    rig.run("tick 1000")
    assert rig.edits == 2


def test_overlap_is_refused_and_touching_is_not() -> None:
    rig = streaming()
    rig.run('begin s2 4:3-5:3 "two"\nbegin s3 4:7-5:7 "three"')
    assert rig.refusals == ["Session s1 is still writing there. Stop or redirect it first."]
    assert [session.id for session in rig.document_edits.sessions] == ["s1", "s3"]


def test_a_new_session_accepts_the_one_in_review_that_it_covers() -> None:
    rig = streaming()
    rig.run('model s1 finishes\nsettle\nbegin s2 2:1-3:7 "two"')
    assert rig.document_edits.find("s1").outcome is SessionOutcome.ACCEPTED


@pytest.mark.parametrize(
    ("word", "bound"), (("refuses", REFUSAL_BOUND_MS), ("takes silently", ANSWER_BOUND_MS))
)
def test_an_edit_that_is_never_settled_is_given_up(word: str, bound: float) -> None:
    rig = streaming()
    rig.run(f"editor {word}\neditor reports")
    rig.run(f"tick {bound - 100}")
    assert rig.document_edits.find("s1").phase is not Phase.ENDED
    rig.run("tick 200")
    assert rig.document_edits.find("s1").outcome is SessionOutcome.FAILED
    assert rig.document_edits.writers == frozenset()


def test_an_editor_that_reports_nothing_while_it_is_idle_is_waited_for() -> None:
    rig = Rig.open(LINES, manners=Manners(answers_first=True), max_edits_per_second=1000.0)
    rig.run(f'begin s1 1:1-4:7 "one"\n{WRITES}')
    rig.run("editor takes\neditor reports")  # It says "applied" and has reported no change yet.
    rig.run('model s1 "ne three\\n```\\n"\nmodel s1 finishes')
    rig.run(f"tick {ANSWER_BOUND_MS + 1}\ntick {3 * ANSWER_BOUND_MS}")
    assert rig.said == [("s1", "warning", UNREPORTED)]
    assert rig.document_edits.find("s1").phase is Phase.SETTLING
    rig.run("settle")
    assert rig.document_edits.find("s1").phase is Phase.REVIEW
    assert rig.editor.text == LINES.replace("line 0", "line 0!").replace("line 3", "line three")
    rig.run("revert s1\nsettle")
    assert rig.editor.text == LINES


def test_undo_of_a_deletion_across_an_edge_finds_the_edge_again() -> None:
    rig = streaming()
    rig.run("settle")
    span = rig.document_edits.span_of("s1")
    rig.run('user 3:2-6:3 ""\nsettle')
    assert rig.document_edits.span_of("s1") != span
    rig.run("user undoes\nsettle")
    assert rig.document_edits.span_of("s1") == span


def test_typing_between_touching_scopes_belongs_to_the_first() -> None:
    rig = Rig.open(LINES)
    rig.run('begin s1 1:1-2:1 "one"\nbegin s2 2:1 "two"\nbegin s3 2:1-3:1 "three"')
    rig.run('user 2:1 "mine"\nsettle')
    assert [rig.scope(name) for name in ("s1", "s2", "s3")] == ["line 0\nmine", "", "line 1\n"]


def test_sessions_are_found_and_forgotten() -> None:
    rig = streaming()
    found = rig.document_edits.at(Span(3, 3))
    assert found is not None
    assert found.id == "s1"
    assert rig.document_edits.at(Span(40, 41)) is None
    rig.document_edits.forget("s1")
    assert rig.document_edits.find("s1") is found
    rig.run("close")
    rig.document_edits.forget("s1")
    with pytest.raises(RequestFailed, match="edit s1 has ended"):
        rig.document_edits.find("s1")


def test_slow_checks_wait_for_their_share_of_the_time_but_not_at_the_end() -> None:
    bill = 0.0

    class Slow(OpenGate):
        def admits(self, candidate: str) -> bool:
            nonlocal bill
            bill += 5_000.0
            return True

    def gate(document: str, scope: Span) -> Gate:
        return Slow()

    document_edits = DocumentEdits(Text(LINES), 1, gate, 1000.0, gate_ms=lambda: bill)
    rig = Rig(FakeEditor(LINES, Manners()), document_edits, Publish.SYNTAX)
    rig.run(f'begin s1 1:1-8:7 "one"\n{WRITES}\neditor takes\neditor reports\neditor reports')
    assert rig.edits == 1
    rig.run('model s1 "ne 3\\nline 4!\\nline 5\\nline 6\\n"\ntick 500')
    assert rig.edits == 1
    rig.run("tick 1000")
    assert rig.edits == 2
    rig.run("editor takes\neditor reports\neditor reports")
    rig.run('model s1 "line 7!\\n```\\n"\nmodel s1 finishes\nsettle')
    assert "line 7!" in rig.editor.text


# -- a session that was lost ---------------------------------------------------------------------

BASE = "line 1\nmine\nline 2"
WRITTEN = ChangeSet.of(len(BASE), [Change(0, 4, "LINE"), Change(12, 16, "LINE")])


def resumed() -> DocumentEdits:
    """The model's text is in the document, and the user has typed `mine` into the base."""
    view = WRITTEN.apply(BASE)
    document_edits = DocumentEdits(Text(f"line 0\n{view}\nline 3\n"), 7, open_gate)
    request = EditRequest("shout", "line 1\nline 2", view, "practice")
    span = Span(7, 7 + len(view))
    attribution = Attribution(BASE, WRITTEN, view)
    effects = document_edits.handle(Begun("s1", span, request, Publish.SYNTAX, attribution), 0.0)
    assert effects == (Report("s1"),), "No model is asked."
    return document_edits


def landed(document_edits: DocumentEdits, edit: ApplyEdit, now: float) -> tuple[Effect, ...]:
    return (
        *document_edits.handle(DocumentChanged(edit.version + 1, (edit.changes,)), now),
        *document_edits.handle(EditAnswered(edit.edit, True), now),
    )


def test_a_lost_session_goes_on_in_review_and_can_be_taken_back() -> None:
    document_edits = resumed()
    session = document_edits.find("s1")
    assert (session.phase, session.message) == (Phase.REVIEW, (Level.INFO, RESUMED))
    assert [hunk.before for hunk in document_edits.view("s1").hunks] == ["line", "line"]
    (edit,) = document_edits.handle(ForSession("s1", ev.Reverted(1)), 1.0)[-1:]
    assert isinstance(edit, ApplyEdit)
    assert edit.version == 7
    landed(document_edits, edit, 2.0)
    assert document_edits.text.text == f"line 0\n{BASE}\nline 3\n"
    assert (session.phase, session.outcome) == (Phase.ENDED, SessionOutcome.REVERTED)


def test_a_lost_session_can_be_redirected_and_knows_its_original() -> None:
    document_edits = resumed()
    redirect = ev.Redirected(1, "again", Keep.NONE)
    effects = document_edits.handle(ForSession("s1", redirect), 1.0)
    (opened,) = [effect for effect in effects if isinstance(effect, OpenStream)]
    assert opened.attempt == 2
    assert opened.request.original == "line 1\nline 2"
    assert opened.request.current == BASE
    assert opened.request.earlier == ("shout",)


def test_an_undo_of_what_a_lost_session_wrote_is_known() -> None:
    document_edits = resumed()
    back = WRITTEN.invert(BASE).shifted(7, len(document_edits.text))
    document_edits.handle(DocumentChanged(8, (back,)), 1.0)
    assert document_edits.view("s1").hunks == ()
    assert document_edits.find("s1").scope_writer.attribution.base == BASE


def test_a_name_replaced_in_thousands_of_lines_is_one_change() -> None:
    """Processed one by one, the changes would take quadratic time and make as many states."""
    count = 3_000
    text = "".join(f"foo {number}\n" for number in range(count))
    document_edits = DocumentEdits(Text(text), 1, lambda document, scope: OpenGate())
    request = EditRequest("go", text, text, "practice")
    document_edits.handle(Begun("s1", Span(0, len(text)), request, Publish.SYNTAX), 0.0)
    starts = [Text(text).line_span(line).start for line in range(count)]
    changes = tuple(
        ChangeSet(len(text), (Change(start, start + 3, "bar"),)) for start in reversed(starts)
    )
    document_edits.handle(DocumentChanged(2, changes), 1.0)
    assert document_edits.text.text == text.replace("foo", "bar")
    assert document_edits.find("s1").scope_writer.view == document_edits.text.text
    assert len(document_edits.find("s1").scope_writer._history._keys) == 2


EIGHT = "".join(f"def f{n}():\n    x{n} = {n}\n    y{n} = 0\n    return {n}\n\n" for n in range(8))


def eight_streams() -> Rig:
    """Eight sessions in one file, each with the first change of its answer in the file."""
    rig = Rig.open(EIGHT, max_edits_per_second=1000.0)
    for n in range(8):
        first = 5 * n + 1
        rig.run(f'begin s{n} {first}:1-{first + 3}:13 "more"')
        rig.run(rf'model s{n} "```\ndef f{n}():\n    x{n} = {n}0\n    y{n} = 0\n    return"')
    rig.run("settle")
    assert all(f"x{n} = {n}0\n" in rig.editor.text for n in range(8))
    return rig


def test_eight_sessions_in_one_file_go_their_own_ways() -> None:
    rig = eight_streams()
    rig.run('user 1:1 "import os\\n"\nuser 41:1 "# end\\n"')
    rig.run("cancel s1 valid\ncancel s2 original\nrevert s3")
    rig.run('redirect s4 landed "again"\nredirect s5 none "other"')
    assert {rig.document_edits.find(f"s{n}").phase for n in (0, 6, 7)} == {Phase.STREAMING}
    rig.run("settle")
    assert rig.document_edits.find("s1").phase is Phase.REVIEW
    assert rig.document_edits.find("s2").outcome is SessionOutcome.CANCELLED
    assert rig.document_edits.find("s3").outcome is SessionOutcome.REVERTED
    for n in (0, 6, 7):
        rig.run(rf'model s{n} " {n}0\n```"')
    for n in (4, 5):
        rig.run(
            rf'model s{n} "```\ndef f{n}():\n    x{n} = {n}\n    y{n} = 1\n    return {n}\n```"'
        )
    for n in (0, 7, 6, 5, 4):
        rig.run(f"model s{n} finishes")
    rig.run("settle")
    after = "import os\n" + EIGHT
    for n in (0, 6, 7):
        after = after.replace(f"x{n} = {n}\n", f"x{n} = {n}0\n")
        after = after.replace(f"return {n}\n", f"return {n}0\n")
    after = after.replace("x1 = 1\n", "x1 = 10\n")
    after = after.replace("y4 = 0", "y4 = 1").replace("y5 = 0", "y5 = 1")
    assert rig.editor.text.replace("# end\n", "") == after
    assert rig.document_edits.text.text == rig.editor.text


def test_a_new_session_over_a_stream_is_refused_and_over_a_review_accepts_it() -> None:
    rig = eight_streams()
    rig.run("cancel s1 valid\nsettle")
    rig.run('begin s8 6:1-9:13 "on"\nbegin s9 11:1-14:13 "no"')
    assert rig.document_edits.find("s1").outcome is SessionOutcome.ACCEPTED
    assert rig.document_edits.find("s8").phase is Phase.STARTING
    assert rig.refusals == ["Session s2 is still writing there. Stop or redirect it first."]
    assert rig.document_edits.find("s2").phase is Phase.STREAMING
