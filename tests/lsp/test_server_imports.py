"""Imports that an edit needs outside its scope, from the model's reply to the editor and back."""

from pathlib import Path

import pytest

from tests.support.raw_client import Json
from tests.support.stage import SESSION, Stage

URI = "file:///project/a.py"
SCOPE = "def load(path):\n    return open(path).read()"
TEXT = f"import os\n\nROOT = os.curdir\n\n\n{SCOPE}\n\n\nlast = 1\n"
NEW = "def load(path):\n    return json.loads(Path(path).read_text())"
EDITED = TEXT.replace(SCOPE, NEW)
NEEDS = "```needs\nimport json\nfrom pathlib import Path\n```\n"
IMPORTED = EDITED.replace("import os\n", "import json\nimport os\nfrom pathlib import Path\n")
PLAIN: Json = {}


def in_review(stage: Stage, capabilities: Json | None = None, **options: object) -> str:
    """A stage whose session is in review and has two imports to offer."""
    stage.begin(capabilities, initializationOptions=options)
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, SCOPE)
    asked = stage.model.next()
    asked.say(f"```python\n{NEW}\n```\n\n{NEEDS}")
    asked.finish()
    stage.holds(URI, EDITED)
    stage.until(
        lambda: stage.client.command("midstream.status")["sessions"][0]["phase"] == "review"
    )
    if capabilities is None:
        stage.reach(session, "review")
    return session


def imports(stage: Stage, session: str) -> list[Json]:
    return [hunk for hunk in stage.last(session)["hunks"] if hunk.get("kind") == "import"]


def lenses(stage: Stage) -> list[Json]:
    found: list[Json] = stage.client.request(
        "textDocument/codeLens", {"textDocument": {"uri": URI}}
    )
    return found


def test_the_prompt_asks_and_the_notification_lists_them(stage: Stage) -> None:
    session = in_review(stage)
    place = {"line": 1, "character": 0}
    first, second = imports(stage, session)
    assert first["kind"] == "import" and first["state"] == "offered"
    assert first["range"]["start"] == first["range"]["end"]
    assert {first["offer"], second["offer"]} == {"import json\n", "from pathlib import Path\n"}
    assert place in (first["range"]["start"], second["range"]["start"])
    assert [hunk["state"] for hunk in stage.last(session)["hunks"]].count("open") == 1
    assert stage.client.text(URI) == EDITED


def test_accept_with_imports_writes_them_in_one_edit(stage: Stage) -> None:
    session = in_review(stage)
    edits = len(stage.client.received("workspace/applyEdit"))
    answer = stage.client.command("midstream.accept", {"session": session, "imports": True})
    assert answer == {"session": session, "remaining": 0}
    stage.holds(URI, IMPORTED)
    assert stage.reach(session, "ended")["outcome"] == "accepted"
    assert len(stage.client.received("workspace/applyEdit")) == edits + 1


@pytest.mark.parametrize(
    ("setting", "argument", "written"),
    [
        ("ask", {}, False),
        ("ask", {"imports": False}, False),
        ("add", {}, True),
        ("add", {"imports": False}, False),
        ("never", {"imports": True}, False),
    ],
)
def test_the_setting_says_what_accept_takes_along(
    stage: Stage, setting: str, argument: Json, written: bool
) -> None:
    session = in_review(stage, imports=setting)
    assert bool(imports(stage, session)) is (setting != "never")
    stage.client.command("midstream.accept", {"session": session, **argument})
    stage.reach(session, "ended")
    stage.holds(URI, IMPORTED if written else EDITED)


def test_one_import_by_its_id_and_back(stage: Stage) -> None:
    session = in_review(stage)
    (json_id,) = [one["id"] for one in imports(stage, session) if "json" in one["offer"]]
    named = {"session": session, "hunks": [json_id]}
    answer = stage.client.command("midstream.accept", named)
    assert answer == {"session": session, "remaining": 1}
    stage.holds(URI, EDITED.replace("import os\n", "import json\nimport os\n"))
    stage.client.wait_for(
        lambda: [one["state"] for one in imports(stage, session)] == ["open", "offered"]
    )
    assert stage.client.command("midstream.revert", named)["remaining"] == 1
    stage.holds(URI, EDITED)
    stage.client.command("midstream.revert", {"session": session})
    stage.holds(URI, TEXT)


def test_an_import_that_the_user_writes_is_not_offered_any_more(stage: Stage) -> None:
    session = in_review(stage)
    stage.client.type(URI, 0, 0, "import json\n")
    stage.client.wait_for(lambda: len(imports(stage, session)) == 1)
    assert "pathlib" in imports(stage, session)[0]["offer"]


def test_the_progress_ends_with_what_is_offered(stage: Stage) -> None:
    in_review(stage, {"window": {"workDoneProgress": True}})
    ends = [p["value"] for p in stage.client.received("$/progress") if p["value"]["kind"] == "end"]
    assert [end["message"] for end in ends] == [
        "1 change to review, 2 imports offered. scripted-1 answered."
    ]


def test_lenses_and_actions_accept_with_imports_first(stage: Stage) -> None:
    in_review(stage, PLAIN)
    titles = [lens["command"]["title"] for lens in lenses(stage)]
    assert titles[0] == "Midstream 1 change · Accept with 2 imports"
    assert [t for t in titles if t.startswith("Add")] == [
        "Add import: import json",
        "Add import: from pathlib import Path",
    ]
    actions = stage.client.request(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": URI},
            "range": stage.client.range_of(URI, "json.loads"),
            "context": {"diagnostics": []},
        },
    )
    assert actions[0]["title"] == "Midstream: Accept with 2 imports"
    (lens,) = [one for one in lenses(stage) if one["command"]["title"].endswith("import json")]
    stage.client.request("workspace/executeCommand", lens["command"])
    stage.holds(URI, EDITED.replace("import os\n", "import json\nimport os\n"))
    titles = [lens["command"]["title"] for lens in lenses(stage)]
    assert titles[0] == "Midstream 1 change · Accept with 1 import"
    assert "Revert import" in titles
    stage.client.request("workspace/executeCommand", actions[0]["command"])
    stage.holds(URI, IMPORTED)


@pytest.mark.parametrize("value", ["yes", 1, []])
def test_imports_must_be_true_or_false(stage: Stage, value: object) -> None:
    session = in_review(stage)
    error = stage.refused("midstream.accept", {"session": session, "imports": value})
    assert error.code == -32602
    assert "`imports` must be true or false" in error.message
    error = stage.refused("midstream.revert", {"session": session, "imports": True})
    assert error.code == -32602 and "`imports`" in error.message


def test_imports_before_the_function_are_offered_too(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session = stage.review(URI, SCOPE, f"import os\nimport json\n\n\n{NEW}\n")
    stage.holds(URI, EDITED)
    assert [one["offer"] for one in imports(stage, session)] == ["import json\n"]
    assert "message" not in stage.last(session)


@pytest.mark.parametrize(
    ("scope", "options", "asks"),
    [
        ("function", {}, True),
        ("file", {}, False),
        ("function", {"imports": "never"}, False),
    ],
)
def test_the_prompt_mentions_imports_only_where_they_help(
    stage: Stage, scope: str, options: Json, asks: bool
) -> None:
    stage.begin(initializationOptions=options)
    stage.client.open(URI, TEXT, "python")
    stage.edit(URI, SCOPE, scope=scope)
    assert ("```needs" in stage.model.next().prompt) is asks


def test_a_client_that_refuses_hears_why_and_the_edit_goes_on(stage: Stage) -> None:
    session = in_review(stage)
    edits = len(stage.client.received("workspace/applyEdit"))
    stage.client.on_request(
        "workspace/applyEdit", lambda params: {"applied": False, "failureReason": "read-only"}
    )
    argument = {"session": session, "imports": True}
    request = stage.client.send_request(
        "workspace/executeCommand", {"command": "midstream.accept", "arguments": [argument]}
    )
    stage.client.wait_for(lambda: len(stage.client.received("workspace/applyEdit")) > edits)
    stage.client.command("midstream.status", {})
    stage.clock.skip(2500)
    assert stage.client.answer_to(request)["remaining"] == 1
    body = stage.reach(session, "review")
    assert body["message"]["level"] == "error" and "read-only" in body["message"]["text"]
    assert stage.client.text(URI) == EDITED


def test_the_config_file_may_set_it(stage: Stage, config: Path) -> None:
    config.parent.mkdir(parents=True)
    config.write_text('imports = "never"\n')
    stage.begin(SESSION)
    stage.client.open(URI, TEXT, "python")
    stage.edit(URI, SCOPE)
    assert "```needs" not in stage.model.next().prompt


@pytest.mark.parametrize("scope", ["function", "file"])
def test_a_function_that_is_alone_in_its_file(stage: Stage, scope: str) -> None:
    stage.begin()
    stage.client.open(URI, f"{SCOPE}\n", "python")
    session = stage.edit(URI, "return open", scope=scope)
    asked = stage.model.next()
    asked.say(f"```python\nimport json\n\n\n{NEW}\n```\n\n{NEEDS}")
    asked.finish()
    stage.reach(session, "review")
    offers = [one["offer"].strip() for one in imports(stage, session)]
    assert offers == (["import json", "from pathlib import Path"] if scope == "function" else [])
    stage.client.command("midstream.accept", {"session": session, "imports": True})
    head = "import json\nfrom pathlib import Path\n" if scope == "function" else "import json\n"
    stage.holds(URI, f"{head}\n\n{NEW}\n")
