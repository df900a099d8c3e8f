"""Whether a profile that a workspace names is used: only when the user says so."""

from pathlib import Path

import pytest

from tests.support.raw_client import Failed
from tests.support.stage import SESSION, Stage

URI = "file:///project/a.py"


def in_use(stage: Stage) -> str:
    return str(stage.client.command("midstream.status", {})["profile"])


def naming(tmp_path: Path, profile: str) -> Path:
    """A workspace folder whose own settings name a profile."""
    root = tmp_path / "workspace"
    root.mkdir()
    (root / ".midstream.toml").write_text(f'profile = "{profile}"\n')
    return root


def test_a_profile_that_a_workspace_names_is_used_only_after_the_user_agrees(
    stage: Stage, tmp_path: Path
) -> None:
    root = naming(tmp_path, "other")
    stage.client.on_request("window/showMessageRequest", lambda params: NotImplemented)
    profiles = {"other": {"url": stage.model.url, "model": "other-1"}}
    stage.begin(rootUri=root.as_uri(), initializationOptions={"profiles": profiles})
    stage.client.open(URI, "x = 1\n", "python")
    assert in_use(stage) == "scripted"
    (request,) = [
        m for m in stage.client.messages if m.get("method") == "window/showMessageRequest"
    ]
    assert "other" in request["params"]["message"]
    yes, _ = request["params"]["actions"]
    stage.client.notify("workspace/didChangeConfiguration", {"settings": {"midstream": {}}})
    assert in_use(stage) == "scripted"
    assert len(stage.client.received("window/showMessageRequest")) == 1
    stage.client.send({"jsonrpc": "2.0", "id": request["id"], "result": yes})
    assert in_use(stage) == "other"
    stage.client.notify("workspace/didChangeConfiguration", {"settings": {"midstream": {}}})
    assert in_use(stage) == "other"
    assert len(stage.client.received("window/showMessageRequest")) == 1


@pytest.mark.parametrize("answer", [None, {"title": "Keep scripted"}, "strange", Failed(-1, "No.")])
def test_a_user_who_does_not_agree_keeps_their_profile(
    stage: Stage, tmp_path: Path, answer: object
) -> None:
    root = naming(tmp_path, "practice")

    def answered(params: object) -> object:
        if isinstance(answer, Failed):
            raise answer
        return answer

    stage.client.on_request("window/showMessageRequest", answered)
    stage.begin(rootUri=root.as_uri())
    stage.client.wait_for(lambda: stage.client.received("window/showMessageRequest"))
    assert in_use(stage) == "scripted"


def test_configuration_cannot_choose_a_profile_either(stage: Stage) -> None:
    stage.client.on_request("workspace/configuration", lambda params: [{"profile": "practice"}])
    stage.begin({**SESSION, "workspace": {"applyEdit": True, "configuration": True}})
    stage.client.wait_for(lambda: stage.client.received("window/showMessageRequest"))
    assert in_use(stage) == "scripted"
