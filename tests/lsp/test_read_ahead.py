"""What is sent before anybody asks for an edit: little, seldom, and nothing that must not leave."""

import queue
from pathlib import Path

import pytest

from lsp_server.lsp.read_ahead import EVERY_MS
from tests.support.raw_client import Json
from tests.support.stage import SESSION, Stage

URI = "file:///project/a.py"
ADD = "def add(a, b):\n    return a+b"
TEXT = f"{ADD}\n\n\ndef other():\n    pass\n"
INVOKED, AUTOMATIC = 1, 2


def ask(stage: Stage, piece: str = ADD, kind: int | None = INVOKED, uri: str = URI) -> None:
    """The editor asks for code actions, and the server has dealt with that."""
    context: Json = {"diagnostics": []} | ({} if kind is None else {"triggerKind": kind})
    range_ = stage.client.range_of(uri, piece)
    stage.client.request(
        "textDocument/codeAction",
        {"textDocument": {"uri": uri}, "range": range_, "context": context},
    )


def ready(stage: Stage) -> None:
    """Until a socket is open."""
    stage.until(lambda: stage.client.command("midstream.status", {})["connection"] == "open")


def sent(stage: Stage) -> list[Json]:
    """All that the model was given to read ahead. An edit comes after it on the same socket."""
    found = []
    while not stage.model.read_ahead.empty():
        found.append(stage.model.read_ahead.get_nowait())
    return found


@pytest.fixture
def open_stage(stage: Stage) -> Stage:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    ready(stage)
    return stage


def test_the_model_reads_a_selection_ahead_and_then_answers(open_stage: Stage) -> None:
    stage = open_stage
    ask(stage)
    create = stage.model.read_ahead.get(timeout=20)
    assert create["generate"] is False
    stage.edit(URI, ADD)
    asked = stage.asked()
    assert asked.create["prompt_cache_key"] == create["prompt_cache_key"]
    assert asked.create["instructions"] == create["instructions"]


@pytest.mark.parametrize("kind", [AUTOMATIC, None])
def test_nothing_leaves_when_the_cursor_moves(open_stage: Stage, kind: int | None) -> None:
    stage = open_stage
    ask(stage, kind=kind)
    stage.edit(URI, ADD)
    stage.asked()
    assert sent(stage) == []


def test_the_same_is_not_sent_twice_and_not_too_often(open_stage: Stage) -> None:
    stage = open_stage
    ask(stage)
    stage.model.read_ahead.get(timeout=20)
    ask(stage)
    ask(stage, "    pass")
    stage.clock.skip(EVERY_MS)
    ask(stage)
    stage.edit(URI, ADD)
    stage.asked()
    assert sent(stage) == []


def test_an_empty_selection_and_one_in_a_session_are_nothing_new(open_stage: Stage) -> None:
    stage = open_stage
    ask(stage, "")
    stage.edit(URI, ADD)
    asked = stage.asked()
    ask(stage, "return")
    asked.answer(ADD.replace("a+b", "a + b"))
    stage.client.wait_for(lambda: "a + b" in stage.client.text(URI))
    assert sent(stage) == []


def test_a_file_that_is_never_sent_is_not_read_ahead(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / ".midstreamignore").write_text("private.py\n")
    stage.begin(rootUri=tmp_path.as_uri())
    private = (tmp_path / "private.py").as_uri()
    stage.client.open(private, TEXT, "python")
    stage.client.open(URI, TEXT, "python")
    ready(stage)
    ask(stage, uri=private)
    stage.edit(URI, ADD)
    stage.asked()
    with pytest.raises(queue.Empty):
        stage.model.read_ahead.get_nowait()


def test_nothing_is_read_ahead_for_an_editor_that_takes_no_edits(stage: Stage) -> None:
    stage.begin({**SESSION, "workspace": {}})
    stage.client.open(URI, TEXT, "python")
    ready(stage)
    ask(stage)
    assert sent(stage) == []


@pytest.mark.parametrize(
    ("setting", "here", "reads"),
    [
        *(("never", True, False), ("local", True, True), ("local", False, False)),
        *(("always", False, True), ("sometimes", True, False)),
    ],
)
def test_reading_ahead_is_for_this_machine_unless_the_user_says_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, setting: str, here: bool, reads: bool
) -> None:
    if not here:  # The model of the test is on this machine; what is asked is what follows.
        monkeypatch.setattr("lsp_server.lsp.read_ahead.stays_here", lambda profile: False)
    stage.begin(initializationOptions={"readAhead": setting})
    stage.client.open(URI, TEXT, "python")
    ready(stage)
    ask(stage)
    stage.edit(URI, ADD)
    stage.asked()
    assert bool(sent(stage)) is reads


def test_a_workspace_cannot_have_anything_read_ahead(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / ".midstream.toml").write_text('read_ahead = "always"\n')
    stage.begin(rootUri=tmp_path.as_uri(), initializationOptions={"readAhead": "never"})
    stage.client.open(URI, TEXT, "python")
    ready(stage)
    ask(stage)
    stage.edit(URI, ADD)
    stage.asked()
    assert sent(stage) == []
