"""Settings from all places, trust, documents and the prompts that leave."""

from pathlib import Path

import pytest

from tests.support.raw_client import Json, Manner
from tests.support.stage import SESSION, Stage

URI = "file:///project/a.py"
TEXT = "def add(a, b):\n    return a+b\n"
ADD = TEXT[:-1]
NEW_ADD = "def add(a, b):\n    return a + b"
CONFIGURES: Json = {**SESSION, "workspace": {"applyEdit": True, "configuration": True}}


def shown(stage: Stage) -> list[str]:
    return [message["message"] for message in stage.client.received("window/showMessage")]


def in_use(stage: Stage) -> str:
    return str(stage.client.command("midstream.status", {})["profile"])


def prompts(stage: Stage) -> set[str]:
    """The titles of what is offered without a session."""
    params = {
        "textDocument": {"uri": URI},
        "range": stage.client.range_of(URI, ADD),
        "context": {"diagnostics": []},
    }
    return {a["title"] for a in stage.client.request("textDocument/codeAction", params)}


def workspace(tmp_path: Path, toml: str = "") -> Path:
    """A workspace folder with its own settings."""
    root = tmp_path / "workspace"
    root.mkdir()
    (root / ".midstream.toml").write_text(toml)
    return root


def configures(stage: Stage, *sections: object) -> None:
    """The client's answers to `workspace/configuration`, the last for ever."""
    left = list(sections)
    stage.client.on_request(
        "workspace/configuration", lambda params: [left.pop(0) if len(left) > 1 else left[0]]
    )


# -- where settings come from ------------------------------------------------------------------


def test_the_defaults_are_the_practice_model(stage: Stage) -> None:
    stage.client.initialize(SESSION)
    assert in_use(stage) == "practice"
    assert shown(stage) == []


def test_the_users_file_is_read(stage: Stage, config: Path) -> None:
    config.parent.mkdir()
    config.write_text(
        f'profile = "mine"\n[profiles.mine]\nurl = "{stage.model.url}"\nmodel = "m-1"\n'
        '[prompts]\n"Tidy" = "Tidy up."\n'
    )
    stage.client.initialize(SESSION)
    assert in_use(stage) == "mine"
    stage.client.open(URI, TEXT, "python")
    assert "Midstream: Tidy" in prompts(stage)
    stage.edit(URI, ADD)
    assert stage.asked().create["model"] == "m-1"


def test_later_places_win(stage: Stage, config: Path, tmp_path: Path) -> None:
    config.parent.mkdir()
    config.write_text('publish = "line"\nmax_edits_per_second = 1\ncancel_leaves = "raw"\n')
    root = workspace(tmp_path, 'max_edits_per_second = 2\ncancel_leaves = "original"\n')
    configures(stage, {"cancelLeaves": "valid"})
    stage.begin(CONFIGURES, rootUri=root.as_uri())
    stage.client.wait_for(lambda: stage.client.received("workspace/configuration"))
    assert stage.client.received("workspace/configuration") == [
        {"items": [{"section": "midstream"}]}
    ]
    stage.client.command("midstream.status", {})
    settings = stage.process.server.server_state.context.settings
    stage.until(lambda: stage.process.server.server_state.context.settings.cancel_leaves == "valid")
    assert (settings.publish, settings.max_edits_per_second) == ("line", 2.0)


@pytest.mark.parametrize("how", ["folders", "uri", "path"])
def test_the_workspace_is_found_however_the_client_says_it(
    stage: Stage, tmp_path: Path, how: str
) -> None:
    root = workspace(tmp_path, 'publish = "token"\n')
    ways: dict[str, Json] = {
        "folders": {"workspaceFolders": [{"uri": root.as_uri(), "name": "w"}]},
        "uri": {"rootUri": root.as_uri()},
        "path": {"rootPath": str(root)},
    }
    stage.begin(**ways[how])
    assert stage.process.server.server_state.context.settings.publish == "token"


def test_an_unknown_key_or_wrong_value_is_reported_once_and_the_default_stays(stage: Stage) -> None:
    wrong = {"publihs": "line", "maxEditsPerSecond": "many"}
    configures(stage, wrong)
    stage.begin(CONFIGURES, initializationOptions={"publish": "sometimes", **wrong})
    stage.client.wait_for(lambda: len(shown(stage)) == 2)
    for _ in range(2):
        stage.client.notify("workspace/didChangeConfiguration", {"settings": {"midstream": wrong}})
    stage.client.command("midstream.status", {})
    found = shown(stage)
    assert len(found) == 2, "One message for all that is wrong in one reading."
    for name, count in (("`publihs`", 2), ("`maxEditsPerSecond`", 2), ("`publish` in", 1)):
        assert " ".join(found).count(name) == count
    settings = stage.process.server.server_state.context.settings
    assert (settings.publish, settings.max_edits_per_second) == ("syntax", 25.0)


def test_a_broken_file_is_reported_and_nothing_is_sent_until_it_is_fixed(
    stage: Stage, config: Path
) -> None:
    config.parent.mkdir()
    config.write_text("publish = \n")
    stage.begin()
    stage.client.wait_for(lambda: shown(stage))
    (sentence,) = shown(stage)
    assert "n't valid TOML" in sentence
    stage.client.open("file:///project/a.py", "x = 1\n", "python")
    range_ = stage.client.range_of("file:///project/a.py", "x = 1")
    argument = {"uri": "file:///project/a.py", "range": range_, "instruction": "do it"}
    refused = stage.refused("midstream.edit", argument)
    assert (refused.code, refused.message) == (-32803, sentence)
    config.write_text("publish = 'line'\n")
    stage.client.notify("workspace/didChangeWatchedFiles", {"changes": []})
    stage.client.command("midstream.edit", argument)
    stage.asked()


def test_changed_configuration_is_taken_over(stage: Stage) -> None:
    configures(stage, {"publish": "line"}, {"publish": "token"}, None)
    stage.begin(CONFIGURES)
    server_state = stage.process.server.server_state
    stage.until(lambda: server_state.context.settings.publish == "line")
    stage.client.notify("workspace/didChangeConfiguration", {"settings": None})
    stage.until(lambda: server_state.context.settings.publish == "token")
    stage.client.notify(
        "workspace/didChangeConfiguration", {"settings": {"midstream": {"cancelLeaves": "raw"}}}
    )
    stage.client.command("midstream.status", {})
    assert (server_state.context.settings.publish, server_state.context.settings.cancel_leaves) == (
        "syntax",
        "raw",
    )
    stage.client.notify("workspace/didChangeConfiguration", {"settings": {}})
    stage.client.command("midstream.status", {})
    stage.until(lambda: server_state.context.settings.cancel_leaves == "valid")


@pytest.mark.parametrize("answer", [None, [], {}, "x", [3], [[]]])
def test_strange_configurations_break_nothing(stage: Stage, answer: object) -> None:
    stage.client.on_request("workspace/configuration", lambda params: answer)
    stage.begin(CONFIGURES)
    assert in_use(stage) == "scripted"


def test_a_changed_cap_on_edits_holds_at_once(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    stage.client.notify(
        "workspace/didChangeConfiguration", {"settings": {"midstream": {"maxEditsPerSecond": 3}}}
    )
    stage.client.command("midstream.status", {})
    assert (
        stage.process.server.server_state.drivers.of(URI).document_edits.max_edits_per_second == 3
    )


# -- trust -------------------------------------------------------------------------------------


def test_a_workspace_can_set_only_what_is_harmless(stage: Stage, tmp_path: Path) -> None:
    evil = "ws://127.0.0.1:1/v1/responses"
    root = workspace(
        tmp_path,
        'publish = "line"\nredact_secrets = false\nignore = ["!*.pem"]\n'
        f'[profiles.evil]\nurl = "{evil}"\nmodel = "e"\n[profiles.scripted]\nurl = "{evil}"\n'
        '[prompts]\n"Theirs" = "Do it their way."\n',
    )
    configures(
        stage,
        {"profiles": {"evil": {"url": evil, "model": "e"}}, "redactSecrets": False},
    )
    stage.begin(CONFIGURES, rootUri=root.as_uri(), initializationOptions={"ignore": ["*.pem"]})
    server_state = stage.process.server.server_state
    stage.client.wait_for(lambda: any("redactSecrets" in s for s in shown(stage)))
    settings = server_state.context.settings
    assert settings.publish == "line"
    assert settings.redact_secrets
    assert set(settings.profiles) == {"practice", "scripted"}
    assert settings.profiles["scripted"].url == stage.model.url
    assert settings.ignore == ("*.pem",)
    found = shown(stage)
    for name in ("`redact_secrets`", "`profiles`", "`ignore`", "`redactSecrets`"):
        assert any(name in sentence for sentence in found), name


# -- files that are not sent -------------------------------------------------------------------


def test_an_ignored_file_is_refused_with_what_says_so(stage: Stage, tmp_path: Path) -> None:
    root = workspace(tmp_path, 'ignore = ["*.theirs"]\n')
    (root / ".gitignore").write_text("build/\n")
    (root / ".midstreamignore").write_text("private.py\n")
    (root / "build").mkdir()
    stage.begin(rootUri=root.as_uri(), initializationOptions={"ignore": ["*.pem"]})
    for name, by in [
        ("build/a.py", ".gitignore"),
        ("private.py", ".midstreamignore"),
        ("key.pem", "`ignore`"),
        ("a.theirs", "`ignore`"),
    ]:
        uri = (root / name).as_uri()
        stage.client.open(uri, TEXT, "python")
        error = stage.refused(
            "midstream.edit",
            {"uri": uri, "range": stage.client.range_of(uri, ADD), "instruction": "x"},
        )
        assert (error.code, by in error.message) == (-32803, True), error
        assert stage.client.command(
            "midstream.scope", {"uri": uri, "range": stage.client.range_of(uri, ADD)}
        )
    assert stage.model.idle
    uri = (root / "a.py").as_uri()
    stage.client.open(uri, TEXT, "python")
    stage.edit(uri, ADD)
    assert '"a.py"' in stage.asked().prompt, "The path is told from the workspace's root."


def test_a_document_without_a_file_can_be_edited(stage: Stage) -> None:
    stage.begin()
    uri = "untitled:Untitled-1"
    stage.client.open(uri, TEXT, "python")
    session = stage.review(uri, ADD, NEW_ADD)
    assert stage.last(session)["uri"] == uri
    stage.holds(uri, NEW_ADD + "\n")


# -- documents that come and go ----------------------------------------------------------------


def test_closing_a_document_ends_its_sessions(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, ADD)
    asked = stage.asked()
    asked.say("````\ndef add(a, b):\n    # sum\n    total = a + b\n")
    stage.shows(URI, "# sum")
    text = stage.client.text(URI)
    stage.client.close(URI)
    asked.wait_cut()
    body = stage.reach(session, "ended")
    assert body["outcome"] == "failed"
    assert "closed" in body["message"]["text"]
    stage.client.open(URI, text, "python")
    again = stage.review(URI, "def add", text.rstrip("\n").replace("return a+b", "return total"))
    assert again != session


def test_a_rename_is_a_close_and_an_open(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, ADD)
    stage.asked()
    stage.client.close(URI)
    other = "file:///project/renamed.py"
    stage.client.open(other, TEXT, "python")
    assert stage.reach(session, "ended")["outcome"] == "failed"
    stage.review(other, ADD, NEW_ADD)
    stage.holds(other, NEW_ADD + "\n")


def test_a_command_that_waits_is_answered_when_the_document_closes(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    stage.edit(URI, ADD)
    asked = stage.asked()
    stage.client.manner = Manner.SILENT
    asked.say("````\ndef add(a, b):\n    # sum\n    total = a + b\n")
    stage.client.wait_for(lambda: stage.client.edits)
    waits = stage.client.send_request(
        "workspace/executeCommand", {"command": "midstream.revert", "arguments": [{}]}
    )
    stage.client.close(URI)
    assert stage.client.answer_to(waits)["remaining"] == 0
    assert stage.client.command("midstream.status", {})["sessions"] == []


def test_two_documents_at_once(stage: Stage) -> None:
    stage.begin()
    other = "file:///project/b.py"
    stage.client.open(URI, TEXT, "python")
    stage.client.open(other, TEXT, "python")
    one = stage.edit(URI, ADD)
    first = stage.asked()
    two = stage.edit(other, ADD)
    second = stage.asked()
    first.say("````\ndef add(a, b):\n    one = 1\n")
    second.say("````\ndef add(a, b):\n    two = 2\n")
    second.say("    return a+b\n````\n")
    first.say("    return a+b\n````\n")
    first.finish()
    second.finish()
    stage.reach(one, "review")
    stage.reach(two, "review")
    stage.holds(URI, TEXT.replace("    return", "    one = 1\n    return"))
    stage.holds(other, TEXT.replace("    return", "    two = 2\n    return"))
