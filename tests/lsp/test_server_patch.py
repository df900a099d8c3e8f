"""Large scopes are asked for as a patch: from the editor to the model and back."""

import sys
from pathlib import Path

from tests.support.raw_client import RawClient
from tests.support.stage import SESSION, Stage

ROOT = Path(__file__).parents[2]
URI = "file:///project/a.py"
METHODS = [
    f"    def method_{n}(self, value):\n        result = value + {n}\n"
    f"        self.log(result)\n        return result\n"
    for n in range(100)
]
CLASS = "class Large:\n" + "\n".join(METHODS).rstrip("\n")
TEXT = f'"""A module."""\n\n\n{CLASS}\n\n\nlast = Large()\n'


def test_the_practice_model_edits_a_scope_of_five_hundred_lines_by_a_patch(tmp_path: Path) -> None:
    prints = TEXT.replace("+ 7\n", "+ 7\n        print(result)\n")
    prints = prints.replace("+ 91\n", "+ 91\n        print('here', result)\n")
    env = {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path), "APPDATA": str(tmp_path)}
    with RawClient.start([sys.executable, "-m", "lsp_server", "serve"], env) as client:
        client.initialize(SESSION)
        client.open(URI, prints, "python")
        place = {"uri": URI, "range": client.range_of(URI, "class Large")}
        client.command(
            "midstream.edit",
            {**place, "scope": "class", "instruction": "remove the debug prints"},
        )
        client.wait_for(lambda: client.text(URI) == TEXT)
        last = client.command("midstream.accept", {})
        assert last["remaining"] == 0
        tokens = client.command("midstream.status", {})["last"]["tokens"]
        # The whole scope would be some thousands.
        assert 0 < tokens < 200
        assert client.finish() == 0


def test_what_fits_is_applied_and_what_does_not_is_reported(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, "class Large", scope="class")
    asked = stage.asked()
    assert "only the definitions" in asked.prompt  # On this machine; it answers with a diff.
    asked.say("```diff\n@@ -12,3 +12,3 @@\n     def method_2(self, value):\n")
    asked.say("-        result = value + 2\n+        result = value - 2\n")
    asked.say("         self.log(result)\n@@ -200 +200 @@\n")
    asked.say("-        result = value + 1000\n+        pass\n")
    stage.shows(URI, "value - 2")
    asked.say("@@ -1 +1 @@\n         result = value + 99\n-        self.log(result)\n```\n")
    asked.finish()
    body = stage.reach(session, "review")
    wanted = TEXT.replace("value + 2\n", "value - 2\n")
    stage.holds(URI, wanted.replace("+ 99\n        self.log(result)\n", "+ 99\n"))
    assert body["message"]["level"] == "warning"
    assert "One change doesn't fit" in body["message"]["text"]
    assert "Change 2 of the patch (line 200) was left out" in body["message"]["text"]
    assert len(body["hunks"]) == 2


def test_a_cut_patch_leaves_what_its_complete_hunks_did(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, "class Large", scope="class")
    asked = stage.asked()
    asked.say("```diff\n@@ @@\n         result = value + 2\n-        self.log(result)\n")
    asked.say("+        self.note(result)\n         return result\n \n")
    asked.say("@@ @@\n-        result = value + 50\n+        res")
    asked.drop()
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("+ 2\n        self.log", "+ 2\n        self.note"))


def test_the_form_follows_the_scopes_size_and_the_setting(stage: Stage) -> None:
    stage.begin(initializationOptions={"patchFromLines": 6})
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, "def method_3(", scope="function")
    first = stage.asked()
    assert "only the definitions" not in first.prompt
    wider = {"session": session, "instruction": "more", "scope": "class"}
    assert stage.client.command("midstream.redirect", wider)["attempt"] == 2
    assert "only the definitions" in stage.asked().prompt
    narrower = {"session": session, "instruction": "again"}
    assert stage.client.command("midstream.redirect", narrower)["attempt"] == 3
    third = stage.asked()
    assert "only the definitions" in third.prompt
    third.say(
        "```diff\n@@ @@\n class Large:\n+    kind = 1\n     def method_0(self, value):\n```\n"
    )
    third.finish()
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("Large:\n", "Large:\n    kind = 1\n"))


def test_a_comment_redirects_in_the_form_of_the_session_s_own_profile(stage: Stage) -> None:
    patches = {"url": stage.model.url, "model": "scripted-1", "form": "patch"}
    stage.begin(initializationOptions={"profiles": {"patches": patches}})
    commented = TEXT.replace("+ 5\n", "+ 5\n        # ms: log nothing\n")
    stage.client.open(URI, commented, "python")
    stage.edit(URI, "class Large", scope="class", profile="patches")
    assert "unified diff" in stage.asked().prompt
    place = {"uri": URI, "range": stage.client.range_of(URI, "ms: log")}
    assert stage.client.command("midstream.editComment", place)["attempt"] == 2
    assert "unified diff" in stage.asked().prompt
