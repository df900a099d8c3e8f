"""The event log: what one edit with a redirect writes; no code is in it unless asked for."""

import logging
import re

import pytest

from lsp_server.cli.main import LOG_LEVELS
from lsp_server.lsp.event_log import TRACE, describe_effect, describe_input
from lsp_server.session.document_edits import ForSession
from lsp_server.session.effects import ApplyEdit, Report
from lsp_server.session.events import Failed, Finished
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.wording import LSP, SHOW
from tests.support.stage import SESSION, Stage

URI = "file:///project/secret_plan.py"
CODE = "def area(radius):\n    result = 3 * radius\n    return result\n"
ANSWER = "def area(radius):\n    return 3.14 * radius"
LINE = re.compile(r"[<>=] secret_plan\.py (edit \d+|didChange|didClose|answer|s1)\b.*")


def _edit(stage: Stage, trace: str | None) -> list[tuple[str, str | None]]:
    """One edit, redirected and accepted; the lines and texts that the editor was sent."""
    stage.begin(SESSION, **({} if trace is None else {"trace": trace}))
    stage.client.open(URI, CODE, "python")
    stage.edit(URI, CODE[:-1], "use the real number")
    stage.model.next()
    stage.client.command("midstream.redirect", {"instruction": "and make it short"})
    stage.model.next().answer(ANSWER)
    stage.reach("s1", "review")
    stage.client.command("midstream.accept", {})
    stage.reach("s1", "ended")
    sent = stage.client.received("$/logTrace")
    return [(item["message"], item.get("verbose")) for item in sent]


def test_one_edit_with_a_redirect(stage: Stage) -> None:
    lines = [line for line, _ in _edit(stage, "messages")]
    assert all(LINE.fullmatch(line) for line in lines), lines
    assert all(re.search(r" \+\d+\.\d ms$", line) for line in lines if " s1" in line), lines
    shapes = [re.sub(r" \+[\d.]+ ms$", "", line).split(" ", 2)[2] for line in lines]
    expected = [
        "s1 begin: scope 59 chars, instruction 19 chars, profile scripted",
        "s1/1 new -> starting",
        "s1/1 open stream: rewrite of 59 chars, instruction 19 chars",
        "s1 command 1 redirect: keep landed, instruction 17 chars",
        "s1/1 close stream",
        "s1/2 open stream: rewrite of 59 chars, instruction 17 chars",
        "s1/2 starting -> streaming",
        "s1/2 finished: complete",
        "s1/2 streaming -> settling",
        "s1/2 settling -> review",
        "s1 command 2 accept: everything",
        "s1/2 review -> ended",
    ]
    assert [shape for shape in shapes if shape in expected] == expected, shapes
    print("\n".join(lines))
    edits = [shape for shape in shapes if shape.startswith("edit ")]
    assert re.fullmatch(r"edit 1: version \d+, \d+ changes?, \d+ chars in, \d+ chars out", edits[0])
    assert "edit 1: applied" in edits


def test_without_verbose_there_is_no_code_and_no_instruction(stage: Stage) -> None:
    sent = _edit(stage, "messages")
    assert all(text is None for _, text in sent)
    whole = "\n".join(line for line, _ in sent)
    assert not re.search(r"radius|result|return|real number|short", whole)


def test_verbose_shows_the_texts(stage: Stage) -> None:
    texts = "\n".join(text for _, text in _edit(stage, "verbose") if text is not None)
    assert "use the real number" in texts
    assert "radi" in texts and ".14" in texts


@pytest.mark.parametrize("trace", [None, "off", "everything", 7])
def test_nothing_is_sent_unless_it_was_asked_for(stage: Stage, trace: str | None) -> None:
    assert _edit(stage, trace) == []


def test_the_editor_can_change_its_mind(stage: Stage) -> None:
    stage.begin(SESSION)
    stage.client.open(URI, CODE, "python")
    stage.client.notify("$/setTrace", {"value": "messages"})
    stage.review(URI, CODE[:-1], ANSWER)
    stage.client.notify("$/setTrace", {"value": "off"})
    stage.client.command("midstream.status", {})
    before = len(stage.client.received("$/logTrace"))
    assert before
    wrong_values: list[object] = [{"value": "loud"}, {}, [], None]
    for wrong in wrong_values:
        stage.client.notify("$/setTrace", wrong)
    stage.client.command("midstream.accept", {})
    stage.reach("s1", "ended")
    assert len(stage.client.received("$/logTrace")) == before


@pytest.mark.parametrize("level", ["debug", "trace"])
def test_the_log_has_the_same_lines(
    stage: Stage, caplog: pytest.LogCaptureFixture, level: str
) -> None:
    with caplog.at_level(LOG_LEVELS[level], "lsp_server.events"):
        sent = _edit(stage, "messages")
    logged = [r.getMessage() for r in caplog.records if r.name == "lsp_server.events"]
    assert len(logged) == len(sent)
    assert all(mine.startswith(line) for mine, (line, _) in zip(logged, sent, strict=True))
    has_code = any("radius" in line for line in logged)
    assert has_code is (level == "trace")


def test_the_level_of_the_command_line_is_that_of_the_log() -> None:
    assert LOG_LEVELS["trace"] == TRACE < logging.DEBUG
    assert logging.getLevelName(TRACE) == "TRACE"


def test_sentences_are_rendered_and_code_is_not() -> None:
    sentence = f"To see it, {SHOW}."
    described = [
        describe_effect(Report("s1", None, sentence), LSP.render),
        describe_input(ForSession("s1", Finished(1, False, sentence)), LSP.render),
        describe_input(ForSession("s1", Failed(1, sentence)), LSP.render),
    ]
    assert [text for _, text in described] == ["To see it, run midstream.show."] * 3
    code = ApplyEdit(1, 1, ChangeSet(0, (Change(0, 0, SHOW),)))
    assert describe_effect(code, LSP.render)[1] == f"0-0: {SHOW}"
