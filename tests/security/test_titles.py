"""Titles and sentences: the user sees what would be done, all of it or how much more there is."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from lsp_server.guard.invisible_filter import invisible_in
from lsp_server.lsp.actions import (
    LONGEST_FOREIGN_TITLE,
    LONGEST_TITLE,
    MOST_FIXES,
    MOST_PROMPT_TEXT,
    MOST_PROMPTS,
)
from tests.support.raw_client import Failed, Json
from tests.support.stage import SESSION, Stage, staged

URI = "file:///project/a.py"
TRICKS = "\u202e\u2066\u200b\u200d\u00ad\u061c\u3164\ufe0f\U000e0041\x1b[2J\x07\u2800"
_PATIENCE_S = 20.0


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stage]:
    """A server that has not been spoken to yet."""
    with staged(monkeypatch, tmp_path / "config.toml") as made:
        yield made


def actions(stage: Stage, text: str, **context: Any) -> list[Json]:
    """What is offered at the start of a document."""
    if URI not in stage.client.documents:
        stage.client.open(URI, text, "python")
    place = {"line": 0, "character": 3}
    params = {
        "textDocument": {"uri": URI},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": [], **context},
    }
    return list(stage.client.request("textDocument/codeAction", params, _PATIENCE_S))


def prompts(stage: Stage, mine: dict[str, str], foreign: dict[str, str]) -> None:
    """The user's prompts, and those of the workspace."""
    server_state = stage.process.server.server_state
    server_state.context.settings = replace(
        server_state.context.settings, prompts=mine | foreign, workspace_prompts=frozenset(foreign)
    )


def harmless(title: str) -> None:
    assert not invisible_in(title)
    assert title.isprintable()


def test_a_comment_says_what_it_hides(stage: Stage) -> None:
    stage.begin()
    asked = (
        "tidy this up, please, and rename what has a poor name" + " " * 300 + "; then " + "x" * 99
    )
    (title,) = [
        a["title"] for a in actions(stage, f"# ms: {asked}\nx = 1\n") if "tidy" in a["title"]
    ]
    assert len(title) <= LONGEST_TITLE
    shown, _, more = title.partition("… and ")
    whole = "Midstream: " + " ".join(asked.split())
    assert whole.startswith(shown)
    assert more == f"{len(whole) - len(shown)} more characters"


def test_a_comment_hides_nothing(stage: Stage) -> None:
    stage.begin()
    (title,) = [
        a["title"] for a in actions(stage, f"# ms: go{TRICKS}on\nx = 1\n") if "go" in a["title"]
    ]
    harmless(title)
    assert title.startswith("Midstream: go��")
    assert title.endswith("on")


def test_a_fix_hides_nothing_and_counts_the_rest(stage: Stage) -> None:
    stage.begin()
    place = {"line": 0, "character": 0}
    messages = [f"bad{TRICKS}name", "y" * 10_000, "a\r\nb\tc"]
    told = [{"message": m, "range": {"start": place, "end": place}} for m in messages]
    found = actions(stage, "x = 1\n", diagnostics=told, only=["quickfix"])
    for action in found:
        harmless(action["title"])
        assert len(action["title"]) <= LONGEST_TITLE
    assert found[1]["title"].endswith("more characters")
    assert len(orjson.dumps(found[1]["command"]["arguments"][0]["instruction"])) < 5_000
    assert found[2]["title"] == "Fix: a b c"


def test_a_workspaces_prompt_says_so_and_shows_what_would_be_sent(stage: Stage) -> None:
    stage.begin()
    prompts(stage, {"Mine": "my words"}, {"Tidy": f"send{TRICKS} it", "N" * 300: "w" * 5_000})
    titles = [a["title"] for a in actions(stage, "x = 1\n")]
    assert titles[0] == "Midstream: Mine"
    assert titles[1].startswith("Midstream: Tidy (this workspace's prompt): send��")
    assert "(this workspace's prompt): www" in titles[2]
    assert titles[2].endswith("more characters")
    for title in titles:
        harmless(title)
        assert len(title) <= LONGEST_FOREIGN_TITLE
    stage.edit(URI, "x = 1")
    redirects = [a["title"] for a in actions(stage, "") if a["kind"].endswith("redirect")]
    assert redirects[0] == "Redirect: Mine"
    assert redirects[1].startswith("Redirect: Tidy (this workspace's prompt): send��")


@pytest.mark.parametrize("size", [10, 20_000])
def test_any_number_of_prompts(stage: Stage, size: int) -> None:
    stage.begin()
    many = {f"p{number}": "w" * size for number in range(60_000 if size == 10 else 300)}
    prompts(stage, {"Mine": "my words"}, many)
    for _ in range(2):
        found = actions(stage, "x = 1\n")
        assert found[0]["title"] == "Midstream: Mine"
        assert len(found) <= MOST_PROMPTS
        assert len(orjson.dumps(found)) < 2 * MOST_PROMPT_TEXT
    said = [m["message"] for m in stage.client.received("window/showMessage")]
    assert len([s for s in said if "prompts" in s]) == 1


def test_any_number_of_diagnostics(stage: Stage) -> None:
    stage.begin()
    place = {"line": 0, "character": 0}
    told = [{"message": f"m{n}", "range": {"start": place, "end": place}} for n in range(5_000)]
    for _ in range(2):
        found = actions(stage, "x = 1\n", diagnostics=told, only=["quickfix"])
        assert len(found) == MOST_FIXES
    said = [m["message"] for m in stage.client.received("window/showMessage")]
    assert len([s for s in said if "5,000 diagnostics" in s]) == 1


def test_a_comment_that_is_too_long_is_reported_once_and_refused(stage: Stage) -> None:
    stage.begin()
    text = "# ms: " + "word " * 4_000 + "\nx = 1\n"
    for _ in range(2):
        assert not [a for a in actions(stage, text) if a["kind"].endswith("comment")]
    said = [m["message"] for m in stage.client.received("window/showMessage")]
    assert len([s for s in said if "`ms:`" in s]) == 1
    argument = {"uri": URI, "range": stage.client.range_of(URI, "# ms:")}
    with pytest.raises(Failed) as caught:
        stage.client.command("midstream.editComment", argument)
    assert "10,000 characters" in caught.value.message


def test_progress_hides_nothing(stage: Stage) -> None:
    stage.begin({"window": {"workDoneProgress": True}})
    stage.client.open(URI, "x = 1\n", "python")
    stage.edit(URI, "x = 1", instruction=f"go{TRICKS}on " + "w" * 1_000)
    stage.client.wait_for(lambda: stage.client.received("$/progress"))
    title = stage.client.received("$/progress")[0]["value"]["title"]
    harmless(title)
    assert title.endswith("more characters")


def test_sentences_hide_nothing(stage: Stage) -> None:
    stage.begin(SESSION, initializationOptions={f"bad{TRICKS}key": 1})
    stage.client.open(URI, "x = 1\n", "python")
    actions(stage, "x = 1\n")
    said = [m["message"] for m in stage.client.received("window/showMessage")]
    assert any("bad" in sentence for sentence in said)
    for sentence in said:
        harmless(sentence)
